/**
 * One bound in bytes over all functions of a `mime`. Each function's index counts its own bytes; here is what they were when it last stored
 * something, and the sum. When that is too much, entries of the function with the most bytes go, so a function that takes less than its
 * share of the budget loses nothing to others, however many keys these are called with.
 *
 * What went without anything being stored is noticed when the function's turn comes: the sum is never too small but for loads that run.
 */

/** Entries that one store evicts at most; the next one goes on. */
const AT_ONCE = 512
/** So much of the budget goes beyond what has to, so that not every store looks for the largest function. */
const SLACK = 1 / 1024

/**
 * What one function takes.
 * @typedef {object} Share
 * @property {number} bytes
 * @property {boolean} isSpent since it last stored something it was found to have nothing but loads that run
 * @property {WeakRef<import('./residents.js').Residents>} cache
 */

export class Budget {
  /** @type {Set<Share>} */
  shares = new Set()
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
    for (const share of this.shares) {
      share.isSpent = false
      this.look(share)?.bound(bytes)
    }
  }

  /** @param {import('./residents.js').Residents} cache @returns {Share} */
  join(cache) {
    const share = { bytes: 0, isSpent: false, cache: new WeakRef(cache) }
    this.shares.add(share)
    cache.index.place.left.push(() => this.leave(share))
    return share
  }

  /** @param {Share} share */
  leave(share) {
    if (this.shares.delete(share)) this.total -= share.bytes
  }

  /** A function has stored something. @param {Share} share @param {number} bytes it takes now */
  stored(share, bytes) {
    this.note(share, bytes)
    share.isSpent = false
    // A listener that hears of an eviction may call memoized functions itself.
    if (this.total <= this.max || this.isShrinking) return
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
    else this.note(share, cache.index.bytes())
    return cache
  }

  shrink() {
    // Nobody tells that a load failed, and others would go on to make room for it.
    for (const share of this.shares) if (share.isSpent) this.look(share)
    let left = AT_ONCE
    while (this.total > this.max && left > 0) {
      const share = this.largest()
      if (share === undefined) return
      const before = share.bytes
      const cache = this.look(share)
      // It had less than was known of it: another may be the largest.
      if (cache === undefined || share.bytes < before) continue
      const excess = this.total - this.max * (1 - SLACK)
      const gone = cache.trim(Math.max(0, share.bytes - excess), left)
      share.isSpent = gone === 0
      left -= gone
      this.look(share)
    }
  }

  /** @returns {Share | undefined} of those that have something to give */
  largest() {
    /** @type {Share | undefined} */
    let largest
    for (const share of this.shares) {
      if (!share.isSpent && share.bytes > (largest?.bytes ?? 0)) largest = share
    }
    return largest
  }
}

const { process, navigator } = /** @type {any} */ (globalThis)
const isServer = process?.versions?.node !== undefined && navigator?.userAgent !== 'Cloudflare-Workers'

/** Without `maxBytes`: a server has more memory than a page, or a worker of 128 MB. */
export const DEFAULT_BUDGET = isServer ? 256e6 : 64e6
