import ExpiryMap from 'expiry-map'
import { LRUCache } from 'lru-cache'
import pMemoize, { pMemoizeClear } from 'p-memoize'
import { ttlOf, UNIT } from './options.mjs'

/**
 * `cacheKey: JSON.stringify`, which its readme gives for more than one argument. Where a ttl is asked for, the ExpiryMap of its readme; for a
 * limit an LRU map, as the readme suggests. A key is forgotten through the cache's own `delete`.
 */

const CAN = ['ttl', 'max', 'noStore', 'invalidate', 'clear', 'set']

/** @returns {import('../run.mjs').Loaded} */
export function load() {
  /** @param {any} fn @param {import('./options.mjs').Asked} [asked] */
  function wrap(fn, asked = {}) {
    const ttl = ttlOf(asked, UNIT)
    const kept = asked.max ? new LRUCache({ max: asked.max }) : ttl ? new ExpiryMap(ttl) : new Map()
    const f = pMemoize(fn, { cacheKey: JSON.stringify, cache: asked.noStore ? false : kept })
    return {
      f,
      invalidate: (...args) => kept.delete(JSON.stringify(args)),
      clear: () => pMemoizeClear(f),
      set: (args, value) => kept.set(JSON.stringify(args), value),
    }
  }
  return { can: new Set(CAN), unit: UNIT, wrap }
}
