import { clampedDeadline, idOf, sameBytes } from './store.js'

/**
 * Encoded entries in memory, by namespace and digest. Bounded in bytes: beyond that the longest held go, which only means that they
 * are read again after the next start.
 *
 * @typedef {object} Row
 * @property {string} namespace
 * @property {Uint8Array} key
 * @property {Uint8Array} value encoded
 * @property {number} storedAt
 * @property {number} deadline
 * @property {number} ttl the whole life, as it was written
 */
export class Held {
  /** @type {Map<string, Row>} */
  #rows = new Map()
  bytes = 0
  evicted = 0
  expired = 0

  /** @param {number} maxBytes */
  constructor(maxBytes) {
    this.maxBytes = maxBytes
  }

  get size() {
    return this.#rows.size
  }

  /** @param {string} id */
  has(id) {
    return this.#rows.has(id)
  }

  /**
   * @param {import('./store.js').StoreKey} key
   * @param {number} now
   * @returns {Row | undefined}
   */
  get(key, now) {
    const id = idOf(key)
    const row = this.#rows.get(id)
    if (!row) return undefined
    // The digest selects, the bytes decide.
    if (!sameBytes(row.key, key.bytes)) return undefined
    if (now >= row.deadline) {
      this.expired++
      this.delete(id)
      return undefined
    }
    row.deadline = clampedDeadline(row, now)
    return row
  }

  /** @param {string} id @param {Row} row */
  set(id, row) {
    this.delete(id)
    this.#rows.set(id, row)
    this.bytes += row.key.length + row.value.length
    for (const oldest of this.#rows.keys()) {
      if (this.bytes <= this.maxBytes) break
      this.delete(oldest)
      this.evicted++
    }
  }

  /** @param {string} id */
  delete(id) {
    const row = this.#rows.get(id)
    if (!row) return false
    this.bytes -= row.key.length + row.value.length
    return this.#rows.delete(id)
  }

  /** @param {string} namespace @returns {[id: string, value: Uint8Array][]} */
  entriesOf(namespace) {
    const rows = [...this.#rows].filter(([, row]) => row.namespace === namespace)
    return rows.map(([id, { value }]) => [id, value])
  }

  /** @param {string} namespace */
  clear(namespace) {
    for (const [id, row] of this.#rows) if (row.namespace === namespace) this.delete(id)
  }
}
