import { systemClock } from './clock.js'
import { RecentCalls, WINDOW } from './window.js'
import { KeyTime, worthOf } from './worth.js'

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
  /** Milliseconds between the start of a load and its result, of all loads that were timed and those they stand for. */
  loadTime = 0
  /** How many these are, with those that a timed one stands for. */
  timedLoads = 0
  /** The most that one timed load added to these milliseconds. */
  longestLoad = 0
  /** Results that were larger than all may be, and so were not kept. */
  refused = 0
  /** Misses in memory that the store answered. */
  storeHits = 0
  /** Failures of the cache, the store or a callback in the options; the caller's result is not touched by them. */
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

/** @typedef {Pick<CoreStats, 'hits' | 'misses' | 'coalesced' | 'removals'> & { stale: number }} Sums what is counted, and never is of now */

const ANSWERS = /** @type {const} */ (['hits', 'misses', 'stale', 'coalesced'])
const CAUSES = /** @type {const} */ (['expired', 'size', 'invalidated', 'replaced'])

/** @returns {CoreStats} */
export function nothing() {
  return {
    hits: 0,
    misses: 0,
    coalesced: 0,
    entries: 0,
    pending: 0,
    bytes: 0,
    removals: { expired: 0, size: 0, invalidated: 0, replaced: 0 },
  }
}

/**
 * So many loads of a sync function are all timed; of those after them, while more than one comes each so many milliseconds, the first of a turn and one
 * in so many.
 */
const ALWAYS_TIMED = 64
const TIMED_EVERY = 64
const SELDOM = 1

/** What was counted of one function, and what follows from it. It knows nothing of the function, which it outlives. */
export class Tally {
  counters = new Counters()
  corrections = new Corrections()
  /** The sums as they were last looked at. @type {Sums} */
  seen = { ...nothing(), stale: 0 }
  /** What cores that are lost had counted, as far as it was seen, less what the corrections say of it. @type {Sums} */
  lost = { ...nothing(), stale: 0 }
  recent = new RecentCalls()
  keyTime = new KeyTime()
  /** How many loads of a sync function go by before the next timed one, and how many have begun for which none stands yet. */
  untimed = 0
  unclaimed = 0
  /** When the latest timed one ended. */
  timedAt = NaN
  /** Somebody tells when the turn is over. */
  isTold = false

  /** @param {string | undefined} name the function's */
  constructor(name) {
    this.name = name
  }

  /**
   * When a load begins, if its time is taken. A reading of the clock takes a quarter of what a miss does.
   * @param {boolean} isAsync
   * @returns {number} NaN when it is not
   */
  begin(isAsync) {
    if (!isAsync) {
      this.unclaimed++
      if (this.untimed > 0) {
        this.untimed--
        return NaN
      }
    }
    return systemClock.now()
  }

  /** A load has ended. @param {number} began as `begin` said @param {boolean} isAsync @param {() => CoreStats | undefined} core @returns {number} when */
  loaded(began, isAsync, core) {
    const { counters, recent } = this
    const ended = systemClock.now()
    if (!Number.isNaN(began)) {
      const standsFor = isAsync ? 1 : this.claim(ended)
      const time = standsFor * Math.max(0, ended - began)
      counters.loadTime += time
      counters.longestLoad = Math.max(counters.longestLoad, time)
      counters.timedLoads += standsFor
    }
    if (recent.isDue(ended)) this.mark(ended, core())
    return ended
  }

  /** Decides which load is timed next. @param {number} ended when this one did @returns {number} how many it stands for */
  claim(ended) {
    // Where a load inside it stands for it already, for itself.
    const claimed = Math.max(1, this.unclaimed)
    const areFrequent = this.counters.timedLoads >= ALWAYS_TIMED && ended - this.timedAt < claimed * SELDOM
    this.untimed = areFrequent ? TIMED_EVERY - 1 : 0
    this.unclaimed = 0
    this.timedAt = ended
    if (areFrequent && !this.isTold) this.tellOfTurn()
    return claimed
  }

  tellOfTurn() {
    this.isTold = true
    // Not `queueMicrotask`, which fake timers hold back.
    Promise.resolve().then(() => {
      this.isTold = false
      this.pause()
    })
  }

  /** Nobody knows how much time goes by before the next load: that is timed. */
  pause() {
    this.untimed = 0
  }

  /** @param {number} now @param {CoreStats} [core] */
  mark(now, core) {
    const counts = this.counts(core)
    this.recent.mark(now, callsOf(counts), counts.hits)
  }

  /**
   * The core that counted is gone, and can no longer be asked: the sums are again what they were when they were last looked at, by `stats()` or by a
   * load of some seconds ago (longer, where all calls since were hits). How calls were answered since then and what left is lost.
   */
  restart() {
    const { seen, corrections } = this
    const lost = { ...nothing(), stale: 0 }
    for (const answer of ANSWERS) lost[answer] = seen[answer] - corrections[answer]
    for (const cause of CAUSES) lost.removals[cause] = seen.removals[cause] - corrections[cause]
    this.lost = lost
  }

  /** @param {CoreStats} [core] nothing where it is lost @returns the plain sums of the core that runs, those before it, and corrections */
  counts(core) {
    if (core === undefined) this.restart()
    const { corrections, lost } = this
    const counts = { ...nothing(), ...core, stale: 0, removals: nothing().removals }
    for (const answer of ANSWERS) {
      const sum = counts[answer] + lost[answer] + corrections[answer]
      counts[answer] = Math.max(0, sum)
      // The first answer of a call that turned out to be answered otherwise was lost with a core.
      if (sum < 0) lost[answer] -= sum
    }
    for (const cause of CAUSES) {
      counts.removals[cause] = (core?.removals[cause] ?? 0) + lost.removals[cause] + corrections[cause]
    }
    // A copy: the user gets the other one.
    this.seen = { ...counts, removals: { ...counts.removals } }
    return counts
  }

  /** @param {CoreStats | undefined} core @returns {import('./index.js').Stats} a snapshot */
  snapshot(core) {
    const counts = this.counts(core)
    const { timedLoads, longestLoad, ...counters } = this.counters
    const calls = callsOf(counts)
    const meanLoadTime = timedLoads > 0 ? counters.loadTime / timedLoads : undefined
    return {
      ...counts,
      ...counters,
      // Those for which none stands yet are taken to be as long as the others.
      loadTime: counters.loadTime * Math.max(1, timedLoads > 0 ? counters.loads / timedLoads : 1),
      meanLoadTime: meanLoadTime ?? 0,
      hitRatio: ratio(counts.hits, calls),
      recent: recentOf(this.recent.until(systemClock.now(), calls, counts.hits)),
      worth: worthOf(counts.hits, calls, this.counters, this.keyTime.each),
    }
  }
}

/** @param {{ hits: number, misses: number, stale: number, coalesced: number }} counts */
export function callsOf({ hits, misses, stale, coalesced }) {
  return hits + misses + stale + coalesced
}

/** @param {number} hits @param {number} calls */
export function ratio(hits, calls) {
  return calls > 0 ? hits / calls : 0
}

/** @param {{ calls: number, hits: number }} window @returns {import('./index.js').Recent} */
export function recentOf({ calls, hits }) {
  return { seconds: WINDOW / 1000, calls: Math.round(calls), hitRatio: ratio(hits, calls) }
}
