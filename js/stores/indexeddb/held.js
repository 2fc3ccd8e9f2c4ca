import { NO_BYTES } from '../queue.js'

/**
 * The rows whose bytes are in memory, bounded in bytes: beyond that those go that have been there longest, and are read again when somebody asks.
 *
 * @typedef {import('./rows.js').Row} Row
 */
export class Held {
  /** @type {Set<Row>} */
  #rows = new Set()
  bytes = 0
  evicted = 0
  /** @type {(row: Row) => void} */
  #letGo

  /** @param {number} maxBytes @param {(row: Row) => void} letGo is told of each row that had to go */
  constructor(maxBytes, letGo) {
    this.maxBytes = maxBytes
    this.#letGo = letGo
  }

  /** @param {Row} row whose bytes are there */
  add(row) {
    this.#rows.add(row)
    this.bytes += sizeOf(row)
    if (this.bytes <= this.maxBytes) return
    for (const oldest of this.#rows) {
      if (this.bytes <= this.maxBytes) return
      this.delete(oldest)
      this.evicted++
      this.#letGo(oldest)
    }
  }

  /** @param {Row} row */
  delete(row) {
    if (!this.#rows.delete(row)) return
    this.bytes -= sizeOf(row)
    row.block = NO_BYTES
  }
}

/** @param {Row} row */
function sizeOf({ keyLength, valueLength }) {
  return keyLength + valueLength
}
