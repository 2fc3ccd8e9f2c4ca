import { LRUCache } from 'lru-cache'
import { ROOM, ttlOf, UNIT } from './options.mjs'

/**
 * `fetch` with a `fetchMethod`; the key is the arguments as JSON, the arguments themselves go along as `context`. `ignoreFetchAbort` lets a
 * load that was deleted or evicted still give its value, except where AbortSignals are what is asked about; those are handed to `fetch`.
 * `noDeleteOnFetchRejection` keeps an entry whose reload fails.
 * `allowStale` is its stale while revalidate, `allowStaleOnFetchRejection` its stale if error; neither has
 * a window. A timeout is what its documentation shows: `allowStaleOnFetchAbort` and `AbortSignal.timeout`. It has no synchronous `fetch`.
 * `ttlAutopurge` frees expired entries, at the price of a timer each.
 */

const CAN = [
  ...['ttl', 'ttlOf', 'max', 'swr', 'staleIfError', 'timeout', 'signal'],
  ...['invalidate', 'clear', 'set', 'refresh'],
]

const signalIn = args => {
  for (const arg of args) {
    if (arg instanceof AbortSignal) return arg
    if (arg?.signal instanceof AbortSignal) return arg.signal
  }
  return undefined
}

/** The arguments with the fetch's own signal in the place of a caller's. */
const withSignal = (args, signal) =>
  args.map(arg => {
    if (arg instanceof AbortSignal) return signal
    return arg?.signal instanceof AbortSignal ? { ...arg, signal } : arg
  })

/** @returns {import('../run.mjs').Loaded} */
export function load() {
  /** @param {any} fn @param {import('./options.mjs').Asked} [asked] */
  function wrap(fn, asked = {}) {
    const { timeout, stale, staleIfError } = asked
    const cache = new LRUCache({
      max: asked.max ?? ROOM,
      ttl: ttlOf(asked, UNIT),
      ttlAutopurge: asked.freed ?? false,
      allowStale: stale !== undefined,
      noDeleteOnFetchRejection: true,
      allowStaleOnFetchRejection: staleIfError !== undefined,
      ignoreFetchAbort: !asked.signal,
      allowStaleOnFetchAbort: timeout !== undefined,
      async fetchMethod(_key, _stale, { signal, options, context }) {
        const value = await fn(...withSignal(context, signal))
        if (asked.ttlOf) options.ttl = asked.ttlOf(value) * UNIT
        return value
      },
    })
    const keyOf = args => JSON.stringify(args)
    const call = (args, options) =>
      cache.fetch(keyOf(args), {
        context: args,
        signal: timeout ? AbortSignal.timeout(timeout * UNIT) : signalIn(args),
        ...options,
      })
    return {
      f: (...args) => call(args),
      invalidate: (...args) => cache.delete(keyOf(args)),
      clear: () => cache.clear(),
      set: (args, value) => cache.set(keyOf(args), value),
      refresh: (...args) => call(args, { forceRefresh: true }),
    }
  }
  return { can: new Set(CAN), unit: UNIT, wrap }
}
