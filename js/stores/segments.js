import { NO_BYTES } from './queue.js'

/**
 * Between what waits or is held, and segments: one crossing for a whole group.
 *
 * @typedef {import('./database.js').Glue} Glue
 * @typedef {import('./queue.js').Item} Item
 * @typedef {import('./held.js').Row} Row
 *
 * @typedef {object} Found what Rust answers, see `segments_read`
 * @property {string[]} namespaces
 * @property {string} digests
 * @property {Float64Array} table
 * @property {Uint8Array[]} joined
 * @property {Uint32Array} dead
 * @property {number} corrupt
 * @property {number} foreign
 */

const PACK_COLUMNS = 6
const READ_COLUMNS = 8
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
  const bytes = new Uint8Array(items.reduce((sum, { key, value }) => sum + key.length + value.length, 0))
  let digests = ''
  let at = 0
  let row = 0
  let last = ''
  let number = -1
  for (const { namespace, kind, digest, key, value, storedAt, deadline } of items) {
    // Most come from the function that the one before came from.
    if (number < 0 || namespace !== last) {
      last = namespace
      number = namespaces.get(namespace) ?? namespaces.size
      namespaces.set(namespace, number)
    }
    table[row] = number
    table[row + 1] = KINDS[kind]
    table[row + 2] = key.length
    table[row + 3] = value.length
    table[row + 4] = storedAt
    table[row + 5] = deadline
    row += PACK_COLUMNS
    digests += digest
    bytes.set(key, at)
    bytes.set(value, at + key.length)
    at += key.length + value.length
  }
  return glue.segmentsPack([...namespaces.keys()], digests, table, bytes)
}

/**
 * @param {Glue} glue
 * @param {import('./database.js').Loaded} loaded
 * @param {number} now
 * @param {(id: string, row: Row) => void} each called with every entry that counts, oldest first
 * @returns {{ dead: import('./database.js').SegmentKey[], corrupt: number, foreign: number }}
 */
export function readSegments(glue, { keys, heads, bodies }, now, each) {
  const found = /** @type {Found} */ (glue.segmentsRead(heads, bodies, now))
  const { namespaces, digests, table, joined, dead, corrupt, foreign } = found
  for (let i = 0; i < digests.length / 32; i++) {
    const row = i * READ_COLUMNS
    const block = table[row + 1]
    const bytes = bodies[block] ?? joined[block - bodies.length] ?? NO_BYTES
    const namespace = namespaces[table[row]]
    const [storedAt, deadline] = [table[row + 6], table[row + 7]]
    each(digests.slice(i * 32, i * 32 + 32) + namespace, {
      namespace,
      key: bytes.subarray(table[row + 2], table[row + 2] + table[row + 3]),
      value: bytes.subarray(table[row + 4], table[row + 4] + table[row + 5]),
      storedAt,
      deadline,
      ttl: deadline - storedAt,
    })
  }
  return { dead: Array.from(dead, i => keys[i]), corrupt, foreign }
}
