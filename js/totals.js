import { coreStatsOf } from './core-index.js'
import { callsOf, nothing, ratio, recentOf } from './stats.js'

/**
 * What all functions of one `mime` counted together. A function is held weakly; when it is collected, what it had counted stays in the sum.
 *
 * @typedef {import('./index.js').Stats} Stats
 * @typedef {{ tally: import('./stats.js').Tally, cache: WeakRef<import('./residents.js').Residents> }} Member
 */

export class Totals {
  /** @type {Map<import('./core-index.js').Place, Member>} */
  members = new Map()
  /** Of functions that are collected. */
  past = sumOf([])

  /** @param {import('./residents.js').Residents} cache */
  join(cache) {
    const { tally } = cache.ledger
    const { place } = cache.index
    this.members.set(place, { tally, cache: new WeakRef(cache) })
    place.left.push(core => {
      this.members.delete(place)
      // What it counted, but nothing of what is now.
      const now = { entries: 0, pending: 0, bytes: 0, recent: recentOf({ calls: 0, hits: 0 }) }
      this.past = sumOf([this.past, { ...tally.snapshot(core), ...now }])
    })
  }

  /** @returns {import('./cache.js').Cache[]} of the functions that there are */
  caches() {
    const caches = [...this.members.values()].map(({ cache }) => cache.deref())
    return /** @type {import('./cache.js').Cache[]} */ (caches.filter(cache => cache !== undefined))
  }

  /** @returns {import('./index.js').TotalStats} */
  stats() {
    /** @type {Stats[]} */
    const each = []
    /** @type {string[]} */
    const losses = []
    for (const [place, { tally, cache }] of this.members) {
      const stats = cache.deref()?.stats() ?? tally.snapshot(coreStatsOf(place))
      each.push(stats)
      if (stats.worth.verdict === 'loss') losses.push(tally.name ?? '')
    }
    return { functions: each.length, losses, ...sumOf([this.past, ...each]) }
  }
}

/** @param {readonly Stats[]} each @returns {Stats} */
function sumOf(each) {
  const sum = {
    ...nothing(),
    stale: 0,
    loads: 0,
    errors: 0,
    loadTime: 0,
    refused: 0,
    storeHits: 0,
    storeErrors: 0,
    traps: 0,
  }
  const recent = { calls: 0, hits: 0 }
  let timedLoads = 0
  let saved = 0
  let spent = 0
  /** Saved by functions of which that is certain. */
  let surely = 0
  for (const stats of each) {
    for (const name of /** @type {(keyof typeof sum)[]} */ (Object.keys(sum))) {
      if (name !== 'removals') sum[name] += stats[name]
    }
    for (const cause of /** @type {import('./stats.js').Cause[]} */ (Object.keys(sum.removals))) {
      sum.removals[cause] += stats.removals[cause]
    }
    recent.calls += stats.recent.calls
    recent.hits += stats.recent.calls * stats.recent.hitRatio
    if (stats.meanLoadTime > 0) timedLoads += stats.loadTime / stats.meanLoadTime
    saved += stats.worth.saved
    spent += stats.worth.spent
    if (stats.worth.verdict === 'gain') surely += stats.worth.saved
  }
  const verdict = spent === 0 ? 'unknown' : surely >= spent ? 'gain' : saved < spent ? 'loss' : 'unknown'
  return {
    ...sum,
    meanLoadTime: ratio(sum.loadTime, timedLoads),
    hitRatio: ratio(sum.hits, callsOf(sum)),
    recent: recentOf(recent),
    worth: { saved, spent, verdict },
  }
}
