import { Listeners, tell } from '../listeners.js'

/**
 * What a store is: the contract every backend meets, and what they share.
 *
 * A store keeps encoded results behind the memory of a wrapped function. Nothing it does throws into `getSync`, `get`, `set`, `delete`
 * or `clear`, and `get`, `flush` and `ready` never reject: what goes wrong is an event and a counter.
 *
 * @typedef {object} StoreKey
 * @property {string} namespace name and version of the function, with a NUL between them
 * @property {string} digest 32 hex digits: the first 16 bytes of BLAKE3 over the cells
 * @property {Uint8Array} bytes the cells of the key. The digest selects, these decide. A store keeps a copy where it keeps them
 *
 * @typedef {object} StoreEntry
 * @property {any} value
 * @property {number} storedAt epoch milliseconds
 * @property {number} deadline epoch milliseconds from when on it is expired; Infinity: never
 * @property {number} ttl milliseconds: deadline less storedAt, as they were written. A deadline read back is never further away than this
 * @property {boolean | undefined} [isAsync] the function returned a promise of the value
 * @property {boolean | undefined} [isPassing] not to be kept in memory, since the store does not say for how long it is good
 * @property {readonly string[] | undefined} [tags] what it can be invalidated by
 *
 * @typedef {Omit<StoreEntry, 'ttl'>} NewEntry what `set` takes
 *
 * @typedef {object} StoreEvent
 * @property {string} [code] stable, `ERR_STORE_…` or the codec's
 * @property {unknown} [cause]
 * @property {string} [namespace]
 * @property {number} [count] entries concerned
 * @property {string[] | undefined} [digests]
 * @property {readonly string[]} [patterns]
 *
 * `error` the backend failed; `refused` a value or key it cannot hold; `drop` entries that were not written because too much was waiting
 * or the backend failed; `corrupt` records that were not what was written; `unavailable` memory only, said once; `flush` a group is durable;
 * `evict` entries that went so that the budget holds; `compact` so many bytes were reclaimed; `forgotten` others deleted `digests`, what has a
 * tag of `patterns`, or, with neither, everything of the namespace
 * @typedef {'error' | 'refused' | 'drop' | 'corrupt' | 'unavailable' | 'flush' | 'evict' | 'compact' | 'forgotten'} StoreEventName
 *
 * @typedef {object} Store
 * @property {Promise<void>} ready what was persisted can be read; never rejects
 * @property {(key: StoreKey, isAsync?: boolean) => StoreEntry | undefined} [getSync] where the store can answer without waiting; `isAsync`: the
 *   caller can wait for `get`
 * @property {(key: StoreKey) => StoreEntry | undefined | Promise<StoreEntry | undefined>} get
 * @property {(key: StoreKey, entry: NewEntry) => unknown} set write-behind; a promise that is returned is waited for by nobody
 * @property {(key: StoreKey) => unknown} delete
 * @property {(namespace: string) => unknown} clear
 * @property {(namespace: string, matches: (tag: string) => boolean, patterns?: readonly string[]) => void} [invalidateTags] deletes entries
 *   with such a tag; without it everything of the function is cleared. `patterns` is what `matches` looks for, tags or prefixes and `*`
 * @property {'machine' | 'origin' | 'fleet'} [lockScope] whom `lock` keeps out: who else is on the same machine, of the same origin in this
 *   browser, or in the same fleet of servers. The option `singleFlight` names it
 * @property {(key: StoreKey, signal: AbortSignal) => Promise<(() => unknown) | void>} [lock] waits until nobody else has the lock of this key.
 *   What its holders have set is what `get` says from then on. Resolves with what gives it back: that is called once, right after `set`, and
 *   what was set has to be readable for whoever gets the lock next. May resolve with nothing, when somebody else gave it back and his value
 *   may be there; without one it is called again. Rejects when the signal aborts; what a holder who died has locked becomes free
 * @property {() => Promise<void>} flush everything set before is durable, or dropped and counted
 * @property {() => Promise<void>} close flushes, then lets go of the backend
 * @property {(event: StoreEventName, listener: (event: StoreEvent) => void) => () => void} on returns a function that ends it
 * @property {() => Record<string, number>} stats counters since the start, and sizes now
 */

const EVENT_NAMES = [
  'error',
  'refused',
  'drop',
  'corrupt',
  'unavailable',
  'flush',
  'evict',
  'compact',
  'forgotten',
]

/** Listeners of a store. One that throws, at once or later, reaches nobody. */
export class Events {
  #listeners = new Listeners(EVENT_NAMES)
  /** @type {Set<string>} */
  #said = new Set()

  /** @param {StoreEventName} name @param {(event: StoreEvent) => void} listener @returns {() => void} */
  on(name, listener) {
    return this.#listeners.add(name, listener)
  }

  /** @param {StoreEventName} name @param {StoreEvent} event */
  emit(name, event) {
    for (const listener of this.#listeners.of(name)) tell(listener, event, ignore)
  }

  /**
   * Says something on the console, once for each topic.
   * @param {string} topic
   * @param {string} message
   */
  warnOnce(topic, message) {
    if (this.#said.has(topic)) return
    this.#said.add(topic)
    try {
      console.warn(`my-mimic: ${message}`)
    } catch {
      // A console that was replaced may throw.
    }
  }
}

/** A listener's failure is its own. */
function ignore() {}

/** @param {{ namespace: string, digest: string }} key @returns {string} one string for namespace and digest: the digest has a fixed length */
export function idOf(key) {
  return key.digest + key.namespace
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export function sameBytes(a, b) {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Milliseconds that a clock may be ahead of another one's without anything being done about it. */
export const CLOCK_SLACK = 1000

/**
 * A deadline that a wrong clock has not moved: never further away than the entry's whole life.
 * @param {{ deadline: number, ttl: number }} entry
 * @param {number} now
 */
export function clampedDeadline({ deadline, ttl }, now) {
  return deadline - now > ttl ? now + ttl : deadline
}
