import { copyAll } from './piece.js'
import { Records } from './records.js'

/**
 * Between what waits, and segments: one crossing for a whole group.
 *
 * @typedef {import('./database.js').Glue} Glue
 * @typedef {import('./queue.js').Item} Item
 *
 * @typedef {object} Indexed
 * @property {Float64Array} bodies a number a head: bytes of the body; -1: damaged; -2: of another version
 * @property {(Records | undefined)[]} records of each of them; nothing: it is not whole
 */

const PACK_COLUMNS = 6
const BAD_COLUMNS = 2
const JOINED_COLUMNS = 3
/** In place of a record's number. */
const ALL = -1
/** What is packed lies here first, if it fits: fresh memory costs as much as the copying. */
const SCRATCH = 1 << 18
/** @type {Uint8Array | undefined} */
let scratch
const utf8 = new TextEncoder()
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
  scratch ??= new Uint8Array(SCRATCH)
  const bytes = size > SCRATCH ? new Uint8Array(size) : scratch.subarray(0, size)
  copyAll(items, bytes)
  // The platform's way from a string to bytes is a tenth of the glue's, which goes by the character.
  return glue.segmentsPack([...namespaces.keys()], utf8.encode(digests), table, bytes)
}

/** @param {Glue} glue @param {Uint8Array[]} heads oldest first @returns {Indexed} */
export function indexHeads(glue, heads) {
  const { namespaces, bodies } = /** @type {any} */ (glue.segmentsIndex(heads))
  return {
    bodies,
    records: heads.map((head, n) => (bodies[n] < 0 ? undefined : new Records(head, namespaces[n]))),
  }
}

/**
 * What bodies have to do with their heads.
 *
 * @typedef {object} Checked
 * @property {boolean} isSound nothing is bad
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
    isSound: damage.length === 0,
    isBad: (segment, i) =>
      damage[segment] !== undefined && (damage[segment].has(i) || damage[segment].has(ALL)),
    joined: joined.map((/** @type {Uint8Array} */ bytes, /** @type {number} */ n) => {
      const [segment, i, keyLength] = table.subarray(n * JOINED_COLUMNS, (n + 1) * JOINED_COLUMNS)
      return { segment, i, keyLength, bytes }
    }),
  }
}
