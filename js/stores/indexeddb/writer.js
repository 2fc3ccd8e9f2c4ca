import { monotonicNow } from '../../clock.js'
import { turn } from '../../turn.js'
import { nameOf } from '../database.js'
import { deletion, WriteQueue } from '../queue.js'
import { Batch, batchesOf, bytesAlone } from './batch.js'

/**
 * Writes behind the callers: in groups, one transaction at a time, and at once when the page may be going away.
 *
 * @typedef {import('../queue.js').Item} Item
 *
 * @typedef {object} Target
 * @property {() => Promise<void>} open rejects when nothing can be written now; asked before each transaction that there is time for
 * @property {(batch: Batch) => Promise<void>} room what makes room for what is packed has gone; asked where there is time for it, too, and
 *   never rejects
 * @property {() => boolean} isOpen
 * @property {() => number} maxBytes what all that is written may take
 * @property {(batch: Batch) => Promise<void>} write what is packed is durable; issued before this returns where the target is open
 * @property {(count: number) => void} written
 * @property {(code: string, cause: unknown) => void} error
 * @property {(count: number, code: string, cause?: unknown) => void} dropped
 * @property {(row: import('./rows.js').Row, hides: boolean) => void} unwritten it was dropped; `hides`: what it replaced is to be deleted
 * @property {(namespace: string) => import('./rows.js').Mark} cleared all of it is to be deleted
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
  /** When what waits began to. */
  #since = 0
  /** Whether something came since the timer was set: the clock is not read for each write. */
  #isBusy = false
  /** The end of all writing asked for so far; never rejects. @type {Promise<unknown>} */
  #writing
  /** Whether a write is due that has not yet taken what waits. */
  #due = false
  /** What is being packed and written, a transaction each. @type {Batch[]} */
  #ahead = []
  /** What has been issued since the oldest of them that is not durable, oldest first. @type {Batch[]} */
  #sent = []

  /**
   * @param {Required<import('../indexeddb-options.js').IndexedDBStoreOptions>} options
   * @param {Target} target
   * @param {Promise<unknown>} ready nothing is written before; never rejects
   */
  constructor(options, target, ready) {
    this.options = options
    this.target = target
    this.queue = new WriteQueue(options.maxPendingEntries, options.maxPendingBytes, {
      dropped: item => target.unwritten(/** @type {import('./rows.js').Row} */ (item.target), item.hides),
      cleared: namespace => target.cleared(namespace),
    })
    this.#writing = ready
  }

  /** @param {Item} item */
  add(item) {
    if (this.isStopped) return
    if (this.queue.size === 0) this.#since = monotonicNow()
    this.#isBusy = this.#timer !== undefined
    const dropped = this.queue.push(item)
    if (dropped > 0) this.target.dropped(dropped, 'ERR_STORE_FULL')
    const { flushEntries, flushBytes, flushAfter } = this.options
    const enough = this.queue.size >= flushEntries || this.queue.bytes >= flushBytes
    if (enough && this.retryAfter === 0) this.flush()
    else this.#timer ??= setTimeout(() => this.#rested(), this.retryAfter || flushAfter)
  }

  /** Nothing more will ever be written. */
  stop() {
    this.isStopped = true
    clearTimeout(this.#timer)
    const items = [...this.#ahead.filter(({ isIssued }) => !isIssued), { items: this.queue.take() }]
    const entries = items.flatMap(({ items }) => items).filter(({ kind }) => kind === 'entry')
    // Where there is no database that has been said.
    if (entries.length > 0 && this.target.isOpen()) this.target.dropped(entries.length, 'ERR_STORE_CLOSED')
  }

  #rested() {
    this.#timer = undefined
    if (this.queue.size === 0) return
    const { flushAfter } = this.options
    const isPatient = monotonicNow() - this.#since < PATIENCE * flushAfter
    if (this.#isBusy && isPatient) this.#timer = setTimeout(() => this.#rested(), flushAfter)
    else this.flush()
    this.#isBusy = false
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
    for (const batch of this.#ahead) {
      try {
        batch.amend()
        batch.packNow()
        if (batch.items.length > 0) this.#issue(batch)
      } catch {
        // Whoever packs it comes upon the same.
      }
    }
    if (this.queue.size > 0) this.#writing = Promise.all([this.#sendNow(), this.#writing])
  }

  /** What waits, in transactions one after the other: while one is written the next is packed. */
  async #send() {
    this.#ahead = batchesOf(this.#take())
    while (this.#ahead.length > 0 && !this.isStopped) {
      const [batch, next] = this.#ahead
      try {
        await this.target.open()
        do {
          const isPacked = batch.isPacked
          await batch.pack()
          // The task that packed the last of it has done enough.
          if (!isPacked) await turn()
          await this.target.room(batch)
        } while (batch.amend() || !batch.isPacked)
        if (batch.items.length === 0) {
          this.#ahead.shift()
          continue
        }
        const written = this.#issue(batch)
        // What goes wrong with it is heard when its turn comes.
        next?.pack().catch(() => {})
        await written
        this.#ahead.shift()
        this.#succeeded(batch)
      } catch (cause) {
        // Those that a page that was leaving has issued are written all the same.
        const others = this.#ahead.slice(1)
        this.#ahead = others.filter(other => other.written !== undefined)
        const unwritten = others.filter(other => other.written === undefined).flatMap(({ items }) => items)
        this.#failed(batch, cause, unwritten)
      }
    }
  }

  async #sendNow() {
    const batch = new Batch(this.#take())
    batch.amend()
    if (batch.isPacked) return
    try {
      batch.packNow()
      await this.#issue(batch)
      this.#succeeded(batch)
    } catch (cause) {
      this.#failed(batch, cause)
    }
  }

  /** The newest of what waits that there is room for when all else goes. @returns {Item[]} oldest first */
  #take() {
    const { target } = this
    const maxBytes = target.maxBytes()
    let [room, dropped] = [maxBytes, 0]
    /** @type {(Item | undefined)[]} */
    const items = this.queue.take()
    for (let n = items.length - 1; n >= 0; n--) {
      const item = /** @type {Item} */ (items[n])
      const bytes = bytesAlone(item)
      if (item.kind !== 'entry' || bytes <= room) {
        room -= bytes
        continue
      }
      dropped++
      // It never fits, and what it replaces may be what another tab has just stored.
      item.hides ||= bytes > maxBytes
      this.queue.owner.dropped(item)
      items[n] = item.hides ? deletion(item) : undefined
    }
    if (dropped > 0) target.dropped(dropped, 'ERR_STORE_FULL')
    return items.filter(item => item !== undefined)
  }

  /** @param {Batch} batch packed; issued once, also where a page is told in the middle of it that it leaves */
  #issue(batch) {
    if (!batch.isIssued) {
      batch.issue()
      this.#sent.push(batch)
      batch.written = this.target.write(batch)
      // Whoever began it hears of its failure.
      batch.written.catch(() => {})
    }
    return batch.written
  }

  /** @param {Batch} batch */
  #succeeded(batch) {
    this.retryAfter = 0
    batch.isDurable = true
    this.#settled()
    this.target.written(batch.items.length)
    // Others can read it until its deletion is written, too.
    if (batch.hasGone) this.flush()
  }

  /** Nothing can come behind what has nothing older beside it. */
  #settled() {
    while (this.#sent[0]?.isDurable) this.#sent.shift()
  }

  /** @param {Batch} batch @param {unknown} cause @param {Item[]} [unwritten] newer ones that go back to what waits */
  #failed(batch, cause, unwritten) {
    if (this.isStopped) return
    const at = this.#sent.indexOf(batch)
    const newer = this.#sent.slice(at + 1).flatMap(({ items }) => items)
    if (at >= 0) this.#sent.splice(at, 1)
    this.#settled()
    const dropped = this.queue.restore(batch.items, unwritten, newer)
    this.retryAfter = Math.min(RETRY_MAX, Math.max(RETRY_MIN, this.retryAfter * 2))
    this.target.error(nameOf(cause) === 'QuotaExceededError' ? 'ERR_STORE_QUOTA' : 'ERR_STORE_WRITE', cause)
    if (dropped > 0) this.target.dropped(dropped, 'ERR_STORE_WRITE', cause)
    if (this.queue.size > 0) this.#timer ??= setTimeout(() => this.#rested(), this.retryAfter)
  }
}
