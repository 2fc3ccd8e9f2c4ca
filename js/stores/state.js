import { epochNow, monotonicNow } from '../clock.js'
import { invalidOption, MimicError } from '../errors.js'
import { isThenable } from '../oneshot.js'
import { Place } from './state-place.js'
import { StateTidying } from './state-tidying.js'
import { Writes } from './state-writes.js'
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
 * @typedef {import('./state-writes.js').Target} Target
 */

/** @type {readonly (readonly [keyof State, string])[]} */
const METHODS = [
  ['syncGet', 'sync_get'],
  ['syncSet', 'sync_set'],
  ['asyncGet', 'async_get'],
  ['asyncSet', 'async_set'],
]

/** Keys remembered for `clear`, which takes out what it can; what more there is nobody asks for any longer. */
const MAX_KNOWN = 10_000

/** So many milliseconds after the state had nothing for a key, what is set is taken for what was loaded for that, and replaces nothing. */
const ABSENT_FOR = 1000

/** What an earlier run has set may have been a sync function's or an async one's. */
const EITHER = [false, true]

/** @param {any} state @param {readonly [string, string]} spellings */
const spelled = (state, spellings) => spellings.find(name => typeof state?.[name] === 'function')

/** @param {any} value @returns {boolean} whether instances can be made of it */
const isClass = value => typeof value === 'function' && typeof value.prototype === 'object'

/** @param {unknown} value @returns {boolean} whether it has something of a state, or is a class */
export function looksLikeState(value) {
  return typeof value === 'function' || METHODS.some(spellings => spelled(value, spellings) !== undefined)
}

/** @param {any} state no class: what one has as fields shows when there is an instance @returns {string[]} */
function missingOfState(state) {
  return METHODS.filter(spellings => spelled(state, spellings) === undefined).map(([name]) => name)
}

/**
 * @param {any} state or the class of one
 * @param {unknown} [options] for the class
 * @returns {any} the state, made of the class
 */
export function madeState(state, options) {
  return isClass(state) ? new state(options) : state
}

/** @template T @param {T} state @param {string} [option] that it was given as @returns {T} the same @throws when it lacks a method */
export function checkState(state, option = 'store') {
  const missing = missingOfState(state)
  if (missing.length === 0) return state
  const kind = 'a state with syncGet, syncSet, asyncGet and asyncSet, or the class of one'
  throw invalidOption(option, state, `${kind}; it has no ${missing.join(', ')}`)
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
  const store = adapt(checkState(madeState(state, options)))
  made.set(options, store)
  return store
}

/** The latest of what is remembered. @template V @param {Map<string, V>} map @param {string} key @param {V} value */
function remember(map, key, value) {
  map.set(key, value)
  if (map.size > MAX_KNOWN) map.delete(/** @type {string} */ (map.keys().next().value))
}

/** @param {any} state @returns {import('./store.js').Store} */
function adapt(state) {
  const events = new Events()
  const counters = { hits: 0, misses: 0, sets: 0 }
  /** By namespace. @type {Map<string, Place>} */
  const places = new Map()
  /** What was last set or found here and whether by async functions, so that `clear` makes room of it. @type {Map<string, { namespace: string, isAsync: boolean }>} */
  const known = new Map()
  /** Ids that the state has nothing for, and when it said so. @type {Map<string, number>} */
  const absent = new Map()

  /** @param {keyof State} method @param {unknown[]} args */
  const call = (method, ...args) => {
    const spellings = METHODS.find(([name]) => name === method)
    return state[spelled(state, /** @type {any} */ (spellings)) ?? method](...args)
  }

  /** @param {string} name @throws when the method is async: its promise is no value, and fails for nobody */
  function getNow(name) {
    const found = call('syncGet', name)
    if (!isThenable(found)) return found
    Promise.resolve(found).catch(() => {})
    throw new MimicError('ERR_STATE_ASYNC', 'syncGet of a state must not be async: it returned a promise')
  }

  const writes = new Writes(call, place => void Promise.all(renew(place)).catch(() => {}))
  const tidying = new StateTidying(writes)

  /** @param {Place} place @param {boolean} isAsync */
  async function mark(place, isAsync) {
    const { marker, generation } = place
    return writes.write({ id: marker, name: () => marker, place, isMark: true }, generation, Infinity, isAsync) // biome-ignore format: one line
  }

  /** By the methods that it is used by. @param {Place} place */
  const kindsOf = ({ isAsync }) => (isAsync === undefined ? EITHER : [isAsync])

  /** What it has is cleared. A mark that fails is written again at the next look. @param {Place} place */
  function renew(place) {
    place.renew()
    return kindsOf(place).map(kind => mark(place, kind))
  }

  /** @param {string} namespace */
  function placeOf(namespace) {
    const there = places.get(namespace)
    if (there !== undefined) return there
    const place = new Place(
      namespace,
      (place, isAsync) => {
        const found = writes.pending(place, place.marker)
        if (found !== undefined) return found.value
        return isAsync ? call('asyncGet', place.marker) : getNow(place.marker)
      },
      // What fails is tried again at the next look.
      (place, isAsync) => void mark(place, isAsync).catch(() => {}),
    )
    places.set(namespace, place)
    return place
  }

  /** What is cleared has another id, too. @param {Place} place @param {string} base */
  const idOf = ({ clears }, base) => `${base}#${clears}`

  /** @param {Place} place @param {string} base @returns {Target} */
  function target(place, base) {
    const { clears } = place
    const id = idOf(place, base)
    const replaces = Math.abs(monotonicNow() - (absent.get(id) ?? -Infinity)) >= ABSENT_FOR
    absent.delete(id)
    return { id, name: () => (place.clears === clears ? place.name(base) : undefined), place, replaces }
  }

  /**
   * @param {Place} place @param {string} base @param {boolean} isAsync
   * @param {unknown} said what the state said; nobody asks it about what is pending
   * @returns {import('./store.js').StoreEntry | undefined}
   */
  function entry(place, base, isAsync, said) {
    const { namespace } = place
    const id = idOf(place, base)
    const pending = writes.pending(place, id)
    const { value } = pending ?? { value: said }
    if (value === undefined || value === null) {
      counters.misses++
      if (pending === undefined) remember(absent, id, monotonicNow())
      return undefined
    }
    counters.hits++
    remember(known, base, { namespace, isAsync })
    return { value, isAsync, storedAt: 0, deadline: Infinity, ttl: Infinity, isPassing: true }
  }

  return {
    ready: Promise.resolve(),
    getSync({ namespace, bytes }, isAsync) {
      if (isAsync) return undefined
      const place = placeOf(namespace)
      // Whoever only asks what a call would do does not say.
      if (isAsync === false) place.isAsync = false
      place.look()
      const base = place.base(bytes)
      const isPending = writes.pending(place, idOf(place, base)) !== undefined
      return entry(place, base, false, isPending ? undefined : getNow(place.name(base)))
    },
    async get({ namespace, bytes }) {
      const place = placeOf(namespace)
      place.isAsync = true
      const base = place.base(bytes)
      const id = idOf(place, base)
      if (writes.pending(place, id) !== undefined) return entry(place, base, true, undefined)
      const name = place.name(base)
      const [value] = await Promise.all([call('asyncGet', name), place.lookLater()])
      const said = place.name(base) === name ? value : await call('asyncGet', place.name(base))
      // What was set meanwhile is newer.
      return entry(place, base, true, said)
    },
    set({ namespace, bytes }, { value, storedAt, deadline, isAsync }) {
      counters.sets++
      const place = placeOf(namespace)
      const base = place.base(bytes)
      place.isAsync = isAsync === true
      remember(known, base, { namespace, isAsync: place.isAsync })
      const isOver = epochNow() >= deadline
      return writes.write(target(place, base), isOver ? null : value, isOver ? 0 : deadline - storedAt, isAsync) // biome-ignore format: one line
    },
    delete({ namespace, bytes }) {
      const place = placeOf(namespace)
      const base = place.base(bytes)
      const isAsync = known.get(base)?.isAsync ?? place.isAsync
      known.delete(base)
      const kinds = isAsync === undefined ? EITHER : [isAsync]
      return Promise.all(kinds.map(async kind => writes.write({ ...target(place, base), replaces: true }, null, 0, kind))) // biome-ignore format: one line
    },
    clear(namespace) {
      const place = placeOf(namespace)
      const old = [...known].filter(([, { namespace: other }]) => other === namespace)
      const gone = old.map(([base, { isAsync }]) => {
        known.delete(base)
        return { isAsync, id: idOf(place, base), name: place.name(base) }
      })
      const marked = renew(place)
      return Promise.all([...marked, tidying.remove(gone)])
    },
    async flush() {
      await Promise.all([writes.all(), tidying.all()])
    },
    async close() {
      await Promise.all([writes.all(), tidying.all()])
    },
    on: (name, listener) => events.on(name, listener),
    stats: () => ({ ...counters }),
  }
}
