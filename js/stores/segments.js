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
 * @property {number} length bytes of key and value
 * @property {number} storedAt
 * @property {number} deadline
 *
 * @typedef {object} Indexed
 * @property {Float64Array} bodies a number a head: bytes of the body; -1: damaged; -2: of another version
 * @property {(each: (segment: number, i: number, record: Record) => void) => void} records calls with each record, oldest first, in the same object
 */

const PACK_COLUMNS = 6
const INDEX_COLUMNS = 9
const READ_COLUMNS = 6
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

/** @param {Glue} glue @param {Uint8Array[]} heads oldest first @returns {Indexed} */
export function indexHeads(glue, heads) {
  const { namespaces, bodies, digests, table } = /** @type {any} */ (glue.segmentsIndex(heads))
  return {
    bodies,
    records(each) {
      let [segment, i] = [-1, 0]
      const record = { namespace: '', digest: '', kind: 0, part: 0, parts: 1, whole: 0, length: 0, storedAt: 0.5, deadline: 0.5 } // biome-ignore format: one line
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
        record.length = table[row + 6]
        record.storedAt = table[row + 7]
        record.deadline = table[row + 8]
        each(segment, i, record)
      }
    },
  }
}

/**
 * @param {Glue} glue
 * @param {Uint8Array[]} heads oldest first
 * @param {Uint8Array[]} bodies
 * @param {(segment: number, i: number, block: Uint8Array, at: number, keyLength: number, valueLength: number) => void} each called with each
 *   entry whose bytes are the written ones; `i` is the number of its record, or of its first one
 */
export function readBodies(glue, heads, bodies, each) {
  const { table, joined } = /** @type {any} */ (glue.segmentsRead(heads, bodies))
  for (let row = 0; row < table.length; row += READ_COLUMNS) {
    const block = table[row + 2]
    const bytes = bodies[block] ?? joined[block - bodies.length]
    each(table[row], table[row + 1], bytes, table[row + 3], table[row + 4], table[row + 5])
  }
}
