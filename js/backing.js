import { epochNow } from './clock.js'
import { keyDigest, memory } from './core.js'
import { MimicError, show } from './errors.js'
import { hex } from './hex.js'
import { walked } from './key.js'
import { DIGESTED } from './key/tags.js'
import { isThenable } from './oneshot.js'
import { matches } from './tags.js'

/**
 * The store behind one function. Whatever the store does, nothing here throws or rejects, and no call waits longer than `storeTimeout`. Who asks
 * for `ready` or `flush` waits as long as the store takes.
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
    const found = this.attempt(() => this.store.getSync?.(key, isAsync))
    return this.attempt(() => live(found))
  }

  /** @param {StoreKey} key @returns {Promise<StoreEntry | undefined>} a live entry; nothing when the store fails or is late */
  async get(key) {
    // Fake timers may come while it waits.
    const { setTimeout, clearTimeout } = globalThis
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    try {
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(lateError(this)), this.timeout)
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

/**
 * What a store of one's own gave may be anything, and may say something else, or throw, when it is read again: each field is read once.
 * @param {any} found
 * @returns {StoreEntry | undefined} an entry that lives; null is nothing, as it is to a state
 * @throws for what is no entry
 */
function live(found) {
  if (found === undefined || found === null) return undefined
  if (typeof found !== 'object') throw noEntry(show(found))
  if (!('value' in found)) throw noEntry('an entry without a value')
  const { value, storedAt, deadline, ttl, isAsync, isPassing } = found
  for (const [name, time] of Object.entries({ storedAt, deadline, ttl })) {
    if (!(typeof time === 'number' && time >= 0)) throw noEntry(`an entry whose ${name} is ${show(time)}`)
  }
  const entry = { value, storedAt, deadline, ttl, isAsync, isPassing }
  return remaining(entry) > 0 ? entry : undefined
}

/** @param {string} what */
function noEntry(what) {
  return new MimicError(
    'ERR_STORE_CORRUPT',
    `the store gave ${what}; it has to give what was set, or undefined`,
  )
}

/** @param {Backing} backing */
function lateError({ namespace, timeout }) {
  const [name] = namespace.split('\0')
  return new MimicError(
    'ERR_STORE_TIMEOUT',
    `the store did not answer ${name} within ${timeout} ms, and is passed by; option storeTimeout says how long to wait`,
  )
}

/** @param {StoreEntry | undefined} entry @returns {number} milliseconds it may still live, at most its whole ttl whatever the clock says */
export function remaining(entry) {
  return entry === undefined || entry === null ? 0 : Math.min(entry.deadline - epochNow(), entry.ttl)
}
