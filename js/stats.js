/**
 * @typedef {object} CoreStats what the core counts
 * @property {number} hits
 * @property {number} misses
 * @property {number} stale
 * @property {number} coalesced callers who joined a running load
 * @property {number} entries
 * @property {number} pending loads that run
 * @property {number} bytes keys and bookkeeping
 * @property {{ expired: number, size: number, invalidated: number, replaced: number }} removals by cause
 *
 * @typedef {CoreStats & { loads: number, errors: number, storeHits: number, storeErrors: number, traps: number }} Stats
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

/** @type {CoreStats} */
const NOTHING = {
  hits: 0,
  misses: 0,
  stale: 0,
  coalesced: 0,
  entries: 0,
  pending: 0,
  bytes: 0,
  removals: { expired: 0, size: 0, invalidated: 0, replaced: 0 },
}

/**
 * @param {CoreStats | undefined} core
 * @param {Counters} counters
 * @returns {Stats} a snapshot
 */
export function snapshot(core, counters) {
  return { ...(core ?? NOTHING), ...counters }
}
