import { epochNow } from '../../../clock.js'
import { claim, claimSame } from '../claims.js'
import { MISS } from '../case.js'

/** The shape of a store, and what each method promises. @type {import('../case.js').Check[]} */
export const contract = [
  {
    name: 'has the methods of a store, and says rightly what it can',
    once: true,
    async run(t) {
      const store = await t.open()
      const { sync = false, tags = false } = t.subject
      for (const method of ['get', 'set', 'delete', 'clear', 'flush', 'close', 'on', 'stats']) {
        claim(typeof (/** @type {any} */ (store)[method]) === 'function', `it has no ${method}()`)
      }
      claim(typeof store.ready?.then === 'function', 'ready is no promise')
      claim((typeof store.getSync === 'function') === sync, `sync is ${sync}, and getSync is ${typeof store.getSync}`) // biome-ignore format: one line
      claim((typeof store.invalidateTags === 'function') === tags, `tags is ${tags}, and invalidateTags is ${typeof store.invalidateTags}`) // biome-ignore format: one line
    },
  },
  {
    name: 'stats are numbers, and hits and misses are counted',
    async run(t) {
      const store = await t.open()
      const before = store.stats()
      t.put(store, t.key(1), 'v')
      await t.read(store, t.key(1))
      await t.read(store, t.key(2))
      const after = store.stats()
      for (const [name, count] of Object.entries(after)) {
        claim(typeof count === 'number' && Number.isFinite(count), `stats().${name} is ${count}`)
      }
      for (const name of ['hits', 'misses', 'sets']) {
        claim(name in after, `stats() has no ${name}`)
        claimSame(after[name] - (before[name] ?? 0), 1, `stats().${name} after a set, a hit and a miss`)
      }
    },
  },
  {
    name: 'on() gives a function that ends it, and a listener that throws reaches nobody',
    once: true,
    async run(t) {
      const store = await t.open()
      const off = store.on('refused', () => {
        throw new Error('a listener fails')
      })
      let heard = 0
      const alsoOff = store.on('refused', () => heard++)
      claim(typeof off === 'function' && typeof alsoOff === 'function', 'on() gives no function')
      t.put(store, t.key(1), () => 'no store holds a function')
      await t.end(store.flush(), 'flush()')
      const before = heard
      off()
      alsoOff()
      t.put(store, t.key(2), () => 'no store holds a function')
      await t.end(store.flush(), 'flush()')
      claimSame(heard, before, 'events heard after the listener was taken away')
    },
  },
  {
    name: 'what was never set is undefined',
    async run(t) {
      const store = await t.open()
      claimSame(await t.entry(store, t.key(1)), undefined, 'an entry that is not there')
    },
  },
  {
    name: 'what is set is there at once, and after flush()',
    async run(t) {
      const store = await t.open()
      t.put(store, t.key(1), { a: 1 })
      claimSame(await t.read(store, t.key(1)), { a: 1 }, 'before flush()')
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(1)), { a: 1 }, 'after flush()')
      claimSame(await t.read(store, t.key(1)), { a: 1 }, 'read again')
    },
  },
  {
    name: 'an entry comes back with its times and its kind',
    when: ({ times = true }) => times,
    async run(t) {
      const store = await t.open()
      const storedAt = epochNow()
      t.put(store, t.key(1), 'v', { ttl: 60_000, storedAt })
      t.put(store, t.key(2), 'v', { storedAt })
      for (const when of ['before flush()', 'after flush()']) {
        const [one, two] = [await t.entry(store, t.key(1)), await t.entry(store, t.key(2))]
        const times = [one?.storedAt, one?.deadline, one?.ttl, two?.storedAt, two?.deadline, two?.ttl]
        claimSame(times, [storedAt, storedAt + 60_000, 60_000, storedAt, Infinity, Infinity], `storedAt, deadline and ttl ${when}`) // biome-ignore format: one line
        claimSame(Boolean(one?.isAsync), !t.isSync, `isAsync ${when}`)
        await t.end(store.flush(), 'flush()')
      }
    },
  },
  {
    name: 'the entry is its reader’s own',
    when: ({ times = true }) => times,
    async run(t) {
      const store = await t.open()
      t.put(store, t.key(1), 'v', { ttl: 60_000 })
      const first = await t.entry(store, t.key(1))
      claim(first !== undefined, 'it is not there')
      const { deadline } = first
      first.deadline = -1
      first.value = 'changed'
      const second = await t.entry(store, t.key(1))
      claimSame([second?.value, second?.deadline], ['v', deadline], 'after a reader changed what he got')
    },
  },
  {
    name: 'of two values the later stays',
    async run(t) {
      const store = await t.open()
      for (const value of ['old', 'new']) t.put(store, t.key(1), value)
      claimSame(await t.read(store, t.key(1)), 'new', 'before flush()')
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(1)), 'new', 'after flush()')
      t.put(store, t.key(1), 'newest')
      claimSame(await t.read(store, t.key(1)), 'newest', 'over what was flushed')
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(1)), 'newest', 'over what was flushed, and flushed')
    },
  },
  {
    name: 'what is deleted is gone at once and for good; deleting nothing does nothing',
    async run(t) {
      const store = await t.open()
      store.delete(t.key(9))
      t.put(store, t.key(1), 'v')
      t.put(store, t.key(2), 'stays')
      await t.end(store.flush(), 'flush()')
      store.delete(t.key(1))
      claimSame(await t.read(store, t.key(1)), MISS, 'after delete()')
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(1)), MISS, 'after delete() and flush()')
      t.put(store, t.key(1), 'again')
      store.delete(t.key(3))
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(1)), 'again', 'set again')
      claimSame(await t.read(store, t.key(2)), 'stays', 'another key')
      t.put(store, t.key(3), 'never flushed')
      store.delete(t.key(3))
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(3)), MISS, 'deleted before it was flushed')
    },
  },
  {
    name: 'clear() takes everything of one namespace, at once and for good',
    async run(t) {
      const store = await t.open()
      for (let n = 0; n < 20; n++) t.put(store, t.key(n), n)
      t.put(store, t.key(0, 'g\0v1'), 'of another')
      await t.end(store.flush(), 'flush()')
      t.put(store, t.key(20), 'never flushed')
      store.clear(t.key(0).namespace)
      for (const n of [0, 19, 20]) claimSame(await t.read(store, t.key(n)), MISS, 'after clear()')
      t.put(store, t.key(1), 'again')
      await t.end(store.flush(), 'flush()')
      for (const n of [0, 19, 20]) claimSame(await t.read(store, t.key(n)), MISS, 'after clear() and flush()')
      claimSame(await t.read(store, t.key(1)), 'again', 'set after clear()')
      claimSame(await t.read(store, t.key(0, 'g\0v1')), 'of another', 'in another namespace')
      store.clear(t.key(0).namespace)
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(1)), MISS, 'cleared again')
    },
  },
  {
    name: 'flush() and close() can be called at any time and give nothing',
    async run(t) {
      const store = await t.open()
      claimSame(await t.end(store.flush(), 'flush()'), undefined, 'what flush() of nothing gives')
      t.put(store, t.key(1), 'v')
      const all = await t.end(Promise.all([store.flush(), store.flush(), store.flush()]), 'three flush()')
      claimSame(all, [undefined, undefined, undefined], 'what three flush() give')
      await t.end(store.close(), 'close()')
      await t.end(store.close(), 'a second close()')
      await t.end(store.flush(), 'flush() of a closed store')
    },
  },
  {
    name: 'a store that is closed throws nothing',
    async run(t) {
      const store = await t.open()
      t.put(store, t.key(1), 'v')
      await t.end(store.close(), 'close()')
      t.put(store, t.key(2), 'v')
      store.delete(t.key(1))
      store.clear(t.key(1).namespace)
      store.invalidateTags?.(t.key(1).namespace, () => true)
      await t.entry(store, t.key(1))
      claim(typeof store.stats() === 'object', 'stats() of a closed store is no object')
    },
  },
]
