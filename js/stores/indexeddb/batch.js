import { persistence } from '../../core.js'
import { MimicError } from '../../errors.js'
import { indexHeads, packItems } from '../segments.js'

/**
 * Writes on their way into one transaction: packed in slices, so that the thread is not held for long, or at once when there is no later.
 *
 * @typedef {import('../queue.js').Item} Item
 */

/** The thread is held no longer than this, milliseconds. */
const SLICE_MS = 8
/** A slice is several whole segments, and packed in much less than that. */
const SLICE_BYTES = 400 << 10
const SLICE_ITEMS = 1000

export class Batch {
  #at = 0
  /** Head, body, head, body, … @type {Uint8Array[]} */
  blocks = []
  /** When it is written; nothing: it is not issued yet. @type {Promise<void> | undefined} */
  written

  /** @param {Item[]} items */
  constructor(items) {
    this.items = items
  }

  get isPacked() {
    return this.#at === this.items.length
  }

  get bytes() {
    return this.blocks.reduce((sum, { length }) => sum + length, 0)
  }

  get heads() {
    return this.blocks.filter((_, i) => i % 2 === 0)
  }

  /** Packs it all, giving way to others now and then. */
  async pack() {
    while (!this.isPacked) {
      const began = performance.now()
      while (!this.isPacked && performance.now() - began < SLICE_MS / 2) this.#slice()
      if (!this.isPacked) await new Promise(resolve => setTimeout(resolve))
    }
  }

  packNow() {
    while (!this.isPacked) this.#slice()
  }

  #slice() {
    const { items } = this
    const from = this.#at
    let to = from
    for (let bytes = 0; to < items.length && bytes < SLICE_BYTES && to - from < SLICE_ITEMS; to++) {
      bytes += items[to].key.length + items[to].value.length
    }
    this.#at = to
    const blocks = packItems(persistence(), items.slice(from, to))
    if (typeof blocks === 'string') throw new MimicError('ERR_STORE_WRITE', blocks)
    this.blocks.push(...blocks)
  }

  /**
   * Where each item is, after it was written.
   * @param {(item: Item, segment: number, i: number, length: number) => void} each called with each record of each item
   */
  places(each) {
    let item = 0
    indexHeads(persistence(), this.heads).records((segment, i, { part, parts, length }) => {
      this.items[item].parts = parts
      each(this.items[item], segment, i, length)
      if (part + 1 === parts) item++
    })
  }
}
