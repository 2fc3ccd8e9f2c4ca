/**
 * What the encoders of all objects share: the numbers of the objects met so far, the lists of names and their numbers, and where in the
 * value we are, for refusals.
 */

import { MimicError } from '../errors.js'
import * as path from './path.js'
import { findWritten, rememberWritten } from './shapes.js'
import * as tag from './tags.js'
import { Writer } from './writer.js'

/** So many objects are looked up by comparing each; more in a Map. */
const FEW = 12

const { keys: keysOf, getOwnPropertySymbols } = Object
const isEnumerable = Object.prototype.propertyIsEnumerable
const NOTHING = Object.freeze({})

let serials = 0

export class ObjectWriter extends Writer {
  serial = 0
  shapes = 0
  /** Objects in the order they were met, which is the order a reader meets them. @type {object[]} */
  seen = []
  /** The same, once they are many. @type {Map<object, number> | undefined} */
  places = undefined
  met = 0
  /** Instances whose data is being written. @type {Set<object>} */
  open = new Set()
  /** Where we are, for messages: a segment per level. @type {path.Segment[]} */
  path = []
  level = 0

  begin() {
    this.serial = ++serials
    this.shapes = 0
    this.level = 0
    this.met = 0
    this.pos = this.start
  }

  /** Nothing of this value is kept alive by what is kept for the next one. */
  rest() {
    for (let i = 0; i < this.met && i <= FEW; i++) this.seen[i] = NOTHING
    this.places = undefined
    if (this.path.length > 64) this.path = []
    if (this.open.size > 0) this.open.clear()
  }

  /**
   * @param {string} what is wrong with the value we are at
   * @param {number} level
   * @param {unknown} [cause]
   */
  refusal(what, level, cause) {
    const message = `${path.format(this.path, level)} ${what}`
    return new MimicError('ERR_VALUE_UNSUPPORTED', message, cause === undefined ? undefined : { cause })
  }

  /** @param {object} value @param {number} level */
  unsupported(value, level) {
    return this.refusal(path.describe(value), level)
  }

  /** Anything but an object. @param {unknown} value @param {number} level */
  scalar(value, level) {
    this.reserve(1)
    if (value === null) this.bytes[this.pos++] = tag.NULL
    else if (value === undefined) this.bytes[this.pos++] = tag.UNDEFINED
    else if (value === true) this.bytes[this.pos++] = tag.TRUE
    else if (value === false) this.bytes[this.pos++] = tag.FALSE
    else if (typeof value === 'string') this.string(value)
    else if (typeof value === 'number') this.number(value)
    else if (typeof value === 'bigint') this.bigint(value)
    else if (typeof value === 'symbol') this.symbol(value, level)
    else throw this.refusal(path.describe(value), level)
  }

  /** @param {symbol} value @param {number} level */
  symbol(value, level) {
    const key = Symbol.keyFor(value)
    if (key === undefined) throw this.refusal(path.describe(value), level)
    this.byte(tag.SYMBOL)
    this.string(key)
  }

  /**
   * Writes a reference when this object was met before.
   * @param {object} value
   * @param {number} level
   */
  again(value, level) {
    const { seen, met } = this
    let place = -1
    if (this.places !== undefined) {
      place = this.places.get(value) ?? -1
    } else {
      for (let i = 0; i < met; i++) {
        if (seen[i] === value) {
          place = i
          break
        }
      }
    }
    if (place < 0) {
      this.meet(value)
      return false
    }
    if (this.open.size > 0 && this.open.has(value)) {
      throw this.refusal(
        'is an instance of a registered type inside its own data; such a cycle cannot be stored',
        level,
      )
    }
    this.head(tag.REF, place)
    return true
  }

  /** Gives the object its number. @param {object} value */
  meet(value) {
    const { places } = this
    if (places !== undefined) {
      places.set(value, this.met++)
    } else {
      this.seen[this.met++] = value
      if (this.met > FEW) this.places = new Map(this.seen.map((object, place) => [object, place]))
    }
  }

  /** The own enumerable names of an object from `skip` on, registered symbols last. @param {object} object @param {number} skip */
  ownNames(object, skip) {
    /** @type {PropertyKey[]} */
    const names = skip > 0 ? keysOf(object).slice(skip) : keysOf(object)
    for (const symbol of getOwnPropertySymbols(object)) {
      if (!isEnumerable.call(object, symbol)) continue
      if (Symbol.keyFor(symbol) === undefined) {
        throw this.refusal(
          `has a property under a unique symbol, ${String(symbol)}; only Symbol.for(…) can be stored`,
          this.level,
        )
      }
      names.push(symbol)
    }
    return names
  }

  /**
   * The list of names, or its number when it was written before.
   * @param {PropertyKey[]} names
   * @param {number} code OBJECT or NULL_OBJECT; 0 for the properties of something else, whose list is not numbered
   */
  names(names, code) {
    const size = names.length
    const isShape = code !== 0 && size <= tag.MAX_SHAPE_NAMES && typeof names[size - 1] !== 'symbol'
    const shape = isShape ? findWritten(/** @type {string[]} */ (names)) : undefined
    if (shape !== undefined && shape.serial === this.serial) return this.head(code + 1, shape.number)
    if (code !== 0) this.byte(code)
    const block = shape !== undefined ? shape.block : this.block(names)
    this.reserve(5 + block.length)
    this.varint(block.length)
    this.raw(block)
    if (code === 0 || size > tag.MAX_SHAPE_NAMES || this.shapes === tag.MAX_SHAPES) return
    const number = this.shapes++
    if (!isShape) return
    const numbered = shape ?? rememberWritten(/** @type {string[]} */ (names), block)
    numbered.serial = this.serial
    numbered.number = number
  }

  /** A list of names as bytes. @param {PropertyKey[]} names @returns {Uint8Array} */
  block(names) {
    const before = this.pos - this.start
    this.reserve(5)
    this.varint(names.length)
    for (const name of names) {
      if (typeof name === 'symbol') this.symbol(name, this.level)
      else this.string(/** @type {string} */ (name))
    }
    const from = this.start + before
    const block = this.bytes.slice(from, this.pos)
    this.pos = from
    return block
  }
}
