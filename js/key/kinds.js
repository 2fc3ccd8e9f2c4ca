/**
 * What an object is, told from its prototype and then from its internal slots through the intrinsic getters, so neither a subclass, nor a
 * forged prototype, nor a Symbol.toStringTag passes for a builtin. Anything not known here counts by identity.
 */

export const PLAIN = 1
/** A plain object of another realm: the same content, but `for … in` cannot be trusted not to list inherited names. */
export const FOREIGN_PLAIN = 2
export const ARRAY = 3
export const MAP = 4
export const SET = 5
export const DATE = 6
export const REGEXP = 7
export const BOXED = 8
export const BYTES = 9
export const TEXT = 10
export const ERROR = 11
export const ABORT_SIGNAL = 12
export const REQUEST = 13
/** Anything else: an instance of a class. */
export const INSTANCE = 14

/** @param {object} prototype @param {PropertyKey} name @returns {any} an intrinsic getter or method, unbound */
export function intrinsic(prototype, name) {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  // Someone may have added a `get` to Object.prototype.
  if (descriptor === undefined || Object.hasOwn(descriptor, 'value')) return descriptor?.value
  return descriptor.get
}

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype)
const globals = /** @type {Record<string, any>} */ (globalThis)

const { apply } = Reflect
const { getOwnPropertyDescriptor, getOwnPropertyNames, hasOwn } = Object
const { propertyIsEnumerable } = Object.prototype
const mapForEach = intrinsic(Map.prototype, 'forEach')
const setForEach = intrinsic(Set.prototype, 'forEach')
const dateTime = intrinsic(Date.prototype, 'getTime')
const regexpSource = intrinsic(RegExp.prototype, 'source')
/** The letters of RegExp's flags and the getters of their slots, which an own property of the same name does not hide. @type {[string, any][]} */
const regexpFlags = []
for (const [letter, name] of [
  ['d', 'hasIndices'],
  ['g', 'global'],
  ['i', 'ignoreCase'],
  ['m', 'multiline'],
  ['s', 'dotAll'],
  ['u', 'unicode'],
  ['v', 'unicodeSets'],
  ['y', 'sticky'],
]) {
  const getter = intrinsic(RegExp.prototype, name)
  if (getter !== undefined) regexpFlags.push([letter, getter])
}
const arrayBufferLength = intrinsic(ArrayBuffer.prototype, 'byteLength')
const typedName = intrinsic(TypedArray, Symbol.toStringTag)
const typedBuffer = intrinsic(TypedArray, 'buffer')
const typedOffset = intrinsic(TypedArray, 'byteOffset')
const typedLength = intrinsic(TypedArray, 'byteLength')
const viewBuffer = intrinsic(DataView.prototype, 'buffer')
const viewOffset = intrinsic(DataView.prototype, 'byteOffset')
const viewLength = intrinsic(DataView.prototype, 'byteLength')
const objectToString = Object.prototype.toString
const functionToString = Function.prototype.toString

/** Kinds of tag 24. @type {Record<string, number>} */
const BYTES_KINDS = {
  ArrayBuffer: 1,
  DataView: 2,
  Int8Array: 3,
  Uint8Array: 4,
  Uint8ClampedArray: 5,
  Int16Array: 6,
  Uint16Array: 7,
  Int32Array: 8,
  Uint32Array: 9,
  Float16Array: 10,
  Float32Array: 11,
  Float64Array: 12,
  BigInt64Array: 13,
  BigUint64Array: 14,
}
const BUFFER_KIND = 15

/** Kinds of tag 25. @type {Record<string, number>} */
const TEXT_KINDS = {
  URL: 1,
  URLSearchParams: 2,
  Headers: 3,
  Instant: 16,
  ZonedDateTime: 17,
  PlainDateTime: 18,
  PlainDate: 19,
  PlainTime: 20,
  PlainYearMonth: 21,
  PlainMonthDay: 22,
  Duration: 23,
}
const TEMPORAL = Object.keys(TEXT_KINDS).slice(3)
/** Names of the error classes that count by value. */
export const ERRORS = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
]
const BOXES = ['Number', 'String', 'Boolean', 'BigInt', 'Symbol']

/** @typedef {{ kind: number, name: string }} Kind */
/** @type {Kind} */
const instance = { kind: INSTANCE, name: '' }

/** Builtin names to kinds; the same table serves this realm and, by name, the others. @type {Record<string, number>} */
const KIND_OF_NAME = {
  Object: FOREIGN_PLAIN,
  Array: ARRAY,
  Map: MAP,
  Set: SET,
  Date: DATE,
  RegExp: REGEXP,
  AbortSignal: ABORT_SIGNAL,
}
for (const name of BOXES) KIND_OF_NAME[name] = BOXED
for (const name of Object.keys(BYTES_KINDS)) KIND_OF_NAME[name] = BYTES
for (const name of Object.keys(TEXT_KINDS).slice(0, 3)) KIND_OF_NAME[name] = TEXT
for (const name of ERRORS) KIND_OF_NAME[name] = ERROR

/** @type {WeakMap<object, Kind>} */
const kinds = new WeakMap()
/** Looked up only when one is met: in Node the first look at it loads a whole HTTP client. A Request of another realm is an instance. @type {Record<string, number>} */
const LAZY = { Headers: TEXT, Request: REQUEST }
for (const [name, kind] of Object.entries(KIND_OF_NAME)) {
  if (!Object.hasOwn(LAZY, name) && typeof globals[name] === 'function')
    kinds.set(globals[name].prototype, { kind, name })
}
for (const name of TEMPORAL) {
  if (globals.Temporal?.[name]) kinds.set(globals.Temporal[name].prototype, { kind: TEXT, name })
}
if (typeof globals.Buffer === 'function') kinds.set(globals.Buffer.prototype, { kind: BYTES, name: 'Buffer' })

/**
 * @param {object} prototype not null, not this realm's Object.prototype or Array.prototype
 * @returns {Kind}
 */
export function kindOf(prototype) {
  let kind = kinds.get(prototype)
  if (kind === undefined) {
    kind = foreign(prototype)
    kinds.set(prototype, kind)
  }
  return kind
}

/** How this engine prints a native constructor; another realm's prints the same. */
const nativeSource = apply(functionToString, Map, [])

/** A builtin prototype of another realm (an iframe, a vm context) is told by its native constructor. @param {object} prototype */
function foreign(prototype) {
  const constructor = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  if (typeof constructor !== 'function') return instance
  const { name } = constructor
  if (typeof name !== 'string') return instance
  if (Object.hasOwn(LAZY, name) && globals[name]?.prototype === prototype) return { kind: LAZY[name], name }
  const own = Object.getOwnPropertyDescriptor(constructor, 'prototype')
  if (own?.value !== prototype || own.writable) return instance
  if (apply(functionToString, constructor, []) !== nativeSource.replace('Map', name)) return instance
  return Object.hasOwn(KIND_OF_NAME, name) ? { kind: KIND_OF_NAME[name], name } : instance
}

/** Node tells slots apart in nanoseconds; an intrinsic getter tells by throwing, which is too dear for each `{}`. */
const slots = globals.process?.getBuiltinModule?.('node:util/types')

/** Whether asking what it is would run a getter of its own, which is to be read once at most. @param {object} value */
function hidesTag(value) {
  const own = getOwnPropertyDescriptor(value, Symbol.toStringTag)
  return own !== undefined && !hasOwn(own, 'value')
}

/**
 * An object whose prototype says plain but which is not: `arguments`, a Date or Map stripped of its prototype, `Math`, the prototype of a
 * class. Only called where the enumerable names look like one: none at all, an index first, or no prototype.
 * @param {object} value
 */
export function isDisguised(value) {
  if (hidesTag(value)) return true
  const tag = apply(objectToString, value, [])
  if (tag !== '[object Object]' && !apply(propertyIsEnumerable, value, [Symbol.toStringTag])) return true
  if (slots !== undefined && (slots.isMap(value) || slots.isSet(value))) return true
  const names = getOwnPropertyNames(value)
  for (let i = 0; i < names.length; i++) if (!apply(propertyIsEnumerable, value, [names[i]])) return true
  return false
}

/** The entries, taken at once: user code met on the way must not change how many there are. @param {object} value @returns {unknown[]} keys and values in turn */
export function mapEntries(value) {
  /** @type {unknown[]} */
  const entries = []
  apply(mapForEach, value, [
    (/** @type {unknown} */ item, /** @type {unknown} */ key) => {
      entries[entries.length] = key
      entries[entries.length] = item
    },
  ])
  return entries
}

/** @param {object} value @returns {unknown[]} */
export function setMembers(value) {
  /** @type {unknown[]} */
  const members = []
  apply(setForEach, value, [
    (/** @type {unknown} */ member) => {
      members[members.length] = member
    },
  ])
  return members
}

/** @param {object} value @returns {number} NaN for an invalid date; throws for a forged one */
export function timeOf(value) {
  return apply(dateTime, value, [])
}

const unboxers = new Map(BOXES.map(name => [name, intrinsic(globals[name].prototype, 'valueOf')]))

/** @param {object} value @param {string} name a name in BOXES @returns {unknown} the primitive inside; throws for a forged one */
export function unbox(value, name) {
  return apply(unboxers.get(name), value, [])
}

/** @param {object} value @returns {[string, string]} source and flags; throws for a forged one, or one with hidden properties */
export function regexpParts(value) {
  if (hidesTag(value) || apply(objectToString, value, []) !== '[object RegExp]')
    throw new TypeError('not a RegExp')
  const names = getOwnPropertyNames(value)
  for (let i = 0; i < names.length; i++) {
    const isOwn = names[i] === 'lastIndex' || apply(propertyIsEnumerable, value, [names[i]])
    if (!isOwn) throw new TypeError('a RegExp that hides what it is')
  }
  let flags = ''
  for (let i = 0; i < regexpFlags.length; i++)
    if (apply(regexpFlags[i][1], value, [])) flags += regexpFlags[i][0]
  return [apply(regexpSource, value, []), flags]
}

/**
 * @param {any} value
 * @param {string} name
 * @returns {{ kind: number, bytes: Uint8Array }} kind of tag 24 and the viewed bytes; throws for a forged one
 */
export function viewedBytes(value, name) {
  if (name === 'ArrayBuffer')
    return { kind: 1, bytes: new Uint8Array(value, 0, apply(arrayBufferLength, value, [])) }
  if (name === 'DataView') {
    return {
      kind: 2,
      bytes: new Uint8Array(
        apply(viewBuffer, value, []),
        apply(viewOffset, value, []),
        apply(viewLength, value, []),
      ),
    }
  }
  const actual = apply(typedName, value, [])
  if (actual !== (name === 'Buffer' ? 'Uint8Array' : name)) throw new TypeError(`not a ${name}`)
  const bytes = new Uint8Array(
    apply(typedBuffer, value, []),
    apply(typedOffset, value, []),
    apply(typedLength, value, []),
  )
  return { kind: name === 'Buffer' ? BUFFER_KIND : BYTES_KINDS[name], bytes }
}

/**
 * @param {any} value
 * @param {string} name
 * @returns {{ kind: number, text: string }} kind of tag 25 and the text; throws for a forged one
 */
export function textOf(value, name) {
  const { prototype } = TEMPORAL.includes(name) ? globals.Temporal[name] : globals[name]
  const kind = TEXT_KINDS[name]
  if (name === 'URL') return { kind, text: apply(intrinsic(prototype, 'href'), value, []) }
  if (name === 'Headers') return { kind, text: headersText(value) }
  return { kind, text: apply(intrinsic(prototype, 'toString'), value, []) }
}

/** @param {object} headers @returns {string} a line each, sorted by name; throws for forged ones */
export function headersText(headers) {
  let text = ''
  const forEach = intrinsic(globals.Headers.prototype, 'forEach')
  apply(forEach, headers, [
    (/** @type {string} */ line, /** @type {string} */ key) => (text += `${key}: ${line}\n`),
  ])
  if (!knowsHeaders) learnHeaders(forEach)
  return text
}

/** Deno keeps the state of a URL under enumerable symbols of its own; nobody added them. @type {Set<symbol>} */
const internals = new Set()

/** @param {object} sample a builtin that nobody has touched */
export function learnInternals(sample) {
  const symbols = Object.getOwnPropertySymbols(sample)
  for (let i = 0; i < symbols.length; i++) internals.add(symbols[i])
}

if (typeof URL === 'function') {
  const url = new URL('a:b')
  learnInternals(url.searchParams)
  learnInternals(url)
}

let knowsHeaders = false

/** Iterating leaves a symbol too. @param {any} forEach */
function learnHeaders(forEach) {
  knowsHeaders = true
  const sample = new globals.Headers([['a', 'b']])
  apply(forEach, sample, [() => {}])
  learnInternals(sample)
}

/** @param {symbol} symbol */
export function isInternal(symbol) {
  return internals.size > 0 && internals.has(symbol)
}

/** A real error has the slot, which only `Object.prototype.toString` shows. @param {object} value */
export function isError(value) {
  return !hidesTag(value) && apply(objectToString, value, []) === '[object Error]'
}
