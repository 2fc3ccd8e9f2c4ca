import { epochNow } from './clock.js'
import { keyDigest, memory } from './core.js'
import { hex } from './hex.js'
import { walked } from './key.js'
import { DIGESTED } from './key/tags.js'
import { isThenable } from './oneshot.js'
import { matches } from './tags.js'

/**
 * The store behind one function. Whatever the store does, nothing here throws or rejects, and no one waits longer than `storeTimeout`.
 * @typedef {import('./stores/store.js').Store} Store
 * @typedef {import('./stores/store.js').StoreKey} StoreKey
 * @typedef {import('./stores/store.js').StoreEntry} StoreEntry
 */

/** The longest that a timer can wait. */
const MAX_DELAY = 2 ** 31 - 1

export class Backing {
  /**
   * @param {Store} store
   * @param {string} namespace functions of the same name and version share what they persist
   * @param {number} timeout milliseconds
   * @param {(error: unknown) => void} report hears of each failure
   */
  constructor(store, namespace, timeout, report) {
    this.store = store
    this.namespace = namespace
    this.timeout = Math.min(timeout, MAX_DELAY)
    this.report = report
  }

  /**
   * @template T
   * @param {() => T} use
   * @returns {T | undefined}
   */
  attempt(use) {
    try {
      const done = use()
      // A store of one's own may write later, and fail later.
      if (isThenable(done)) Promise.resolve(done).catch(error => this.report(error))
      return done
    } catch (error) {
      this.report(error)
      return undefined
    }
  }

  /** The store's name of the key in the buffer; undefined when the key means nothing outside this process. @param {number} cells @returns {StoreKey | undefined} */
  keyFor(cells) {
    if (!walked.portable || cells === 0) return undefined
    const bytes = memory.u8.slice(0, cells * 8)
    const digest = memory.u32[0] === DIGESTED ? bytes.subarray(8, 24) : keyDigest(cells).subarray(0, 16)
    return { namespace: this.namespace, digest: hex(digest), bytes }
  }

  /** A live entry that the store can give at once. @param {StoreKey} key @param {boolean} isAsync the caller can wait @returns {StoreEntry | undefined} */
  getSync(key, isAsync) {
    return live(this.attempt(() => this.store.getSync?.(key, isAsync)))
  }

  /** @param {StoreKey} key @returns {Promise<StoreEntry | undefined>} a live entry; nothing when the store fails or is late */
  async get(key) {
    // Fake timers may come while it waits.
    const { setTimeout, clearTimeout } = globalThis
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    try {
      const late = new Promise(resolve => {
        timer = setTimeout(resolve, this.timeout)
      })
      return live(await Promise.race([this.store.get(key), late]))
    } catch (error) {
      this.report(error)
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  /** @param {StoreKey} key @param {unknown} value @param {number} ttl milliseconds @param {boolean} isAsync @param {readonly string[]} [tags] */
  set(key, value, ttl, isAsync, tags) {
    const storedAt = epochNow()
    this.attempt(() => this.store.set(key, { value, storedAt, deadline: storedAt + ttl, isAsync, tags }))
  }

  /** A store that knows no tags forgets everything of the function. @param {readonly string[]} patterns */
  invalidateTags(patterns) {
    const { store, namespace } = this
    this.attempt(() => {
      if (store.invalidateTags === undefined) return store.clear(namespace)
      const isMeant = (/** @type {string} */ tag) => patterns.some(pattern => matches(pattern, tag))
      return store.invalidateTags(namespace, isMeant, patterns)
    })
  }

  /** @param {StoreKey} key */
  delete(key) {
    this.attempt(() => this.store.delete(key))
  }

  clear() {
    this.attempt(() => this.store.clear(this.namespace))
  }

  /** Everything so far is as durable as the store makes it, or was given up. */
  async flush() {
    try {
      await this.store.flush()
    } catch (error) {
      this.report(error)
    }
  }

  /** Persisted entries are readable, or never will be. */
  async ready() {
    try {
      await this.store.ready
    } catch (error) {
      this.report(error)
    }
  }
}

/** @param {StoreEntry | undefined} entry @returns {StoreEntry | undefined} the same while it lives */
function live(entry) {
  return remaining(entry) > 0 ? entry : undefined
}

/** @param {StoreEntry | undefined} entry @returns {number} milliseconds it may still live, at most its whole ttl whatever the clock says */
export function remaining(entry) {
  return entry === undefined || entry === null ? 0 : Math.min(entry.deadline - epochNow(), entry.ttl)
}
