/**
 * Bytes to values. Nothing read is executed, and whatever is wrong is ERR_VALUE_CORRUPT. The walk is the writer's: recursion for plain
 * objects and arrays, generators for the rest and for any depth.
 */

import { MimicError } from '../errors.js'
import * as builtins from './decode-builtins.js'
import { ObjectReader, UNFINISHED } from './object-reader.js'
import { messageOf } from './path.js'
import { corrupt } from './reader.js'
import { setOwn } from './shapes.js'
import * as tag from './tags.js'
import { registeredAs } from './types.js'

class Decoder extends ObjectReader {
  /** @param {Uint8Array} bytes @returns {unknown} */
  run(bytes) {
    this.open(bytes, 1)
    try {
      const value = this.value(0)
      if (this.pos !== this.end) throw corrupt('goes on after its end')
      return value
    } catch (error) {
      if (error instanceof MimicError && error.code === 'ERR_VALUE_CORRUPT') throw error
      throw corrupt(`cannot be read: ${messageOf(error)}`, error)
    } finally {
      this.rest()
    }
  }

  /** @param {number} level @returns {unknown} */
  value(level) {
    const code = this.byte()
    if (code >= tag.SHORT_LATIN1) return this.latin1(code & 63)
    if (code >= tag.SMALL_INT) return code & 63
    if (code < tag.OBJECT) return this.plain(code)
    if (level >= tag.MAX_RECURSION) return this.deep(code)
    if (code <= tag.NULL_OBJECT_AGAIN) {
      const shape = this.shape(code)
      /** @type {Record<PropertyKey, unknown>} */
      const object = code < tag.NULL_OBJECT ? {} : Object.create(null)
      this.met[this.numbered++] = object
      const { names } = shape
      if (shape.plain) {
        for (let i = 0; i < names.length; i++) object[names[i]] = this.value(level + 1)
      } else {
        for (let i = 0; i < names.length; i++) setOwn(object, names[i], this.value(level + 1))
      }
      return object
    }
    if (code === tag.ARRAY) {
      const size = this.count(1)
      // Only a small one is made at its size: nested claims would add up to more than the bytes are worth.
      const array = this.meet(new Array(size <= 16 ? size : 0))
      for (let i = 0; i < size; i++) array[i] = this.value(level + 1)
      return array
    }
    const steps = this.steps(code)
    let step = steps.next()
    while (!step.done) step = steps.next(this.value(level + 1))
    return step.value
  }

  /** A container too deep for recursion, with a stack of our own. @param {number} first */
  deep(first) {
    const stack = [this.steps(first)]
    /** @type {unknown} */
    let value
    for (;;) {
      const step = stack[stack.length - 1].next(value)
      if (step.done) {
        stack.pop()
        value = step.value
        if (stack.length === 0) return value
        continue
      }
      const code = this.byte()
      if (code < tag.OBJECT || code >= tag.SMALL_INT) value = this.scalar(code)
      else stack.push(this.steps(code))
    }
  }

  /**
   * Reads any container, but asks for its children: each yield is answered with the next value.
   * @param {number} code
   * @returns {Generator<undefined, unknown, unknown>}
   */
  *steps(code) {
    switch (code) {
      case tag.OBJECT:
      case tag.OBJECT_AGAIN:
      case tag.NULL_OBJECT:
      case tag.NULL_OBJECT_AGAIN: {
        const shape = this.shape(code)
        const object = this.meet(code < tag.NULL_OBJECT ? {} : Object.create(null))
        for (const name of shape.names) setOwn(object, name, yield)
        return object
      }
      case tag.ARRAY: {
        const size = this.count(1)
        const array = this.meet(/** @type {unknown[]} */ ([]))
        for (let i = 0; i < size; i++) array.push(yield)
        return array
      }
      case tag.SPARSE_ARRAY:
        return yield* this.sparse()
      case tag.MAP:
        return yield* builtins.map(this)
      case tag.SET:
        return yield* builtins.set(this)
      case tag.VIEW:
        return yield* builtins.typed(this)
      case tag.ERROR:
        return yield* builtins.error(this)
      case tag.WITH_PROPERTIES: {
        const inner = this.bytes[this.pos]
        // Not on what has properties already, nor on a reference to something read before.
        if (inner < tag.ARRAY || inner > tag.TEXT || inner === tag.VIEW)
          throw corrupt('properties of nothing')
        const target = yield
        for (const name of this.names().names) setOwn(target, name, yield)
        return target
      }
      case tag.REGISTERED:
        return yield* this.registered()
      default:
        return this.meet(builtins.leaf(this, code))
    }
  }

  /** @returns {Generator<undefined, unknown[], unknown>} */
  *sparse() {
    const size = this.varint()
    const present = this.count(2)
    /** @type {unknown[]} */
    const array = this.meet([])
    if (size > present * 4 + 1024) {
      // An engine told a length makes room for it; told a far index it makes a dictionary.
      array[size - 1] = undefined
      delete array[size - 1]
    } else {
      array.length = size
    }
    for (let i = 0, next = 0; i < present; i++) {
      const index = next + this.varint()
      if (index >= size) throw corrupt('an index beyond the length')
      next = index + 1
      array[index] = yield
    }
    return array
  }

  /** @returns {Generator<undefined, unknown, unknown>} */
  *registered() {
    const name = this.string()
    const place = this.number(UNFINISHED)
    const type = registeredAs(name)
    if (type === undefined) throw corrupt(`no type is registered as ${JSON.stringify(name)}`)
    const { decode } = type
    const instance = decode(yield)
    // A reference leads to what decode made, be it a primitive.
    this.met[place] = instance
    return instance
  }
}

/** Decoders at rest; one at work is not among them, so a registered type may decode too. @type {Decoder[]} */
const idle = []

/**
 * @param {Uint8Array} bytes what `encode` made
 * @returns {any} an equal value
 */
export function decode(bytes) {
  if (!(bytes instanceof Uint8Array)) throw corrupt('not a Uint8Array')
  if (bytes.length === 0) throw corrupt('no bytes')
  if (bytes[0] !== tag.VERSION) throw corrupt(`format version ${bytes[0]} is not known here`)
  const decoder = idle.pop() ?? new Decoder()
  try {
    return decoder.run(bytes)
  } finally {
    idle.push(decoder)
  }
}
