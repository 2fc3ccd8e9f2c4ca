import { identityOf } from './identity.js'
import * as kinds from './kinds.js'
import { inside, state, switchState, writeDeferred } from './nesting.js'
import { compareUnits, emptyShape, grow } from './shapes.js'
import * as sink from './sink.js'
import * as tag from './tags.js'

/** Writes one value after another; `js/key.js` says which. */

/** The method with which a class says what its instances count as. */
export const KEY_METHOD = Symbol.for('my-mimic.key')

/** @type {string[]} */
const NO_NAMES = []

const { getPrototypeOf, getOwnPropertySymbols, keys } = Object
const ObjectPrototype = Object.prototype
const { hasOwnProperty, propertyIsEnumerable } = ObjectPrototype
const ArrayPrototype = Array.prototype
const EMPTY = {}
const AbortSignalClass = globalThis.AbortSignal
const signalAborted =
  AbortSignalClass && Object.getOwnPropertyDescriptor(AbortSignalClass.prototype, 'aborted')?.get

/**
 * How each builtin kind is written; `builtins.js` fills it.
 * @type {((value: any, name: string) => void)[]}
 */
export const writers = []
writers[kinds.FOREIGN_PLAIN] = writeForeignPlain
writers[kinds.ARRAY] = value => (Array.isArray(value) ? writeArray(value) : writeIdentity(value))
writers[kinds.ABORT_SIGNAL] = value =>
  isSignal(value) ? sink.head(tag.ABORT_SIGNAL, 0) : writeIdentity(value)

/**
 * An object as an argument. Whatever reading it throws, it then counts by identity; the function meets its behaviour itself.
 * @param {object} value
 */
export function writeArgument(value) {
  sink.beginArgument()
  const known = state.identities.length
  try {
    writeObject(value)
    writeDeferred(writeObject)
  } catch {
    sink.rewind()
    const { portable, identities } = state
    switchState()
    state.portable = portable
    state.identities = identities.slice(0, known)
    writeIdentity(value)
  }
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
  const registered = Symbol.keyFor(value)
  if (registered === undefined) return writeIdentity(value)
  sink.head(tag.SYMBOL, 0)
  sink.string(registered)
}

/** @param {object | symbol} value */
export function writeIdentity(value) {
  state.portable = false
  state.identities.push(/** @type {object} */ (value))
  sink.head(tag.IDENTITY, 0)
  sink.float(identityOf(value))
}

/** @param {unknown} value */
export function isSignal(value) {
  if (typeof value !== 'object' || AbortSignalClass === undefined) return false
  try {
    if (!(value instanceof AbortSignalClass)) return false
    signalAborted?.call(value)
    return true
  } catch {
    return false
  }
}

/** @param {object} value */
function writeObject(value) {
  const prototype = getPrototypeOf(value)
  if (prototype === ObjectPrototype) return inside(value, writePlain)
  if (prototype === ArrayPrototype)
    return Array.isArray(value) ? inside(value, writeArray) : writeInstance(value)
  if (prototype === null) return inside(value, writePlain)
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
      if (next.usable) shape = next
      else names = [...shape.names(), name]
    } else {
      names.push(name)
    }
    const property = value[name]
    held[end++] = property
    if (typeof property === 'object' && isSignal(property)) names ??= shape.names()
  }
  if (shape.suspect && kinds.isDisguised(value)) return writeIdentity(value)
  const symbols = getOwnPropertySymbols(value)
  if (names !== undefined || symbols.length > 0) {
    const values = held.slice(base, end)
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
  return names.map(name => value[name])
}

/**
 * @param {number} head tag
 * @param {object} owner
 * @param {string[]} names
 * @param {unknown[]} values of the names
 * @param {symbol[]} ownSymbols
 */
function writePairs(head, owner, names, values, ownSymbols) {
  const symbols = ownSymbols.filter(symbol => propertyIsEnumerable.call(owner, symbol))
  const symbolValues = read(owner, symbols)
  const order = names.map((_, i) => i).filter(i => !isSignal(values[i]))
  order.sort((a, b) => compareUnits(names[a], names[b]))
  const symbolOrder = symbols.map((_, i) => i).filter(i => !isSignal(symbolValues[i]))
  symbolOrder.sort((a, b) => compareSymbols(symbols[a], symbols[b]))
  const count = order.length + symbolOrder.length
  if (head === tag.EXTRA && count === 0) return
  sink.head(head, count)
  for (const i of order) {
    sink.string(names[i])
    writeValue(values[i])
  }
  for (const i of symbolOrder) {
    writeSymbol(symbols[i])
    writeValue(symbolValues[i])
  }
}

/** Registered symbols first, by key; the others by id. @param {symbol} a @param {symbol} b */
function compareSymbols(a, b) {
  const left = Symbol.keyFor(a)
  const right = Symbol.keyFor(b)
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
  const extra = isContent === undefined ? names : names.filter(name => !isContent(name))
  if (extra.length > 0 || symbols.length > 0) writePairs(tag.EXTRA, value, extra, read(value, extra), symbols)
}

/** @param {unknown[]} value */
function writeArray(value) {
  const { length } = value
  if (!(length >>> 0 === length)) throw new TypeError('an array with no valid length')
  const names = keys(value)
  // Names list indexes first; when the last is one, all are.
  const isDense = names.length === length && (length === 0 || names[length - 1] === String(length - 1))
  if (isDense) writeExtra(value, NO_NAMES)
  else writeExtra(value, names, name => isIndex(name, length))
  sink.head(tag.ARRAY, length)
  if (names.length < length / 4) return writeSparse(value, length, names)
  let holes = 0
  for (let i = 0; i < length; i++) {
    const item = value[i]
    if (item === undefined && !hasOwnProperty.call(value, i)) {
      holes++
      continue
    }
    if (holes > 0) sink.head(tag.HOLES, holes)
    holes = 0
    writeItem(item)
  }
  if (holes > 0) sink.head(tag.HOLES, holes)
}

/** The same cells as the loop over every index gives. @param {unknown[]} value @param {number} length @param {string[]} names */
function writeSparse(value, length, names) {
  let next = 0
  for (const name of names) {
    if (!isIndex(name, length)) break
    const index = Number(name)
    if (index > next) sink.head(tag.HOLES, index - next)
    next = index + 1
    writeItem(value[index])
  }
  if (length > next) sink.head(tag.HOLES, length - next)
}

/** @param {string} name @param {number} length */
function isIndex(name, length) {
  const index = Number(name)
  return index >>> 0 === index && index < length && String(index) === name
}

/** A signal in a list keeps its place. @param {unknown} item */
export function writeItem(item) {
  if (typeof item === 'object' && isSignal(item)) sink.head(tag.ABORT_SIGNAL, 0)
  else writeValue(item)
}

/** The class that first used a name under `[mime.key]()`; another of the same name counts by identity. @type {Map<string, WeakRef<Function>>} */
const namedClasses = new Map()

/** An instance says what it counts as, or counts by identity. @param {any} value */
function writeInstance(value) {
  const method = value[KEY_METHOD]
  if (typeof method !== 'function') return writeIdentity(value)
  inside(value, writeKeyed)
}

/** @param {any} value */
function writeKeyed(value) {
  const type = value.constructor
  const name = typeof type === 'function' ? String(type.name) : ''
  const known = namedClasses.get(name)
  if (known === undefined && typeof type === 'function') namedClasses.set(name, new WeakRef(type))
  const first = known === undefined || known.deref() === type
  const counts = value[KEY_METHOD]()
  sink.head(tag.KEYED, first ? 0 : 1)
  sink.string(name)
  if (!first) writeIdentity(typeof type === 'function' ? type : getPrototypeOf(value))
  writeItem(counts)
}
