import { NO_PIECE } from './piece.js'

/**
 * What waits to be written: the last write of each key, in the order of those writes, bounded.
 *
 * @typedef {object} Item
 * @property {string} id
 * @property {'entry' | 'deleted' | 'cleared'} kind
 * @property {string} namespace
 * @property {string} digest
 * @property {import('./piece.js').Piece} piece its key's bytes and its encoded value's
 * @property {number} storedAt
 * @property {number} deadline
 * @property {number | undefined} [stamp] where its writes are ordered by more than their place, see `disk/stamps.js`
 * @property {import('./indexeddb/rows.js').Row | import('./indexeddb/rows.js').Mark} [target] what the index has for it
 * @property {number} [parts] records it was cut into, once it is packed
 * @property {boolean} hides something older is to be unreadable from now on, even when this itself is dropped
 */

export const NO_BYTES = NO_PIECE.block
const NO_DIGEST = '0'.repeat(32)

/** @param {string} namespace @returns {string} the id under which the deletion of a namespace waits; no key has it */
export function clearedId(namespace) {
  return `*${namespace}`
}

/**
 * @param {string} namespace
 * @param {number} now
 * @returns {Item}
 */
export function cleared(namespace, now) {
  return deleted(clearedId(namespace), namespace, NO_DIGEST, now, 'cleared')
}

/**
 * @param {string} id
 * @param {string} namespace
 * @param {string} digest
 * @param {number} now
 * @param {'deleted' | 'cleared'} [kind]
 * @returns {Item}
 */
export function deleted(id, namespace, digest, now, kind = 'deleted') {
  return { id, kind, namespace, digest, piece: NO_PIECE, storedAt: now, deadline: Infinity, hides: true }
}

export class WriteQueue {
  /** @type {Map<string, Item>} */
  #items = new Map()
  bytes = 0

  /** @param {number} maxEntries @param {number} maxBytes */
  constructor(maxEntries, maxBytes) {
    this.maxEntries = maxEntries
    this.maxBytes = maxBytes
  }

  get size() {
    return this.#items.size
  }

  /** @param {string} id */
  has(id) {
    return this.#items.has(id)
  }

  /** @param {string} id */
  get(id) {
    return this.#items.get(id)
  }

  /**
   * Adds a write, the newest of its key.
   * @param {Item} item
   * @returns {number} how many entries were dropped for it
   */
  push(item) {
    const old = this.#items.get(item.id)
    if (old !== undefined) {
      item.hides ||= old.hides
      this.#remove(item.id)
    }
    if (item.kind === 'cleared') {
      for (const [id, other] of this.#items) if (other.namespace === item.namespace) this.#remove(id)
    }
    this.#add(item)
    return this.#bound()
  }

  /** Everything that waits, oldest first; it then waits no more. @returns {Item[]} */
  take() {
    const items = [...this.#items.values()]
    this.#items.clear()
    this.bytes = 0
    return items
  }

  /**
   * After a failed write: what must not be forgotten goes back in front. The entries themselves are dropped.
   * @param {Item[]} items
   * @param {Item[]} [unwritten] those behind them, which nobody has tried to write
   * @returns {number} how many were dropped
   */
  restore(items, unwritten = []) {
    const newer = latest([...unwritten, ...this.take()])
    const overtaken = new Set(newer.map(item => item.id))
    for (const item of items) {
      const kept = item.hides && !overtaken.has(item.id)
      if (kept) this.#add(item.kind === 'entry' ? deletedEntry(item) : item)
    }
    for (const item of newer) this.#add(item)
    return items.filter(item => item.kind === 'entry').length + this.#bound()
  }

  #bound() {
    let dropped = 0
    for (const [id, item] of this.#items) {
      if (this.#items.size <= this.maxEntries && this.bytes <= this.maxBytes) return dropped
      if (item.kind !== 'entry') continue
      dropped++
      if (item.hides) this.#replace(deletedEntry(item))
      else this.#remove(id)
    }
    // Deletions alone, and too many of them: deleting whole namespaces hides the same and more, and takes less.
    if (this.#items.size > this.maxEntries) {
      const items = this.take()
      for (const item of items) {
        const id = clearedId(item.namespace)
        if (!this.#items.has(id)) this.#add(cleared(item.namespace, item.storedAt))
      }
    }
    return dropped
  }

  /** @param {Item} item */
  #add(item) {
    this.#items.set(item.id, item)
    this.bytes += item.piece.length
  }

  /** In its old place. @param {Item} item */
  #replace(item) {
    const old = this.#items.get(item.id)
    if (old) this.bytes -= old.piece.length
    this.#add(item)
  }

  /** @param {string} id */
  #remove(id) {
    const item = this.#items.get(id)
    if (!item) return
    this.bytes -= item.piece.length
    this.#items.delete(id)
  }
}

/** @param {Item[]} items oldest first @returns {Item[]} of each key the last one */
function latest(items) {
  const found = new Map()
  for (const item of items) {
    item.hides ||= found.get(item.id)?.hides === true
    // Not in the place of the older one: what stands between them may delete it.
    found.delete(item.id)
    found.set(item.id, item)
  }
  return [...found.values()]
}

/** @param {Item} item */
function deletedEntry({ id, namespace, digest, storedAt }) {
  return deleted(id, namespace, digest, storedAt)
}
