/**
 * What an object is. Its prototype's constructor nominates a builtin, the intrinsic getters of that builtin confirm it by its internal
 * slots; so neither a forged prototype nor a Symbol.toStringTag nor a class that borrows a name passes. Classes of the user are known by
 * registration alone.
 */

import { MimicTypeError } from '../errors.js'
import { ERRORS, TEXTS, VIEWS } from './tags.js'

const globals = /** @type {Record<string, any>} */ (globalThis)
const { getOwnPropertyDescriptor, getPrototypeOf } = Object
const objectToString = Object.prototype.toString
const functionToString = Function.prototype.toString

/** @param {object} holder @param {PropertyKey} name @returns {any} an intrinsic getter or method, unbound */
function intrinsic(holder, name) {
  const descriptor = getOwnPropertyDescriptor(holder, name)
  return descriptor?.get ?? descriptor?.value
}

const TypedArray = getPrototypeOf(Uint8Array.prototype)
const typedName = intrinsic(TypedArray, Symbol.toStringTag)
const bufferLength = intrinsic(ArrayBuffer.prototype, 'byteLength')
const bufferResizable = intrinsic(ArrayBuffer.prototype, 'resizable')
export const mapForEach = intrinsic(Map.prototype, 'forEach')
export const setForEach = intrinsic(Set.prototype, 'forEach')
export const dateTime = intrinsic(Date.prototype, 'getTime')
export const regexpSource = intrinsic(RegExp.prototype, 'source')
export const regexpFlags = intrinsic(RegExp.prototype, 'flags')

/** @param {object} holder */
const partsOf = holder => ({
  buffer: intrinsic(holder, 'buffer'),
  offset: intrinsic(holder, 'byteOffset'),
  length: intrinsic(holder, 'byteLength'),
})
const dataViewParts = partsOf(DataView.prototype)
const typedParts = partsOf(TypedArray)

/**
 * Reads the slots of a builtin that only the real thing has, and throws for anything else.
 * @type {Record<string, (value: any) => unknown>}
 */
const brands = {
  Map: intrinsic(Map.prototype, 'size'),
  Set: intrinsic(Set.prototype, 'size'),
  Date: dateTime,
  RegExp: regexpSource,
  ArrayBuffer: bufferLength,
  DataView: dataViewParts.buffer,
}
for (const name of Object.keys(brands)) {
  const read = /** @type {any} */ (brands[name])
  brands[name] = value => read.call(value)
}
for (const name of ['Number', 'String', 'Boolean', 'BigInt', 'Symbol']) {
  const valueOf = intrinsic(globals[name].prototype, 'valueOf')
  brands[name] = value => valueOf.call(value)
}
for (const name of VIEWS.slice(1)) {
  brands[name] = value => {
    if (typedName.call(value) !== (name === 'Buffer' ? 'Uint8Array' : name))
      throw new TypeError(`not a ${name}`)
  }
}
/** @type {[string, string][]} */
const late = [
  ['URL', 'href'],
  ['URLSearchParams', 'toString'],
  ['DOMException', 'name'],
]
/** Looked up when met: touching the global `Headers` loads a good part of Node. */
for (const [name, member] of late) {
  brands[name] = value => textPart(name, member).call(value)
}
brands.Headers = value => textPart('Headers', 'has').call(value, 'a')

/** @param {string} name @param {string} member */
function textPart(name, member) {
  return intrinsic(globals[name].prototype, member)
}

/** @param {string} name 'URL' or 'URLSearchParams' @param {object} value @returns {string} */
export function textOf(name, value) {
  return textPart(name, name === 'URL' ? 'href' : 'toString').call(value)
}

/** @param {object} value a Headers @returns {string[]} names and values by turns */
export function headerLines(value) {
  /** @type {string[]} */
  const lines = []
  for (const [name, line] of textPart('Headers', 'entries').call(value)) lines.push(name, line)
  return lines
}

/** @param {object} value a DOMException @returns {string[]} its message and its name, which its code follows from */
export function domExceptionTexts(value) {
  return [textPart('DOMException', 'message').call(value), textPart('DOMException', 'name').call(value)]
}

/** @param {string} name of a box @param {object} value @returns {unknown} the primitive inside */
export function unbox(name, value) {
  return brands[name](value)
}

/** @param {string} name in VIEWS @param {object} value @returns {{ buffer: ArrayBufferLike, offset: number, length: number }} */
export function viewed(name, value) {
  const parts = name === 'DataView' ? dataViewParts : typedParts
  return {
    buffer: parts.buffer.call(value),
    offset: parts.offset.call(value),
    length: parts.length.call(value),
  }
}

/** @param {object} buffer @returns {string} why this buffer cannot be stored, or '' */
export function bufferObjection(buffer) {
  try {
    bufferLength.call(buffer)
  } catch {
    return 'is shared memory'
  }
  // A fixed copy of a resizable buffer would be another thing; a detached one has no bytes left to copy.
  if (bufferResizable?.call(buffer)) return 'is a resizable ArrayBuffer'
  try {
    new Uint8Array(/** @type {ArrayBuffer} */ (buffer))
  } catch {
    return 'is a detached ArrayBuffer'
  }
  return ''
}

/**
 * A test for the slots of a Map or a Set, which nothing shows once the prototype is gone. Only Node has one that costs nanoseconds; the
 * intrinsic getter tells by throwing, which would cost microseconds for each `{}`, so elsewhere such a thing passes for the plain object it
 * claims to be.
 * @param {'Map' | 'Set'} name
 * @returns {(value: object) => boolean}
 */
function slotTest(name) {
  return globals.process?.getBuiltinModule?.('node:util/types')?.[`is${name}`] ?? (() => false)
}
const isMap = slotTest('Map')
const isSet = slotTest('Set')

const KNOWN = new Set([...Object.keys(brands), ...ERRORS, ...TEXTS, 'Object', 'Array'])

/** @type {WeakMap<object, string>} */
const nominations = new WeakMap()

/**
 * @param {object} proto
 * @returns {string} the builtin whose prototype this is, in this realm or another; '' for any other prototype
 */
function nominated(proto) {
  const known = nominations.get(proto)
  if (known !== undefined) return known
  const name = nominate(proto)
  nominations.set(proto, name)
  return name
}

/** @param {object} proto */
function nominate(proto) {
  const constructor = getOwnPropertyDescriptor(proto, 'constructor')?.value
  if (typeof constructor !== 'function' || constructor.prototype !== proto) return ''
  const { name } = constructor
  if (!KNOWN.has(name)) return ''
  if (globals[name] === constructor) return name
  const native = /^\s*function (\w+)\(\)\s*\{\s*\[native code\]\s*\}\s*$/.exec(
    functionToString.call(constructor),
  )
  return native?.[1] === name ? name : ''
}

/**
 * @param {object} value
 * @param {object} proto its prototype
 * @returns {string} the name of the builtin it is; '' when it is none, or has a prototype that is not the builtin's own
 */
export function builtinOf(value, proto) {
  const name = nominated(proto)
  if (name === 'Object') return getPrototypeOf(proto) === null && !showsOtherwise(value) ? name : ''
  if (name === 'Array') return Array.isArray(value) ? name : ''
  if (name === '' || ERRORS.includes(name)) return errorOf(value, proto)
  try {
    brands[name](value)
    return name
  } catch {
    return ''
  }
}

/** The nearest builtin class of an error, whatever the user derived from it. @param {object} value @param {object} proto */
function errorOf(value, proto) {
  for (let link = /** @type {object | null} */ (proto), hops = 0; link !== null && hops < 100; hops++) {
    const name = nominated(link)
    if (ERRORS.includes(name)) return isError(value, name) ? name : ''
    link = getPrototypeOf(link)
  }
  return ''
}

/** @param {object} value @param {string} name */
function isError(value, name) {
  if (name === 'DOMException') {
    try {
      return typeof brands.DOMException(value) === 'string'
    } catch {
      return false
    }
  }
  const asked = /** @type {any} */ (Error).isError
  if (asked) return asked(value)
  // Without a tag of its own, toString shows the slot; with one, the chain has to do.
  return Symbol.toStringTag in value || objectToString.call(value) === '[object Error]'
}

/**
 * Whether an object with a plain prototype and no properties to store is a builtin all the same, stripped of its own prototype: stored as
 * `{}` it would lose what it holds.
 * @param {object} value
 */
export function isDisguised(value) {
  return showsOtherwise(value) || ArrayBuffer.isView(value) || isMap(value) || isSet(value)
}

/** What shows itself as otherwise than its plain prototype says: a stripped Date, `Math`, `JSON`. @param {object} value */
function showsOtherwise(value) {
  const shown = objectToString.call(value)
  if (shown === '[object Object]' || shown === '[object Arguments]') return false
  return !getOwnPropertyDescriptor(value, Symbol.toStringTag)?.enumerable
}

/**
 * @typedef {object} Registered
 * @property {Function} Class
 * @property {string} name
 * @property {(value: any) => unknown} encode
 * @property {(data: any) => unknown} decode
 */

/** @type {Map<object, Registered>} */
const byPrototype = new Map()
/** @type {Map<string, Registered>} */
const byName = new Map()

/** @param {object} proto @returns {Registered | undefined} */
export function registeredFor(proto) {
  return byPrototype.size === 0 ? undefined : byPrototype.get(proto)
}

/** @param {string} name @returns {Registered | undefined} */
export function registeredAs(name) {
  return byName.get(name)
}

/**
 * Makes the instances of a class storable: `encode` turns one into a value that is, `decode` turns that back. An instance of a subclass is
 * another class. The name is what is written, so it has to stay the same; by default it is the name of the class. Registering a class again
 * replaces its functions.
 * @template T
 * @param {abstract new (...args: any[]) => T} Class
 * @param {{ name?: string, encode: (value: T) => unknown, decode: (data: any) => T }} codec
 */
export function registerType(Class, { name = Class?.name, encode, decode }) {
  const proto = typeof Class === 'function' ? Class.prototype : undefined
  if (typeof proto !== 'object' || proto === null) {
    throw new MimicTypeError('ERR_INVALID_OPTION', 'registerType(Class, …): Class must be a class')
  }
  if (nominated(proto) !== '') {
    throw new MimicTypeError(
      'ERR_INVALID_OPTION',
      `registerType(${Class.name}, …): a builtin is stored as it is`,
    )
  }
  if (typeof name !== 'string' || name === '') {
    throw new MimicTypeError(
      'ERR_INVALID_OPTION',
      'registerType(Class, …): a class without a name needs { name }',
    )
  }
  if (typeof encode !== 'function' || typeof decode !== 'function') {
    throw new MimicTypeError(
      'ERR_INVALID_OPTION',
      `registerType(${name}, …) needs { encode, decode }, both functions`,
    )
  }
  const taken = byName.get(name)
  if (taken !== undefined && taken.Class !== Class) {
    throw new MimicTypeError(
      'ERR_INVALID_OPTION',
      `registerType(…): the name ${name} is another class's; give { name }`,
    )
  }
  const before = byPrototype.get(proto)
  if (before !== undefined) byName.delete(before.name)
  const type = { Class, name, encode, decode }
  byPrototype.set(proto, type)
  byName.set(name, type)
}
