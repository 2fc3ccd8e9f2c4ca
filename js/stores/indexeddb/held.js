/**
 * What is in memory, bodies of segments and rows with a block of their own, bounded in bytes: beyond that goes what has been there longest, and is
 * read again when somebody asks. What came last stays, whatever its size: somebody waits for it.
 *
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./segment.js').Segment} Segment
 */

/** So few places are not worth a look. */
const FEW = 64

export class Held {
  /** Oldest first, each in the place that it knows: a set would cost every write more. Nothing: it is not held any more. @type {(Row | Segment | undefined)[]} */
  #places = []
  /** None is held before. */
  #first = 0
  #size = 0
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
    if (one.heldAt < 0) {
      one.heldAt = this.#places.push(one) - 1
      this.#size++
    }
    this.bytes += one.heldBytes
    while (this.bytes > this.maxBytes) {
      const oldest = this.#oldest
      if (oldest === undefined || oldest === one) return
      this.delete(oldest)
      this.evicted++
      this.#letGo(oldest)
    }
  }

  /** It is about to take less. @param {Segment} one @param {number} bytes */
  shrink(one, bytes) {
    if (one.heldAt >= 0) this.bytes -= bytes
  }

  /** @param {Row | Segment} one */
  delete(one) {
    if (one.heldAt < 0) return
    this.#places[one.heldAt] = undefined
    one.heldAt = -1
    this.#size--
    if (this.#places.length > 2 * this.#size + FEW) this.#close()
    this.bytes -= one.heldBytes
    one.letGo()
  }

  get #oldest() {
    const places = this.#places
    while (this.#first < places.length && places[this.#first] === undefined) this.#first++
    return places[this.#first]
  }

  /** Leaves no places empty. */
  #close() {
    this.#places = this.#places.filter(one => one !== undefined)
    this.#first = 0
    this.#places.forEach((one, at) => {
      if (one !== undefined) one.heldAt = at
    })
  }
}
