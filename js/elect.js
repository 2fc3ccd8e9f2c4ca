import { remaining } from './backing.js'
import { monotonicNow } from './clock.js'
import { invalidOption, MimicError } from './errors.js'
import { steady } from './late.js'
import { isAsyncFunction } from './source.js'
import { idOf } from './stores/store.js'

/**
 * One load per key over all processes, threads or tabs that share a store: whoever gets the store's lock of the key loads, the others wait for
 * what he stores.
 * @typedef {import('./cache.js').Cache} Cache
 * @typedef {import('./flight.js').Flight} Flight
 * @typedef {import('./stores/store.js').StoreEntry} StoreEntry
 * @typedef {import('./stores/store.js').StoreKey} StoreKey
 * @typedef {{ release: () => unknown }} Turn of a load: it has its key's lock
 */

/** What store each reach needs. */
const SCOPES = /** @type {const} */ ({
  machine: 'diskStore({ path })',
  origin: 'indexedDBStore()',
  fleet: 'one that keeps its locks on a server',
})
/** Milliseconds by which an entry must outlive the one it is to replace: two clocks are compared. */
const MARGIN = 50
/** Milliseconds between turns that come to nothing, at most. */
const MAX_REST = 50
/** The longest that a timer can wait. */
const MAX_DELAY = 2 ** 31 - 1
const LEFT = Symbol('left')

/** @param {unknown} value of the option `singleFlight` @returns {value is keyof typeof SCOPES} */
export function isScope(value) {
  return typeof value === 'string' && Object.hasOwn(SCOPES, value)
}

/**
 * Whether the function can have what is asked for, when it is wrapped. A sync function cannot wait: where only the defaults ask it loads by itself.
 * @param {Function} fn
 * @param {import('./options.js').Settings} settings
 * @param {unknown} own the function's own option
 */
export function checkScope(fn, settings, own) {
  const { singleFlight: scope, store, name } = settings
  if (!isScope(scope)) return
  if (!isAsyncFunction(fn)) {
    settings.singleFlight = true
    if (own !== scope) return
    const allowed = `true or false for ${name ?? 'a function'} that is not async: only who can wait can leave a load to others; write async in front of it`
    throw invalidOption('singleFlight', scope, allowed)
  }
  if (store?.lockScope === scope && typeof store.lock === 'function') return
  const what =
    store === undefined
      ? 'no store'
      : isScope(store.lockScope)
        ? `one that locks for '${store.lockScope}'`
        : 'one that has no locks'
  const allowed = `true or false for ${name} with ${what}: '${scope}' needs a store that locks for it, such as ${SCOPES[scope]}`
  throw invalidOption('singleFlight', scope, allowed)
}

/**
 * @param {Cache} cache
 * @param {(self: unknown, flight: Flight) => any} load
 * @param {(flight: Flight, entry: StoreEntry) => any} revive takes over what another has stored
 * @param {(flight: Flight, loading: Promise<unknown>) => Promise<unknown>} guard
 * @returns {(self: unknown, flight: Flight) => any} `load` itself for a function that does not ask for more
 */
export function elected(cache, load, revive, guard) {
  const { settings, backing } = cache
  const { singleFlight, ttl, lockTimeout } = settings
  // What is stored nowhere cannot be shared.
  if (!isScope(singleFlight) || backing === undefined || ttl === 0) return load
  /** @type {Map<string, Turn>} */
  const turns = new Map()

  /** @param {unknown} self @param {Flight} flight @param {StoreKey} key */
  async function run(self, flight, key) {
    const id = idOf(key)
    const deadline = monotonicNow() + lockTimeout
    for (let left = lockTimeout, empty = 0; ; left = deadline - monotonicNow(), empty++) {
      const release = inherit(id) ?? (await acquire(flight, key, left))
      if (release === LEFT) return load(self, flight)
      const turn = release === undefined ? undefined : { release }
      if (turn) turns.set(id, turn)
      /** @type {() => void} */
      const end = () => turn && over(id, turn)
      const { signal } = flight.controller ?? {}
      try {
        const entry = await cache.ask(flight)
        signal?.throwIfAborted()
        if (entry !== undefined && isNews(flight, entry)) return revive(flight, entry)
        if (turn === undefined) {
          if (empty > 0) await rest(Math.min(2 ** (empty - 1), MAX_REST, deadline - monotonicNow()), signal)
          continue
        }
        // A load whose last caller has left may go on for ever.
        signal?.addEventListener('abort', end)
        return await load(self, flight)
      } finally {
        signal?.removeEventListener('abort', end)
        end()
      }
    }
  }

  /** A load of ours that was superseded stands in nobody's way: its key's lock goes over to the one that takes its place. @param {string} id */
  function inherit(id) {
    const turn = turns.get(id)
    turns.delete(id)
    return turn?.release
  }

  /** @param {string} id @param {Turn} turn */
  function over(id, turn) {
    if (turns.get(id) !== turn) return
    turns.delete(id)
    backing?.attempt(turn.release)
  }

  /**
   * @param {Flight} flight
   * @param {StoreKey} key
   * @param {number} left milliseconds that may be waited: with 0 a lock that is free is ours all the same
   * @returns {Promise<(() => unknown) | undefined | typeof LEFT>} what ends our turn; nothing when somebody else's is over; LEFT when there
   *   is to be none
   */
  async function acquire(flight, key, left) {
    const leaving = new AbortController()
    const leave = () => leaving.abort()
    const gone = flight.controller?.signal
    const timer = setTimeout(leave, Math.min(left, MAX_DELAY))
    gone?.addEventListener('abort', leave)
    try {
      gone?.throwIfAborted()
      if (left < 0) throw lateError(settings.name, lockTimeout)
      const late = new Promise(resolve => leaving.signal.addEventListener('abort', () => resolve(LEFT)))
      const got = Promise.resolve(backing?.store.lock?.(key, leaving.signal))
      const release = await Promise.race([got, late])
      if (release !== LEFT) return release ?? undefined
      // One that comes when nobody waits for it any more goes back, and a store says that we left as it likes.
      got.then(given => given?.()).catch(() => {})
      throw lateError(settings.name, lockTimeout)
    } catch (error) {
      gone?.throwIfAborted()
      backing?.report(error)
    } finally {
      clearTimeout(timer)
      gone?.removeEventListener('abort', leave)
    }
    return LEFT
  }

  /** Whether it is better than what is there. @param {Flight} flight @param {StoreEntry} entry */
  function isNews({ held, slot }, entry) {
    if (held === undefined) return true
    const until = cache.freshness?.until[slot] ?? held.deadline
    return remaining(entry) > until - cache.now() + MARGIN
  }

  return (self, flight) => {
    const { key } = flight
    if (key === undefined) return load(self, flight)
    steady(flight)
    return flight.fly(guard(flight, run(self, flight, key)))
  }
}

/**
 * A store that says again and again that it is worth looking is not asked without a pause: nothing else would ever run.
 * @param {number} delay milliseconds
 * @param {AbortSignal | undefined} signal of the callers: nobody waits for who has left
 */
function rest(delay, signal) {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve(undefined)
    }
    const timer = setTimeout(end, delay)
    signal?.addEventListener('abort', end)
  })
}

/** @param {string | undefined} name @param {number} timeout */
function lateError(name, timeout) {
  return new MimicError(
    'ERR_LOCK_TIMEOUT',
    `${name} waited ${timeout} ms for another’s load of the same key, and loads it by itself; option lockTimeout says how long to wait`,
  )
}
