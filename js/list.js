/**
 * A list by slot that grows a page at a time: as an array of its own it would be copied whenever it is full, which with a million slots takes
 * longer than a call may.
 */

const BITS = 13
const PAGE = 1 << BITS
const LAST = PAGE - 1

/** Where nobody put anything: `undefined` is something. @type {any} */
const NOTHING = Object.freeze({})

/** Whatever there is. @template T */
export class List {
  /** The first page grows as arrays do: most lists are short. @type {T[][]} */
  pages = [[]]

  /** The slots that were ever reached are below. */
  get length() {
    const { pages } = this
    return (pages.length - 1) * PAGE + pages[pages.length - 1].length
  }

  /** @param {number} slot @returns {T | undefined} */
  get(slot) {
    const page = this.pages[slot >> BITS]
    const at = slot & LAST
    if (page === undefined || at >= page.length) return undefined
    const item = page[at]
    return item === NOTHING ? undefined : item
  }

  /** @param {number} slot */
  has(slot) {
    const page = this.pages[slot >> BITS]
    const at = slot & LAST
    return page !== undefined && at < page.length && page[at] !== NOTHING
  }

  /** @param {number} slot @param {T} item */
  set(slot, item) {
    const { pages } = this
    const number = slot >> BITS
    while (pages.length <= number) pages.push(new Array(PAGE).fill(NOTHING))
    const page = pages[number]
    const at = slot & LAST
    while (page.length < at) page.push(NOTHING)
    page[at] = item
  }

  /** @param {number} slot */
  unset(slot) {
    const page = this.pages[slot >> BITS]
    const at = slot & LAST
    if (page !== undefined && at < page.length) page[at] = NOTHING
  }

  clear() {
    this.pages = [[]]
  }
}

/** Numbers, 8 bytes each; NaN where there is none. A class of its own, so that the engine sees one kind of page here and another there. */
export class Numbers {
  pages = [new Float64Array(0)]

  /** @param {number} slot @returns {number} */
  get(slot) {
    const page = this.pages[slot >> BITS]
    const at = slot & LAST
    return page !== undefined && at < page.length ? page[at] : NaN
  }

  /** @param {number} slot @param {number} item */
  set(slot, item) {
    const { pages } = this
    const number = slot >> BITS
    while (pages.length <= number) pages.push(new Float64Array(PAGE).fill(NaN))
    const at = slot & LAST
    if (at >= pages[number].length) {
      const longer = new Float64Array(Math.min(PAGE, Math.max(8, 2 * at))).fill(NaN)
      longer.set(pages[number])
      pages[number] = longer
    }
    pages[number][at] = item
  }

  /** @param {number} slot */
  unset(slot) {
    const page = this.pages[slot >> BITS]
    const at = slot & LAST
    if (page !== undefined && at < page.length) page[at] = NaN
  }

  clear() {
    this.pages = [new Float64Array(0)]
  }
}
