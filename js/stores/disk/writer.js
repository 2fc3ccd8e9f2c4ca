import { epochNow } from '../../clock.js'
import { codeOf, MimicError } from '../../errors.js'
import { deleted, WriteQueue } from '../queue.js'
import { nothingWaits, writeAtExit } from './exit.js'
import { resting } from './rest.js'

/**
 * When what waits is written, and what happens to it when it cannot be.
 *
 * @typedef {import('../queue.js').Item} Item
 *
 * @typedef {object} Owner whose entries they are
 * @property {import('./options.js').Settings} options
 * @property {import('./directory.js').Directory} directory
 * @property {import('./stamps.js').Stamps} stamps
 * @property {import('./tidy.js').Tidying} tidying
 * @property {import('./said.js').Said} said
 * @property {boolean} isOpen
 * @property {boolean} isClosed
 * @property {(now: number) => boolean} open
 * @property {(item: Item) => void} dropped
 * @property {() => void} leave the process ends
 */

/** After a failure the next try is this far away, twice as far each time. */
const RETRY_MIN = 1000
const RETRY_MAX = 60_000
/** So many times what is written behind the caller is written before him: a loop that never rests would lose it. */
const PRESSING = 4
/** What waited longer, in a process that was stopped, is not written: deletions of others may have been forgotten since. */
const MAX_WAIT = 300_000
/** So nothing waits as long by itself, whatever `flushAfter` says. */
const MAX_REST = MAX_WAIT / 2

export class Writer {
  /** Milliseconds to wait after the last failure; 0 while everything works. */
  retryAfter = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** Whether the timer fires as soon as the caller is done. */
  #isDue = false

  /** @param {Owner} owner */
  constructor(owner) {
    this.owner = owner
    const { maxPendingEntries, maxPendingBytes } = owner.options
    this.queue = new WriteQueue(maxPendingEntries, maxPendingBytes, {
      dropped: item => owner.dropped(item),
      cleared: () => undefined,
    })
  }

  /** @param {Item} item */
  push(item) {
    const { queue, owner } = this
    const { stamps, said, options } = owner
    item.stamp ??= stamps.next()
    item.since = epochNow()
    const dropped = queue.push(item)
    if (dropped > 0) said.dropped(dropped, 'ERR_STORE_FULL')
    writeAtExit(owner)
    const { flushEntries, flushBytes, flushAfter } = options
    const much = Math.max(queue.size / flushEntries, queue.bytes / flushBytes)
    if (this.retryAfter > 0) this.#later(this.retryAfter)
    else if (much >= PRESSING) this.write()
    else if (much >= 1) this.#soon()
    else this.#later(Math.min(flushAfter, MAX_REST))
  }

  #soon() {
    if (this.#isDue) return
    this.rest()
    this.#isDue = true
    this.#later(0)
  }

  /** @param {number} ms */
  #later(ms) {
    this.#timer ??= resting(() => this.write(), ms)
  }

  /** Nothing is written by itself until more comes. */
  rest() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = false
  }

  /** Writes everything that waits. */
  write() {
    const { queue, owner } = this
    this.rest()
    nothingWaits(owner)
    if (queue.size === 0 || owner.isClosed) return
    const now = epochNow()
    const items = queue.take().map(item => this.#timely(item, now))
    try {
      if (!owner.open(now)) throw new MimicError('ERR_STORE_UNAVAILABLE', 'the directory cannot be used')
      this.#persist(items)
      this.retryAfter = 0
      owner.said.written(items.length)
      owner.tidying.look()
    } catch (cause) {
      this.#failed(items, cause)
    }
  }

  /** @returns {number} milliseconds until the next try */
  postpone() {
    this.retryAfter = Math.min(RETRY_MAX, Math.max(RETRY_MIN, this.retryAfter * 2))
    return this.retryAfter
  }

  /** @param {Item} item @param {number} now @returns {Item & { stamp: number }} */
  #timely(item, now) {
    const { kind, namespace, digest, storedAt, since = now } = item
    const stamp = /** @type {number} */ (item.stamp)
    if (kind !== 'entry' || now - since < MAX_WAIT) return /** @type {Item & { stamp: number }} */ (item)
    this.owner.said.dropped(1, 'ERR_STORE_LATE')
    return { ...deleted(namespace, digest, storedAt), stamp }
  }

  /** @param {(Item & { stamp: number })[]} items */
  #persist(items) {
    const { directory, said } = this.owner
    try {
      directory.write(items)
    } catch (cause) {
      if (!isFull(cause)) throw cause
      said.error('ERR_STORE_QUOTA', cause)
      const before = directory.catalog.entries
      directory.shed()
      said.counters.evicted += before - directory.catalog.entries
      directory.write(items)
    }
  }

  /** @param {Item[]} items @param {unknown} cause */
  #failed(items, cause) {
    const { queue, owner } = this
    const dropped = queue.restore(items)
    // That it cannot be opened was said.
    if (owner.isOpen) {
      this.postpone()
      if (!isFull(cause)) owner.said.error('ERR_STORE_WRITE', cause)
    }
    if (dropped > 0) owner.said.dropped(dropped, 'ERR_STORE_WRITE', cause)
    if (queue.size === 0) return
    writeAtExit(owner)
    this.#later(this.retryAfter)
  }
}

/** @param {unknown} cause */
function isFull(cause) {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(cause))
}
