import { headersText, intrinsic, learnInternals } from './kinds.js'

/**
 * What a Request counts as: its method, URL, headers and body, and whatever else of it can change the answer. Its signal never counts.
 * All is read through the intrinsic getters, which throw for an object that only poses as a Request.
 *
 * @typedef {object} Parts
 * @property {string} method
 * @property {string} url
 * @property {string} headers a line each, sorted by name
 * @property {string} settings a line for each that is not what the runtime gives a Request by itself
 * @property {Uint8Array | null | undefined} body null when there is none; undefined when there is one that nobody has read
 */

const { apply } = Reflect
const { getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf } = Object
const globals = /** @type {Record<string, any>} */ (globalThis)

/** What can change the answer besides. The only one that can hold a line end is the last. */
const SETTINGS = [
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'destination',
  'integrity',
]
const NAMES = ['method', 'url', 'headers', 'body', 'bodyUsed', 'signal', 'clone', ...SETTINGS]

/** Getters and methods by name; undefined where a runtime lacks one. @typedef {Record<string, any>} Intrinsics */
/** @type {Intrinsics | undefined} */
let known
/** What a Request may carry unseen, under symbols of the runtime: in Node 20 its dispatcher. @type {symbol[]} */
let hidden = []

// In Node the first look at Request loads a whole HTTP client; everywhere else its getters are taken before anyone can replace them.
if (getOwnPropertyDescriptor(globals, 'Request')?.get === undefined && globals.Request) intrinsics()

/** @returns {Intrinsics} */
export function intrinsics() {
  if (known !== undefined) return known
  known = {}
  for (const name of NAMES) {
    // In workerd they are those of a class above.
    for (
      let at = globals.Request.prototype;
      at !== null && known[name] === undefined;
      at = getPrototypeOf(at)
    )
      known[name] = intrinsic(at, name)
  }
  return known
}

/** What each setting is unless it was asked for: not all runtimes follow the standard. @type {Record<string, unknown> | undefined} */
let defaults

/** Some runtimes keep a Request's state, and what its getters once gave, under enumerable symbols; nobody added them. */
function learn() {
  defaults = {}
  const { signal } = new AbortController()
  const sample = new globals.Request('https://localhost/', { method: 'POST', body: 'a', signal })
  for (const name of NAMES) if (name !== 'clone') defaults[name] = read(sample, name)
  headersText(/** @type {object} */ (defaults.headers))
  learnInternals(sample)
  hidden = getOwnPropertySymbols(sample).filter(symbol => sample[symbol] === undefined)
  return defaults
}

/** @param {object} request @param {string} name */
function read(request, name) {
  const getter = intrinsics()[name]
  return getter === undefined ? undefined : apply(getter, request, [])
}

/** Bytes of bodies, or the error of those that cannot be read. @type {WeakMap<object, Uint8Array | Error>} */
const bodies = new WeakMap()

/** @param {object} request @param {Uint8Array | Error} body */
export function rememberBody(request, body) {
  bodies.set(request, body)
}

/** @param {object} request @returns {Uint8Array | Error | undefined} undefined before anyone has read it */
export function bodyOf(request) {
  return bodies.get(request)
}

/** @param {object} request @returns {boolean} whether there is a body; where the runtime does not tell, whether there can be */
export function hasBody(request) {
  const getters = intrinsics()
  if (getters.body !== undefined) return apply(getters.body, request, []) !== null
  const method = apply(getters.method, request, [])
  return method !== 'GET' && method !== 'HEAD'
}

/** @param {any} request @returns {Parts} throws for a forged one, or one that carries what cannot be told */
export function partsOf(request) {
  const usual = defaults ?? learn()
  for (let i = 0; i < hidden.length; i++) {
    if (request[hidden[i]] !== undefined) throw new TypeError('a Request that carries what cannot be told')
  }
  const getters = intrinsics()
  const method = apply(getters.method, request, [])
  const url = apply(getters.url, request, [])
  const headers = headersText(apply(getters.headers, request, []))
  let settings = ''
  for (let i = 0; i < SETTINGS.length; i++) {
    const name = SETTINGS[i]
    const value = read(request, name)
    if (value !== usual[name]) settings += `${name}: ${value}\n`
  }
  return { method, url, headers, settings, body: knownBody(request) }
}

/** @param {object} request @returns {Uint8Array | null | undefined} as in Parts */
function knownBody(request) {
  if (!hasBody(request)) return null
  const body = bodies.get(request)
  if (!(body instanceof Uint8Array)) return undefined
  // Where a body cannot be told from none, none is what an empty one is.
  return body.length === 0 && intrinsics().body === undefined ? null : body
}
