import { stopwatch, systemClock } from './clock.js'
import { NONE } from './key/nesting.js'
import { reviveArgs } from './key/revive.js'
import { walked, writeCall } from './key.js'

/**
 * Whether memoizing a function is worth it: the time its hits saved against the time its keys took.
 *
 * A call is too short to be timed while it runs. So `stats()` times it afterwards: arguments made anew from the keys of a few entries in
 * memory are keyed and looked up some hundred times, a fraction of a millisecond in all, on the real clock. That is done again when there have been twice as
 * many calls. What it does not see: the time of the option `key` and of `[mime.key]()`, the looking up of identities, and that entries
 * which were not used for long are not in the processor's cache. So keys are rather underestimated, and a loss is one.
 */

/** Entries whose keys are timed. */
const ENTRIES = 8
/** Slots looked at to find them. */
const LOOKS = 64
/** Milliseconds of a round, at least, unless so many lookups take less. */
const ROUND = 0.1
const MOST = 1024
const ROUNDS = 3
/** Fewer calls than this say nothing about a loss. */
const ENOUGH = 1000
/**
 * Milliseconds that no gain may rest upon: in all, for the first loads of any function, whose code nobody has compiled yet; and of each load, for what
 * goes by around it, as a promise does.
 */
const COLD = 0.5
const AROUND = 0.005
/** What a key held as a digest begins with: it does not tell its arguments. */
const DIGESTED = 34

export class KeyTime {
  /** Milliseconds that keying and looking up took; `undefined` while nothing is known. @type {number | undefined} */
  each = undefined
  /** How many calls there were when it was measured. */
  calls = 0

  /**
   * @param {import('./core-index.js').Index} index
   * @param {number} maxKeyCells
   * @param {number} now the time of the function's clock
   * @param {number} calls so far
   */
  refresh(index, maxKeyCells, now, calls) {
    if (calls === 0 || (this.each !== undefined && calls < this.calls * 2)) return
    const lists = sample(index)
    if (lists.length === 0) return
    try {
      const lookup = (/** @type {number} */ i) =>
        index.find(writeCall(undefined, lists[i % lists.length], maxKeyCells), now)
      const least = leastOf(lookup, stopwatch)
      if (least > 0) this.each = least
      this.calls = calls
    } catch {
      // A value made anew that cannot be keyed here: nothing is known.
    } finally {
      walked.identities = NONE
    }
  }
}

/** The arguments of a few entries, from all over the index. @param {import('./core-index.js').Index} index */
function sample(index) {
  const slots = index.slots()
  const step = Math.max(1, Math.floor(slots / LOOKS))
  /** @type {unknown[][]} */
  const lists = []
  for (let slot = 0; slot < slots && lists.length < ENTRIES; slot += step) {
    const key = index.keyOf(slot)
    if (key.length > 0 && key[0] !== DIGESTED) lists.push(reviveArgs(key))
  }
  return lists
}

/** Of a few rounds, for something may come between. @param {(i: number) => unknown} work @param {() => number} clock @returns {number} milliseconds each */
function leastOf(work, clock) {
  let least = Infinity
  for (let round = 0; round < ROUNDS; round++) least = Math.min(least, timed(work, clock))
  return least
}

/** @param {(i: number) => unknown} work @param {() => number} clock @returns {number} milliseconds each */
function timed(work, clock) {
  const start = clock()
  let done = 0
  let elapsed = 0
  for (let count = ENTRIES; elapsed < ROUND && done < MOST; count *= 2) {
    for (const end = done + count; done < end; done++) work(done)
    elapsed = clock() - start
  }
  return elapsed / done
}

/** Milliseconds that reading the clock takes, by itself: so much of a load's time is not the load's. @type {number | undefined} */
let clockCost

/**
 * @typedef {Pick<import('./stats.js').Counters, 'loadTime' | 'timedLoads' | 'longestLoad'>} Loads
 *
 * @param {number} hits
 * @param {number} calls
 * @param {Loads} loads
 * @param {number | undefined} lookup milliseconds
 * @returns {import('./index.js').Worth}
 */
export function worthOf(hits, calls, loads, lookup) {
  const { loadTime, timedLoads } = loads
  if (timedLoads === 0 || lookup === undefined) return { saved: 0, spent: 0, verdict: 'unknown' }
  clockCost ??= leastOf(systemClock.now, systemClock.now)
  const saved = hits * Math.max(0, loadTime / timedLoads - clockCost)
  const spent = calls * lookup
  const isLoss = saved < spent && calls >= ENOUGH
  return { saved, spent, verdict: hits * surely(loads) >= spent ? 'gain' : isLoss ? 'loss' : 'unknown' }
}

/**
 * What a load takes at the very least: few of them are mostly code that runs for the first time, and one may have prepared something for all, or met the
 * garbage collector.
 * @param {Loads} loads
 */
function surely({ loadTime, timedLoads, longestLoad }) {
  const others = timedLoads > 1 ? loadTime - longestLoad : loadTime
  return Math.max(0, (others - COLD) / timedLoads - AROUND)
}
