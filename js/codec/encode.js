/**
 * Values to bytes. Plain objects and arrays are walked by recursion; every other container, and whatever is nested deeper than
 * MAX_RECURSION, is walked by generators that hand their children to a driver, so that no depth overflows a stack.
 */

import { MimicError } from '../errors.js'
import * as builtins from './encode-builtins.js'
import { ObjectWriter } from './object-writer.js'
import * as path from './path.js'
import { trimWritten } from './shapes.js'
import * as tag from './tags.js'
import * as types from './types.js'

const { getPrototypeOf, keys: keysOf, values: valuesOf, getOwnPropertySymbols } = Object
const objectPrototype = Object.prototype
const arrayPrototype = Array.prototype

class Encoder extends ObjectWriter {
  /** @param {unknown} value @param {Uint8Array} [before] what stands before it */
  run(value, before) {
    this.begin()
    try {
      if (before !== undefined) this.raw(before)
      this.reserve(2)
      this.bytes[this.pos++] = tag.VERSION
      this.write(value, 0)
    } catch (error) {
      if (error instanceof MimicError && error.code === 'ERR_VALUE_UNSUPPORTED') throw error
      throw this.refusal(`could not be read: ${path.messageOf(error)}`, this.level, error)
    } finally {
      this.rest()
    }
  }

  /** @param {unknown} value @param {number} level */
  write(value, level) {
    if (typeof value === 'string') return this.string(value)
    if (typeof value === 'number') return this.number(value)
    if (typeof value === 'object' && value !== null) return this.object(value, level)
    this.scalar(value, level)
  }

  /** @param {object} value @param {number} level */
  object(value, level) {
    if (level >= tag.MAX_RECURSION) return this.deep(value, level)
    this.level = level
    if (this.again(value, level)) return
    const proto = getPrototypeOf(value)
    /** @type {unknown[] | undefined} */
    let items
    if (Array.isArray(value)) {
      if (proto === arrayPrototype) {
        items = valuesOf(value)
        if (isDense(value, items)) return this.items(items, level)
      }
    } else if (proto === objectPrototype || proto === null) {
      const names = keysOf(value)
      if (getOwnPropertySymbols(value).length === 0) {
        if (names.length === 0 && types.isDisguised(value)) throw this.unsupported(value, level)
        this.names(names, proto === null ? tag.NULL_OBJECT : tag.OBJECT)
        return this.properties(/** @type {Record<PropertyKey, unknown>} */ (value), names, level)
      }
    }
    // The rare kinds: the walk that also serves any depth, one level of it.
    const steps = this.steps(value, proto, items)
    for (;;) {
      this.level = level
      const step = steps.next()
      if (step.done) return
      this.write(step.value, level + 1)
    }
  }

  /**
   * @param {Record<PropertyKey, unknown>} object
   * @param {PropertyKey[]} names
   * @param {number} level
   */
  properties(object, names, level) {
    for (let i = 0; i < names.length; i++) {
      const name = names[i]
      this.path[level] = name
      this.level = level + 1
      const value = object[name]
      if (typeof value === 'string') {
        this.string(value)
      } else if (typeof value === 'number') {
        this.number(value)
      } else {
        this.write(value, level + 1)
      }
    }
  }

  /** @param {unknown[]} items @param {number} level */
  items(items, level) {
    this.head(tag.ARRAY, items.length)
    for (let i = 0; i < items.length; i++) {
      const value = items[i]
      if (typeof value === 'string') {
        this.string(value)
      } else if (typeof value === 'number') {
        this.number(value)
      } else {
        this.path[level] = i
        this.write(value, level + 1)
      }
    }
  }

  /** What follows is too deep for recursion: a stack of our own. @param {object} root @param {number} base */
  deep(root, base) {
    this.level = base
    if (this.again(root, base)) return
    const stack = [this.steps(root, getPrototypeOf(root))]
    while (stack.length > 0) {
      const level = base + stack.length - 1
      this.level = level
      const step = stack[stack.length - 1].next()
      if (step.done) {
        stack.pop()
        continue
      }
      const child = step.value
      this.level = level + 1
      if (typeof child !== 'object' || child === null) this.scalar(child, level + 1)
      else if (!this.again(child, level + 1)) stack.push(this.steps(child, getPrototypeOf(child)))
    }
  }

  /**
   * Writes any object, except for its children, which it yields where they stand.
   * @param {any} value
   * @param {object | null} proto
   * @param {unknown[]} [items] of an array, when they have been read already
   * @returns {Generator<unknown, void, void>}
   */
  *steps(value, proto, items) {
    const { level } = this
    const registered = proto === null ? undefined : types.registeredFor(proto)
    if (registered !== undefined) return yield* this.registered(value, registered)
    const isPlain = (proto === null || proto === objectPrototype) && !Array.isArray(value)
    const kind = isPlain ? 'Object' : proto === null ? '' : types.builtinOf(value, proto)
    if (kind === '') throw this.unsupported(value, level)
    if (kind === 'Object') {
      const names = this.ownNames(value, 0)
      if (names.length === 0 && types.isDisguised(value)) throw this.unsupported(value, level)
      this.names(names, proto === null ? tag.NULL_OBJECT : tag.OBJECT)
      return yield* this.fill(value, names)
    }
    if (kind === 'Array') return yield* this.array(value, items ?? valuesOf(value))
    if (tag.VIEWS.includes(kind)) return yield* builtins.typed(this, value, kind)
    // A String object lists its units among its names.
    const names = this.ownNames(value, kind === 'String' ? String.prototype.valueOf.call(value).length : 0)
    if (names.length > 0) this.byte(tag.WITH_PROPERTIES)
    if (tag.ERRORS.includes(kind)) yield* builtins.error(this, value, kind)
    else yield* builtins.builtin(this, value, kind)
    if (names.length > 0) {
      this.names(names, 0)
      yield* this.fill(value, names)
    }
  }

  /** @param {any} object @param {PropertyKey[]} names */
  *fill(object, names) {
    const { level } = this
    for (const name of names) {
      this.path[level] = name
      this.level = level + 1
      yield object[name]
    }
  }

  /** @param {unknown[]} array @param {unknown[]} items its own enumerable values, in the order of their names */
  *array(array, items) {
    const { level } = this
    const size = array.length
    const names = keysOf(array)
    const symbols = this.ownNames(array, names.length)
    let present = names.length
    // Indices come first, in order.
    while (present > 0 && !isIndex(names[present - 1])) present--
    const others = [...names.slice(present), ...symbols]
    if (others.length > 0) this.byte(tag.WITH_PROPERTIES)
    if (present === size) {
      this.head(tag.ARRAY, size)
    } else {
      this.head(tag.SPARSE_ARRAY, size)
      this.reserve(5)
      this.varint(present)
    }
    let next = 0
    for (let i = 0; i < present; i++) {
      const index = Number(names[i])
      if (present !== size) {
        this.reserve(5)
        this.varint(index - next)
        next = index + 1
      }
      this.path[level] = index
      yield items[i]
    }
    if (others.length === 0) return
    this.names(others, 0)
    for (let i = 0; i < others.length; i++) {
      this.path[level] = others[i]
      yield present + i < items.length ? items[present + i] : array[/** @type {any} */ (others[i])]
    }
  }

  /** @param {any} value @param {import('./types.js').Registered} type */
  *registered(value, type) {
    this.path[this.level++] = path.as(type.name)
    this.byte(tag.REGISTERED)
    this.string(type.name)
    const { encode } = type
    this.open.add(value)
    yield encode(value)
    this.open.delete(value)
  }
}

/**
 * Whether these are all an array has: neither holes nor other properties. Counting values does not make the names.
 * @param {unknown[]} array
 * @param {unknown[]} items its own enumerable values
 */
function isDense(array, items) {
  const size = array.length
  if (items.length !== size || getOwnPropertySymbols(array).length > 0) return false
  for (let i = 0; i < size; i++) if (!(i in array)) return false
  return true
}

/** @param {string} name a property of an array */
function isIndex(name) {
  const index = Number(name) >>> 0
  return String(index) === name && index !== 0xffffffff
}

/** Encoders at rest. One at work is not among them, so an encode called by a getter gets another. @type {Encoder[]} */
const idle = []
let working = 0

/**
 * @param {unknown} value
 * @returns {Uint8Array} the value in the format of ARCHITECTURE.md; may be a view of a larger buffer and is not to be written to
 */
export function encode(value) {
  const encoder = begin()
  try {
    encoder.run(value)
    return encoder.result()
  } finally {
    end(encoder)
  }
}

/**
 * The same behind a key.
 * @param {Uint8Array} key
 * @param {unknown} value
 * @returns {import('../stores/piece.js').Piece} not to be written to
 */
export function encodeBehind(key, value) {
  const encoder = begin()
  try {
    encoder.run(value, key)
    const { block, at, length } = encoder.written()
    return { block, at, keyLength: key.length, length }
  } finally {
    end(encoder)
  }
}

function begin() {
  if (working++ === 0) trimWritten()
  return idle.pop() ?? new Encoder()
}

/** @param {Encoder} encoder */
function end(encoder) {
  working--
  idle.push(encoder)
}
