/**
 * A list by slot that grows a page at a time: as an array of its own it would be copied whenever it is full, which with a million slots takes
 * longer than a call may.
 */

const BITS = 13
const PAGE = 1 << BITS
const LAST = PAGE - 1

/** For whatever there is. @param {number} length @returns {any[]} */
export const anything = length => new Array(length)
/** For numbers, 8 bytes each. @param {number} length */
export const numbers = length => /** @type {number[]} */ (/** @type {unknown} */ (new Float64Array(length)))

/** @template T */
export class List {
  /**
   * @param {T} nothing what stands where nobody wrote, and on what was never reached
   * @param {(length: number) => T[]} page makes one
   */
  constructor(nothing, page) {
    this.nothing = nothing
    this.page = page
    /** The first grows as arrays do: most lists are short. @type {T[][]} */
    this.pages = [[]]
  }

  /** The slots that were ever reached are below. */
  get length() {
    const { pages } = this
    return (pages.length - 1) * PAGE + pages[pages.length - 1].length
  }

  /** @param {number} slot @returns {T} */
  get(slot) {
    const page = this.pages[slot >> BITS]
    const at = slot & LAST
    return page !== undefined && at < page.length ? page[at] : this.nothing
  }

  /** @param {number} slot @param {T} item */
  set(slot, item) {
    const { pages, nothing } = this
    const number = slot >> BITS
    while (pages.length <= number) pages.push(this.page(PAGE).fill(nothing))
    const page = pages[number]
    const at = slot & LAST
    while (page.length < at) page.push(nothing)
    page[at] = item
  }

  /** Back to nothing, when something was there. @param {number} slot */
  unset(slot) {
    const page = this.pages[slot >> BITS]
    const at = slot & LAST
    if (page !== undefined && at < page.length) page[at] = this.nothing
  }

  clear() {
    this.pages = [[]]
  }
}
