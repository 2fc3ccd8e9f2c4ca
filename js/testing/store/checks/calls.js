import { epochNow } from '../../../clock.js'
import { createMime } from '../../../create.js'
import { claim, claimSame } from '../claims.js'

/** Functions that `mime` has wrapped, with the store behind them. */

/**
 * @param {import('../case.js').Case} t
 * @param {import('../case.js').Store} store
 * @param {object} [options]
 */
export function wrapped(t, store, options) {
  /** @type {number[]} */
  const calls = []
  const load = (/** @type {number} */ n) => {
    calls.push(n)
    return { n, square: new Map([[n, BigInt(n) ** 2n]]) }
  }
  const settings = { name: 'load', version: '1', store, storeTimeout: t.patience / 1000, ...options }
  const mime = createMime(settings)
  /** @type {any} */
  const f = t.isSync ? mime(load) : mime(async (/** @type {number} */ n) => load(n))
  // As a method it would have a `this`, which counts.
  return { f, call: (/** @type {number} */ n) => f(n), calls }
}

/** @param {number} n */
export const resultOf = n => ({ n, square: new Map([[n, BigInt(n) ** 2n]]) })

/** @type {import('../case.js').Check[]} */
export const calls = [
  {
    name: 'a function that is wrapped anew is answered by the store',
    async run(t) {
      let store = await t.open()
      const first = wrapped(t, store)
      for (const n of [1, 2]) claimSame(await first.call(n), resultOf(n), `a first call`)
      await t.end(first.f.flush(), 'flush()')
      if (t.subject.persists) store = await t.reopen(store)
      const second = wrapped(t, store)
      for (const n of [1, 2, 3]) claimSame(await second.call(n), resultOf(n), 'a call after a restart')
      claimSame(second.calls, [3], 'what the function was called for')
      claimSame(second.f.stats().storeHits, 2, 'stats().storeHits')
    },
  },
  {
    name: 'invalidate() and clear() reach the store',
    async run(t) {
      const store = await t.open()
      const first = wrapped(t, store)
      for (const n of [1, 2]) await first.call(n)
      await t.end(first.f.flush(), 'flush()')
      first.f.invalidate(1)
      const second = wrapped(t, store)
      for (const n of [1, 2]) await second.call(n)
      claimSame(second.calls, [1], 'called after invalidate(1)')
      second.f.clear()
      const third = wrapped(t, store)
      for (const n of [1, 2]) await third.call(n)
      claimSame(third.calls, [1, 2], 'called after clear()')
    },
  },
  {
    name: 'a ttl counts in the store',
    async run(t) {
      const store = await t.open()
      const now = epochNow()
      const first = wrapped(t, store, { ttl: '60s' })
      await t.at(now, async () => {
        await first.call(1)
        await t.end(first.f.flush(), 'flush()')
      })
      const second = wrapped(t, store)
      claimSame(await t.at(now + 59_000, () => second.call(1)), resultOf(1), 'a second before')
      const third = wrapped(t, store)
      claimSame(await t.at(now + 60_000, () => third.call(1)), resultOf(1), 'at the end')
      claim(second.calls.length === 0, 'the function was called before the end of the ttl')
      claimSame(third.calls, [1], 'called at the end')
    },
  },
]
