/**
 * The records of a head, read where they lie (ARCHITECTURE.md has the format): objects for all of them would take longer to make than everything
 * else that is done when a database is opened.
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

/** Bytes of a record, and of the checksum behind all of them. */
const RECORD = 64
const SUM = 8
/** Where the number of records stands in a head. */
const RECORDS_AT = 8
/** A record is so many cells, and so many doubles. */
export const CELLS = 16
const DOUBLES = 8
/** The first cells are the digest. */
export const DIGEST_CELLS = 4
const CELL_DIGITS = 8
/** The cell of kind and namespace. */
const KIND = 7

export class Records {
  /** Whether something else stands for the record now, or it never counted. */
  #isTaken

  /** @param {Uint8Array} head whole, and not changed any more @param {string[]} namespaces */
  constructor(head, namespaces) {
    // Numbers are read from where a multiple of their size is.
    const { buffer, byteOffset, length } = head.byteOffset % DOUBLES === 0 ? head : new Uint8Array(head)
    this.namespaces = namespaces
    this.length = new Uint32Array(buffer, byteOffset + RECORDS_AT, 1)[0]
    const start = byteOffset + length - SUM - RECORD * this.length
    this.cells = new Uint32Array(buffer, start, CELLS * this.length)
    this.doubles = new Float64Array(buffer, start, DOUBLES * this.length)
    this.#isTaken = new Uint8Array(this.length)
  }

  /** @param {number} i */
  namespace(i) {
    return this.cells[i * CELLS + KIND] & 0xffff
  }

  /** @param {number} i */
  kind(i) {
    return this.cells[i * CELLS + KIND] >>> 16
  }

  /** @param {number} i */
  isTaken(i) {
    return this.#isTaken[i] !== 0
  }

  /** @param {number} i */
  take(i) {
    this.#isTaken[i] = 1
  }

  /** The end of those from there on that are of a kind and of one namespace. @param {number} from @param {number} kind @returns {number} */
  alike(from, kind) {
    const { cells, length } = this
    const wanted = (kind << 16) | this.namespace(from)
    let to = from
    while (to < length && cells[to * CELLS + KIND] === wanted) to++
    return to
  }

  /** Bytes of keys and values. @param {number} from @param {number} [to] */
  bytes(from, to = from + 1) {
    const { cells } = this
    let bytes = 0
    for (let at = from * CELLS; at < to * CELLS; at += CELLS) bytes += cells[at + 5] + cells[at + 6]
    return bytes
  }

  /** @param {number} i */
  deadline(i) {
    return this.doubles[i * DOUBLES + 6]
  }

  /** @param {number} i */
  digest(i) {
    let text = ''
    for (let at = i * CELLS; at < i * CELLS + DIGEST_CELLS; at++)
      text += swapped(this.cells[at]).toString(16).padStart(CELL_DIGITS, '0')
    return text
  }

  /** @param {number} i @returns {Record} */
  at(i) {
    const [offset, keyLength, valueLength, , parts, whole] = this.cells.subarray(
      i * CELLS + 4,
      i * CELLS + 10,
    )
    return {
      namespace: this.namespaces[this.namespace(i)],
      digest: this.digest(i),
      kind: this.kind(i),
      part: parts & 0xffff,
      parts: parts >>> 16,
      whole,
      offset,
      keyLength,
      valueLength,
      storedAt: this.doubles[i * DOUBLES + 5],
      deadline: this.deadline(i),
    }
  }
}

/** @param {string} digest @param {Uint32Array} into its cells; what is no digest comes to be any other */
export function cellsOf(digest, into) {
  for (let cell = 0; cell < DIGEST_CELLS; cell++)
    into[cell] = swapped(Number.parseInt(digest.slice(cell * CELL_DIGITS, (cell + 1) * CELL_DIGITS), 16))
}

/** Digits have the highest byte first, cells have it last. @param {number} cell */
function swapped(cell) {
  return ((cell << 24) | ((cell & 0xff00) << 8) | ((cell >>> 8) & 0xff00) | (cell >>> 24)) >>> 0
}
