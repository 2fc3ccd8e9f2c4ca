/**
 * The loads that run, by slot. Few slots have one, so what is kept is pages with a load in them, and one more.
 * @typedef {import('./flight.js').Flight} Flight
 * @typedef {{ items: (Flight | undefined)[], live: number }} Page
 */

const BITS = 8
const PAGE = 1 << BITS
const LAST = PAGE - 1

export class Flights {
  /** The one for which there was none when it began: of a sync function usually the only one. It lies on no page. @type {Flight | undefined} */
  only = undefined
  /** How many lie on pages. */
  paged = 0
  /** @type {(Page | undefined)[]} */
  pages = []
  /** A page without loads. @type {Page | undefined} */
  spare = undefined

  /** @param {number} slot @returns {Flight | undefined} */
  get(slot) {
    const { only } = this
    if (only !== undefined && only.slot === slot) return only
    return this.paged === 0 ? undefined : this.pages[slot >> BITS]?.items[slot & LAST]
  }

  /** @param {number} slot @param {Flight} flight */
  set(slot, flight) {
    const { only } = this
    if (only === undefined ? this.get(slot) === undefined : only.slot === slot) this.only = flight
    else this.put(slot, flight)
  }

  /** @param {number} slot @param {Flight} flight */
  put(slot, flight) {
    const { pages } = this
    const number = slot >> BITS
    let page = pages[number]
    if (page === undefined) {
      page = this.spare ?? { items: new Array(PAGE).fill(undefined), live: 0 }
      this.spare = undefined
      while (pages.length < number) pages.push(undefined)
      pages[number] = page
    }
    if (page.items[slot & LAST] === undefined) {
      page.live++
      this.paged++
    }
    page.items[slot & LAST] = flight
  }

  /** @param {number} slot */
  delete(slot) {
    const { only } = this
    if (only !== undefined && only.slot === slot) this.only = undefined
    else if (this.paged > 0) this.take(slot)
  }

  /** @param {number} slot */
  take(slot) {
    const page = this.pages[slot >> BITS]
    if (page?.items[slot & LAST] === undefined) return
    page.items[slot & LAST] = undefined
    this.paged--
    if (--page.live > 0) return
    this.pages[slot >> BITS] = undefined
    this.spare = page
  }

  /** How many loads there are of which this is true. @param {(flight: Flight) => boolean} is */
  count(is) {
    return this.pages.reduce(
      (sum, page) => sum + (page?.items.filter(flight => flight !== undefined && is(flight)).length ?? 0),
      this.only !== undefined && is(this.only) ? 1 : 0,
    )
  }
}
