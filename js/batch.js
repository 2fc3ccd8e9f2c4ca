import { BUFFER_CELLS, keyDigest, start } from './core.js'
import { invalidOption, MimicError, MimicRangeError, show } from './errors.js'
import { hex } from './hex.js'
import { walked, writeCall } from './key.js'
import { NONE } from './key/nesting.js'
import { standsFor } from './source.js'
import { post } from './turn.js'

/**
 * One loader of many keys behind an async function of one key. The calls that miss in one tick become one call of the loader; caching,
 * expiry and joining a load that runs are those of `mime`, which wraps the function of one key.
 *
 * @typedef {(keys: any[]) => unknown} Loader
 *
 * @typedef {object} Request a key in a batch, and who waits for it
 * @property {unknown} key
 * @property {unknown} mark of the key when it was asked for
 * @property {Promise<unknown>} promise
 * @property {(value: unknown) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/**
 * @param {Loader} fnOfKeys
 * @param {unknown} given a ttl, or options with `maxBatchSize` among them
 * @param {Record<string, any>} defaults of the `mime` that wraps it
 * @returns {{ load: (key: unknown) => Promise<unknown>, options: unknown }} what `mime` is to wrap, and with which options
 */
export function batching(fnOfKeys, given, defaults) {
  const { options, maxBatchSize } = split(given)
  const batcher = new Batcher(fnOfKeys, maxBatchSize, options?.key ?? defaults.key)
  // Its syntax tells `mime` that it returns promises before it is called.
  const load = async (/** @type {unknown} */ key) => batcher.request(key)
  Object.defineProperty(load, 'name', { value: fnOfKeys.name, configurable: true })
  standsFor(load, fnOfKeys)
  return { load, options }
}

/** @param {any} given @returns {{ options: any, maxBatchSize: number }} */
function split(given) {
  if (given === null || typeof given !== 'object' || !Object.hasOwn(given, 'maxBatchSize')) {
    return { options: given, maxBatchSize: Infinity }
  }
  const { maxBatchSize = Infinity } = given
  if (typeof maxBatchSize !== 'number') throw invalidOption('maxBatchSize', maxBatchSize, 'a number')
  if (maxBatchSize !== Infinity && !(Number.isSafeInteger(maxBatchSize) && maxBatchSize >= 1)) {
    throw invalidOption('maxBatchSize', maxBatchSize, 'a whole number from 1, or Infinity', MimicRangeError)
  }
  // The prototype stays, so that whatever is wrong with the rest is still seen.
  const options = Object.assign(Object.create(Object.getPrototypeOf(given)), given)
  delete options.maxBatchSize
  return { options, maxBatchSize }
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
    // Usually mime has joined the callers of one key already; it has no room for that when each of its entries loads.
    const known = this.waiting.get(mark)
    if (known !== undefined) return known.promise
    const request = newRequest(key, mark)
    this.waiting.set(mark, request)
    if (this.open === undefined || this.open.length >= this.maxBatchSize) this.open = this.begin()
    this.open.push(request)
    return request.promise
  }

  begin() {
    /** @type {Request[]} */
    const batch = []
    afterPromiseJobs(() => {
      if (this.open === batch) this.open = undefined
      for (const { mark } of batch) this.waiting.delete(mark)
      this.dispatch(batch.filter(request => this.isUnchanged(request)))
    })
    return batch
  }

  /** Never rejects: whatever goes wrong goes to those who wait. @param {Request[]} requests */
  async dispatch(requests) {
    if (requests.length === 0) return
    const { fnOfKeys } = this
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
    }
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
   * A key that was changed while its batch was waiting would be loaded as what it is now and remembered as what it was.
   * @param {Request} request
   */
  isUnchanged({ key, mark, reject }) {
    if (typeof key !== 'object' || key === null || this.markOf(key) === mark) return true
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
  const request = /** @type {Request} */ ({ key, mark })
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
