/**
 * @typedef {object} CoreStats what the core counts
 * @property {number} hits
 * @property {number} misses
 * @property {number} coalesced callers who joined a running load
 * @property {number} entries
 * @property {number} pending loads that run
 * @property {number} bytes keys, bookkeeping and weights
 * @property {{ expired: number, size: number, invalidated: number, replaced: number }} removals by cause
 *
 * @typedef {'hits' | 'misses' | 'stale' | 'coalesced'} Answer how a call was answered
 * @typedef {'expired' | 'size' | 'invalidated' | 'replaced'} Cause
 */

/** What JavaScript counts: calls of the function itself, and what became of them. */
export class Counters {
  loads = 0
  /** Loads that threw or rejected. */
  errors = 0
  /** Misses in memory that the store answered. */
  storeHits = 0
  /** Failures of the store or of a callback in the options; the caller's result is not touched by them. */
  storeErrors = 0
  /** Recoveries of the core, each of which emptied the cache. */
  traps = 0
}

/** Where JavaScript knows better than the core, to be added to what that counts. */
export class Corrections {
  hits = 0
  misses = 0
  stale = 0
  coalesced = 0
  expired = 0
  size = 0
  invalidated = 0
  replaced = 0

  /** A call turned out to be answered in another way. @param {Answer} from @param {Answer} to */
  move(from, to) {
    this[from]--
    this[to]++
  }
}

/** @type {CoreStats} */
const NOTHING = {
  hits: 0,
  misses: 0,
  coalesced: 0,
  entries: 0,
  pending: 0,
  bytes: 0,
  removals: { expired: 0, size: 0, invalidated: 0, replaced: 0 },
}

/**
 * @param {CoreStats | undefined} core
 * @param {Counters} counters
 * @param {Corrections} more
 * @returns a snapshot
 */
export function snapshot(core = NOTHING, counters, more) {
  const { removals } = core
  return {
    ...core,
    hits: core.hits + more.hits,
    misses: core.misses + more.misses,
    stale: more.stale,
    coalesced: core.coalesced + more.coalesced,
    ...counters,
    removals: {
      expired: removals.expired + more.expired,
      size: removals.size + more.size,
      invalidated: removals.invalidated + more.invalidated,
      replaced: removals.replaced + more.replaced,
    },
  }
}
