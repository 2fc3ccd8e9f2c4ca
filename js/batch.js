import { BUFFER_CELLS, keyDigest, start } from './core.js'
import { invalidOption, MimicError, MimicRangeError, show } from './errors.js'
import { hex } from './hex.js'
import { walked, writeCall } from './key.js'
import { NONE } from './key/nesting.js'
import { optionsObject } from './options.js'
import { standsFor } from './source.js'
import { snapshot, swapSignals } from './swap.js'
import { post } from './turn.js'
import { currentLoad, selfAwait, waitsFor } from './waits.js'

/**
 * One loader of many keys behind an async function of one key. The calls that miss in one tick become one call of the loader; caching,
 * expiry and joining a load that runs are those of `mime`, which wraps the function of one key.
 *
 * @typedef {(keys: any[]) => unknown} Loader
 * @typedef {import('./waits.js').Context} Context
 *
 * @typedef {object} Request a key in a batch, and who waits for it
 * @property {unknown} key
 * @property {unknown} kept the key as it was when it was asked for
 * @property {unknown} mark what it was told by then
 * @property {Context[]} loads that wait for it, as far as the runtime can tell
 * @property {Promise<unknown>} promise
 * @property {(value: unknown) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/** @type {WeakSet<Function>} */
const loaders = new WeakSet()

/** Whether it loads one key of a batch: it looks at its key once more when that leaves. @param {Function} fn */
export function looksLater(fn) {
  return loaders.has(fn)
}

/**
 * @param {Loader} fnOfKeys
 * @param {unknown} given a ttl, or options with `maxBatchSize` among them
 * @param {Record<string, any>} defaults of the `mime` that wraps it
 * @returns {{ load: (key: unknown) => Promise<unknown>, options: unknown }} what `mime` is to wrap, and with which options
 */
export function batching(fnOfKeys, given, defaults) {
  const { maxBatchSize = Infinity, ...options } = optionsObject(given, ['maxBatchSize'])
  const batcher = new Batcher(
    fnOfKeys,
    checkSize(maxBatchSize),
    /** @type {any} */ (options.key ?? defaults.key),
  )
  // Its syntax tells `mime` that it returns promises before it is called.
  const load = async (/** @type {unknown} */ key) => batcher.request(key)
  loaders.add(load)
  Object.defineProperty(load, 'name', { value: fnOfKeys.name, configurable: true })
  standsFor(load, fnOfKeys)
  return { load, options }
}

/** @param {unknown} size @returns {number} */
function checkSize(size) {
  if (typeof size !== 'number') throw invalidOption('maxBatchSize', size, 'a number')
  if (size === Infinity || (Number.isSafeInteger(size) && size >= 1)) return size
  throw invalidOption('maxBatchSize', size, 'a whole number from 1, or Infinity', MimicRangeError)
}

/** Verbs that take the arguments of a call. */
const OF_A_CALL = new Set(['has', 'peek', 'refresh', 'invalidate', 'explain'])

/**
 * The wrapped function as one of exactly one key: `this` is no part of the call, nor is what `ids.map(user)` passes besides.
 * @param {any} mimed
 * @returns {Function}
 */
export function ofOneKey(mimed) {
  const face = (/** @type {unknown} */ key) => mimed(key)
  for (const name of Reflect.ownKeys(mimed)) {
    const own = /** @type {PropertyDescriptor} */ (Reflect.getOwnPropertyDescriptor(mimed, name))
    if (typeof own.value === 'function') own.value = verb(mimed, name)
    Object.defineProperty(face, name, own)
  }
  standsFor(face, mimed)
  return face
}

/** @param {any} mimed @param {PropertyKey} name */
function verb(mimed, name) {
  if (OF_A_CALL.has(/** @type {string} */ (name))) return (/** @type {unknown} */ key) => mimed[name](key)
  if (name !== 'set') return mimed[name].bind(mimed)
  return (/** @type {unknown} */ args, /** @type {unknown} */ value) =>
    mimed.set(Array.isArray(args) ? [args[0]] : args, value)
}

class Batcher {
  /** What no batch has taken to the loader yet, by what marks its key. @type {Map<unknown, Request>} */
  waiting = new Map()
  /** The batch that takes the next key. @type {Request[] | undefined} */
  open = undefined

  /**
   * @param {Loader} fnOfKeys
   * @param {number} maxBatchSize
   * @param {((key: unknown) => unknown) | undefined} keyOf the option `key`
   */
  constructor(fnOfKeys, maxBatchSize, keyOf) {
    this.fnOfKeys = fnOfKeys
    this.maxBatchSize = maxBatchSize
    this.keyOf = keyOf
  }

  /** @param {unknown} key @returns {Promise<unknown>} */
  request(key) {
    const mark = this.markOf(key)
    // Whose signal it is that ends a load counts: such a key is nobody else's.
    const isShared = !this.holdsSignal(key)
    // Usually mime has joined the callers of one key already; it has no room for that when each of its entries loads.
    const known = isShared ? this.waiting.get(mark) : undefined
    const request = known ?? newRequest(key, mark)
    const load = currentLoad()
    if (load !== undefined) request.loads.push(load)
    if (known !== undefined) return known.promise
    if (isShared) this.waiting.set(mark, request)
    if (this.open === undefined || this.open.length >= this.maxBatchSize) this.open = this.begin()
    this.open.push(request)
    return request.promise
  }

  begin() {
    /** @type {Request[]} */
    const batch = []
    afterPromiseJobs(() => {
      if (this.open === batch) this.open = undefined
      for (const request of batch) {
        if (this.waiting.get(request.mark) === request) this.waiting.delete(request.mark)
      }
      this.dispatch(batch.filter(request => this.isAsCalled(request)))
    })
    return batch
  }

  /** Never rejects: whatever goes wrong goes to those who wait. @param {Request[]} requests */
  async dispatch(requests) {
    if (requests.length === 0) return
    const { fnOfKeys } = this
    let isLoading = true
    /** @type {Context | undefined} */
    let knot
    // By then a loader that answers with promises, of which one may wait for another, has answered.
    if (currentLoad() !== undefined) {
      afterPromiseJobs(() => {
        if (isLoading) knot = this.tie(requests)
      })
    }
    try {
      const results = await fnOfKeys(requests.map(({ key }) => key))
      this.check(results, requests.length)
      for (const [i, { resolve, reject }] of requests.entries()) {
        const result = results[i]
        if (isError(result)) reject(result)
        else resolve(result)
      }
    } catch (error) {
      for (const { reject } of requests) reject(error)
    } finally {
      isLoading = false
      if (knot !== undefined) knot.flight = undefined
    }
  }

  /**
   * The loader runs inside the load of the first key, and answers for all at once: until then the loads of the others wait for that one.
   * @param {Request[]} requests
   * @returns {Context | undefined} what they wait in, where the runtime can tell
   */
  tie(requests) {
    const first = currentLoad()
    if (first?.flight === undefined) return undefined
    /** @type {Context} */
    const knot = { flight: first.flight, outer: undefined, joined: [] }
    for (const { loads, resolve } of requests) {
      for (const load of loads) {
        if (load === first) continue
        if (waitsFor(first.flight, load)) resolve(selfAwait(this.fnOfKeys.name || undefined))
        else knot.joined?.push(load)
      }
    }
    first.joined = [...(first.joined ?? []), knot]
    return knot
  }

  /** @param {unknown} key whose mark was taken last */
  holdsSignal(key) {
    if (typeof key !== 'object' || key === null) return false
    return this.keyOf === undefined ? walked.signals : swapSignals([key]).signals.length > 0
  }

  /** @param {unknown} key @returns {unknown} what tells keys apart by value; equal, as the keys of a Map are, for equal keys */
  markOf(key) {
    const { keyOf } = this
    try {
      return markOf(keyOf ? keyOf(key) : key)
    } catch {
      // What cannot be read is like nothing but itself.
      return typeof key === 'object' ? key : {}
    }
  }

  /**
   * A key that was changed while its batch was waiting is loaded as what it was, for it is remembered as that.
   * @param {Request} request
   * @returns {boolean} whether it can be had
   */
  isAsCalled(request) {
    const { key, kept, mark, loads, reject } = request
    if (typeof key !== 'object' || key === null || this.markOf(key) === mark) return true
    request.key = kept
    if (this.markOf(kept) === mark) return true
    // Who joined gave a key of his own, and calls anew.
    for (const { flight } of loads) if (flight !== undefined) flight.isStray = true
    const message =
      'a key was changed after the call, before its batch was loaded; pass a copy, or an object that stays as it is'
    reject(new MimicError('ERR_KEY_CHANGED', message))
    return false
  }

  /** @param {unknown} results @param {number} length @returns {asserts results is unknown[]} */
  check(results, length) {
    if (Array.isArray(results) && results.length === length) return
    const name = this.fnOfKeys.name || 'a loader of many keys'
    const got = Array.isArray(results) ? `an array of ${results.length}` : show(results)
    throw new MimicError(
      'ERR_BATCH_RESULT',
      `${name} was called with ${length} ${length === 1 ? 'key' : 'keys'} and must return an array of ${length}: for each key, in order, its value, or an Error if it failed; got ${got}`,
    )
  }
}

/** @param {unknown} key @param {unknown} mark @returns {Request} */
function newRequest(key, mark) {
  const [kept] = typeof key === 'object' ? snapshot([key]) : [key]
  const request = /** @type {Request} */ ({ key, kept, mark, loads: /** @type {Context[]} */ ([]) })
  request.promise = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }))
  return request
}

const MINUS_ZERO = Symbol('-0')

/** @param {unknown} key */
function markOf(key) {
  if (typeof key === 'string') return `'${key}`
  if (typeof key !== 'object' || key === null) return Object.is(key, -0) ? MINUS_ZERO : key
  start()
  const cells = writeCall(undefined, [key], BUFFER_CELLS)
  walked.identities = NONE
  return hex(keyDigest(cells))
}

/** An error, of another realm too. @param {unknown} value @returns {boolean} */
function isError(value) {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
  } catch {
    // A revoked proxy can be asked nothing.
    return false
  }
}

// Taken when the module loads: fake timers of a test are not to hold a batch back.
const { nextTick } = /** @type {Partial<NodeJS.Process>} */ (globalThis.process ?? {})
/** Its nextTick, where it has one, is one more promise job. */
const isWorkerd = globalThis.navigator?.userAgent === 'Cloudflare-Workers'

/**
 * Runs a job when the promise jobs of this tick are done, theirs included, in the async context of this call. Nothing of it keeps a process
 * alive longer than the job itself.
 * @param {() => void} job
 */
function afterPromiseJobs(job) {
  if (nextTick !== undefined && !isWorkerd) Promise.resolve().then(() => nextTick(job))
  else post(job)
}
