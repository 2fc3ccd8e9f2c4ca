import { Cacheable, CacheableHooks, CacheableMemory, createKeyv } from 'cacheable'
import { ROOM, ttlOf, UNIT } from './options.mjs'

/**
 * `getOrSet` with `throwErrors: true`: its `wrap` swallows errors of the function and has no option against it. The key is the arguments as
 * JSON. Values are kept as they are (`useClone: false`, which its readme spells `useClones`) unless copies are asked for. A ttl by the value
 * and tags are set in its BEFORE_SET hook. Sync functions go through `CacheableMemory.getOrSet`.
 * `checkInterval`, off by default, frees expired entries.
 */

const CAN = ['sync', 'ttl', 'ttlOf', 'max', 'clone', 'tags', 'invalidate', 'clear', 'set']

/** @returns {import('../run.mjs').Loaded} */
export function load() {
  const caches = []

  /** @param {any} fn @param {import('./options.mjs').Asked} [asked] */
  function wrap(fn, asked = {}) {
    const ttl = ttlOf(asked, UNIT)
    const lruSize = asked.max ?? ROOM
    const keyOf = args => JSON.stringify(args)
    const settings = { ttl, throwErrors: true }
    if (asked.sync) {
      const memory = new CacheableMemory({ lruSize, useClone: false })
      return { f: (...args) => memory.getOrSet(keyOf(args), () => fn(...args), settings) }
    }
    const primary = createKeyv({
      lruSize,
      useClone: asked.clone ?? false,
      checkInterval: asked.freed ? UNIT : 0,
    })
    const cache = new Cacheable({ primary, tags: asked.tags !== undefined })
    caches.push(cache)
    if (asked.ttlOf || asked.tags) {
      cache.onHook(CacheableHooks.BEFORE_SET, item => {
        if (asked.ttlOf) item.ttl = asked.ttlOf(item.value) * UNIT
        if (asked.tags) item.tags = asked.tags(JSON.parse(item.key), item.value)
      })
    }
    return {
      f: (...args) => cache.getOrSet(keyOf(args), () => fn(...args), settings),
      invalidate: (...args) => cache.delete(keyOf(args)),
      clear: () => cache.clear(),
      set: (args, value) => cache.set(keyOf(args), value, ttl),
    }
  }
  return {
    can: new Set(CAN),
    unit: UNIT,
    wrap,
    invalidateTags: (...tags) => Promise.all(caches.map(cache => cache.tags.invalidateTags(tags))),
  }
}
