import { createCache } from 'async-cache-dedupe'
import { ROOM, ttlOf } from './options.mjs'

/**
 * One defined function for each wrap; its one argument is the list of ours. It counts whole seconds, rounded down, so a unit is two of them.
 * Without a ttl it keeps nothing, so a year stands for "no ttl". A transformer is its way to hand out copies.
 */

const CAN = [
  ...['ttl', 'ttlOf', 'max', 'noStore', 'clone', 'tags', 'tagPrefix', 'swr', 'staleWindow', 'onError'],
  ...['invalidate', 'clear'],
]
const UNIT = 2000
const YEAR = 31_536_000

/** @returns {import('../run.mjs').Loaded} */
export function load() {
  const newCache = size =>
    createCache({ ttl: YEAR, storage: { type: 'memory', options: { size, invalidation: true } } })
  const shared = newCache(ROOM)
  let count = 0

  /** @param {any} fn @param {import('./options.mjs').Asked} [asked] */
  function wrap(fn, asked = {}) {
    const { max, noStore, tags, stale, onError } = asked
    const cache = max ? newCache(max) : shared
    const name = `f${++count}`
    const ttl = ttlOf(asked, UNIT)
    cache.define(
      name,
      {
        ttl: noStore ? 0 : ttl ? ttl / 1000 : YEAR,
        ...(asked.ttlOf && { ttl: value => (asked.ttlOf(value) * UNIT) / 1000 }),
        ...(stale && { stale: (stale * UNIT) / 1000 }),
        ...(tags && { references: (args, _key, value) => tags(args, value) }),
        ...(asked.clone && { transformer: { serialize: structuredClone, deserialize: structuredClone } }),
        ...(onError && { onError }),
      },
      async args => fn(...args),
    )
    return {
      f: (...args) => cache[name](args),
      invalidate: (...args) => cache.clear(name, args),
      clear: () => cache.clear(name),
    }
  }
  return { can: new Set(CAN), unit: UNIT, wrap, invalidateTags: (...tags) => invalidate(shared, tags) }
}

/** Its wildcards work in a single reference only. */
async function invalidate(cache, tags) {
  for (const tag of tags) await cache.invalidateAll(tag)
}
