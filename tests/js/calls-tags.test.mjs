import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { counted, gate, manual, settled } from '../calls/wrapped.mjs'

const boom = new Error('boom')

describe('tags', () => {
  test('a function gets the arguments and the plain result; a list is for every entry', async () => {
    const mime = createMime()
    const seen = []
    const f = mime(async (a, b) => a + b, { tags: (args, value) => { seen.push([args, value]); return [`sum:${value}`, `sum:${value}`] } }) // biome-ignore format: one line
    const g = mime(x => x, { tags: ['all', 'g'] })
    await f(1, 2)
    g(1)
    assert.deepEqual(seen, [[[1, 2], 3]])
    assert.equal(mime.invalidateTags('sum:4'), 0)
    assert.equal(mime.invalidateTags('sum:3'), 1)
    assert.equal(mime.invalidateTags('g', 'all', 'nothing'), 1)
    assert.deepEqual([f.has(1, 2), g.has(1)], [false, false])
    assert.deepEqual([f, g].map(({ stats }) => stats().removals.invalidated), [1, 1]) // biome-ignore format: one line
  })

  test('* at the end is a prefix, elsewhere a letter', () => {
    const mime = createMime()
    const f = mime(x => x, { tags: ([tag]) => [tag] })
    const left = pattern => {
      for (const tag of ['user', 'user:', 'user:1', 'user:12', 'us*r', '*']) f(tag)
      mime.invalidateTags(pattern)
      return ['user', 'user:', 'user:1', 'user:12', 'us*r', '*'].filter(tag => !f.has(tag))
    }
    assert.deepEqual(left('user:*'), ['user:', 'user:1', 'user:12'])
    assert.deepEqual(left('user:1'), ['user:1'])
    assert.deepEqual(left('us*r'), ['us*r'])
    assert.deepEqual(left('*').length, 6)
    assert.deepEqual(left('.*'), [])
  })

  test('one mime’s tags are not another’s', () => {
    const [one, two] = [createMime(), createMime()]
    const [f, g] = [one, two].map(mime => mime(x => x, { tags: ['t'] }))
    f(1)
    g(1)
    assert.equal(one.invalidateTags('t'), 1)
    assert.deepEqual([f.has(1), g.has(1)], [false, true])
  })

  test('a load that began before is not stored, with a prefix too; one that began after is', async () => {
    for (const pattern of ['user:1', 'user:*', '*']) {
      const mime = createMime()
      const { runs, load } = gate()
      const f = mime(load, { tags: ([id]) => [`user:${id}`] })
      const calls = [f(1), f(2)]
      assert.equal(mime.invalidateTags(pattern), 0)
      const after = f(3)
      runs.forEach((run, i) => { run.resolve(i) }) // biome-ignore format: one line
      assert.deepEqual(await Promise.all([...calls, after]), [0, 1, 2])
      assert.deepEqual([f.has(1), f.has(2), f.has(3)], [false, pattern === 'user:1', true])
      assert.equal(f.stats().pending, 0)
    }
  })

  test('also when more invalidations came since than are remembered', async () => {
    const mime = createMime()
    const { runs, load } = gate()
    const f = mime(load, { tags: ['old'] })
    const call = f(1)
    for (let i = 0; i < 1500; i++) mime.invalidateTags(`t${i}`)
    const young = f(2)
    for (const run of runs) run.resolve('v')
    await Promise.all([call, young])
    // Whether one of the forgotten ones was its own nobody knows.
    assert.deepEqual([f.has(1), f.has(2)], [false, true])
  })

  test('a background load and a refresh that began before are not stored, and what they were to replace is gone', async () => {
    const clock = manual()
    const mime = createMime({ clock, ttl: '1s', staleWhileRevalidate: '1m', tags: ['t'] })
    for (const begin of [
      f => {
        clock.time += 1500
        return f(1)
      },
      f => {
        f.refresh(1)
      },
    ]) {
      // biome-ignore format: one line
      const { runs, load } = gate()
      const f = mime(load)
      f.set([1], 'old')
      await begin(f)
      assert.equal(mime.invalidateTags('t'), 0 + (f.stats().removals.invalidated > 0 ? 1 : 0))
      assert.equal(f.has(1), false)
      runs[0].resolve('outdated')
      await settled()
      assert.equal(f.has(1), false)
    }
  })

  test('entries that leave otherwise leave the tags too', () => {
    const clock = manual()
    const mime = createMime({ clock })
    const f = mime(x => x, { tags: ([x]) => [`t${x}`], maxEntries: 2, ttl: '1s' })
    for (let i = 0; i < 100; i++) f(i)
    assert.equal(mime.invalidateTags('t*'), 2)
    f(1)
    f.set([1], 'set')
    f.refresh(1)
    assert.equal(mime.invalidateTags('t1'), 1)
    f(2)
    f.invalidate(2)
    assert.equal(mime.invalidateTags('t2'), 0)
    f(3)
    f.clear()
    assert.equal(mime.invalidateTags('*'), 0)
  })

  test('a slot with another entry does not fall with the tags of the one before', () => {
    const mime = createMime()
    const f = mime(x => x, { tags: ([x]) => (x === 'plain' ? [] : ['t']) })
    f(1)
    f.invalidate(1)
    f('plain')
    mime.invalidateTags('t')
    assert.equal(f.has('plain'), true)
  })

  test('set has tags; what it puts in is no load that began before', () => {
    const mime = createMime()
    const f = mime(x => x, { tags: (_args, value) => [value] })
    mime.invalidateTags('a')
    f.set([1], 'a')
    assert.equal(f.has(1), true)
    assert.equal(mime.invalidateTags('a'), 1)
  })

  test('a callback that throws, gives no list or no tags: an event; the result is the caller’s and is not kept', async () => {
    for (const tags of [
      () => {
        throw boom
      },
      () => undefined,
      () => [1],
      () => [''],
      () => ({}),
      () => 'user:1',
    ]) {
      // biome-ignore format: one line
      for (const fn of [x => x, async x => x]) {
        const mime = createMime()
        const errors = []
        const f = mime(counted(fn), { tags })
        f.on('error', ({ error }) => errors.push(error))
        assert.equal(await f(1), 1)
        assert.equal(f.has(1), false)
        assert.equal(f.stats().pending, 0)
        assert.equal(errors.length, 1)
        if (errors[0] !== boom) assert.equal(errors[0].code, 'ERR_INVALID_TAG')
      }
    }
  })

  test('invalidateTags takes texts that are not empty', () => {
    const mime = createMime()
    for (const tag of ['', 5, undefined, null]) assert.throws(() => mime.invalidateTags('a', tag), { code: 'ERR_INVALID_TAG' }) // biome-ignore format: one line
    assert.equal(mime.invalidateTags(), 0)
  })
})

describe('tags with a store', () => {
  const twice = (store, options) =>
    [1, 2].map(() => {
      const mime = createMime()
      const fn = counted(x => `v${x}`)
      const f = mime(fn, { store, name: 'f', version: '1', tags: ([x]) => [`t${x}`], ...options })
      // Called as a method of this object, it would have the object in its keys.
      return { mime, fn, call: x => f(x) }
    })

  test('entries that only the store has go too, others stay', () => {
    const [one, two] = twice(memoryStore())
    one.call(1)
    one.call(2)
    assert.equal(two.mime.invalidateTags('t1'), 0)
    assert.deepEqual([two.call(1), two.call(2), two.fn.calls], ['v1', 'v2', 1])
    assert.equal(two.mime.invalidateTags('t*'), 2)
    two.call(2)
    assert.equal(two.fn.calls, 2)
  })

  test('a store that knows no tags forgets everything of the function', () => {
    const { invalidateTags: _, ...store } = memoryStore()
    const [one, two] = twice(store)
    one.call(1)
    one.call(2)
    two.mime.invalidateTags('other')
    two.call(1)
    two.call(2)
    assert.equal(two.fn.calls, 2)
  })

  test('what the store gave has tags', () => {
    const [one, two] = twice(memoryStore())
    one.call(1)
    two.call(1)
    assert.equal(two.mime.invalidateTags('t1'), 1)
    two.call(1)
    assert.equal(two.fn.calls, 1)
  })

  test('a load that began before is not persisted', async () => {
    const store = memoryStore()
    const mime = createMime()
    const { runs, load } = gate()
    const f = mime(load, { store, name: 'f', version: '1', tags: ['t'] })
    const call = f(1)
    await settled()
    mime.invalidateTags('t')
    runs[0].resolve('v')
    await call
    assert.equal(store.stats().entries, 0)
  })

  test('a store whose invalidateTags throws or rejects is an event', async () => {
    for (const invalidateTags of [
      () => {
        throw boom
      },
      async () => {
        throw boom
      },
    ]) {
      // biome-ignore format: one line
      const mime = createMime()
      const store = { ...memoryStore(), invalidateTags }
      const f = mime(x => x, { store, name: 'f', tags: ['t1'] })
      const errors = []
      f.on('error', ({ error }) => errors.push(error))
      f(1)
      assert.equal(mime.invalidateTags('t1'), 1)
      await settled()
      assert.deepEqual(errors, [boom])
    }
  })
})
