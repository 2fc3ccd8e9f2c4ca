import { NO_PIECE } from './piece.js'
import { idOf } from './store.js'
import { Waiting } from './waiting.js'

/**
 * What waits to be written: the last write of each key, bounded. Deletions come before entries: an entry that is older than the deletion of its key
 * or of its namespace waits no more, so all that wait are newer, and there are at most as many of the one as of the other.
 *
 * @typedef {object} Item
 * @property {'entry' | 'deleted' | 'cleared'} kind
 * @property {string} namespace
 * @property {string} digest
 * @property {import('./piece.js').Piece} piece its key's bytes and its encoded value's
 * @property {number} storedAt
 * @property {number} deadline
 * @property {number} [since] when it began to wait, epoch milliseconds, where that makes a difference
 * @property {number | undefined} [stamp] where its writes are ordered by more than their place, see `disk/stamps.js`
 * @property {import('./indexeddb/rows.js').Row | import('./indexeddb/rows.js').Mark | undefined} [target] what the index has for it
 * @property {number} [parts] records it was cut into, once it is packed
 * @property {Item | undefined} [older] while it waits: the one that came before it
 * @property {Item | undefined} [newer]
 * @property {boolean} hides something older is to be unreadable from now on, even when this itself is dropped
 *
 * @typedef {object} Owner is told what becomes of what had to be dropped
 * @property {(item: Item) => void} dropped an entry; where it hides something, its deletion waits in its place
 * @property {(namespace: string) => Item['target']} cleared all of it is to be deleted: too many of its keys were
 */

export const NO_BYTES = NO_PIECE.block
const NO_DIGEST = '0'.repeat(32)

/**
 * @param {string} namespace
 * @param {number} now
 * @returns {Item}
 */
export function cleared(namespace, now) {
  return deleted(namespace, NO_DIGEST, now, 'cleared')
}

/**
 * @param {string} namespace
 * @param {string} digest
 * @param {number} now
 * @param {'deleted' | 'cleared'} [kind]
 * @returns {Item}
 */
export function deleted(namespace, digest, now, kind = 'deleted') {
  return { kind, namespace, digest, piece: NO_PIECE, storedAt: now, deadline: Infinity, hides: true }
}

/** @type {Owner} */
const NOBODY = { dropped: () => {}, cleared: () => undefined }

export class WriteQueue {
  /** Of namespaces as a whole. */
  #cleared = new Waiting()
  /** Of keys. */
  #deleted = new Waiting()
  #entries = new Waiting()
  bytes = 0

  /** @param {number} maxEntries @param {number} maxBytes @param {Owner} [owner] */
  constructor(maxEntries, maxBytes, owner = NOBODY) {
    this.maxEntries = maxEntries
    this.maxBytes = maxBytes
    this.owner = owner
  }

  get size() {
    return this.#entries.size + this.#deletions
  }

  get #deletions() {
    return this.#deleted.size + this.#cleared.size
  }

  /** What waits for a key. @param {{ namespace: string, digest: string }} key */
  get(key) {
    return this.#entries.get(key) ?? this.#deleted.get(key)
  }

  /** Whether the deletion of a whole namespace waits. @param {string} namespace */
  clears(namespace) {
    return this.#cleared.get({ namespace, digest: NO_DIGEST }) !== undefined
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

  /**
   * Everything that waits; it then waits no more. In one go, before anything else: Firefox tells a page that it leaves also in the middle of a loop or
   * a call, and who is told takes what waits.
   * @returns {Item[]}
   */
  take() {
    const [cleared, deleted, entries] = [new Waiting(), new Waiting(), new Waiting()]
    const taken = { cleared: this.#cleared, deleted: this.#deleted, entries: this.#entries }
    this.#cleared = cleared
    this.#deleted = deleted
    this.#entries = entries
    this.bytes = 0
    return [...taken.cleared.end(), ...taken.deleted.end(), ...taken.entries.end()]
  }

  /**
   * After a failed write: what must not be forgotten waits again. The entries themselves are dropped.
   * @param {Item[]} items
   * @param {Item[]} [unwritten] those behind them, which nobody has tried to write
   * @param {Item[]} [sent] newer ones that are written, or being written: a deletion would come behind them
   * @returns {number} how many were dropped
   */
  restore(items, unwritten = [], sent = []) {
    const newer = this.take()
    const replaced = new Set(sent.map(subjectOf))
    const isReplaced = (/** @type {Item} */ item) => replaced.has(subjectOf(item))
    let dropped = 0
    for (const item of items) {
      if (item.kind !== 'entry') {
        if (!isReplaced(item)) this.#put(item)
        continue
      }
      dropped++
      item.hides &&= !isReplaced(item)
      this.owner.dropped(item)
      if (item.hides) this.#put(deletion(item))
    }
    for (const item of unwritten) if (!isReplaced(item)) this.#put(item)
    for (const item of newer) this.#put(item)
    return dropped + this.#bound()
  }

  /** @param {Item} item newer than all that wait */
  #put(item) {
    if (item.kind === 'cleared') {
      this.#removeAll(item.namespace)
      this.#cleared.add(item)
      return
    }
    const old = this.get(item)
    if (old !== undefined) {
      item.hides ||= old.hides
      this.#remove(old)
    }
    if (item.kind === 'deleted') {
      this.#deleted.add(item)
      return
    }
    this.#entries.add(item)
    this.bytes += item.piece.length
  }

  #bound() {
    let dropped = 0
    for (let item = this.#entries.oldest; item !== undefined; item = this.#entries.oldest) {
      if (this.#entries.size <= this.maxEntries && this.bytes <= this.maxBytes) break
      dropped++
      this.#remove(item)
      this.owner.dropped(item)
      if (item.hides) this.#deleted.add(deletion(item))
    }
    // Deleting whole namespaces hides the same and more, and takes less.
    if (this.#deletions > this.maxEntries) {
      const deleted = this.#deleted
      this.#deleted = new Waiting()
      for (const item of deleted.end()) this.#widen(item)
    }
    return dropped
  }

  /** Its whole namespace is deleted in its place. @param {Item} item the deletion of a key */
  #widen({ namespace, storedAt, stamp }) {
    const whole = this.#cleared.get({ namespace, digest: NO_DIGEST })
    if (whole === undefined) {
      const target = this.owner.cleared(namespace)
      this.#cleared.add({ ...cleared(namespace, storedAt), stamp, target })
    } else if (stamp !== undefined) {
      // As new as the newest that it stands for, and no newer: entries that came since stay.
      whole.stamp = Math.max(whole.stamp ?? stamp, stamp)
    }
  }

  /** @param {string} namespace */
  #removeAll(namespace) {
    this.#cleared.takeOf(namespace)
    this.#deleted.takeOf(namespace)
    for (const { piece } of this.#entries.takeOf(namespace)) this.bytes -= piece.length
  }

  /** @param {Item} item that waits */
  #remove(item) {
    if (item.kind === 'deleted') this.#deleted.delete(item)
    else {
      this.#entries.delete(item)
      this.bytes -= item.piece.length
    }
  }
}

/** What it is a write of: a key or a whole namespace. @param {Item} item */
function subjectOf(item) {
  return `${item.kind === 'cleared'} ${idOf(item)}`
}

/** @param {Item} item an entry @returns {Item} what waits in its place */
export function deletion({ namespace, digest, storedAt, stamp, target }) {
  return { ...deleted(namespace, digest, storedAt), stamp, target }
}
