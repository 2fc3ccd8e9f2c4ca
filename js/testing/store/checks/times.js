import { epochNow } from '../../../clock.js'
import { claim, claimSame } from '../claims.js'
import { MISS } from '../case.js'

const HOUR = 3_600_000

/** When an entry is good. @type {import('../case.js').Check[]} */
export const times = [
  {
    name: 'expired is from the deadline on, and checked on every read',
    async run(t) {
      const store = await t.open()
      const now = epochNow()
      await t.at(now, async () => {
        t.put(store, t.key(1), 'short', { ttl: 60_000 })
        t.put(store, t.key(2), 'never')
        t.put(store, t.key(3), 'not flushed', { ttl: 60_000 })
        await t.end(store.flush(), 'flush()')
        t.put(store, t.key(3), 'not flushed', { ttl: 60_000 })
      })
      const read = () => Promise.all([1, 2, 3].map(n => t.read(store, t.key(n))))
      const before = await t.at(now + 59_999, read)
      claimSame(before, ['short', 'never', 'not flushed'], 'a millisecond before the deadline')
      const at = await t.at(now + 60_000, read)
      claimSame(at, [MISS, 'never', MISS], 'at the deadline')
      claimSame(await t.at(now + 60_001, read), [MISS, 'never', MISS], 'after the deadline')
    },
  },
  {
    name: 'ttls beyond 24 days and beyond a century',
    async run(t) {
      const store = await t.open()
      const now = epochNow()
      await t.at(now, async () => {
        t.put(store, t.key(1), 'month', { ttl: 720 * HOUR })
        t.put(store, t.key(2), 'ages', { ttl: 1e9 * HOUR })
        await t.end(store.flush(), 'flush()')
      })
      const later = await t.at(now + 719 * HOUR, () => Promise.all([1, 2].map(n => t.read(store, t.key(n)))))
      claimSame(later, ['month', 'ages'], 'after 719 hours')
      claimSame(await t.at(now + 720 * HOUR, () => t.read(store, t.key(1))), MISS, 'after 720 hours')
    },
  },
  {
    name: 'what is set expired hides what was there before',
    async run(t) {
      const store = await t.open()
      const now = epochNow()
      for (const n of [1, 2]) t.put(store, t.key(n), 'old')
      await t.end(store.flush(), 'flush()')
      t.put(store, t.key(1), 'dead', { storedAt: now - HOUR, ttl: HOUR / 2 })
      t.put(store, t.key(2), 'never alive', { ttl: 0 })
      for (const when of ['before flush()', 'after flush()']) {
        for (const n of [1, 2]) claimSame(await t.read(store, t.key(n)), MISS, when)
        await t.end(store.flush(), 'flush()')
      }
    },
  },
  {
    name: 'a wrong clock makes nothing immortal',
    when: ({ times = true }) => times,
    async run(t) {
      const store = await t.open()
      const now = epochNow()
      await t.at(now, async () => {
        // Set by a clock an hour ahead.
        t.put(store, t.key(1), 'v', { storedAt: now + HOUR, ttl: 10_000 })
        await t.end(store.flush(), 'flush()')
      })
      const first = await t.at(now, () => t.entry(store, t.key(1)))
      claimSame(first?.ttl, 10_000, 'ttl')
      claim(Number(first?.deadline) <= now + 10_000, 'the deadline read is further away than the ttl')
      const second = await t.at(now + 9_000, () => t.entry(store, t.key(1)))
      claim(second === undefined || second.deadline <= now + 10_000, 'reading it again prolongs its life')
      const third = await t.at(now + 10_000, () => t.entry(store, t.key(1)))
      claimSame(third, undefined, 'when its whole ttl has passed since it was first read')
    },
  },
]
