import { epochNow } from '../clock.js'
import { invalidOption, MimicError } from '../errors.js'
import { isThenable } from '../oneshot.js'
import { Place } from './state-place.js'
import { unref } from '../unref.js'
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
 * @typedef {object} Target what is written
 * @property {string} id what it is called in here
 * @property {() => string | undefined} name what it is called in the state; nothing when it was cleared meanwhile
 * @property {Place} [place] whose generation the name depends on
 *
 * @typedef {object} Write
 * @property {unknown} value
 * @property {number} until when it expires
 * @property {Promise<unknown>} done
 * @property {Promise<unknown>} told the same, but no longer than anybody waits
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

/** So many writes are under way at most; what comes beyond them is dropped. */
const MAX_WRITING = 10_000

/** A write that has not ended after so many milliseconds has failed, for all who wait for it. What comes after it still waits for its turn. */
const PATIENCE = 30_000

/** What an earlier run has set may have been a sync function's or an async one's. */
const EITHER = [false, true]
const NOTHING = { value: undefined }

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

/** A ttl is whole seconds, and never too long. What is less than one is a fraction of it. @param {number} ms */
function secondsOf(ms) {
  if (ms === Infinity) return null
  return ms < 1000 ? Math.max(ms, 0) / 1000 : Math.floor(ms / 1000)
}

/**
 * @param {Promise<unknown>} promise
 * @param {() => void} givenUp
 * @returns {Promise<unknown>} the same, or rejects after `PATIENCE`
 */
function limited(promise, givenUp) {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      givenUp()
      reject(new MimicError('ERR_STORE_TIMEOUT', `a write to the state did not end within ${PATIENCE} ms`))
    }
    const timer = unref(setTimeout(giveUp, PATIENCE))
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** @param {any} state @returns {import('./store.js').Store} */
function adapt(state) {
  const events = new Events()
  const counters = { hits: 0, misses: 0, sets: 0 }
  /** By namespace. @type {Map<string, Place>} */
  const places = new Map()
  /** What was last set or found here and whether by async functions, so that `clear` makes room of it. @type {Map<string, { namespace: string, isAsync: boolean }>} */
  const known = new Map()
  /** What is being written, the last of each: it is what counts until it is there. @type {Map<string, Write>} */
  const writing = new Map()
  /** Ids of which a write has failed: what was there before is no answer any more. @type {Set<string>} */
  const hidden = new Set()

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

  /**
   * Of one id one write after the other, in their order.
   * @param {Target} target
   * @param {unknown} value
   * @param {number} ttl milliseconds
   * @param {boolean | undefined} isAsync
   */
  function write({ id, name, place }, value, ttl, isAsync) {
    const until = epochNow() + ttl
    /** @param {number} left of the ttl */
    const put = left => {
      const key = name()
      if (key === undefined) return undefined
      return call(isAsync ? 'asyncSet' : 'syncSet', key, left > 0 ? value : null, secondsOf(left))
    }
    const before = writing.get(id)
    if (before === undefined && writing.size >= MAX_WRITING) {
      hide(id, new MimicError('ERR_STORE_FULL', `${MAX_WRITING} writes to the state have not ended yet`))
    }
    /** @type {string | undefined} */
    let written
    /** @type {unknown} */
    let putting
    try {
      if (!isAsync) place?.look()
      written = name()
      if (!isAsync || before === undefined) putting = put(ttl)
    } catch (error) {
      // Behind another one it is tried again.
      if (before === undefined) hide(id, error)
    }
    if (!isAsync && before === undefined && !isThenable(putting)) return void hidden.delete(id)
    const behind = async () => {
      if (before === undefined) await putting
      else await Promise.allSettled([before.done, putting])
      if (isAsync) await place?.lookLater()
      // What was under way may have come on top of what was set at once. By a clock that was set back it lives no longer.
      if (before !== undefined || name() !== written) await put(Math.min(ttl, until - epochNow()))
      hidden.delete(id)
    }
    const done = behind()
    const ended = done.finally(() => writing.get(id) === latest && writing.delete(id))
    const told = limited(ended, () => {
      // It is no answer any more.
      latest.value = undefined
      latest.until = -Infinity
    })
    /** @type {Write} */
    const latest = { value, until, done, told }
    writing.set(id, latest)
    return told.catch(error => hide(id, error))
  }

  const written = () => Promise.allSettled(Array.from(writing.values(), ({ told }) => told))

  /** @param {string} id @param {unknown} error @returns {never} */
  function hide(id, error) {
    hidden.add(id)
    if (hidden.size > MAX_KNOWN) hidden.delete(/** @type {string} */ (hidden.values().next().value))
    throw error
  }

  /** What counts of an id whatever the state says. @param {string} id @returns {{ value: unknown } | undefined} */
  function pending(id) {
    const latest = writing.get(id)
    if (latest === undefined) return hidden.has(id) ? NOTHING : undefined
    return epochNow() < latest.until ? latest : NOTHING
  }

  /** @param {Place} place @param {boolean} isAsync */
  async function mark({ marker, generation }, isAsync) {
    return write({ id: marker, name: () => marker }, generation, Infinity, isAsync)
  }

  /** @param {string} namespace */
  function placeOf(namespace) {
    const there = places.get(namespace)
    if (there !== undefined) return there
    const place = new Place(
      namespace,
      (name, isAsync) => (pending(name) ?? { value: isAsync ? call('asyncGet', name) : getNow(name) }).value,
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
    return {
      id: idOf(place, base),
      name: () => (place.clears === clears ? place.name(base) : undefined),
      place,
    }
  }

  /** @param {string} namespace @param {string} base @param {boolean} isAsync */
  function remember(namespace, base, isAsync) {
    known.set(base, { namespace, isAsync })
    if (known.size > MAX_KNOWN) known.delete(/** @type {string} */ (known.keys().next().value))
  }

  /** @param {Place} place @param {string} base @param {unknown} value @param {boolean} isAsync @returns {import('./store.js').StoreEntry | undefined} */
  function entry({ namespace }, base, value, isAsync) {
    if (value === undefined || value === null) {
      counters.misses++
      return undefined
    }
    counters.hits++
    remember(namespace, base, isAsync)
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
      const { value } = pending(idOf(place, base)) ?? { value: getNow(place.name(base)) }
      return entry(place, base, value, false)
    },
    async get({ namespace, bytes }) {
      const place = placeOf(namespace)
      place.isAsync = true
      const base = place.base(bytes)
      let found = pending(idOf(place, base))
      if (found === undefined) {
        const name = place.name(base)
        const [value] = await Promise.all([call('asyncGet', name), place.lookLater()])
        found = { value: place.name(base) === name ? value : await call('asyncGet', place.name(base)) }
      }
      // What was set meanwhile is newer.
      return entry(place, base, (pending(idOf(place, base)) ?? found).value, true)
    },
    set({ namespace, bytes }, { value, storedAt, deadline, isAsync }) {
      counters.sets++
      const place = placeOf(namespace)
      const base = place.base(bytes)
      place.isAsync = isAsync === true
      remember(namespace, base, place.isAsync)
      if (epochNow() >= deadline) return write(target(place, base), null, 0, isAsync)
      return write(target(place, base), value, deadline - storedAt, isAsync)
    },
    delete({ namespace, bytes }) {
      const place = placeOf(namespace)
      const base = place.base(bytes)
      const isAsync = known.get(base)?.isAsync ?? place.isAsync
      known.delete(base)
      const either = isAsync === undefined ? EITHER : [isAsync]
      return Promise.all(either.map(async kind => write(target(place, base), null, 0, kind)))
    },
    clear(namespace) {
      const place = placeOf(namespace)
      const old = [...known].filter(([, { namespace: other }]) => other === namespace)
      const gone = old.map(([base, { isAsync }]) => {
        const name = place.name(base)
        known.delete(base)
        return { isAsync, target: { id: idOf(place, base), name: () => name } }
      })
      place.renew()
      const either = place.isAsync === undefined ? EITHER : [place.isAsync]
      return Promise.all([
        ...either.map(kind => mark(place, kind)),
        ...gone.map(async ({ isAsync, target }) => write(target, null, 0, isAsync)),
      ])
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
