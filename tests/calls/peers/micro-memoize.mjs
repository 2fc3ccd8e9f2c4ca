import { memoize } from 'micro-memoize'
import { ROOM, ttlOf, UNIT } from './options.mjs'

/**
 * `async: true`, keys by deep equality, and more than its one entry. `expires.update: true` is what its readme advises for promises, so that
 * the time counts from when they resolve; hits prolong it then. `forceUpdate` is its refresh.
 */

const CAN = ['sync', 'ttl', 'max', 'invalidate', 'clear', 'set', 'refresh']

/** @returns {import('../run.mjs').Loaded} */
export function load() {
  /** @param {any} fn @param {import('./options.mjs').Asked} [asked] */
  function wrap(fn, asked = {}) {
    let forced = false
    const after = ttlOf(asked, UNIT)
    const f = memoize(fn, {
      async: !asked.sync,
      isKeyItemEqual: 'deep',
      maxSize: asked.max ?? ROOM,
      ...(after !== undefined && { expires: { after, update: true } }),
      forceUpdate: () => forced,
    })
    return {
      f,
      invalidate: (...args) => f.cache.delete(args),
      clear: () => f.cache.clear(),
      set: (args, value) => f.cache.set(args, Promise.resolve(value)),
      refresh(...args) {
        forced = true
        try {
          return f(...args)
        } finally {
          forced = false
        }
      },
    }
  }
  return { can: new Set(CAN), unit: UNIT, wrap }
}
