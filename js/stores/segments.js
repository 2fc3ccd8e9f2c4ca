import { copyAll } from './piece.js'

/**
 * Between what waits, and segments: one crossing for a whole group.
 *
 * @typedef {import('./database.js').Glue} Glue
 * @typedef {import('./queue.js').Item} Item
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
 *
 * @typedef {object} Indexed
 * @property {Float64Array} bodies a number a head: bytes of the body; -1: damaged; -2: of another version
 * @property {(each: (segment: number, i: number, record: Record) => void) => void} records calls with each record, oldest first, in the same object
 */

const PACK_COLUMNS = 6
const INDEX_COLUMNS = 11
const BAD_COLUMNS = 2
const JOINED_COLUMNS = 3
/** In place of a record's number. */
const ALL = -1
const DIGEST_DIGITS = 32
const KINDS = { entry: 0, deleted: 1, cleared: 2 }

/**
 * @param {Glue} glue
 * @param {Item[]} items
 * @returns {Uint8Array[] | string} head, body, head, body, …, or why not
 */
export function packItems(glue, items) {
  /** @type {Map<string, number>} */
  const namespaces = new Map()
  const table = new Float64Array(items.length * PACK_COLUMNS)
  let [digests, size, row] = ['', 0, 0]
  let last = ''
  let number = -1
  for (const { namespace, kind, digest, piece, storedAt, deadline } of items) {
    // Most come from the function that the one before came from.
    if (number < 0 || namespace !== last) {
      last = namespace
      number = namespaces.get(namespace) ?? namespaces.size
      namespaces.set(namespace, number)
    }
    table[row] = number
    table[row + 1] = KINDS[kind]
    table[row + 2] = piece.keyLength
    table[row + 3] = piece.length - piece.keyLength
    table[row + 4] = storedAt
    table[row + 5] = deadline
    row += PACK_COLUMNS
    digests += digest
    size += piece.length
  }
  const bytes = new Uint8Array(size)
  copyAll(items, bytes)
  return glue.segmentsPack([...namespaces.keys()], digests, table, bytes)
}

/** @param {Glue} glue @param {Uint8Array[]} heads oldest first @returns {Indexed} */
export function indexHeads(glue, heads) {
  const { namespaces, bodies, digests, table } = /** @type {any} */ (glue.segmentsIndex(heads))
  return {
    bodies,
    records(each) {
      let [segment, i] = [-1, 0]
      const record = { namespace: '', digest: '', kind: 0, part: 0, parts: 1, whole: 0, offset: 0, keyLength: 0, valueLength: 0, storedAt: 0.5, deadline: 0.5 } // biome-ignore format: one line
      for (let n = 0; n < table.length / INDEX_COLUMNS; n++) {
        const row = n * INDEX_COLUMNS
        i = table[row] === segment ? i + 1 : 0
        segment = table[row]
        record.namespace = namespaces[table[row + 1]]
        record.digest = digests.slice(n * DIGEST_DIGITS, (n + 1) * DIGEST_DIGITS)
        record.kind = table[row + 2]
        record.part = table[row + 3]
        record.parts = table[row + 4]
        record.whole = table[row + 5]
        record.offset = table[row + 6]
        record.keyLength = table[row + 7]
        record.valueLength = table[row + 8]
        record.storedAt = table[row + 9]
        record.deadline = table[row + 10]
        each(segment, i, record)
      }
    },
  }
}

/**
 * What bodies have to do with their heads.
 *
 * @typedef {object} Checked
 * @property {(segment: number, i: number) => boolean} isBad whether the bytes of a record are not the written ones
 * @property {{ segment: number, i: number, keyLength: number, bytes: Uint8Array }[]} joined values in parts, by their first records
 *
 * @param {Glue} glue
 * @param {Uint8Array[]} heads oldest first
 * @param {Uint8Array[]} bodies
 * @returns {Checked}
 */
export function checkBodies(glue, heads, bodies) {
  const { bad, table, joined } = /** @type {any} */ (glue.segmentsRead(heads, bodies))
  /** @type {Set<number>[]} */
  const damage = []
  for (let n = 0; n < bad.length; n += BAD_COLUMNS) {
    damage[bad[n]] ??= new Set()
    damage[bad[n]].add(bad[n + 1])
  }
  return {
    isBad: (segment, i) =>
      damage[segment] !== undefined && (damage[segment].has(i) || damage[segment].has(ALL)),
    joined: joined.map((/** @type {Uint8Array} */ bytes, /** @type {number} */ n) => {
      const [segment, i, keyLength] = table.subarray(n * JOINED_COLUMNS, (n + 1) * JOINED_COLUMNS)
      return { segment, i, keyLength, bytes }
    }),
  }
}
