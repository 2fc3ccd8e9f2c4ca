import { persistence } from '../../core.js'
import { MimicError } from '../../errors.js'
import { deletion } from '../queue.js'
import { packItems } from '../segments.js'
import { bytesOf, Row } from './rows.js'
import { inSlices } from './slices.js'

/**
 * Writes on their way into one transaction: packed in slices, or at once when there is no later.
 *
 * @typedef {import('../queue.js').Item} Item
 */

/** No block is longer. */
export const BLOCK = 60 << 10
/**
 * What is packed in one step, at most: in the first steps of a page nothing is compiled, and what takes 1 ms later takes 4. Whole segments, so that
 * none is left nearly empty.
 */
const STEP = { blocks: 2, items: 950 }
/** What a transaction has. More makes it no faster, and keeps the thread from others while it is issued. */
const TRANSACTION = { blocks: 4 * STEP.blocks, items: 4 * STEP.items }
/** Where the number of records stands in a head. */
const RECORDS_AT = 8
/** Of a head, beside its records and the names of their namespaces. */
const HEAD = 48

export class Batch {
  #at = 0
  /** @type {Promise<void> | undefined} */
  #packing
  /** Head, body, head, body, … @type {Uint8Array[]} */
  blocks = []
  isIssued = false
  isDurable = false
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

  issue() {
    this.isIssued = true
    for (const item of this.items) if (item instanceof Row) item.isSent = true
  }

  /** Whether something of it was deleted since it was taken. */
  get hasGone() {
    return this.items.some(isGone)
  }

  /** Packs it all in later tasks. @param {import('./slices.js').Host} [host] @returns {Promise<void>} the same for all who ask */
  pack(host) {
    this.#packing ??= inSlices(() => this.#step(), host)
    return this.#packing
  }

  packNow() {
    while (this.#step());
  }

  /**
   * What was deleted since it was taken would come behind what deleted it, and back: only its deletion is written. Of what another tab has stored anew
   * nothing is.
   * @returns {boolean} whether there is something to pack anew
   */
  amend() {
    if (this.isIssued || !(this.hasGone || this.items.some(isOutdated))) return false
    const items = this.items.filter(item => !isOutdated(item))
    this.items = items.map(item => (isGone(item) ? deletion(item) : item))
    this.blocks = []
    this.#at = 0
    this.#packing = undefined
    return true
  }

  /** @returns {boolean} whether there is more */
  #step() {
    const { items } = this
    const from = this.#at
    const to = goesTo(items, from, STEP)
    if (to === from) return false
    const blocks = packItems(persistence(), items.slice(from, to))
    if (typeof blocks === 'string') throw new MimicError('ERR_STORE_WRITE', blocks)
    // Firefox tells a page that it leaves also in the middle of a call: then all of it has been packed meanwhile.
    if (this.#at === from) {
      this.#at = to
      this.blocks.push(...blocks)
    }
    return !this.isPacked
  }

  /**
   * Where each item is, after it was written.
   * @param {(item: Item, segment: number, i: number, at: number, length: number) => void} each called with each record of each item
   */
  places(each) {
    let [item, part] = [0, 0]
    this.heads.forEach((head, segment) => {
      const records = new DataView(head.buffer, head.byteOffset).getUint32(RECORDS_AT, true)
      for (let i = 0, at = 0; i < records; i++) {
        const size = this.items[item].piece.length
        const parts = partsOf(size)
        this.items[item].parts = parts
        const length = Math.min(BLOCK, size - part * BLOCK)
        each(this.items[item], segment, i, at, length)
        at += length
        if (++part < parts) continue
        item++
        part = 0
      }
    })
  }
}

/** @param {Item} item */
function isGone(item) {
  return item instanceof Row && item.isGone
}

/** @param {Item} item */
function isOutdated(item) {
  return item instanceof Row && item.isOutdated
}

/** @param {number} size bytes of key and value */
function partsOf(size) {
  return Math.max(1, Math.ceil(size / BLOCK))
}

/** What it takes in the database, at most: where it has each head to itself. @param {Item} item */
export function bytesAlone({ namespace, piece: { length } }) {
  const parts = partsOf(length)
  return bytesOf(length, parts) + parts * (HEAD + namespace.length)
}

/** What is written, a transaction each. @param {Item[]} items oldest first @returns {Batch[]} */
export function batchesOf(items) {
  const batches = []
  for (let from = 0; from < items.length; ) {
    const to = goesTo(items, from, TRANSACTION)
    batches.push(new Batch(items.slice(from, to)))
    from = to
  }
  return batches
}

/**
 * @param {Item[]} items
 * @param {number} from
 * @param {{ blocks: number, items: number }} most
 * @returns {number} the end of what fits; at least one does
 */
function goesTo(items, from, most) {
  let to = from
  let [blocks, room] = [0, 0]
  for (; to < items.length && to - from < most.items; to++) {
    const { length } = items[to].piece
    if (length > room) {
      const more = Math.ceil(length / BLOCK)
      blocks += more
      room = more * BLOCK
    }
    if (blocks > most.blocks && to > from) break
    room -= length
  }
  return to
}
