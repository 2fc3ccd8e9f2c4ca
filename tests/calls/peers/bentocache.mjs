import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { ROOM, ttlOf, UNIT } from './options.mjs'

/**
 * `getOrSet` on a memory store; the key is a name and the arguments as JSON. Values are kept as they are (`serialize: false`) unless copies are asked for,
 * for which it serializes as JSON. `grace` keeps expired values: with `timeout: 0` that is its stale while revalidate, with `timeout: null`
 * its stale if error, with another timeout the one asked for. `forceFresh` is its refresh.
 */

const CAN = [
  ...['ttl', 'ttlOf', 'max', 'clone', 'tags', 'swr', 'staleWindow', 'staleIfError', 'timeout', 'onError'],
  ...['invalidate', 'clear', 'set', 'refresh'],
]

/** @returns {import('../run.mjs').Loaded} */
export function load() {
  const newCache = (max = ROOM, serialize = false) =>
    new BentoCache({
      default: 'memory',
      stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: max, serialize })) },
    })
  const shared = newCache()
  let count = 0

  /** @param {any} fn @param {import('./options.mjs').Asked} [asked] */
  function wrap(fn, asked = {}) {
    const { max, clone, tags, stale, staleIfError, timeout, onError } = asked
    // One cache for all that has tags; a namespace would not do, it would be serialized whatever the driver says.
    const cache = tags ? shared : newCache(max, clone)
    const name = `f${++count}`
    const keyOf = args => name + JSON.stringify(args)
    const ttl = ttlOf(asked, UNIT)
    const longer = stale ?? staleIfError ?? (timeout && 1000)
    const common = {
      ttl: ttl ?? null,
      // Counted from when the value is stored. By default a failure would put off the next try by seconds.
      graceBackoff: 0,
      ...(longer && {
        grace: (asked.ttl + longer) * UNIT,
        timeout: stale ? 0 : timeout ? timeout * UNIT : null,
      }),
      ...(onError && { onFactoryError: onError }),
    }
    const call = (args, options) =>
      cache.getOrSet({
        ...common,
        ...options,
        key: keyOf(args),
        async factory(context) {
          const value = await fn(...args)
          if (tags) context.setTags(tags(args, value))
          if (asked.ttlOf) context.setOptions({ ttl: asked.ttlOf(value) * UNIT })
          return value
        },
      })
    return {
      f: (...args) => call(args),
      invalidate: (...args) => cache.delete({ key: keyOf(args) }),
      clear: () => cache.clear(),
      set: (args, value) => cache.set({ ...common, key: keyOf(args), value }),
      refresh: (...args) => call(args, { forceFresh: true }),
    }
  }
  return {
    can: new Set(CAN),
    unit: UNIT,
    wrap,
    invalidateTags: (...tags) => shared.deleteByTag({ tags }),
  }
}
