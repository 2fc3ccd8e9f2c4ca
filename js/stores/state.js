import { epochNow } from '../clock.js'
import { invalidOption } from '../errors.js'
import { hash } from '../hash.js'
import { Events } from './store.js'

/**
 * A state as My Mimic, the Python package, has it: four methods with a text as key, the value itself, and a ttl in seconds or nothing. It plugs
 * in as a store, under its Python spellings too.
 *
 * A state says neither when it got a value nor for how long, and what it has nothing for is `undefined` or `null`. So it is asked at each call
 * that memory does not answer, what it says is not kept in memory, and a result of `undefined` or `null` lives in memory only.
 *
 * @typedef {object} State
 * @property {(key: string) => any} syncGet
 * @property {(key: string, value: any, ttl: number | null) => void} syncSet
 * @property {(key: string) => any} asyncGet
 * @property {(key: string, value: any, ttl: number | null) => any} asyncSet
 *
 * @typedef {object} Write
 * @property {unknown} value
 * @property {number} until when it expires
 * @property {Promise<unknown>} done
 */

/** @type {readonly (readonly [keyof State, string])[]} */
const METHODS = [
  ['syncGet', 'sync_get'],
  ['syncSet', 'sync_set'],
  ['asyncGet', 'async_get'],
  ['asyncSet', 'async_set'],
]

/** Names remembered for `clear`. What earlier runs, other processes or more calls than these set stays in the state for later runs. */
const MAX_KNOWN = 10_000

/** What an earlier run has set may have been a sync function's or an async one's. */
const EITHER = [false, true]
const NOTHING = { value: undefined }

/** @param {any} methods @param {readonly [string, string]} spellings */
const spelled = (methods, spellings) => spellings.find(name => typeof methods?.[name] === 'function')

/** @param {unknown} value @returns {boolean} whether it has something of a state, or is a class */
export function looksLikeState(value) {
  return typeof value === 'function' || METHODS.some(spellings => spelled(value, spellings) !== undefined)
}

/** @param {any} state a state, or a class with its methods on the prototype @returns {string[]} */
export function missingOfState(state) {
  const methods = typeof state === 'function' ? state.prototype : state
  return METHODS.filter(spellings => spelled(methods, spellings) === undefined).map(([name]) => name)
}

/** @template T @param {T} state @returns {T} the same @throws when it lacks a method */
export function checkState(state) {
  const missing = missingOfState(state)
  if (missing.length === 0) return state
  const kind = 'a state with syncGet, syncSet, asyncGet and asyncSet'
  throw invalidOption('store', state, `${kind}; it has no ${missing.join(', ')}`)
}

/** Each state, or class with the options it is made with, is one store for all functions. @type {WeakMap<object, Map<unknown, import('./store.js').Store>>} */
const adapted = new WeakMap()

/**
 * @param {any} state one with all four methods, or a class of such
 * @param {unknown} options for the class
 * @returns {import('./store.js').Store}
 */
export function stateStore(state, options) {
  const made = adapted.get(state) ?? new Map()
  adapted.set(state, made)
  const known = made.get(options)
  if (known !== undefined) return known
  const store = adapt(checkState(typeof state === 'function' ? new state(options) : state))
  made.set(options, store)
  return store
}

/** @param {any} state @returns {import('./store.js').Store} */
function adapt(state) {
  const events = new Events()
  const counters = { hits: 0, misses: 0, sets: 0 }
  /** A state cannot be emptied: after `clear` a namespace goes on under other keys. @type {Map<string, number>} */
  const clears = new Map()
  /** The names last set here and whether by async functions, so that `clear` takes their values out for later runs as well. @type {Map<string, { namespace: string, isAsync: boolean }>} */
  const known = new Map()
  /** Whether a namespace was last used by an async function. @type {Map<string, boolean>} */
  const kinds = new Map()
  /** What is being written under a name, the last of it: it is what counts until it is there. @type {Map<string, Write>} */
  const writing = new Map()
  /** Names under which a write has failed: what was there before is no answer any more. @type {Set<string>} */
  const hidden = new Set()

  /** @param {keyof State} method @param {unknown[]} args */
  const call = (method, ...args) => {
    const spellings = METHODS.find(([name]) => name === method)
    return state[spelled(state, /** @type {any} */ (spellings)) ?? method](...args)
  }

  /**
   * Of one name one write after the other, in their order.
   * @param {string} name
   * @param {unknown} value
   * @param {number} ttl milliseconds
   * @param {boolean | undefined} isAsync
   */
  function write(name, value, ttl, isAsync) {
    const until = epochNow() + ttl
    /** @param {number} left of the ttl */
    const put = left => {
      const seconds = left === Infinity ? null : Math.max(left, 0) / 1000
      return call(isAsync ? 'asyncSet' : 'syncSet', name, left > 0 ? value : null, seconds)
    }
    const before = writing.get(name)
    if (!isAsync) hiding(name, () => put(ttl))
    if (!isAsync && before === undefined) return undefined
    const behind = async () => {
      if (before === undefined) await put(ttl)
      else {
        await before.done.catch(() => {})
        // What was under way may have come on top of what was set at once. By a clock that was set back it lives no longer.
        await put(Math.min(ttl, until - epochNow()))
      }
      hidden.delete(name)
    }
    const latest = { value, until, done: behind() }
    writing.set(name, latest)
    return latest.done
      .catch(error => hide(name, error))
      .finally(() => writing.get(name) === latest && writing.delete(name))
  }

  const written = () => Promise.allSettled(Array.from(writing.values(), ({ done }) => done))

  /** @param {string} name @param {() => void} put */
  function hiding(name, put) {
    try {
      put()
      hidden.delete(name)
    } catch (error) {
      hide(name, error)
    }
  }

  /** @param {string} name @param {unknown} error @returns {never} */
  function hide(name, error) {
    hidden.add(name)
    if (hidden.size > MAX_KNOWN) hidden.delete(/** @type {string} */ (hidden.values().next().value))
    throw error
  }

  /** What counts of a name whatever the state says. @param {string} name @returns {{ value: unknown } | undefined} */
  function pending(name) {
    const latest = writing.get(name)
    if (latest === undefined) return hidden.has(name) ? NOTHING : undefined
    return epochNow() < latest.until ? latest : NOTHING
  }

  /** A state keeps no key beside a value that it could be compared with, so here the whole key counts. @param {import('./store.js').StoreKey} key */
  const nameOf = ({ namespace, bytes }) => {
    const times = clears.get(namespace)
    const name = hash(bytes) + namespace
    return times === undefined ? name : `${name}#${times}`
  }

  /** @param {unknown} value @param {boolean} isAsync @returns {import('./store.js').StoreEntry | undefined} */
  function entry(value, isAsync) {
    if (value === undefined || value === null) {
      counters.misses++
      return undefined
    }
    counters.hits++
    return { value, isAsync, storedAt: 0, deadline: Infinity, ttl: Infinity, isPassing: true }
  }

  return {
    ready: Promise.resolve(),
    getSync(key, isAsync) {
      if (isAsync) return undefined
      kinds.set(key.namespace, false)
      const name = nameOf(key)
      return entry((pending(name) ?? { value: call('syncGet', name) }).value, false)
    },
    async get(key) {
      kinds.set(key.namespace, true)
      const name = nameOf(key)
      const found = pending(name) ?? { value: await call('asyncGet', name) }
      // What was set meanwhile is newer.
      return entry((pending(name) ?? found).value, true)
    },
    set(key, { value, storedAt, deadline, isAsync }) {
      counters.sets++
      const name = nameOf(key)
      known.set(name, { namespace: key.namespace, isAsync: isAsync === true })
      kinds.set(key.namespace, isAsync === true)
      if (known.size > MAX_KNOWN) known.delete(/** @type {string} */ (known.keys().next().value))
      if (epochNow() >= deadline) return write(name, null, 0, isAsync)
      return write(name, value, deadline - storedAt, isAsync)
    },
    delete(key) {
      const name = nameOf(key)
      const isAsync = known.get(name)?.isAsync ?? kinds.get(key.namespace)
      known.delete(name)
      const either = isAsync === undefined ? EITHER : [isAsync]
      return Promise.all(either.map(async kind => write(name, null, 0, kind)))
    },
    clear(namespace) {
      clears.set(namespace, (clears.get(namespace) ?? 0) + 1)
      const concerned = [...known].filter(([, { namespace: other }]) => other === namespace)
      for (const [name] of concerned) known.delete(name)
      return Promise.all(concerned.map(([name, { isAsync }]) => write(name, null, 0, isAsync)))
    },
    async flush() {
      await written()
    },
    async close() {
      await written()
    },
    on: (name, listener) => events.on(name, listener),
    stats: () => ({ ...counters }),
  }
}
