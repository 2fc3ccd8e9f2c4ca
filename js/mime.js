import { Cache } from './cache.js'
import { MimicTypeError, show } from './errors.js'
import { explain } from './explain.js'

/**
 * The wrapper: every branch of a call.
 * @typedef {import('./flight.js').Flight} Flight
 * @typedef {import('./options.js').Settings} Settings
 */

/**
 * @template {(...args: any[]) => any} F
 * @param {F} fn
 * @param {Settings} settings
 * @returns {import('./index.js').Mimed<F>}
 */
export function memoize(fn, settings) {
  const cache = new Cache(settings, isAsyncFunction(fn))

  const { mimed } = {
    /** @this {unknown} @param {any[]} args */
    mimed(...args) {
      const found = cache.probe(this, args)
      if (found >= 0) return cache.ties === undefined ? cache.values[found] : cache.value(found)

      const slot = ~found >> 1
      const isPending = ~found & 1
      if (isPending) return cache.flights[slot]?.promise ?? alone(this, args, slot)

      const flight = cache.begin(slot, args)
      const { key } = flight
      if (key === undefined || cache.backing === undefined) return load(this, flight)
      const entry = cache.backing.getSync(key)
      if (entry !== undefined) return revive(flight, entry)
      return cache.isAsync
        ? flight.fly(readThenLoad(this, flight, cache.backing.get(key)))
        : load(this, flight)
    },
  }

  /** There is no load to join: this very call runs further up the stack, or there was no room. @param {unknown} self @param {any[]} args @param {number} slot */
  function alone(self, args, slot) {
    cache.reclaim(slot)
    return Reflect.apply(fn, self, args)
  }

  /** @param {unknown} self @param {Flight} flight */
  function load(self, flight) {
    cache.counters.loads++
    let result
    try {
      result = Reflect.apply(fn, self, flight.args)
    } catch (error) {
      cache.fail(flight)
      throw error
    } finally {
      flight.onStack = false
    }
    if (isThenable(result)) {
      cache.isAsync = true
      return flight.fly(settleLater(flight, result))
    }
    cache.settle(flight, result, result)
    return result
  }

  /** @param {unknown} self @param {Flight} flight @param {Promise<import('./stores/store.js').StoreEntry | undefined>} reading */
  async function readThenLoad(self, flight, reading) {
    const entry = await reading
    return entry === undefined ? load(self, flight) : revive(flight, entry)
  }

  /** @param {Flight} flight @param {PromiseLike<unknown>} result */
  async function settleLater(flight, result) {
    let value
    try {
      value = await result
    } catch (error) {
      cache.fail(flight)
      throw error
    }
    cache.settle(flight, flight.promise, value)
    return value
  }

  /** @param {Flight} flight @param {import('./stores/store.js').StoreEntry} entry */
  function revive(flight, entry) {
    const value = cache.isAsync || entry.isAsync ? Promise.resolve(entry.value) : entry.value
    cache.revive(flight, entry, value)
    return value
  }

  return /** @type {any} */ (dress(mimed, fn, cache))
}

/**
 * Gives the wrapper its verbs, and the name, length and static properties of the function.
 * @param {Function} mimed
 * @param {Function} fn
 * @param {Cache} cache
 */
function dress(mimed, fn, cache) {
  /** `f.has(1)` asks about plain calls, `f.has.call(object, 1)` about calls on the object. @param {unknown} self */
  const receiver = self => (self === mimed ? undefined : self)
  const flush = async () => cache.backing?.flush()
  const verbs = {
    /** @this {unknown} @param {any[]} args */
    has(...args) {
      return cache.peek(receiver(this), args) !== undefined
    },
    /** @this {unknown} @param {any[]} args */
    peek(...args) {
      return cache.peek(receiver(this), args)?.value
    },
    /** @this {unknown} @param {any[]} args @param {unknown} value */
    set(args, value) {
      if (!Array.isArray(args)) {
        throw new MimicTypeError(
          'ERR_INVALID_ARGUMENT',
          `set(args, value) takes the arguments as an array; got ${show(args)}`,
        )
      }
      if (isThenable(value)) {
        throw new MimicTypeError(
          'ERR_INVALID_ARGUMENT',
          'set(args, value) takes the result itself; await the promise first',
        )
      }
      cache.insert(receiver(this), args, cache.isAsync ? Promise.resolve(value) : value, value)
    },
    /** @this {unknown} @param {any[]} args */
    invalidate(...args) {
      return cache.invalidate(receiver(this), args)
    },
    /** @this {unknown} @param {any[]} args */
    explain(...args) {
      return explain(cache, receiver(this), args)
    },
    clear: () => cache.clear(),
    stats: () => cache.stats(),
    /** @param {string} type @param {(event: import('./events.js').MimeEvent) => void} listener */
    on: (type, listener) => cache.events.on(type, listener),
    flush,
    [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: flush,
  }
  for (const name of Reflect.ownKeys(fn)) {
    if (name === 'prototype' || name === 'caller' || name === 'arguments') continue
    Object.defineProperty(
      mimed,
      name,
      /** @type {PropertyDescriptor} */ (Reflect.getOwnPropertyDescriptor(fn, name)),
    )
  }
  for (const name of Reflect.ownKeys(verbs)) {
    Object.defineProperty(mimed, name, {
      value: Reflect.get(verbs, name),
      configurable: true,
      writable: true,
    })
  }
  return Object.defineProperty(mimed, 'ready', {
    get: async () => cache.backing?.ready(),
    configurable: true,
  })
}

/** @param {unknown} value @returns {value is PromiseLike<unknown>} */
function isThenable(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  try {
    return value instanceof Promise || typeof (/** @type {any} */ (value).then) === 'function'
  } catch {
    // A hostile result is a result; a revoked proxy can be neither asked nor awaited.
    return false
  }
}

const AsyncFunction = (async () => {}).constructor

/** Whether the syntax alone says that the function returns promises. @param {Function} fn */
function isAsyncFunction(fn) {
  return fn instanceof AsyncFunction
}
