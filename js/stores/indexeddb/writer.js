import { monotonicNow } from '../../clock.js'
import { nameOf } from '../database.js'
import { WriteQueue } from '../queue.js'
import { Batch } from './batch.js'

/**
 * Writes behind the callers: in groups, one transaction at a time, and at once when the page may be going away.
 *
 * @typedef {import('../queue.js').Item} Item
 *
 * @typedef {object} Target
 * @property {() => Promise<void>} open rejects when nothing can be written now
 * @property {() => boolean} isOpen
 * @property {(batch: Batch) => Promise<void>} write what is packed is durable; issued before this returns where the target is open
 * @property {(count: number) => void} written
 * @property {(code: string, cause: unknown) => void} error
 * @property {(count: number, code: string, cause?: unknown) => void} dropped
 */

/** Under steady writing there is never any rest: after so many times `flushAfter` it is written all the same. */
const PATIENCE = 10
/** After a failure the next try is this far away, twice as far each time. */
const RETRY_MIN = 1000
const RETRY_MAX = 60_000

export class Writer {
  /** Milliseconds to wait after the last failure; 0 while writing works. */
  retryAfter = 0
  isStopped = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #firstPending = 0
  #lastPending = 0
  /** The end of all writing asked for so far; never rejects. @type {Promise<unknown>} */
  #writing
  /** Whether a write is due that has not yet taken what waits. */
  #due = false
  /** What is being packed. @type {Batch | undefined} */
  #packing

  /**
   * @param {Required<import('../indexeddb-options.js').IndexedDBStoreOptions>} options
   * @param {Target} target
   * @param {Promise<unknown>} ready nothing is written before; never rejects
   */
  constructor(options, target, ready) {
    this.options = options
    this.target = target
    this.queue = new WriteQueue(options.maxPendingEntries, options.maxPendingBytes)
    this.#writing = ready
  }

  /** @param {Item} item */
  add(item) {
    if (this.isStopped) return
    const now = monotonicNow()
    if (this.queue.size === 0) this.#firstPending = now
    this.#lastPending = now
    const dropped = this.queue.push(item)
    if (dropped > 0) this.target.dropped(dropped, 'ERR_STORE_FULL')
    const { flushEntries, flushBytes, flushAfter } = this.options
    const enough = this.queue.size >= flushEntries || this.queue.bytes >= flushBytes
    if (enough && this.retryAfter === 0) this.flush()
    else this.#timer ??= setTimeout(() => this.#rested(), this.retryAfter || flushAfter)
  }

  /** Nothing will ever be written. */
  stop() {
    this.isStopped = true
    clearTimeout(this.#timer)
    this.queue.take()
  }

  #rested() {
    this.#timer = undefined
    if (this.queue.size === 0) return
    const { flushAfter } = this.options
    const now = monotonicNow()
    const rest = this.#lastPending + flushAfter - now
    const patience = this.#firstPending + PATIENCE * flushAfter - now
    // A timer may fire up to a millisecond early.
    const wait = Math.min(rest, patience)
    if (wait > 1) this.#timer = setTimeout(() => this.#rested(), wait)
    else this.flush()
  }

  /** Writes what waits when its turn comes: one transaction at a time. @returns {Promise<void>} never rejects */
  flush() {
    if (!this.#due) {
      this.#due = true
      this.after(() => {
        this.#due = false
        return this.#send()
      })
    }
    return this.#writing.then(() => {})
  }

  /**
   * Does something between two writes.
   * @template T
   * @param {() => Promise<T>} work must not reject
   * @returns {Promise<T>}
   */
  after(work) {
    const done = this.#writing.then(work)
    this.#writing = done
    return done
  }

  /** The page may be gone after this task, so now, beside a transaction that may be running. */
  leave() {
    if (!this.target.isOpen()) return
    const packing = this.#packing
    try {
      packing?.packNow()
      if (packing) this.#issue(packing)
    } catch {
      // Whoever packs it comes upon the same.
    }
    if (this.queue.size > 0) this.#writing = Promise.all([this.#sendNow(), this.#writing])
  }

  async #send() {
    const batch = new Batch(this.queue.take())
    if (batch.items.length === 0) return
    try {
      if (!this.target.isOpen()) await this.target.open()
      this.#packing = batch
      await batch.pack()
      await this.#issue(batch)
      this.#succeeded(batch)
    } catch (cause) {
      this.#failed(batch, cause)
    } finally {
      this.#packing = undefined
    }
  }

  async #sendNow() {
    const batch = new Batch(this.queue.take())
    try {
      batch.packNow()
      await this.#issue(batch)
      this.#succeeded(batch)
    } catch (cause) {
      this.#failed(batch, cause)
    }
  }

  /** @param {Batch} batch packed; issued once */
  #issue(batch) {
    if (batch.written === undefined) {
      batch.written = this.target.write(batch)
      // Whoever began it hears of its failure.
      batch.written.catch(() => {})
    }
    return batch.written
  }

  /** @param {Batch} batch */
  #succeeded({ items }) {
    this.retryAfter = 0
    this.target.written(items.length)
  }

  /** @param {Batch} batch @param {unknown} cause */
  #failed({ items }, cause) {
    if (this.isStopped) return
    const dropped = this.queue.restore(items)
    this.retryAfter = Math.min(RETRY_MAX, Math.max(RETRY_MIN, this.retryAfter * 2))
    this.target.error(nameOf(cause) === 'QuotaExceededError' ? 'ERR_STORE_QUOTA' : 'ERR_STORE_WRITE', cause)
    if (dropped > 0) this.target.dropped(dropped, 'ERR_STORE_WRITE', cause)
    if (this.queue.size > 0) this.#timer ??= setTimeout(() => this.#rested(), this.retryAfter)
  }
}
