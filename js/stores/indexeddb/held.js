/**
 * What is in memory, bodies of segments and rows with a block of their own, bounded in bytes: beyond that goes what has been there longest, and is
 * read again when somebody asks. What came last stays, whatever its size: somebody waits for it.
 *
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./rows.js').Segment} Segment
 */
export class Held {
  /** @type {Set<Row | Segment>} */
  #all = new Set()
  bytes = 0
  evicted = 0
  /** @type {(one: Row | Segment) => void} */
  #letGo

  /** @param {number} maxBytes @param {(one: Row | Segment) => void} letGo is told of each that had to go */
  constructor(maxBytes, letGo) {
    this.maxBytes = maxBytes
    this.#letGo = letGo
  }

  /** @param {Row | Segment} one whose bytes are there */
  add(one) {
    this.#all.add(one)
    this.bytes += one.heldBytes
    if (this.bytes <= this.maxBytes) return
    for (const oldest of this.#all) {
      if (this.bytes <= this.maxBytes || oldest === one) return
      this.delete(oldest)
      this.evicted++
      this.#letGo(oldest)
    }
  }

  /** It is about to take less. @param {Segment} one @param {number} bytes */
  shrink(one, bytes) {
    if (this.#all.has(one)) this.bytes -= bytes
  }

  /** @param {Row | Segment} one */
  delete(one) {
    if (!this.#all.delete(one)) return
    this.bytes -= one.heldBytes
    one.letGo()
  }
}
