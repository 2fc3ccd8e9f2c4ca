import { batching, ofOneKey } from './batch.js'
import { Budget, DEFAULT_BUDGET } from './budget.js'
import { BUFFER_CELLS, keyDigest, start } from './core.js'
import { asksForDecorator, decorator, isClass, refuseBare } from './decorate.js'
import { Arrivals } from './dump/load.js'
import { dumpOf } from './dump/make.js'
import { checkScope } from './elect.js'
import { MimicTypeError, show } from './errors.js'
import { hex } from './hex.js'
import { KEY_METHOD, writeCall } from './key.js'
import { memoize } from './mime.js'
import { tellOfNamesake } from './namesakes.js'
import { checkBytes, differing, optionsObject, over, settle } from './options.js'
import { hidesSource, sourceOf } from './source.js'
import { TagRegistry } from './tags.js'
import { Totals } from './totals.js'

/**
 * What all functions of one `mime` have in common.
 * @typedef {object} Shared
 * @property {TagRegistry} tags
 * @property {Totals} totals
 * @property {Budget} budget
 * @property {Arrivals} arrivals what dumps brought for functions to come
 */

/**
 * What was made with which options, defaults among them, so that a function is not wrapped twice by accident.
 * @type {WeakMap<Function, Record<string, unknown>>}
 */
const wrapped = new WeakMap()

/**
 * An independent `mime` with its own defaults.
 * @param {import('./index.js').MimeOptions} [defaults]
 * @returns {import('./index.js').Mime}
 */
export function createMime(defaults = {}) {
  let { maxBytes = DEFAULT_BUDGET, ...base } = optionsObject(defaults)
  const tags = new TagRegistry()
  /** @type {Shared} */
  const shared = {
    tags,
    arrivals: new Arrivals(tags),
    totals: new Totals(),
    budget: new Budget(checkBytes(maxBytes)),
  }
  settle(base)

  /** @param {unknown} fn @param {unknown} [given] */
  function mime(fn, given) {
    if (asksForDecorator(arguments)) return decorate(fn)
    refuseBare(arguments)
    // As the list that `map` adds it is no mistake.
    if (arguments.length > 2 && !Array.isArray(arguments[2])) throw tooMany()
    return wrap(fn, given)
  }

  /** @param {unknown} given */
  function decorate(given) {
    // Checked where it is written; a copy, so that one decorator means the same on everything it decorates.
    const options = { ...optionsObject(given) }
    settle(base, options)
    return decorator((method, name) => wrap(method, options, name))
  }

  /** @param {unknown} fn @param {unknown} given @param {string} [name] */
  function wrap(fn, given, name) {
    checkFunction(fn)
    const options = optionsObject(given)
    const known = wrapped.get(fn)
    if (known !== undefined) return again(fn, known, options)
    const settings = settle(base, options)
    start()
    settings.name ??= name || fn.name || undefined
    if (settings.store !== undefined) identify(fn, settings)
    settings.namespace = () => namespaceOf(fn, settings)
    const { store, namespace } = settings
    // What is called on an object has that in its key.
    if (store && options.name === undefined && name === undefined) tellOfNamesake(fn, store, `${namespace()}`)
    checkScope(fn, settings, options.singleFlight)
    const mimed = memoize(/** @type {any} */ (fn), settings, shared)
    wrapped.set(mimed, { ...over(base, options), name: settings.name })
    return mimed
  }

  /** Changes the defaults of functions wrapped from now on. @param {import('./index.js').MimeOptions} options */
  mime.configure = options => {
    const { maxBytes, ...changed } = optionsObject(options)
    const next = over(base, changed)
    settle(next)
    if (maxBytes !== undefined) shared.budget.max = checkBytes(maxBytes)
    base = next
  }
  /** Invalidates entries of all functions of this `mime` by tag. @param {string[]} tags */
  mime.invalidateTags = (...tags) => shared.tags.invalidate(tags)
  /** What all functions of this `mime` counted, those that are collected too. */
  mime.stats = () => shared.totals.stats()
  /** What is in memory, to be taken elsewhere. @param {unknown} [options] */
  mime.dump = options => dumpOf(shared.totals.caches(), options)
  /** Takes in what `dump` gave elsewhere. @param {unknown} dump */
  mime.load = dump => {
    start()
    return shared.arrivals.load(shared.totals.caches(), dump)
  }
  mime.key = KEY_METHOD

  /** Wraps a loader of many keys. @param {unknown} fnOfKeys @param {unknown} [given] */
  mime.batch = (fnOfKeys, given) => {
    checkFunction(fnOfKeys)
    const { load, options } = batching(/** @type {any} */ (fnOfKeys), given, base)
    const mimed = /** @type {Function} */ (mime(load, options))
    const face = ofOneKey(mimed)
    wrapped.set(face, /** @type {any} */ (wrapped.get(mimed)))
    return face
  }
  return /** @type {any} */ (mime)
}

function tooMany() {
  return new MimicTypeError(
    'ERR_INVALID_ARGUMENT',
    'mime(fn, ttl | options) takes two arguments; with a ttl and options write mime(fn, { ttl, ...options })',
  )
}

/** @param {unknown} fn @returns {asserts fn is Function} */
function checkFunction(fn) {
  if (typeof fn !== 'function' || isRevoked(fn)) {
    const got = typeof fn === 'function' ? 'a proxy that was revoked' : show(fn)
    throw new MimicTypeError('ERR_NOT_A_FUNCTION', `mime(fn, ttl) wraps a function; got ${got}`)
  }
  if (isClass(fn)) {
    throw new MimicTypeError(
      'ERR_NOT_A_FUNCTION',
      `mime(fn, ttl) cannot wrap the class ${fn.name}; wrap its methods`,
    )
  }
}

/** Asking for anything else would run the traps of a proxy that was not. @param {unknown} proxy */
function isRevoked(proxy) {
  try {
    Array.isArray(proxy)
    return false
  } catch {
    return true
  }
}

/**
 * @param {Function} fn a wrapped function
 * @param {Record<string, unknown>} before
 * @param {Record<string, unknown>} options
 */
function again(fn, before, options) {
  const name = differing(before, options)
  if (name === undefined) return fn
  throw new MimicTypeError(
    'ERR_ALREADY_WRAPPED',
    `${fn.name || 'the function'} is already wrapped, with another ${name}; wrap the original function instead`,
  )
}

/** A persisted function needs a name that outlives the process. @param {Function} fn @param {import('./options.js').Settings} settings */
function identify(fn, settings) {
  if (settings.name === undefined) {
    throw new MimicTypeError(
      'ERR_NAME_REQUIRED',
      'a function with a store needs a name to find its results by; give the option name, or name the function (minifiers take such names away)',
    )
  }
  if (settings.version === undefined && hidesSource(sourceOf(fn))) {
    throw new MimicTypeError(
      'ERR_VERSION_REQUIRED',
      `${settings.name} is a bound function or a proxy, whose source does not show, so with a store changed code would read old results, and another function's; give the option version, or wrap an arrow function that calls it`,
    )
  }
  settings.version ??= versionOf(sourceOf(fn))
}

/** By what its results are found outside this process, if it has a name. @param {Function} fn @param {import('./options.js').Settings} settings */
function namespaceOf(fn, settings) {
  if (settings.name === undefined) return undefined
  settings.version ??= versionOf(sourceOf(fn))
  return `${settings.name}\0${settings.version}`
}

/** The version of a function that names none: a digest of its source, so changed code does not read old results. @param {Function} fn */
function versionOf(fn) {
  const cells = writeCall(undefined, [Function.prototype.toString.call(fn)], BUFFER_CELLS)
  return hex(keyDigest(cells).subarray(0, 8))
}
