import { estimateSize, isProxy, membersOf } from './size.js'

/**
 * What the values of one function take, without looking into each of them: an estimate looks at every part, which is more than a miss may cost.
 * The first are looked into, then fewer and fewer, at random distances. The others are taken to be like those of their kind: so many bytes
 * for each unit of a string, item of an array or member of a Map or Set, and so many for any other object. So sums are right on average, and a
 * long list is never taken for a short one; objects that differ much in size need `sizeOf`.
 */

/** So many are looked into before any is not. */
const FIRST = 16
/** How many are passed over, on average, in the long run. */
const MOST_PASSED = 32
/** Samples that count: older ones are forgotten by and by. */
const MEMORY = 64
/** Looking into a string no longer than this is as fast as not to. */
const SHORT = 64
/** What an empty array, Map, Set or string takes, in units of its content. */
const EMPTY = 8

const { isArray } = Array
const { isView } = ArrayBuffer

class Kind {
  bytes = 0
  units = 0
  seen = 0
  pass = 0

  /** @param {unknown} value @param {number} units how much there is of it */
  of(value, units) {
    if (this.pass > 0) {
      this.pass--
      return Math.ceil((units * this.bytes) / this.units)
    }
    const bytes = estimateSize(value)
    this.seen++
    const kept = this.seen > MEMORY ? 1 - 1 / MEMORY : 1
    this.bytes = this.bytes * kept + bytes
    this.units = this.units * kept + units
    // At random, so that what comes in turns is not always met at the same turn.
    const passed = Math.min(MOST_PASSED, Math.floor(this.seen / FIRST))
    this.pass = Math.floor(Math.random() * (2 * passed + 1))
    return bytes
  }
}

export class SampledSize {
  texts = new Kind()
  lists = new Kind()
  collections = new Kind()
  others = new Kind()

  /** @param {unknown} value @returns {number} bytes */
  of(value) {
    if (typeof value === 'string') {
      return value.length <= SHORT ? estimateSize(value) : this.texts.of(value, EMPTY + value.length)
    }
    // Of a buffer, a glance tells.
    if (typeof value !== 'object' || value === null || isView(value)) return estimateSize(value)
    if (isProxy?.(value)) return this.others.of(value, 1)
    if (isArray(value)) return this.lists.of(value, EMPTY + value.length)
    if (value instanceof ArrayBuffer) return estimateSize(value)
    const members = membersOf(value)
    return members === undefined ? this.others.of(value, 1) : this.collections.of(value, EMPTY + members)
  }
}
