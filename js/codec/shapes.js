/**
 * Lists of names that objects have, remembered from one value to the next: as bytes for writing, as names for reading. They are a
 * cache and nothing else: what is written never depends on what is remembered.
 */

import { MAX_SHAPE_NAMES } from './tags.js'

const MAX_REMEMBERED = 1024

/** A list of names as it is written. */
export class WrittenShape {
  /** @param {string[]} names @param {Uint8Array} block */
  constructor(names, block) {
    this.names = names
    this.block = block
    /** The value this was last numbered in. */
    this.serial = 0
    /** Its number there. */
    this.number = 0
  }
}

/** By the first name. @type {Map<string | undefined, WrittenShape[]>} */
let written = new Map()
let count = 0
let crowded = false

/** Forgets all when there are too many. Never in the middle of a value, whose numbering stands on what is remembered. */
export function trimWritten() {
  if (count > MAX_REMEMBERED || crowded) {
    written = new Map()
    count = 0
    crowded = false
  }
}

/** @param {string[]} names @returns {WrittenShape | undefined} */
export function findWritten(names) {
  const shapes = written.get(names[0])
  if (shapes === undefined) return undefined
  const size = names.length
  search: for (let s = 0; s < shapes.length; s++) {
    const known = shapes[s].names
    if (known.length !== size) continue
    for (let i = 1; i < size; i++) if (known[i] !== names[i]) continue search
    return shapes[s]
  }
  return undefined
}

/** @param {string[]} names @param {Uint8Array} block */
export function rememberWritten(names, block) {
  const shape = new WrittenShape(names, block)
  const shapes = written.get(names[0])
  if (shapes === undefined) written.set(names[0], [shape])
  // Few lists begin alike; where many do, searching would cost more than writing.
  else if (shapes.push(shape) > 16) crowded = true
  count++
  return shape
}

/** A list of names as it was read. */
export class ReadShape {
  /** @param {PropertyKey[]} names @param {Uint8Array | undefined} block */
  constructor(names, block) {
    this.names = names
    this.block = block
    /** Whether it is a shape at all, not a dictionary. */
    this.small = names.length <= MAX_SHAPE_NAMES
    /** Whether an assignment to a new object makes an own property: every object has setters such as `__proto__`. */
    this.plain = names.every(name => !(name in Object.prototype))
  }
}

/** @type {(ReadShape | undefined)[]} */
const read = new Array(512).fill(undefined)

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} length
 */
function slotOf(bytes, start, length) {
  const middle = bytes[start + (length >> 1)]
  return (length * 67 + bytes[start + 2] * 31 + middle * 13 + bytes[start + length - 1] * 5) & 511
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} length of the block; all of it is there
 * @returns {ReadShape | undefined}
 */
export function findRead(bytes, start, length) {
  const shape = read[slotOf(bytes, start, length)]
  const block = shape?.block
  if (block === undefined || block.length !== length) return undefined
  for (let i = 0; i < length; i++) if (block[i] !== bytes[start + i]) return undefined
  return shape
}

/**
 * @param {PropertyKey[]} names
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} length
 */
export function rememberRead(names, bytes, start, length) {
  if (names.length > MAX_SHAPE_NAMES || length > 1024) return new ReadShape(names, undefined)
  const shape = new ReadShape(names, new Uint8Array(bytes.subarray(start, start + length)))
  read[slotOf(bytes, start, length)] = shape
  return shape
}

/**
 * An own property whatever the prototype has under that name: a setter (`__proto__`), or a value nobody may write over.
 * @param {any} target
 * @param {PropertyKey} name
 * @param {unknown} value
 */
export function setOwn(target, name, value) {
  if (name in target) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
  } else {
    target[name] = value
  }
}
