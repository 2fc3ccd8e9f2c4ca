/**
 * How many of the last minute's calls were hits, without anything on a hit: the core counts hits all the time, so a load that finds the last
 * mark old enough notes how far the counts are. A time without a load has no marks and needs none: all its calls were hits. Calls between
 * two marks are taken to have come evenly.
 *
 * @typedef {object} Mark
 * @property {number} at milliseconds
 * @property {number} calls answered until then
 * @property {number} hits among them
 */

/** What "recent" means, in milliseconds, and how far marks are apart. */
export const WINDOW = 60_000
const STEP = WINDOW / 8

export class RecentCalls {
  /** Oldest first; at most one is older than the window. @type {Mark[]} */
  marks = []
  /** When the latest mark was made; before it and a step after it the next is due. */
  latest = -Infinity

  /** @param {number} now */
  isDue(now) {
    return !(Math.abs(now - this.latest) < STEP)
  }

  /** @param {number} at @param {number} calls @param {number} hits */
  mark(at, calls, hits) {
    const { marks } = this
    // A clock set back, as fake ones are.
    if (marks.some(mark => mark.at > at || mark.calls > calls || mark.hits > hits)) marks.length = 0
    marks.push({ at, calls, hits })
    while (marks.length > 1 && marks[1].at <= at - WINDOW) marks.shift()
    this.latest = at
  }

  /** @param {number} at @param {number} calls until now @param {number} hits among them @returns {{ calls: number, hits: number }} of the window that ends now */
  until(at, calls, hits) {
    const start = at - WINDOW
    let before = { at: -Infinity, calls: 0, hits: 0 }
    for (const mark of [...this.marks, { at, calls, hits }]) {
      if (mark.at > start) {
        const share = before.at === -Infinity ? 0 : (start - before.at) / (mark.at - before.at)
        const passed = (/** @type {number} */ from, /** @type {number} */ to) => from + share * (to - from)
        return {
          calls: Math.max(0, calls - passed(before.calls, mark.calls)),
          hits: Math.max(0, hits - passed(before.hits, mark.hits)),
        }
      }
      before = mark
    }
    return { calls: 0, hits: 0 }
  }
}
