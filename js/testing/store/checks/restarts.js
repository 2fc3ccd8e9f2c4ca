import { epochNow } from '../../../clock.js'
import { claimSame } from '../claims.js'
import { MISS } from '../case.js'

const SPACE = 'f\0v1'
/** @param {import('../case.js').Subject} subject */
const persists = ({ persists = false }) => persists

/** What a restart leaves. @type {import('../case.js').Check[]} */
export const restarts = [
  {
    name: 'after a restart everything that was flushed is there',
    when: persists,
    async run(t) {
      const first = await t.open()
      const storedAt = epochNow()
      for (let n = 0; n < 100; n++)
        t.put(first, t.key(n), { n }, { storedAt, ttl: n % 2 ? 60_000 : Infinity })
      t.put(first, t.key(0, 'g\0v1'), 'of another')
      const second = await t.reopen(first)
      for (let n = 0; n < 100; n++) claimSame(await t.read(second, t.key(n)), { n }, `entry ${n} of 100`)
      claimSame(await t.read(second, t.key(0, 'g\0v1')), 'of another', 'in another namespace')
      claimSame(await t.read(second, t.key(100)), MISS, 'what was never set')
      claimSame(await t.read(second, { ...t.key(1), bytes: t.key(2).bytes }), MISS, 'another key of the same digest') // biome-ignore format: one line
      if (t.subject.times === false) return
      const entry = await t.entry(second, t.key(1))
      claimSame(
        [entry?.storedAt, entry?.deadline, entry?.ttl],
        [storedAt, storedAt + 60_000, 60_000],
        'its times',
      )
      claimSame(Boolean(entry?.isAsync), !t.isSync, 'isAsync')
    },
  },
  {
    name: 'after a restart the last of two values is there, and nothing deleted, cleared or expired',
    when: persists,
    async run(t) {
      const first = await t.open()
      const now = epochNow()
      for (let n = 0; n < 6; n++) t.put(first, t.key(n), 'old')
      t.put(first, t.key(0, 'g\0v1'), 'cleared')
      t.put(first, t.key(9), 'short', { storedAt: now, ttl: 60_000 })
      const second = await t.reopen(first)
      t.put(second, t.key(1), 'new')
      second.delete(t.key(2))
      t.put(second, t.key(3), () => 'cannot be kept')
      t.put(second, t.key(4), 'dead', { storedAt: now - 2000, ttl: 1000 })
      second.clear('g\0v1')
      const third = await t.reopen(second)
      const claimAll = async (/** @type {string} */ when) => {
        const found = await Promise.all([0, 1, 2, 3, 4, 5].map(n => t.read(third, t.key(n))))
        claimSame(found, ['old', 'new', MISS, MISS, MISS, 'old'], when)
        claimSame(await t.read(third, t.key(0, 'g\0v1')), MISS, `cleared, ${when}`)
      }
      await claimAll('after a restart')
      claimSame(await t.at(now + 60_000, () => t.read(third, t.key(9))), MISS, 'expired')
      await claimAll('read again')
    },
  },
  {
    name: 'after a restart what was set after clear() is there, and what was before is not',
    when: persists,
    async run(t) {
      const first = await t.open()
      for (const n of [1, 2]) t.put(first, t.key(n), 'old')
      const second = await t.reopen(first)
      second.clear(SPACE)
      t.put(second, t.key(1), 'new')
      const third = await t.reopen(second)
      claimSame(await t.read(third, t.key(1)), 'new', 'set after clear()')
      claimSame(await t.read(third, t.key(2)), MISS, 'set before clear()')
    },
  },
  {
    name: 'after a restart entries can be invalidated by their tags',
    when: ({ persists = false, tags = false }) => persists && tags,
    async run(t) {
      const first = await t.open()
      t.put(first, t.key(1), 1, { tags: ['a'] })
      t.put(first, t.key(2), 2, { tags: ['b'] })
      const second = await t.reopen(first)
      second.invalidateTags?.(SPACE, tag => tag === 'a')
      claimSame(await t.read(second, t.key(1)), MISS, 'at once')
      const third = await t.reopen(second)
      claimSame(await t.read(third, t.key(1)), MISS, 'with the tag')
      claimSame(await t.read(third, t.key(2)), 2, 'without it')
    },
  },
  {
    name: 'after a restart entries that were set after clear() can be invalidated by their tags',
    when: ({ persists = false, tags = false }) => persists && tags,
    async run(t) {
      const first = await t.open()
      t.put(first, t.key(1), 'old', { tags: ['a'] })
      await t.end(first.flush(), 'flush()')
      first.clear(SPACE)
      for (const n of [1, 2]) t.put(first, t.key(n), 'new', { tags: [n === 1 ? 'a' : 'b'] })
      const second = await t.reopen(first)
      // Nothing was read or written before that.
      second.invalidateTags?.(SPACE, tag => tag === 'a')
      const third = await t.reopen(second)
      claimSame(await t.read(third, t.key(1)), MISS, 'with the tag')
      claimSame(await t.read(third, t.key(2)), 'new', 'without it')
    },
  },
  {
    name: 'close() flushes',
    when: persists,
    async run(t) {
      const first = await t.open()
      t.put(first, t.key(1), 'v')
      await t.end(first.close(), 'close()')
      const second = await t.open()
      claimSame(await t.read(second, t.key(1)), 'v', 'after close() without flush()')
    },
  },
]
