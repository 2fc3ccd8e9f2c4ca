/**
 * What heads say of their records, as numbers: objects for all of them would take longer to make than everything else that is done when a
 * database is opened.
 *
 * @typedef {object} Record a record as its head has it
 * @property {string} namespace
 * @property {string} digest
 * @property {number} kind
 * @property {number} part
 * @property {number} parts
 * @property {number} whole
 * @property {number} offset where its bytes begin in the body
 * @property {number} keyLength
 * @property {number} valueLength
 * @property {number} storedAt
 * @property {number} deadline
 */

const COLUMNS = 11
/** Of a digest, the highest digits first. */
export const WORDS = 4
const WORD_DIGITS = 8
/** In place of a kind: something else stands for the record now. */
const TAKEN = -1

export class Records {
  /**
   * @param {string[]} namespaces
   * @param {Uint32Array} digests
   * @param {Float64Array} table
   */
  constructor(namespaces, digests, table) {
    this.namespaces = namespaces
    this.digests = digests
    this.table = table
    this.length = digests.length / WORDS
  }

  /** The number of its head. @param {number} n */
  head(n) {
    return this.table[n * COLUMNS]
  }

  /** @param {number} n */
  namespace(n) {
    return this.table[n * COLUMNS + 1]
  }

  /** @param {number} n */
  kind(n) {
    return this.table[n * COLUMNS + 2]
  }

  /** @param {number} n */
  isTaken(n) {
    return this.kind(n) === TAKEN
  }

  /** @param {number} n */
  take(n) {
    this.table[n * COLUMNS + 2] = TAKEN
  }

  /** Bytes of key and value. @param {number} n */
  bytes(n) {
    const at = n * COLUMNS
    return this.table[at + 7] + this.table[at + 8]
  }

  /** @param {number} n */
  deadline(n) {
    return this.table[n * COLUMNS + 10]
  }

  /** @param {number} n */
  digest(n) {
    let text = ''
    for (let at = n * WORDS; at < (n + 1) * WORDS; at++)
      text += this.digests[at].toString(16).padStart(WORD_DIGITS, '0')
    return text
  }

  /** @param {number} n @returns {Record} */
  at(n) {
    const [, namespace, kind, part, parts, whole, offset, keyLength, valueLength, storedAt, deadline] =
      this.table.subarray(n * COLUMNS, (n + 1) * COLUMNS)
    return {
      namespace: this.namespaces[namespace],
      digest: this.digest(n),
      kind,
      part,
      parts,
      whole,
      offset,
      keyLength,
      valueLength,
      storedAt,
      deadline,
    }
  }
}

export const NO_RECORDS = new Records([], new Uint32Array(0), new Float64Array(0))

/** @param {string} digest @param {Uint32Array} into what is no digest comes to be any other */
export function wordsOf(digest, into) {
  for (let word = 0; word < WORDS; word++)
    into[word] = Number.parseInt(digest.slice(word * WORD_DIGITS, (word + 1) * WORD_DIGITS), 16)
}
