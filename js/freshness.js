/**
 * How old a value may be: when one that is served is loaded anew, and when one that is too old is served all the same. The core keeps an entry
 * until nothing may serve it any more; this knows, by slot, until when it is fresh.
 *
 * Early refreshing is probabilistic, so that the callers of many processes do not all refresh at once: Vattani, Chierichetti, Lowenstein,
 * "Optimal Probabilistic Cache Stampede Prevention" (VLDB 2015), with the time that the load took.
 */

/** `timeout` alone keeps what has expired for this long, in milliseconds. */
const TIMEOUT_GRACE = 3_600_000

export class Freshness {
  /** Until when a slot's value is fresh. @type {number[]} */
  until = []
  /** How long its load took. @type {number[]} */
  took = []

  /** @param {import('./options.js').Settings} settings */
  constructor({ staleWhileRevalidate = 0, staleIfError = 0, timeout = Infinity, refreshAhead = 0 }) {
    this.revalidate = staleWhileRevalidate
    this.ifError = staleIfError
    this.timeout = timeout
    this.ahead = refreshAhead
    /** How long an entry stays when it is no longer fresh. */
    this.grace = Math.max(this.revalidate, this.ifError) || (timeout < Infinity ? TIMEOUT_GRACE : 0)
  }

  /** @param {number} slot @param {number} until @param {number} took */
  set(slot, until, took) {
    this.until[slot] = until
    this.took[slot] = took
  }

  /** @param {number} slot @param {number} now */
  isStale(slot, now) {
    return !(now < this.until[slot])
  }

  /** Whether this caller is the one who loads a value anew before it expires. @param {number} slot @param {number} now */
  isEarly(slot, now) {
    if (this.ahead === 0 || this.until[slot] === Infinity) return false
    return now - this.took[slot] * this.ahead * Math.log(Math.random()) >= this.until[slot]
  }

  /** Whether a slot's value answers a call while it is loaded anew. @param {number} slot @param {number} now */
  serves(slot, now) {
    return now < this.until[slot] + this.revalidate
  }

  /** Whether a slot's value is kept at all. @param {number} slot @param {number} now */
  keeps(slot, now) {
    return now < this.until[slot] + this.grace
  }

  /** Whether a slot's value may stand in for an error. @param {number} slot @param {number} now */
  standsIn(slot, now) {
    return now < this.until[slot] + this.ifError
  }
}

/** @param {import('./options.js').Settings} settings @returns {Freshness | undefined} nothing for a function that asks for none of it */
export function freshnessOf(settings) {
  const { staleWhileRevalidate, staleIfError, timeout, refreshAhead } = settings
  const asks = staleWhileRevalidate || staleIfError || timeout !== undefined || refreshAhead
  return asks ? new Freshness(settings) : undefined
}
