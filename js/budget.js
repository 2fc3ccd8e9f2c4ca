import { Heap } from './heap.js'

/**
 * One bound in bytes over all functions of a `mime`. Each function's index counts its own bytes; here is what they were when it last stored
 * something, and the sum. When that is too much, entries of the function with the most bytes go until another has the most, so a function
 * that takes less than its share of the budget loses nothing to others, however many keys these are called with.
 *
 * What went without anything being stored is noticed when the function's turn comes: the sum is never too small but for loads that run.
 */

/** Entries that one store evicts at most; the next one goes on. */
const AT_ONCE = 512
/**
 * So much of the budget goes beyond what has to, so that not every store has others make room; and so much of a function at once where the next one
 * has as much, so that two which are alike do not give by turns, entry by entry.
 */
const SLACK = 1 / 1024
/** Functions with nothing but loads that run, which are looked at again when somebody else has to give. */
const SPENT_LOOKS = 8

/**
 * What one function takes.
 * @typedef {object} Share
 * @property {number} bytes
 * @property {number} place among those that have something to give; below 0 it is spent
 * @property {WeakRef<import('./residents.js').Residents>} cache
 */

export class Budget {
  /** Who may have something to give. @type {Heap<Share>} */
  givers = new Heap()
  /** Who was found to have nothing but loads that run since it last stored something; whose turn to be looked at is next comes first. @type {Set<Share>} */
  spent = new Set()
  total = 0
  isShrinking = false
  #max = Infinity

  /** @param {number} max bytes */
  constructor(max) {
    this.max = max
  }

  get max() {
    return this.#max
  }

  /** Without a bound no function says what it stores. */
  set max(bytes) {
    this.#max = bytes
    for (const share of this.spent) this.givers.put(share)
    this.spent.clear()
    for (const share of [...this.givers.members]) this.look(share)?.bound(bytes)
  }

  /** @param {import('./residents.js').Residents} cache @returns {Share} */
  join(cache) {
    const share = { bytes: 0, place: -1, cache: new WeakRef(cache) }
    this.givers.put(share)
    cache.index.place.left.push(() => this.leave(share))
    return share
  }

  /** @param {Share} share */
  leave(share) {
    if (share.place >= 0) this.givers.remove(share)
    else if (!this.spent.delete(share)) return
    this.total -= share.bytes
  }

  /** A function has stored something. @param {Share} share @param {number} bytes it takes now */
  stored(share, bytes) {
    if (share.place < 0) this.spent.delete(share)
    this.note(share, bytes)
    this.givers.put(share)
    // A listener that hears of an eviction may call memoized functions itself.
    if (this.total <= this.#max || this.isShrinking) return
    this.isShrinking = true
    try {
      this.shrink()
    } finally {
      this.isShrinking = false
    }
  }

  /** @param {Share} share @param {number} bytes it takes now */
  note(share, bytes) {
    this.total += bytes - share.bytes
    share.bytes = bytes
  }

  /** Learns what a function takes now. @param {Share} share @returns {import('./residents.js').Residents | undefined} nothing where it is collected */
  look(share) {
    const cache = share.cache.deref()
    if (cache === undefined) this.leave(share)
    else {
      this.note(share, cache.index.bytes())
      if (share.place >= 0) this.givers.put(share)
    }
    return cache
  }

  shrink() {
    this.lookAtSpent()
    let left = AT_ONCE
    while (this.total > this.#max && left > 0) {
      const share = this.givers.first
      if (share === undefined || share.bytes === 0) return
      const before = share.bytes
      const cache = this.look(share)
      // It had less than was known of it: another may be the largest.
      if (cache === undefined || share.bytes < before) continue
      const gone = cache.trim(this.levelOf(share), left)
      left -= gone
      this.look(share)
      if (gone === 0) {
        this.givers.remove(share)
        this.spent.add(share)
      }
    }
  }

  /** How much the largest keeps: as much as the next one, if it can do with that. @param {Share} share */
  levelOf({ bytes }) {
    const excess = this.total - this.#max * (1 - SLACK)
    const level = Math.min(this.givers.second, bytes * (1 - SLACK), bytes - 1)
    return Math.max(0, bytes - excess, level)
  }

  /** Nobody tells that a load failed, and others would go on to make room for it: a few each time, in turn. */
  lookAtSpent() {
    let looks = Math.min(SPENT_LOOKS, this.spent.size)
    for (const share of this.spent) {
      if (looks-- <= 0) return
      this.spent.delete(share)
      this.spent.add(share)
      this.look(share)
    }
  }
}

const { process, navigator } = /** @type {any} */ (globalThis)
const isServer = process?.versions?.node !== undefined && navigator?.userAgent !== 'Cloudflare-Workers'

/** Without `maxBytes`: a server has more memory than a page, or a worker of 128 MB. */
export const DEFAULT_BUDGET = isServer ? 256e6 : 64e6
