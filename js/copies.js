import { invalidOption, MimicError } from './errors.js'
import { isOneShot } from './oneshot.js'
import { copiesOf, isResponse } from './response.js'

/**
 * Whose value it is: by default every caller gets the same reference; `clone` gives each a copy of a master that nobody else has, `freeze`
 * lets nobody change the one that all share.
 */

/** @param {unknown} clone the `clone` option @returns {((value: any) => unknown) | undefined} */
export function checkClone(clone) {
  if (clone === false) return undefined
  if (clone === true) return value => structuredClone(value)
  if (typeof clone !== 'function') {
    throw invalidOption('clone', clone, 'true, false or a function that copies a value')
  }
  return /** @type {(value: any) => unknown} */ (clone)
}

/**
 * Freezes a value and every object in it, frozen ones looked into as well. Functions stay as they are (behind one there may be half a program),
 * and so do typed arrays, which cannot be frozen, and objects of the platform such as a Response; and what a Map or a Set holds can still be replaced. Accessors are not run.
 * @param {unknown} value
 */
export function freezeDeep(value) {
  const waiting = [value]
  /** @type {Set<object>} */
  const seen = new Set()
  for (const thing of waiting) {
    if (thing === null || typeof thing !== 'object' || seen.has(thing) || isOfHost(thing)) continue
    seen.add(thing)
    Object.freeze(thing)
    for (const held of membersOf(thing)) waiting.push(held)
    for (const name of Reflect.ownKeys(thing))
      waiting.push(Reflect.getOwnPropertyDescriptor(thing, name)?.value)
  }
}

const { forEach: eachOfMap } = Map.prototype
const { forEach: eachOfSet } = Set.prototype

/** What a Map or a Set holds. A proxy of one does not show it, nor what has only its prototype. @param {object} thing @returns {unknown[]} */
function membersOf(thing) {
  /** @type {unknown[]} */
  const members = []
  const each = thing instanceof Map ? eachOfMap : thing instanceof Set ? eachOfSet : undefined
  try {
    each?.call(/** @type {any} */ (thing), (/** @type {unknown} */ held, /** @type {unknown} */ key) => {
      members.push(key, held)
    })
  } catch {
    return []
  }
  return members
}

/** What the runtime keeps its own state in: frozen, it would work no more. */
const HOST = ['EventTarget', 'Request', 'Response', 'Headers', 'FormData', 'Blob', 'ReadableStream', 'WritableStream', 'TransformStream', 'CompressionStream', 'DecompressionStream', 'TextEncoderStream', 'TextDecoderStream', 'TextDecoder', 'TextEncoder'] // biome-ignore format: one line

/** An EventEmitter of Node has its state in properties: a stream, a socket, a server. @param {any} thing */
function isOfHost(thing) {
  const globals = /** @type {Record<string, any>} */ (globalThis)
  if (ArrayBuffer.isView(thing) || HOST.some(name => globals[name] && thing instanceof globals[name]))
    return true
  return isMethodOf(thing, 'on') && isMethodOf(thing, 'emit')
}

/** Inherited. No accessor is run. @param {object} thing @param {string} name */
function isMethodOf(thing, name) {
  let at = Object.getPrototypeOf(thing)
  while (at !== null && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at)
  return at !== null && typeof Object.getOwnPropertyDescriptor(at, name)?.value === 'function'
}

/** All there are: `instanceof` asks what a proxy in a slot stands for, and a proxy may be revoked. @type {WeakSet<object>} */
const masters = new WeakSet()

/** @param {any} value @returns {value is Master} */
export function isMaster(value) {
  return masters.has(value)
}

/** A value that nobody has; callers get copies of it. It stands in the slot of an entry in place of the value. */
export class Master {
  /**
   * @param {boolean} isAsync callers get a promise of their copy
   * @param {(signal?: AbortSignal) => unknown} take makes a copy; the signal ends it while it is still coming
   * @param {import('./response.js').Copies} [copies] of a Response
   * @param {unknown} [value] what is copied otherwise
   */
  constructor(isAsync, take, copies, value) {
    this.isAsync = isAsync
    this.take = take
    this.copies = copies
    this.value = value
    masters.add(this)
  }

  /** What a caller gets. @param {AbortSignal} [signal] his */
  hand(signal) {
    const copy = this.take(signal)
    return this.isAsync ? Promise.resolve(copy) : copy
  }
}

/**
 * @param {import('./options.js').Settings} settings
 * @param {unknown} result
 * @param {boolean} isAsync
 * @returns {Master | undefined} nothing where all callers share the result
 * @throws MimicError `ERR_ONE_SHOT` for what only its first caller can read, and what `clone` throws
 */
export function masterOf({ name, clone, maxBytes }, result, isAsync) {
  if (isResponse(result)) {
    const copies = copiesOf(result, maxBytes)
    if (copies !== undefined) return new Master(isAsync, signal => copies.take(signal), copies)
  }
  if (isOneShot(result)) throw oneShotError(name)
  if (clone === undefined) return undefined
  const master = clone(result)
  return new Master(isAsync, () => clone(master), undefined, master)
}

/** @param {string | undefined} name */
function oneShotError(name) {
  const message = `${name ?? 'a memoized function'} returns what can be read only once (an iterator, a stream, a Response that was read): it is not cached; return an array or the text`
  return new MimicError('ERR_ONE_SHOT', message)
}
