import { epochNow } from '../clock.js'
import { freezeDeep, masterOf } from '../copies.js'
import { ensureViews, memory } from '../core.js'
import { place } from '../entries.js'
import { lendBuffer, walked } from '../key.js'
import { NONE } from '../key/nesting.js'
import { weigh } from '../terms.js'
import { matches } from '../tags.js'
import { unpack } from './format.js'

/**
 * Entries of a dump on their way into memory. Those of functions that are not wrapped yet wait here for them.
 *
 * What is there stays, whatever the dump has: an entry that is fresh, a load that runs. Only what has expired gives way.
 *
 * @typedef {import('../cache.js').Cache} Cache
 * @typedef {import('./format.js').ReadRow} ReadRow
 * @typedef {ReadRow & { most: number }} Row `most`: milliseconds that were left when the dump was made
 * @typedef {{ entries: number, present: number, expired: number, refused: number, waiting: number }} Report
 */

/** More entries than this do not wait: those that were loaded first go. */
const MAX_WAITING = 10_000
const CELL = 8

export class Arrivals {
  /** By name and version, the newest last. @type {Map<string, Row[]>} */
  waiting = new Map()

  /** @param {import('../tags.js').TagRegistry} registry whose invalidations concern what waits, too */
  constructor(registry) {
    registry.members.add(new WeakRef(this))
  }

  /**
   * @param {Iterable<Cache>} caches
   * @param {unknown} dump
   * @returns {Report}
   */
  load(caches, dump) {
    const { at, functions } = unpack(dump)
    const report = { entries: 0, present: 0, expired: 0, refused: 0, waiting: 0 }
    /** @type {Map<string, Cache[]>} */
    const known = new Map()
    for (const cache of caches) {
      const namespace = cache.settings.namespace()
      if (namespace === undefined || !functions.has(namespace)) continue
      known.set(namespace, [...(known.get(namespace) ?? []), cache])
    }
    for (const [namespace, found] of functions) {
      const rows = found.map(row => ({ ...row, most: row.until - at }))
      const takers = known.get(namespace) ?? []
      if (takers.length === 0) {
        this.wait(namespace, rows)
        report.waiting += rows.length
      } else if (takers.length === 1) for (const row of rows) report[arrive(takers[0], row)]++
      // Nobody knows which of them had it.
      else report.refused += rows.length
    }
    this.bound()
    return report
  }

  /** @param {string} namespace @param {Row[]} rows */
  wait(namespace, rows) {
    const all = [...(this.waiting.get(namespace) ?? []), ...rows]
    this.waiting.delete(namespace)
    this.put(namespace, all)
  }

  bound() {
    let count = 0
    for (const rows of this.waiting.values()) count += rows.length
    for (const [namespace, rows] of this.waiting) {
      const excess = count - MAX_WAITING
      if (excess <= 0) return
      count -= Math.min(excess, rows.length)
      this.put(namespace, rows.slice(excess))
    }
  }

  /** @param {string} namespace @param {Row[]} rows */
  put(namespace, rows) {
    if (rows.length > 0) this.waiting.set(namespace, rows)
    else this.waiting.delete(namespace)
  }

  /** A function was wrapped. @param {Cache} cache */
  take(cache) {
    if (this.waiting.size === 0) return
    const namespace = cache.settings.namespace() ?? ''
    const rows = this.waiting.get(namespace) ?? []
    this.waiting.delete(namespace)
    // Of one key the newest counts.
    for (const row of rows.reverse()) arrive(cache, row)
  }

  /** @param {readonly string[]} patterns @returns {number} entries that went */
  invalidate(patterns) {
    let count = 0
    for (const [namespace, rows] of this.waiting) {
      const kept = rows.filter(
        ({ tags }) => !tags.some(tag => patterns.some(pattern => matches(pattern, tag))),
      )
      count += rows.length - kept.length
      this.put(namespace, kept)
    }
    return count
  }
}

/** @param {Row} row @returns {number} milliseconds for which it is fresh: no more than when the dump was made, whatever the clock says here */
function left({ until, most }) {
  return Math.min(until - epochNow(), most)
}

/** @param {Cache} cache @param {Row} row @returns {'entries' | 'present' | 'expired' | 'refused'} what became of it */
function arrive(cache, row) {
  const { settings, index, freshness, ledger } = cache
  const { key, value: result, tags } = row
  const isAsync = row.isAsync || cache.isAlwaysAsync
  const cells = key.length / CELL
  if (settings.ttl === 0 || cells > settings.maxKeyCells) return 'refused'
  const ttl = Math.min(left(row), settings.ttl)
  if (!(ttl + (freshness?.grace ?? 0) > 0)) return 'expired'
  if (ttl < Infinity) cache.timed = true
  const now = cache.now()
  cache.time = now
  writeKey(cache, key)
  const found = index.find(cells, now)
  if (found <= -2 || (found >= 0 && !(ttl > 0 && freshness?.isStale(found, now)))) return 'present'
  try {
    if (settings.freeze) freezeDeep(result)
    const master = masterOf(settings, result, isAsync)
    const terms = { ttl, tags: tags.length > 0 ? tags : undefined, weight: weigh(settings, result) }
    // Callbacks may have called memoized functions.
    writeKey(cache, key)
    const value = master ?? (isAsync ? Promise.resolve(result) : result)
    const storedAt = now - Math.max(0, epochNow() - row.storedAt)
    const slot = place(cache, terms, value, result, now, storedAt)
    cache.announce()
    return slot < 0 ? 'refused' : 'entries'
  } catch (error) {
    ledger.report(error)
    return 'refused'
  }
}

/** @param {Cache} cache @param {Uint8Array} key */
function writeKey(cache, key) {
  lendBuffer()
  ensureViews()
  memory.u8.set(key)
  walked.identities = NONE
  cache.cells = key.length / CELL
}
