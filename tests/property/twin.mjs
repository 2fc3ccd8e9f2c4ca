import { types } from 'node:util'
import { runInNewContext } from 'node:vm'
import { mime } from '../../js/entry/inline.js'

/**
 * The slow and obvious answer to "are these two calls the same call?", written from the behaviour contract and knowing nothing of cells,
 * tags or hashes. Two values are walked side by side.
 */

/** A second realm: its builtins are not those of this one. */
export const foreign = runInNewContext(
  '({ Object, Array, Map, Set, Date, RegExp, Error, TypeError, Uint8Array, ArrayBuffer, Number, String })',
)

const TEMPORAL = [
  'Instant',
  'ZonedDateTime',
  'PlainDateTime',
  'PlainDate',
  'PlainTime',
  'PlainYearMonth',
  'PlainMonthDay',
  'Duration',
]
const BUILTINS = ['Object', 'Array', 'Map', 'Set', 'Date', 'RegExp', 'ArrayBuffer', 'DataView', 'Buffer']
  .concat(['Number', 'String', 'Boolean', 'BigInt', 'Symbol', 'URL', 'URLSearchParams', 'Headers'])
  .concat(['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'])
  .concat(['AggregateError', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array'])
  .concat(['Int32Array', 'Uint32Array', 'Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array'])
  .concat(['BigUint64Array'])

/** The builtin that an object is a direct instance of, by its prototype. */
const builtinOf = new Map()
for (const name of BUILTINS) if (globalThis[name]) builtinOf.set(globalThis[name].prototype, name)
for (const name of TEMPORAL) {
  if (globalThis.Temporal) builtinOf.set(globalThis.Temporal[name].prototype, `Temporal.${name}`)
}
for (const name of Object.keys(foreign)) builtinOf.set(foreign[name].prototype, name)

const isSignal = value => value instanceof AbortSignal

/** Whether an object with the prototype of a builtin is one, for those that the recipes forge. */
const POSES = { Map: types.isMap, Error: types.isNativeError }

/** What decides, besides what is inside: a name for the kind, or undefined for what goes by identity. */
function kindOf(value) {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === null) return 'Object'
  const name = builtinOf.get(prototype)
  if (name !== undefined) return POSES[name]?.(value) === false ? undefined : name
  return typeof value[mime.key] === 'function' ? 'keyed' : undefined
}

const ownEnumerable = (value, except) =>
  Reflect.ownKeys(value).filter(
    key => Object.prototype.propertyIsEnumerable.call(value, key) && !except(key) && !isSignal(value[key]),
  )

function sameProperties(a, b, inA, inB, except = () => false) {
  const left = ownEnumerable(a, except)
  const right = ownEnumerable(b, except)
  if (left.length !== right.length) return false
  return left.every(key => right.includes(key) && sameValue(a[key], b[key], inA, inB))
}

function sameList(a, b, inA, inB) {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!sameItem(a[i], b[i], inA, inB)) return false
  return true
}

const isIndexBelow = length => key =>
  typeof key === 'string' && String(key >>> 0) === key && key >>> 0 < length

function sameArray(a, b, inA, inB) {
  if (a.length !== b.length) return false
  const except = isIndexBelow(a.length)
  const left = Object.keys(a).filter(except)
  const right = Object.keys(b).filter(except)
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== right[i] || !sameItem(a[left[i]], b[left[i]], inA, inB)) return false
  }
  return sameProperties(a, b, inA, inB, except)
}

function viewed(value) {
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value)
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function sameError(a, b, inA, inB) {
  for (const key of ['message', 'cause', 'errors']) {
    if (Object.hasOwn(a, key) !== Object.hasOwn(b, key)) return false
    if (Object.hasOwn(a, key) && !sameItem(a[key], b[key], inA, inB)) return false
  }
  return sameProperties(a, b, inA, inB)
}

/** Its own text, whatever properties it has. */
const text = value => Object.getPrototypeOf(value).toString.call(value)

/** Both are builtins of the kind. */
function sameContent(kind, a, b, inA, inB) {
  if (kind === 'Object') return sameProperties(a, b, inA, inB)
  if (kind === 'Array') return sameArray(a, b, inA, inB)
  if (types.isArrayBufferView(a) || types.isAnyArrayBuffer(a)) return viewed(a).equals(viewed(b))
  if (types.isNativeError(a)) return sameError(a, b, inA, inB)
  if (kind === 'String') {
    const except = isIndexBelow(a.length)
    return text(a) === text(b) && sameProperties(a, b, inA, inB, except)
  }
  if (!sameProperties(a, b, inA, inB)) return false
  if (kind === 'Map') return sameList([...a].flat(), [...b].flat(), inA, inB)
  if (kind === 'Set') return sameList([...a], [...b], inA, inB)
  if (kind === 'Date') return Object.is(a.getTime(), b.getTime())
  if (kind === 'RegExp') return a.source === b.source && a.flags === b.flags
  if (types.isBoxedPrimitive(a)) return Object.is(a.valueOf(), b.valueOf())
  if (kind === 'Headers') return JSON.stringify([...a]) === JSON.stringify([...b])
  return text(a) === text(b)
}

/** An item of a list: an AbortSignal there only keeps its place. */
function sameItem(a, b, inA, inB) {
  if (isSignal(a) || isSignal(b)) return isSignal(a) && isSignal(b)
  return sameValue(a, b, inA, inB)
}

/** `inA` and `inB`: the containers around the two. */
function sameValue(a, b, inA, inB) {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  const kind = kindOf(a)
  if (kind !== kindOf(b)) return false
  if (kind === undefined) return a === b
  const upA = inA.indexOf(a)
  const upB = inB.indexOf(b)
  if (upA >= 0 || upB >= 0) return upA === upB
  const nowA = [...inA, a]
  const nowB = [...inB, b]
  if (kind === 'keyed') {
    return a.constructor === b.constructor && sameItem(a[mime.key](), b[mime.key](), nowA, nowB)
  }
  return sameContent(kind, a, b, nowA, nowB)
}

function withoutLastSignals(args) {
  const last = args.findLastIndex(argument => !isSignal(argument))
  return args.slice(0, last + 1)
}

/** Whether two calls are the same call. */
export function sameCall(a, b) {
  return a.self === b.self && sameList(withoutLastSignals(a.args), withoutLastSignals(b.args), [], [])
}
