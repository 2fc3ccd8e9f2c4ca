import { NO_PIECE } from './piece.js'

/**
 * What waits to be written: the last write of each key, bounded. Deletions come before entries: an entry that is older than the deletion of its key
 * or of its namespace waits no more, so all that wait are newer, and there are at most as many of the one as of the other.
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
 * @property {import('./indexeddb/rows.js').Row | import('./indexeddb/rows.js').Mark | undefined} [target] what the index has for it
 * @property {number} [parts] records it was cut into, once it is packed
 * @property {boolean} hides something older is to be unreadable from now on, even when this itself is dropped
 *
 * @typedef {object} Owner is told what becomes of what had to be dropped
 * @property {(item: Item) => void} dropped an entry; where it hides something, its deletion waits in its place
 * @property {(namespace: string) => Item['target']} cleared all of it is to be deleted: too many of its keys were
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

/** @type {Owner} */
const NOBODY = { dropped: () => {}, cleared: () => undefined }

export class WriteQueue {
  /** Of keys and of namespaces, oldest first. @type {Map<string, Item>} */
  #deletions = new Map()
  /** Oldest first. @type {Map<string, Item>} */
  #entries = new Map()
  bytes = 0

  /** @param {number} maxEntries @param {number} maxBytes @param {Owner} [owner] */
  constructor(maxEntries, maxBytes, owner = NOBODY) {
    this.maxEntries = maxEntries
    this.maxBytes = maxBytes
    this.owner = owner
  }

  get size() {
    return this.#entries.size + this.#deletions.size
  }

  /** @param {string} id */
  has(id) {
    return this.#entries.has(id) || this.#deletions.has(id)
  }

  /** @param {string} id */
  get(id) {
    return this.#entries.get(id) ?? this.#deletions.get(id)
  }

  /**
   * Adds a write, the newest of its key.
   * @param {Item} item
   * @returns {number} how many entries were dropped for it
   */
  push(item) {
    this.#put(item)
    return this.#bound()
  }

  /** Everything that waits; it then waits no more. @returns {Item[]} */
  take() {
    const items = [...this.#deletions.values(), ...this.#entries.values()]
    this.#deletions.clear()
    this.#entries.clear()
    this.bytes = 0
    return items
  }

  /**
   * After a failed write: what must not be forgotten waits again. The entries themselves are dropped.
   * @param {Item[]} items
   * @param {Item[]} [unwritten] those behind them, which nobody has tried to write
   * @returns {number} how many were dropped
   */
  restore(items, unwritten = []) {
    const newer = this.take()
    let dropped = 0
    for (const item of items) {
      if (item.kind !== 'entry') {
        this.#put(item)
        continue
      }
      dropped++
      this.owner.dropped(item)
      if (item.hides) this.#put(deletion(item))
    }
    for (const item of unwritten) this.#put(item)
    for (const item of newer) this.#put(item)
    return dropped + this.#bound()
  }

  /** @param {Item} item newer than all that wait */
  #put(item) {
    const old = this.get(item.id)
    if (old !== undefined) {
      item.hides ||= old.hides
      this.#remove(old)
    }
    if (item.kind === 'entry') {
      this.#entries.set(item.id, item)
      this.bytes += item.piece.length
      return
    }
    if (item.kind === 'cleared') this.#removeAll(item.namespace)
    this.#deletions.set(item.id, item)
  }

  #bound() {
    let dropped = 0
    for (const item of this.#entries.values()) {
      if (this.#entries.size <= this.maxEntries && this.bytes <= this.maxBytes) break
      dropped++
      this.#remove(item)
      this.owner.dropped(item)
      if (item.hides) this.#deletions.set(item.id, deletion(item))
    }
    // Deleting whole namespaces hides the same and more, and takes less.
    if (this.#deletions.size > this.maxEntries) {
      for (const { kind, id, namespace, storedAt } of [...this.#deletions.values()]) {
        if (kind === 'cleared') continue
        this.#deletions.delete(id)
        if (this.#deletions.has(clearedId(namespace))) continue
        const target = this.owner.cleared(namespace)
        this.#deletions.set(clearedId(namespace), { ...cleared(namespace, storedAt), target })
      }
    }
    return dropped
  }

  /** @param {string} namespace */
  #removeAll(namespace) {
    for (const items of [this.#deletions, this.#entries])
      for (const item of items.values()) if (item.namespace === namespace) this.#remove(item)
  }

  /** @param {Item} item */
  #remove(item) {
    this.#deletions.delete(item.id)
    if (this.#entries.delete(item.id)) this.bytes -= item.piece.length
  }
}

/** @param {Item} item an entry @returns {Item} what waits in its place */
function deletion({ id, namespace, digest, storedAt, stamp, target }) {
  return { ...deleted(id, namespace, digest, storedAt), stamp, target }
}
