import assert from 'node:assert/strict'
import fs from 'node:fs'
import { describe, mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { diskStore } from '../../js/entry/disk.js'
import { createMime } from '../../js/entry/inline.js'
import { entryOf, heard, keyOf, opened, others, scratch, told, valueOf } from '../disk/help.mjs'

/** The disk store in one process, on real files. */

const a = keyOf('a')
const b = keyOf('b')

describe('what was written', () => {
  test('is read at once, after a flush, and by the next store', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    first.set(a, entryOf(told('a', 1)))
    assert.equal(valueOf(first, a), told('a', 1))
    await first.flush()
    assert.equal(valueOf(first, a), told('a', 1))
    const second = opened(t, path)
    assert.equal(valueOf(second, a), told('a', 1), 'without waiting for anything')
    assert.equal(valueOf(second, b), undefined)
    assert.deepEqual([...first.said, ...second.said], [])
  })

  test('comes back with its types, promise, times and tags', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    const value = { at: new Date(5), map: new Map([[1n, new Set([-0, NaN])]]), bytes: new Uint8Array([1, 2]) }
    const entry = {
      value,
      storedAt: Date.now() - 1000,
      deadline: Date.now() + 60_000,
      isAsync: true,
      tags: ['x'],
    }
    first.set(a, entry)
    await first.flush()
    const { value: read, storedAt, deadline, ttl, isAsync } = opened(t, path).getSync(a)
    assert.deepEqual(read, value)
    assert.deepEqual([storedAt, deadline, isAsync], [entry.storedAt, entry.deadline, true])
    assert.equal(ttl, deadline - storedAt)
  })

  test('may be larger than a segment, and empty', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    const values = [1, 59_000, 60_000, 61_000, 200_000, 3_000_000].map(length => told('a', 1, length))
    for (const [i, value] of [...values, '', undefined].entries()) first.set(keyOf(i), entryOf(value))
    first.set(keyOf('long', 'g'), entryOf('behind'))
    await first.flush()
    const second = opened(t, path)
    for (const [i, value] of values.entries()) assert.ok(valueOf(second, keyOf(i)) === value, `value ${i}`)
    assert.deepEqual([valueOf(second, keyOf(6)), second.getSync(keyOf(7)).value], ['', undefined])
    assert.equal(valueOf(second, keyOf('long', 'g')), 'behind')
    assert.equal(second.stats().entries, values.length + 3)
  })

  test('is not given to a key with the same digest', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    first.set(a, entryOf(1))
    const forged = [
      { ...a, bytes: b.bytes },
      { ...a, bytes: a.bytes.subarray(8) },
    ]
    for (const key of forged) assert.equal(first.getSync(key), undefined)
    await first.flush()
    for (const key of forged) assert.equal(first.getSync(key), undefined)
    assert.equal(valueOf(first, a), 1)
  })

  test('is what a sync function hits after a restart, and what an async one gets a promise of', async t => {
    const path = scratch(t)
    let calls = 0
    const start = () => {
      const mime = createMime({ store: opened(t, pathToFileURL(path)), ttl: '1h', version: '1' })
      return {
        square: mime(n => ++calls && n * n, { name: 'square' }),
        later: mime(async n => ++calls && n + 1, { name: 'later' }),
      }
    }
    const { square, later } = start()
    assert.deepEqual([square(3), await later(3), calls], [9, 4, 2])
    await square.flush()
    await later.flush()
    const { square: again, later: laterAgain } = start()
    assert.equal(again(3), 9)
    const promise = laterAgain(3)
    assert.ok(promise instanceof Promise)
    assert.deepEqual([await promise, calls], [4, 2])
  })

  test('and cannot be held is refused, and what it replaces is gone', async t => {
    const store = opened(t, scratch(t))
    mock.method(console, 'warn', () => {})
    t.after(() => mock.restoreAll())
    store.set(a, entryOf(1))
    await store.flush()
    store.set(
      a,
      entryOf(() => {}),
    )
    assert.equal(store.getSync(a), undefined)
    store.set({ ...b, namespace: 'x'.repeat(5000) }, entryOf(1))
    assert.deepEqual(store.said.map(({ name, code }) => [name, code]), [['refused', 'ERR_VALUE_UNSUPPORTED'], ['refused', 'ERR_STORE_REFUSED']]) // biome-ignore format: one line
  })
})

describe('time', () => {
  test('an entry ends at its deadline, waiting or written', async t => {
    const store = opened(t, scratch(t))
    store.set(a, entryOf(1, 40))
    assert.equal(valueOf(store, a), 1)
    store.set(b, entryOf(1, -1))
    assert.equal(store.getSync(b), undefined)
    await store.flush()
    assert.equal(store.getSync(b), undefined)
    await sleep(60)
    assert.equal(store.getSync(a), undefined)
  })

  test('a wrong clock makes nothing immortal', async t => {
    const path = scratch(t)
    const store = opened(t, path)
    const storedAt = Date.now() + 1e9
    store.set(a, { value: 1, storedAt, deadline: storedAt + 50 })
    await store.flush()
    const second = opened(t, path)
    assert.ok(second.getSync(a).deadline <= Date.now() + 51)
    await sleep(60)
    assert.equal(second.getSync(a), undefined)
    // Nor does its life begin once more in the next process.
    assert.equal(opened(t, path).getSync(a), undefined)
  })

  test('nor does it bring back what others have deleted since', async t => {
    const path = scratch(t)
    const [first, second, third] = [opened(t, path), opened(t, path), opened(t, path)]
    const storedAt = Date.now() + 1e9
    first.set(a, { value: 1, storedAt, deadline: storedAt + 60_000 })
    await first.flush()
    assert.equal(second.getSync(b), undefined)
    assert.equal(third.getSync(a).value, 1)
    third.delete(a)
    await third.flush()
    // It has looked at the directory a moment ago, so it may not know yet.
    second.getSync(a)
    await second.flush()
    assert.equal(opened(t, path).getSync(a), undefined)
  })

  test('what expired does not bring back what it replaced', async t => {
    const path = scratch(t)
    const [first, second] = [opened(t, path), opened(t, path)]
    first.set(a, entryOf('old'))
    await first.flush()
    second.set(a, entryOf('new', 20))
    await second.flush()
    await sleep(30)
    assert.equal(opened(t, path).getSync(a), undefined)
  })
})

describe('deletions', () => {
  for (const [name, remove] of [
    ['delete', store => store.delete(a)],
    ['clear', store => store.clear(a.namespace)],
    ['tags', store => store.invalidateTags(a.namespace, tag => tag === 'red')],
  ]) {
    test(`${name}: survives a restart, and concerns what others wrote`, async t => {
      const path = scratch(t)
      const [first, second] = [opened(t, path), opened(t, path)]
      first.set(a, entryOf(1, Infinity, { tags: ['red'] }))
      first.set(keyOf('a', 'other'), entryOf(2, Infinity, { tags: ['red'] }))
      await first.flush()
      await others()
      assert.equal(valueOf(second, a), 1)
      remove(second)
      assert.equal(second.getSync(a), undefined, 'waiting')
      await second.flush()
      assert.equal(second.getSync(a), undefined)
      assert.equal(opened(t, path).getSync(a), undefined)
      await others()
      assert.equal(first.getSync(a), undefined, 'where it was written')
      first.set(a, entryOf(3))
      await first.flush()
      for (const store of [first, opened(t, path)]) {
        assert.equal(valueOf(store, a), 3)
        assert.equal(valueOf(store, keyOf('a', 'other')), 2)
      }
    })

    test(`${name}: an older write that comes later stays hidden`, async t => {
      const path = scratch(t)
      const late = opened(t, path, { flushAfter: 60_000 })
      const first = opened(t, path)
      first.set(a, entryOf(0, Infinity, { tags: ['red'] }))
      await first.flush()
      if (name !== 'tags') late.set(a, entryOf(1))
      await sleep(5)
      remove(first)
      await first.flush()
      await late.flush()
      assert.equal(opened(t, path).getSync(a), undefined)
    })
  }

  test('tags: only what has one of them', async t => {
    const store = opened(t, scratch(t))
    store.set(a, entryOf(1, Infinity, { tags: ['red', 'blue'] }))
    store.set(b, entryOf(2, Infinity, { tags: ['green'] }))
    store.set(keyOf('c'), entryOf(3))
    store.invalidateTags(a.namespace, tag => tag === 'blue')
    assert.deepEqual(
      [a, b, keyOf('c')].map(key => valueOf(store, key)),
      [undefined, 2, 3],
    )
  })

  test('who has seen a write comes after it, whatever his clock says', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    const real = Date.now
    mock.method(Date, 'now', () => real() + 1e8)
    first.set(a, entryOf('future'))
    await first.flush()
    mock.restoreAll()
    const second = opened(t, path)
    assert.equal(valueOf(second, a), 'future')
    second.set(a, entryOf('now'))
    await second.flush()
    assert.equal(valueOf(opened(t, path), a), 'now')
  })
})

test('a loop that never rests is written on the way', t => {
  const store = opened(t, scratch(t))
  for (let i = 0; i < 30_000; i++) store.set(keyOf(i), entryOf(i))
  assert.equal(store.stats().dropped, 0)
  assert.ok(store.stats().written > 20_000)
})

test('a value larger than all that may wait is dropped and counted, and what it replaces is gone', async t => {
  const path = scratch(t)
  const store = opened(t, path, { maxPendingBytes: 10_000 })
  for (const key of [a, b]) store.set(key, entryOf('old'))
  await store.flush()
  store.set(a, entryOf('x'.repeat(20_000)))
  await store.flush()
  for (const reader of [store, opened(t, path)])
    assert.deepEqual([valueOf(reader, a), valueOf(reader, b)], [undefined, 'old'])
  assert.deepEqual(store.said.map(({ name, code, count }) => [name, code, count]), [['drop', 'ERR_STORE_FULL', 1]]) // biome-ignore format: one line
  assert.equal(store.stats().dropped, 1)
})

test('fsync: flush waits for the disk', async t => {
  const store = opened(t, scratch(t), { fsync: true })
  const fsync = mock.method(fs, 'fsync')
  t.after(() => mock.restoreAll())
  store.set(a, entryOf(1))
  await store.flush()
  assert.equal(fsync.mock.callCount(), 2, 'the file and its name')
})

test('options are checked by name', () => {
  for (const [options, code] of [
    [undefined, 'ERR_INVALID_OPTION'],
    [{}, 'ERR_INVALID_OPTION'],
    [{ path: '' }, 'ERR_INVALID_OPTION'],
    [{ path: new URL('https://example.org') }, 'ERR_INVALID_OPTION'],
    [{ path: 'x', maxBytes: 0 }, 'ERR_INVALID_OPTION'],
    [{ path: 'x', fsync: 1 }, 'ERR_INVALID_OPTION'],
    [{ path: 'x', maxbytes: 1 }, 'ERR_UNKNOWN_OPTION'],
  ]) {
    assert.throws(() => diskStore(options), { code }, JSON.stringify(options))
  }
  for (const [options, got] of [
    [undefined, 'undefined'],
    ['./x', '"./x"'],
  ]) {
    const message = `diskStore takes an object with a path, diskStore({ path: './.cache' }); got ${got}`
    assert.throws(() => diskStore(options), { code: 'ERR_INVALID_OPTION', message })
  }
})

test('a closed store answers nothing and takes nothing', async t => {
  const path = scratch(t)
  const store = diskStore({ path })
  const said = heard(store)
  store.set(a, entryOf(1))
  await store.close()
  store.set(b, entryOf(1))
  assert.deepEqual([store.getSync(a), store.getSync(b), said], [undefined, undefined, []])
  assert.equal(valueOf(opened(t, path), a), 1)
  await store.close()
})
