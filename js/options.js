import { checkClock } from './clock.js'
import { checkClone } from './copies.js'
import { isScope } from './elect.js'
import { invalidOption, MimicRangeError, MimicTypeError, show } from './errors.js'
import { SampledSize } from './sampled.js'
import { isAsyncFunction } from './source.js'
import { checkState, looksLikeState, stateStore } from './stores/state.js'
import { checkTag } from './tags.js'

/**
 * Options are checked once, when a function is wrapped; a call never meets a bad one.
 * @typedef {import('./index.js').MimeOptions} MimeOptions
 * @typedef {import('./stores/store.js').Store} Store
 *
 * @typedef {object} Settings what a wrapped function runs with, complete and checked
 * @property {number} ttl milliseconds; Infinity never expires
 * @property {((value: any, args: any[]) => unknown) | undefined} ttlOf a ttl worked out from each result
 * @property {string | undefined} name
 * @property {string | undefined} version
 * @property {() => string | undefined} namespace name and version with a NUL between them, worked out when first asked for; set when wrapping
 * @property {Store | undefined} store
 * @property {number} storeTimeout milliseconds an async call waits for its store
 * @property {((...args: any[]) => unknown) | undefined} key
 * @property {((args: any[], value: any) => readonly string[]) | undefined} tags
 * @property {number} maxEntries
 * @property {number} maxBytes
 * @property {((value: any) => unknown) | undefined} sizeOf
 * @property {SampledSize} sampled what values take without `sizeOf`
 * @property {((value: any) => unknown) | undefined} clone
 * @property {boolean | undefined} freeze
 * @property {{ share: number } | { most: number } | undefined} jitter a share of the ttl, or milliseconds
 * @property {number | undefined} refreshAhead
 * @property {number | undefined} staleWhileRevalidate milliseconds
 * @property {number | undefined} staleIfError milliseconds
 * @property {number | undefined} timeout milliseconds
 * @property {boolean | 'machine' | 'origin' | 'fleet'} singleFlight
 * @property {number} lockTimeout milliseconds a call waits for another's load of its key, where it waits for those of other processes
 * @property {number} maxKeyCells longest key held as it is, in cells of 8 bytes
 * @property {import('./clock.js').Clock} clock
 * @property {((event: import('./events.js').MimeEvent) => void) | undefined} onEvent
 */

const UNITS = /** @type {const} */ ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 })
const TTL_FORMS = "seconds as a number, a string such as '250ms', '10s', '5m', '2h' or '7d', null or Infinity"

/**
 * @param {unknown} ttl seconds, a string with its unit, null, undefined or Infinity
 * @param {string} [option] the option's name, for the message
 * @param {string} [forms] what is accepted, likewise
 * @returns {number} milliseconds
 */
export function parseTtl(ttl, option = 'ttl', forms = TTL_FORMS) {
  if (ttl === null || ttl === undefined) return Infinity
  if (typeof ttl === 'number') {
    if (!(ttl >= 0)) throw invalidOption(option, ttl, `0 or more: ${forms}`, MimicRangeError)
    return ttl * 1000
  }
  if (typeof ttl !== 'string') throw invalidOption(option, ttl, forms)
  const parts = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|h|d)\s*$/.exec(ttl)
  if (!parts) throw invalidOption(option, ttl, forms, MimicRangeError)
  return Number(parts[1]) * UNITS[/** @type {keyof typeof UNITS} */ (parts[2])]
}

/**
 * @param {string} option
 * @param {number} most
 * @param {number} least
 * @returns {(value: unknown) => number}
 */
function wholeNumber(option, most, least) {
  return value => {
    if (typeof value !== 'number') throw invalidOption(option, value, 'a number')
    if (!Number.isInteger(value) || value < least || value > most) {
      throw invalidOption(option, value, `a whole number from ${least} to ${most}`, MimicRangeError)
    }
    return value
  }
}

/** @type {(option: string) => (value: unknown) => any} */
const callable = option => value => {
  if (typeof value !== 'function') throw invalidOption(option, value, 'a function')
  return value
}

/** What is needed at once. @type {(option: string) => (value: unknown) => any} */
const synchronous = option => value => {
  if (typeof value !== 'function' || isAsyncFunction(value))
    throw invalidOption(option, value, 'a function that is not async: what it returns is needed at once')
  return value
}

/** @type {(option: string) => (value: unknown) => string} */
const text = option => value => {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw invalidOption(option, value, 'a string that is not empty and has no NUL character')
  }
  return value
}

/** @param {any} store a store, or a state as My Mimic has it, or the class of one */
function checkStore(store) {
  // What a class has shows when there is an instance.
  if (typeof store?.prototype === 'object' && typeof store === 'function') return store
  if (looksLikeState(store)) return checkState(store)
  const missing = STORE_METHODS.filter(method => typeof store?.[method] !== 'function')
  if (missing.length === 0) return store
  throw invalidOption('store', store, `a store such as indexedDBStore(); it has no ${missing.join(', ')}`)
}

const STORE_METHODS = ['get', 'set', 'delete', 'clear', 'flush']

/** @type {(option: string) => (value: unknown) => boolean} */
const flag = option => value => {
  if (typeof value !== 'boolean') throw invalidOption(option, value, 'true or false')
  return value
}

/** @type {(option: string) => (value: unknown) => number | undefined} none when it is null: there `parseTtl` says for ever, which is no wish here */
const duration = option => value => (value === null ? undefined : parseTtl(value, option))

/** @param {unknown} value */
function checkTags(value) {
  if (typeof value === 'function') return synchronous('tags')(value)
  if (!Array.isArray(value))
    throw invalidOption('tags', value, 'a function (args, value) => tags, or an array of tags')
  value.forEach(checkTag)
  return () => value
}

const JITTER_FORMS = "a share of the ttl from 0 to 1, or a duration such as '10s'"

/** @param {unknown} value a share of the ttl, or a duration with its unit */
function checkJitter(value) {
  if (value === null) return undefined
  if (typeof value !== 'number') return { most: parseTtl(value, 'jitter', JITTER_FORMS) }
  if (!(value >= 0 && value <= 1)) throw invalidOption('jitter', value, JITTER_FORMS, MimicRangeError)
  return { share: value }
}

/** @param {unknown} value */
function checkRefreshAhead(value) {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'number') throw invalidOption('refreshAhead', value, 'true, false or a number')
  if (!(value >= 0) || value === Infinity) {
    throw invalidOption('refreshAhead', value, 'a number from 0 on; 1 is the default', MimicRangeError)
  }
  return value
}

const BYTES = /** @type {const} */ ({
  b: 1,
  kb: 1000,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
})

/** @param {unknown} value */
export function checkBytes(value) {
  const allowed = "bytes as a number from 0 on, or a string such as '64MB' or '64MiB'"
  if (typeof value === 'number') {
    if (!(value >= 0)) throw invalidOption('maxBytes', value, allowed, MimicRangeError)
    return value
  }
  if (typeof value !== 'string') throw invalidOption('maxBytes', value, allowed)
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([kmg]i?b|b)\s*$/i.exec(value)
  if (!parts) throw invalidOption('maxBytes', value, allowed, MimicRangeError)
  return Number(parts[1]) * BYTES[/** @type {keyof typeof BYTES} */ (parts[2].toLowerCase())]
}

/** @param {unknown} value */
function checkSingleFlight(value) {
  if (value === 'process') return true
  if (typeof value === 'boolean' || isScope(value)) return value
  throw invalidOption('singleFlight', value, "true, false, 'process', 'machine', 'origin' or 'fleet'")
}

/** The most entries one function can hold: a slot is 29 bits wide. */
const MAX_ENTRIES = 2 ** 29 - 1
const CELL = 8

/** One line an option: how its value is checked and turned into a setting. @type {Record<string, (value: any) => any>} */
const CHECKS = {
  ttl: value => (typeof value === 'function' ? synchronous('ttl')(value) : parseTtl(value)),
  name: text('name'),
  version: text('version'),
  store: checkStore,
  storeOptions: value => value,
  storeTimeout: value => parseTtl(value, 'storeTimeout'),
  key: synchronous('key'),
  tags: checkTags,
  maxEntries: wholeNumber('maxEntries', MAX_ENTRIES, 0),
  maxBytes: checkBytes,
  maxKeyBytes: wholeNumber('maxKeyBytes', 32_768, 256),
  sizeOf: synchronous('sizeOf'),
  clone: checkClone,
  freeze: flag('freeze'),
  clock: checkClock,
  jitter: checkJitter,
  refreshAhead: checkRefreshAhead,
  staleWhileRevalidate: duration('staleWhileRevalidate'),
  staleIfError: duration('staleIfError'),
  timeout: duration('timeout'),
  singleFlight: checkSingleFlight,
  lockTimeout: value => parseTtl(value, 'lockTimeout'),
  onEvent: callable('onEvent'),
}

/**
 * What settings are made from. The parts that nobody gave are there too, so for the engine the settings of all functions are one kind of object,
 * of which every call reads a dozen parts.
 */
const NOTHING_SET = {
  ...Object.fromEntries(Object.keys(CHECKS).map(name => [name, undefined])),
  ttlOf: undefined,
  namespace: undefined,
  sampled: undefined,
  maxKeyCells: undefined,
}

/** @type {Record<string, unknown>} */
const DEFAULTS = {
  ttl: Infinity,
  maxEntries: 10_000,
  maxBytes: Infinity,
  maxKeyBytes: 32_768,
  storeTimeout: '1s',
  clone: false,
  freeze: false,
  refreshAhead: false,
  singleFlight: true,
  lockTimeout: '30s',
}

/** What other packages call it, in small letters. @type {Record<string, string[]>} */
const ELSEWHERE = {
  ttl: ['maxage', 'expire', 'expires', 'expiry', 'lifetime'],
  key: ['resolver', 'cachekey', 'normalizer', 'serializer', 'serialize', 'hasher', 'equals', 'isequal', 'iskeyequal', 'iskeyitemequal', 'matchesarg', 'matcheskey', 'transformargs', 'transformkey', 'maxargs'], // biome-ignore format: one line
  store: ['cache'],
  staleWhileRevalidate: ['swr', 'stale', 'allowstale'],
  staleIfError: ['grace', 'graceperiod', 'fallbacktocache'],
  refreshAhead: ['prefetch'],
  singleFlight: ['dedupe'],
  onEvent: ['dispose', 'onhit', 'onmiss', 'onerror', 'onexpire', 'oncacheadd', 'oncachechange', 'oncachehit'],
}
/** What they have to be told, and what shows here. */
const SHOWS = ['promise', 'ispromise', 'async']

/**
 * @param {string} name
 * @param {string[]} known
 * @returns {string} the known option that another package calls so, or that is nearest to a misspelt one, as a hint, or all
 */
function hint(name, known) {
  const plain = name.toLowerCase()
  if (SHOWS.includes(plain)) return '; a function that returns promises needs none'
  const same = known.find(option => ELSEWHERE[option]?.includes(plain))
  const [near] = known
    .map(option => ({ option, likeness: likeness(plain, option.toLowerCase()) }))
    .sort((a, b) => b.likeness - a.likeness)
  if (same === undefined && near.likeness === 0) return `; the options are ${known.join(', ')}`
  return `; did you mean ${same ?? near.option}?`
}

/** How many letters two names begin with alike, three at least, or have alike where one stands in the other. @param {string} a @param {string} b */
function likeness(a, b) {
  if (a === b) return Infinity
  if (a.includes(b) || b.includes(a)) return Math.min(a.length, b.length)
  let alike = 0
  while (a[alike] === b[alike]) alike++
  return alike < 3 ? 0 : alike
}

/**
 * @param {unknown} given a ttl, a ttl function or an options object
 * @param {string[]} [more] options that there are besides, which the caller checks
 * @returns {Record<string, unknown>} as an options object, its names checked
 */
export function optionsObject(given, more = []) {
  if (typeof given === 'function') return { ttl: given }
  if (given === null || typeof given !== 'object') return { ttl: given }
  const prototype = Object.getPrototypeOf(given)
  if (Array.isArray(given) || (prototype !== null && Object.getPrototypeOf(prototype) !== null)) {
    throw new MimicTypeError(
      'ERR_INVALID_OPTION',
      `options must be a ttl or a plain object; got ${show(given)}`,
    )
  }
  for (const name of Reflect.ownKeys(given)) {
    if (typeof name === 'string' && (Object.hasOwn(CHECKS, name) || more.includes(name))) continue
    const shown = String(name)
    const known = [...Object.keys(CHECKS), ...more]
    throw new MimicTypeError('ERR_UNKNOWN_OPTION', `there is no option ${shown}${hint(shown, known)}`)
  }
  return /** @type {Record<string, unknown>} */ (given)
}

/** The defaults, and over them what is given. @param {Record<string, unknown>} defaults @param {Record<string, unknown>} options */
export function over(defaults, options) {
  const all = { ...defaults }
  for (const [name, value] of Object.entries(options)) if (value !== undefined) all[name] = value
  return all
}

/** Which option means something else than before: 60 and '1m' are the same, and so is a default. @param {Record<string, unknown>} before @param {Record<string, unknown>} options */
export function differing(before, options) {
  return Object.entries(options).find(
    ([name, value]) =>
      value !== undefined &&
      !Object.is(value, before[name]) &&
      meaning(name, value) !== meaning(name, before[name]),
  )?.[0]
}

/** What can be compared. @param {string} name @param {unknown} given @returns {unknown} */
function meaning(name, given) {
  const value = given === undefined ? DEFAULTS[name] : given
  if (value === undefined || typeof value === 'function') return value
  const checked = CHECKS[name](value)
  if (name === 'tags') return JSON.stringify(value)
  return name === 'jitter' ? JSON.stringify(checked) : checked
}

/**
 * @param {Record<string, unknown>[]} layers the defaults of a `createMime` first, the function's own options last
 * @returns {Settings}
 */
export function settle(...layers) {
  /** @type {Record<string, any>} */
  const checked = {}
  for (const layer of [DEFAULTS, ...layers]) {
    for (const [name, value] of Object.entries(layer)) {
      if (value !== undefined) checked[name] = /** @type {any} */ (CHECKS)[name](value)
    }
  }
  const { ttl, maxKeyBytes, clock, storeOptions, ...rest } = checked
  if (looksLikeState(rest.store)) rest.store = stateStore(rest.store, storeOptions)
  if (rest.clone !== undefined && rest.freeze) {
    throw invalidOption(
      'freeze',
      true,
      'left out when clone is given: a copy is its caller’s own',
      MimicTypeError,
    )
  }
  const ttlOf = typeof ttl === 'function' ? ttl : undefined
  const settings = {
    ttl: ttlOf ? Infinity : ttl,
    ttlOf,
    clock: clock ?? checkClock(undefined),
    sampled: new SampledSize(),
    maxKeyCells: Math.floor(maxKeyBytes / CELL),
  }
  return /** @type {Settings} */ (Object.assign({ ...NOTHING_SET }, rest, settings))
}
