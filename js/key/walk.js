import { identityOf } from './identity.js'
import * as kinds from './kinds.js'
import { abandonArgument, inside, state, writeDeferred } from './nesting.js'
import { compareUnits, emptyShape, grow } from './shapes.js'
import * as sink from './sink.js'
import * as tag from './tags.js'

/** Writes one value after another; `js/key.js` says which. */

/** The method with which a class says what its instances count as. */
export const KEY_METHOD = Symbol.for('my-mimic.key')

/** @type {string[]} */
const NO_NAMES = []

const { getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, hasOwn, keys } = Object
const ObjectPrototype = Object.prototype
const { propertyIsEnumerable } = ObjectPrototype
const ArrayPrototype = Array.prototype
const { sort } = ArrayPrototype
const { apply } = Reflect
const { isArray } = Array
const { keyFor } = Symbol
const EMPTY = {}
const AbortSignalClass = globalThis.AbortSignal
const signalAborted =
  AbortSignalClass && Object.getOwnPropertyDescriptor(AbortSignalClass.prototype, 'aborted')?.get

// Someone may have replaced the methods of Array or Object: what decides a key is read through intrinsics and index loops.

/**
 * How each builtin kind is written; `builtins.js` fills it.
 * @type {((value: any, name: string) => void)[]}
 */
export const writers = []
writers[kinds.FOREIGN_PLAIN] = writeForeignPlain
writers[kinds.ARRAY] = value => (isArray(value) ? writeArray(value) : writeIdentity(value))
writers[kinds.ABORT_SIGNAL] = value =>
  isSignal(value) ? sink.head(tag.ABORT_SIGNAL, 0) : writeIdentity(value)

/**
 * An object as an argument. Whatever reading it throws, it then counts by identity; the function meets its behaviour itself.
 * @param {object} value
 */
export function writeArgument(value) {
  sink.beginArgument()
  const { portable, identities, unread } = state
  const known = identities.length
  const waiting = unread.length
  try {
    writeObject(value)
    if (state.deferred.length > 0) writeDeferred(writeObject)
  } catch {
    sink.rewind()
    abandonArgument(portable, known, waiting)
    writeIdentity(value)
  }
}

/** What the function was called on: an object counts by identity. @param {unknown} self */
export function writeThis(self) {
  if (typeof self === 'object' && self !== null) writeIdentity(self)
  else writeValue(self)
}

/** @param {unknown} value */
export function writeValue(value) {
  switch (typeof value) {
    case 'number':
      return sink.number(value)
    case 'string':
      return sink.string(value)
    case 'object':
      return value === null ? sink.head(tag.NULL, 0) : writeObject(value)
    case 'undefined':
      return sink.head(tag.UNDEFINED, 0)
    case 'boolean':
      return sink.head(value ? tag.TRUE : tag.FALSE, 0)
    case 'bigint':
      return sink.bigint(value)
    case 'symbol':
      return writeSymbol(value)
    default:
      return writeIdentity(/** @type {object} */ (value))
  }
}

/** @param {symbol} value */
function writeSymbol(value) {
  const registered = keyFor(value)
  if (registered === undefined) return writeIdentity(value)
  sink.head(tag.SYMBOL, 0)
  sink.string(registered)
}

/** @param {object | symbol} value */
export function writeIdentity(value) {
  const { identities } = state
  state.portable = false
  identities[identities.length] = /** @type {object} */ (value)
  sink.head(tag.IDENTITY, 0)
  sink.float(identityOf(value))
}

/** @param {unknown} value */
export function isSignal(value) {
  if (typeof value !== 'object' || AbortSignalClass === undefined) return false
  try {
    if (!(value instanceof AbortSignalClass)) return false
    if (signalAborted !== undefined) apply(signalAborted, value, [])
    state.signals = true
    return true
  } catch {
    return false
  }
}

/** @param {object} value */
function writeObject(value) {
  const prototype = getPrototypeOf(value)
  if (prototype === ObjectPrototype) return isArray(value) ? writeIdentity(value) : inside(value, writePlain)
  if (prototype === ArrayPrototype) return isArray(value) ? inside(value, writeArray) : writeInstance(value)
  if (prototype === null) return kinds.isDisguised(value) ? writeIdentity(value) : inside(value, writePlain)
  const { kind, name } = kinds.kindOf(prototype)
  if (kind === kinds.INSTANCE) return writeInstance(value)
  return inside(value, writers[kind], name)
}

/** `for … in` lists inherited names too; someone may have added one to Object.prototype. */
function isPolluted() {
  for (const _ in EMPTY) return true
  return false
}

/** @param {Record<string, unknown>} value */
function writePlain(value) {
  if (isPolluted()) return writeForeignPlain(value)
  const { held } = state
  const base = state.top
  let end = base
  let shape = emptyShape()
  /** @type {string[] | undefined} */
  let names
  for (const name in value) {
    if (names === undefined) {
      const next = grow(shape, name)
      if (next.usable) {
        shape = next
      } else {
        names = shape.names()
        names[names.length] = name
      }
    } else {
      names[names.length] = name
    }
    const property = value[name]
    held[end++] = property
    if (typeof property === 'object' && isSignal(property)) names ??= shape.names()
  }
  if (shape.suspect && kinds.isDisguised(value)) return writeIdentity(value)
  const symbols = getOwnPropertySymbols(value)
  if (names !== undefined || symbols.length > 0) {
    const values = new Array(end - base)
    for (let i = base; i < end; i++) values[i - base] = held[i]
    return writePairs(tag.OBJECT, value, names ?? shape.names(), values, symbols)
  }
  const order = shape.order ?? shape.complete()
  const { cells } = shape
  sink.head(tag.OBJECT, order.length)
  state.top = end
  for (let i = 0; i < order.length; i++) {
    const at = base + order[i]
    const property = held[at]
    held[at] = undefined
    sink.copy(cells[i])
    writeValue(property)
  }
  state.top = base
}

/** @param {Record<string, unknown>} value */
function writeForeignPlain(value) {
  const names = keys(value)
  if ((names.length === 0 || names[0] === '0') && kinds.isDisguised(value)) return writeIdentity(value)
  writePairs(tag.OBJECT, value, names, read(value, names), getOwnPropertySymbols(value))
}

/** @param {any} value @param {PropertyKey[]} names @returns {unknown[]} each property, read once */
function read(value, names) {
  const values = new Array(names.length)
  for (let i = 0; i < names.length; i++) values[i] = value[names[i]]
  return values
}

/**
 * @param {number} head tag
 * @param {object} owner
 * @param {string[]} names
 * @param {unknown[]} values of the names
 * @param {symbol[]} ownSymbols
 */
function writePairs(head, owner, names, values, ownSymbols) {
  /** @type {symbol[]} */
  const symbols = []
  for (let i = 0; i < ownSymbols.length; i++) {
    const symbol = ownSymbols[i]
    if (!apply(propertyIsEnumerable, owner, [symbol]) || kinds.isInternal(symbol)) continue
    symbols[symbols.length] = symbol
    // Numbered now, not in the order in which this engine's sort happens to compare.
    if (keyFor(symbol) === undefined) identityOf(symbol)
  }
  const symbolValues = read(owner, symbols)
  const order = sorted(values, (a, b) => compareUnits(names[a], names[b]))
  const symbolOrder = sorted(symbolValues, (a, b) => compareSymbols(symbols[a], symbols[b]))
  const count = order.length + symbolOrder.length
  if (head === tag.EXTRA && count === 0) return
  sink.head(head, count)
  for (let i = 0; i < order.length; i++) {
    sink.string(names[order[i]])
    writeValue(values[order[i]])
  }
  for (let i = 0; i < symbolOrder.length; i++) {
    writeSymbol(symbols[symbolOrder[i]])
    writeValue(symbolValues[symbolOrder[i]])
  }
}

/** @param {unknown[]} values @param {(a: number, b: number) => number} compare @returns {number[]} places of those that are no signals */
function sorted(values, compare) {
  /** @type {number[]} */
  const places = []
  for (let i = 0; i < values.length; i++) {
    if (!isSignal(values[i])) places[places.length] = i
  }
  return apply(sort, places, [compare])
}

/** Registered symbols first, by key; the others by id. @param {symbol} a @param {symbol} b */
function compareSymbols(a, b) {
  const left = keyFor(a)
  const right = keyFor(b)
  if (left !== undefined && right !== undefined) return compareUnits(left, right)
  if (left === undefined && right === undefined) return identityOf(a) - identityOf(b)
  return left === undefined ? 1 : -1
}

/**
 * Properties that someone added to a builtin stand before it: behind it they could belong to the last thing inside.
 * @param {object} value
 * @param {string[]} [names] its enumerable names
 * @param {(name: string) => boolean} [isContent] which of them the builtin itself is written with
 */
export function writeExtra(value, names = keys(value), isContent) {
  const symbols = getOwnPropertySymbols(value)
  if (names.length === 0 && symbols.length === 0) return
  let extra = names
  if (isContent !== undefined) {
    extra = []
    for (let i = 0; i < names.length; i++) if (!isContent(names[i])) extra[extra.length] = names[i]
  }
  if (extra.length > 0 || symbols.length > 0) writePairs(tag.EXTRA, value, extra, read(value, extra), symbols)
}

/** @param {unknown[]} value */
function writeArray(value) {
  const { length } = value
  if (!(length >>> 0 === length)) throw new TypeError('an array with no valid length')
  const names = keys(value)
  // Names list indexes first, so when there are as many as items and the last is one, all are: no holes, nothing extra. Only a proxy lists another first.
  const isFull =
    names.length === length && (length === 0 || (names[0] === '0' && isIndex(names[length - 1], length)))
  if (isFull) writeExtra(value, NO_NAMES)
  else writeExtra(value, names, name => isIndex(name, length))
  sink.head(tag.ARRAY, length)
  // An index may be there without being enumerable.
  if (!isFull) return writeIndexes(value, length, getOwnPropertyNames(value))
  for (let i = 0; i < length; i++) {
    const item = value[i]
    // A proxy lists its names in any order.
    if (item === undefined && !hasOwn(value, i)) throw new TypeError('an array whose names are in no order')
    writeItem(item)
  }
}

/** Items with holes between them. @param {unknown[]} value @param {number} length @param {string[]} names */
function writeIndexes(value, length, names) {
  let next = 0
  for (let i = 0; i < names.length; i++) {
    if (!isIndex(names[i], length)) continue
    const index = +names[i]
    if (index < next) throw new TypeError('an array whose names are in no order')
    if (index > next) sink.head(tag.HOLES, index - next)
    next = index + 1
    writeItem(value[index])
  }
  if (length > next) sink.head(tag.HOLES, length - next)
}

/** The last name of nearly every array. @type {string[]} */
const INDEXES = []
for (let i = 0; i < 256; i++) INDEXES[i] = `${i}`

/** @param {string} name @param {number} length */
function isIndex(name, length) {
  if (INDEXES[length - 1] === name) return true
  const index = +name
  return index >>> 0 === index && index < length && `${index}` === name
}

/** A signal in a list keeps its place. @param {unknown} item */
export function writeItem(item) {
  if (typeof item === 'object' && isSignal(item)) sink.head(tag.ABORT_SIGNAL, 0)
  else writeValue(item)
}

/** An instance says what it counts as, or counts by identity. @param {any} value */
function writeInstance(value) {
  const method = value[KEY_METHOD]
  if (typeof method === 'function') inside(value, writeKeyed, method)
  else writeIdentity(value)
}

/** The prototype that first used a class's name under `[mime.key]()`; another of that name counts by identity. @type {Map<string, WeakRef<object>>} */
const named = new Map()

/** @param {any} value @param {Function} method */
function writeKeyed(value, method) {
  const prototype = getPrototypeOf(value)
  const type = hasOwn(prototype, 'constructor') ? prototype.constructor : undefined
  const isClass = typeof type === 'function' && type.prototype === prototype && typeof type.name === 'string'
  const name = isClass ? type.name : ''
  if (isClass && !named.has(name)) named.set(name, new WeakRef(prototype))
  const isFirst = isClass && named.get(name)?.deref() === prototype
  const counts = apply(method, value, [])
  sink.head(tag.KEYED, isFirst ? 0 : 1)
  sink.string(name)
  if (!isFirst) writeIdentity(prototype)
  // Whoever counts as himself is nobody else, and no cycle without content.
  if (counts === value) writeIdentity(value)
  else writeItem(counts)
}
