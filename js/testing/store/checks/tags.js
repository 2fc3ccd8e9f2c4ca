import { claimSame } from '../claims.js'
import { MISS } from '../case.js'

const SPACE = 'f\0v1'

/** What can be invalidated by name. @type {import('../case.js').Check[]} */
export const tags = [
  {
    name: 'invalidateTags() takes what has such a tag, at once and for good',
    when: ({ tags = false }) => tags,
    async run(t) {
      const store = await t.open()
      const put = (/** @type {number} */ n, /** @type {string[] | undefined} */ tags) =>
        t.put(store, t.key(n), n, { tags })
      put(1, ['a'])
      put(2, ['b', 'a'])
      put(3, ['b'])
      put(4, [])
      put(5, undefined)
      t.put(store, t.key(1, 'g\0v1'), 'of another', { tags: ['a'] })
      await t.end(store.flush(), 'flush()')
      put(6, ['a', 'é\uD800'])
      put(7, ['c'])
      store.invalidateTags?.(SPACE, tag => tag === 'a')
      const claimGone = async (/** @type {string} */ when) => {
        for (const n of [1, 2, 6]) claimSame(await t.read(store, t.key(n)), MISS, `with the tag, ${when}`)
        for (const n of [3, 4, 5, 7]) claimSame(await t.read(store, t.key(n)), n, `without it, ${when}`)
        claimSame(await t.read(store, t.key(1, 'g\0v1')), 'of another', `in another namespace, ${when}`)
      }
      await claimGone('at once')
      await t.end(store.flush(), 'flush()')
      await claimGone('after flush()')
    },
  },
  {
    name: 'what is set after invalidateTags() stays',
    when: ({ tags = false }) => tags,
    async run(t) {
      const store = await t.open()
      for (const n of [1, 2]) t.put(store, t.key(n), 'old', { tags: ['a'] })
      await t.end(store.flush(), 'flush()')
      store.invalidateTags?.(SPACE, tag => tag === 'a')
      t.put(store, t.key(1), 'new', { tags: ['a'] })
      claimSame(await t.read(store, t.key(1)), 'new', 'at once')
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(1)), 'new', 'after flush()')
      claimSame(await t.read(store, t.key(2)), MISS, 'what was not set again')
    },
  },
  {
    name: 'a value that is replaced has the tags of the new one only',
    when: ({ tags = false }) => tags,
    async run(t) {
      const store = await t.open()
      t.put(store, t.key(1), 'old', { tags: ['a'] })
      t.put(store, t.key(2), 'old', { tags: ['b'] })
      await t.end(store.flush(), 'flush()')
      t.put(store, t.key(1), 'new', { tags: ['b'] })
      t.put(store, t.key(2), 'new', { tags: ['a'] })
      await t.end(store.flush(), 'flush()')
      store.invalidateTags?.(SPACE, tag => tag === 'a')
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(1)), 'new', 'without the tag by now')
      claimSame(await t.read(store, t.key(2)), MISS, 'with the tag by now')
    },
  },
]
