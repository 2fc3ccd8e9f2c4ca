import { epochNow } from '../../clock.js'
import { randomFrom, within } from './claims.js'
import { chaos } from './chaos.js'

/**
 * One run of one check: the stores it opens at a place of its own, and short ways to use them.
 *
 * @typedef {import('../../stores/store.js').Store} Store
 * @typedef {import('../../stores/store.js').StoreKey} StoreKey
 * @typedef {import('../../stores/store.js').StoreEntry} StoreEntry
 * @typedef {import('./chaos.js').Fault} Fault
 *
 * @typedef {object} Subject what is tested
 * @property {string} name
 * @property {(place: string, wrap: <T extends object>(backend: T) => T) => Store | Promise<Store>} open
 * @property {((place: string) => unknown) | undefined} [remove]
 * @property {boolean | undefined} [sync]
 * @property {boolean | undefined} [tags]
 * @property {boolean | undefined} [persists]
 * @property {boolean | undefined} [times]
 * @property {readonly string[] | undefined} [without]
 * @property {number | undefined} [patience] milliseconds
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {boolean} [once] it concerns sync and async functions alike
 * @property {(subject: Subject) => boolean} [when] whether it concerns such a store; all by default
 * @property {(t: Case) => Promise<void>} run
 */

const DEFAULT_PATIENCE = 5000
const SPACE = 'f\0v1'
let places = 0

export class Case {
  /** @type {Set<Store>} */
  #opened = new Set()
  /** Epoch milliseconds that it is; nothing: what it really is. @type {number | undefined} */
  #time
  /** What goes wrong now. @type {((method: string) => Fault | undefined) | undefined} */
  fault
  /** Whether the subject lets its backend go wrong; else its store does as a whole. */
  reachesBackend = false

  /** @param {Subject} subject @param {boolean} isSync */
  constructor(subject, isSync) {
    this.subject = subject
    this.isSync = isSync
    this.patience = subject.patience ?? DEFAULT_PATIENCE
    this.place = `place-${epochNow().toString(36)}-${++places}`
    this.random = randomFrom(1)
  }

  /** @template {object} T @param {T} target @returns {T} what goes wrong when this case says so */
  wrap(target) {
    return chaos(target, method => this.fault?.(method))
  }

  /** @returns {Promise<Store>} at this case's place */
  async open() {
    const store = await this.subject.open(this.place, backend => {
      this.reachesBackend = true
      return this.wrap(backend)
    })
    this.#opened.add(store)
    await this.end(store.ready, 'ready')
    return store
  }

  /** As after a restart. @param {Store} store */
  async reopen(store) {
    await this.end(store.flush(), 'flush()')
    await this.end(store.close(), 'close()')
    this.#opened.delete(store)
    return this.open()
  }

  /** @template T @param {T | Promise<T>} promise @param {string} what */
  end(promise, what) {
    return within(promise, this.patience, what)
  }

  /** A key of its own for each number. @param {number} n @param {string} [namespace] @returns {StoreKey} */
  key(n, namespace = SPACE) {
    const bytes = new Uint8Array(Float64Array.of(n, n).buffer)
    return { namespace, digest: (n * 2654435761).toString(16).padStart(32, '0').slice(-32), bytes }
  }

  /**
   * @param {Store} store
   * @param {StoreKey} key
   * @param {unknown} value
   * @param {{ ttl?: number, storedAt?: number, tags?: readonly string[] }} [terms]
   */
  put(store, key, value, { ttl = Infinity, storedAt = epochNow(), tags } = {}) {
    const entry = { value, storedAt, deadline: storedAt + ttl, isAsync: !this.isSync, tags }
    const done = store.set(key, entry)
    // A store may write later, and fail later: `mime` hears of that, the check does not.
    if (done instanceof Promise) done.catch(() => {})
  }

  /** As a sync function reads, or an async one. @param {Store} store @param {StoreKey} key @returns {Promise<StoreEntry | undefined>} */
  async entry(store, key) {
    if (this.isSync) return store.getSync?.(key, false)
    return this.end(Promise.resolve(store.get(key)), 'get()')
  }

  /** @param {Store} store @param {StoreKey} key @returns {Promise<unknown>} the value, or MISS */
  async read(store, key) {
    const entry = await this.entry(store, key)
    return entry === undefined ? MISS : entry.value
  }

  /** @template T @param {number} time epoch milliseconds that it is meanwhile @param {() => T | Promise<T>} use @returns {Promise<T>} */
  async at(time, use) {
    this.#time = time
    try {
      return await use()
    } finally {
      this.#time = undefined
    }
  }

  /**
   * Lets `at` say what time it is. It is one clock from the beginning of a check to its end, so that a store that measures durations, and joins one
   * clock to the next where they change, goes by it as well.
   * @returns {() => void} puts the real one back
   */
  takeClock() {
    const { now } = Date
    Date.now = () => this.#time ?? now.call(Date)
    return () => {
      Date.now = now
    }
  }

  /** Whatever the check left behind. */
  async leave() {
    this.fault = undefined
    for (const store of this.#opened) await within(store.close(), this.patience, 'close()')
    await this.subject.remove?.(this.place)
  }
}

/** What a store has nothing for. */
export const MISS = Symbol.for('my-mimic: a miss')
