import { cellsOf } from './sink.js'

/**
 * The shapes of plain objects: which names, in the order an object lists them. A shape's canonical order and the cells of its names are
 * worked out once; walking an object compares each name with the one seen last in that place.
 */

/** Objects with more properties than this are sorted each time: they are dictionaries, not shapes. */
export const MAX_PROPERTIES = 32
const MAX_SHAPES = 4096
/** Longer names are not worth keeping as cells. */
const MAX_NAME = 256
const { sort } = Array.prototype

export class Shape {
  size = 0
  /** Whether an object of this shape can be kept as one. */
  usable = true
  /** Whether the names look like those of an object that only poses as plain: none, or an index first. */
  suspect = true

  /** @param {Shape | undefined} parent @param {string} name */
  constructor(parent, name) {
    this.parent = parent
    this.name = name
    if (parent !== undefined) {
      this.size = parent.size + 1
      this.usable = parent.usable && this.size <= MAX_PROPERTIES && isShortAscii(name)
      this.suspect = parent.parent === undefined ? startsWithDigit(name) : parent.suspect
    }
    // The two continuations seen last, found by comparing pointers: an object and one nested in it alternate at the root.
    this.lastName = ''
    /** @type {Shape | undefined} */
    this.lastNext = undefined
    this.otherName = ''
    /** @type {Shape | undefined} */
    this.otherNext = undefined
    /** @type {Map<string, Shape> | undefined} */
    this.next = undefined
    /** Canonical order: places in the object's own order. @type {number[] | undefined} */
    this.order = undefined
    /** The cells of each name, in canonical order. @type {Float64Array[]} */
    this.cells = []
  }

  /** Works the canonical order out, once. */
  complete() {
    const names = this.names()
    /** @type {number[]} */
    const order = []
    for (let place = 0; place < names.length; place++) order[place] = place
    Reflect.apply(sort, order, [
      (/** @type {number} */ a, /** @type {number} */ b) => compareUnits(names[a], names[b]),
    ])
    for (let i = 0; i < order.length; i++) this.cells[i] = cellsOf(names[order[i]])
    this.order = order
    return order
  }

  /** @returns {string[]} in the object's own order */
  names() {
    const names = new Array(this.size)
    for (let shape = /** @type {Shape} */ (this); shape.parent; shape = shape.parent)
      names[shape.size - 1] = shape.name
    return names
  }
}

let root = new Shape(undefined, '')
let count = 1

/** The shape of an object without properties, where every walk begins. */
export function emptyShape() {
  if (count > MAX_SHAPES) {
    root = new Shape(undefined, '')
    count = 1
  }
  return root
}

/**
 * @param {Shape} shape
 * @param {string} name
 * @returns {Shape} the shape with one more property
 */
export function grow(shape, name) {
  if (shape.lastName === name && shape.lastNext !== undefined) return shape.lastNext
  if (shape.otherName === name && shape.otherNext !== undefined) return shape.otherNext
  return look(shape, name)
}

/** @type {typeof grow} */
function look(shape, name) {
  shape.next ??= new Map()
  let next = shape.next.get(name)
  if (next === undefined) {
    next = new Shape(shape, name)
    count++
    if (next.usable) shape.next.set(name, next)
  }
  shape.otherName = shape.lastName
  shape.otherNext = shape.lastNext
  shape.lastName = name
  shape.lastNext = next
  return next
}

/** By UTF-16 code units, as `<` compares. @param {string} a @param {string} b */
export function compareUnits(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}

// No regular expressions: compiling one near the end of the stack has been seen to abort Node 20.

/** @param {string} name */
function startsWithDigit(name) {
  const unit = name.charCodeAt(0)
  return unit >= 48 && unit <= 57
}

/** @param {string} name */
function isShortAscii(name) {
  if (name.length > MAX_NAME) return false
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 0x7f) return false
  return true
}
