/**
 * What the decoders of all objects share: scalars, the objects read so far by their numbers, and the lists of names.
 */

import { corrupt, Reader } from './reader.js'
import { findRead, rememberRead } from './shapes.js'
import * as tag from './tags.js'

/** An object that has its number but is not there yet. */
export const UNFINISHED = Object.freeze({})

export class ObjectReader extends Reader {
  /** Objects by number; `numbered` of them. @type {any[]} */
  met = []
  numbered = 0
  /** Lists of names by number; `shaped` of them. @type {(import('./shapes.js').ReadShape | undefined)[]} */
  shapes = []
  shaped = 0

  /** Nothing of this value is kept alive by what is kept for the next one. */
  rest() {
    if (this.numbered > 64) this.met = []
    else for (let i = 0; i < this.numbered; i++) this.met[i] = undefined
    this.numbered = 0
    this.shaped = 0
    this.close()
  }

  /** Anything but an object. @param {number} code not a container's */
  scalar(code) {
    if (code >= tag.SHORT_LATIN1) return this.latin1(code & 63)
    return code >= tag.SMALL_INT ? code & 63 : this.plain(code)
  }

  /** A value that is not a container. @param {number} code below OBJECT */
  plain(code) {
    switch (code) {
      case tag.UNDEFINED:
        return undefined
      case tag.NULL:
        return null
      case tag.FALSE:
        return false
      case tag.TRUE:
        return true
      case tag.INT: {
        const zigzag = this.varint()
        return (zigzag >>> 1) ^ -(zigzag & 1)
      }
      case tag.FLOAT:
        return this.float()
      case tag.BIGINT:
        return this.bigint()
      case tag.NEGATIVE_BIGINT:
        return -this.bigint()
      case tag.LATIN1:
        return this.latin1(this.count(1))
      case tag.UTF16:
        return this.utf16()
      case tag.SYMBOL:
        return Symbol.for(this.string())
      case tag.REF: {
        const number = this.varint()
        const object = number < this.numbered ? this.met[number] : undefined
        if (object === undefined || object === UNFINISHED) throw corrupt('a reference to nothing')
        return object
      }
      default:
        throw corrupt(`unknown tag ${code}`)
    }
  }

  /** The list of names of an object. @param {number} code */
  shape(code) {
    if (code & 1) {
      const number = this.varint()
      const shape = number < this.shaped ? this.shapes[number] : undefined
      if (shape === undefined) throw corrupt('a reference to nothing')
      return shape
    }
    const shape = this.names()
    if (shape.small && this.shaped < tag.MAX_SHAPES) this.shapes[this.shaped++] = shape
    return shape
  }

  names() {
    const length = this.count(1)
    const start = this.pos
    const known = findRead(this.bytes, start, length)
    if (known !== undefined) {
      this.skip(length)
      return known
    }
    const size = this.count(1)
    /** @type {PropertyKey[]} */
    const names = []
    for (let i = 0; i < size; i++) {
      if (this.bytes[this.pos] === tag.SYMBOL) {
        this.skip(1)
        names.push(Symbol.for(this.string()))
      } else {
        names.push(this.string())
      }
    }
    if (this.pos !== start + length) throw corrupt('a list of names of another length')
    if (new Set(names).size !== size) throw corrupt('a name twice')
    return rememberRead(names, this.bytes, start, length)
  }

  /** @template {object} T @param {T} object @returns {T} the same, numbered */
  meet(object) {
    this.number(object)
    return object
  }

  /** @param {unknown} object @returns {number} its number */
  number(object) {
    this.met[this.numbered] = object
    return this.numbered++
  }
}
