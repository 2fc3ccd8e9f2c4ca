import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { counted, gate, manual, settled } from '../calls/wrapped.mjs'

const clock = manual()
const mime = createMime({ clock })
const boom = new Error('boom')

describe('refresh', () => {
  test('of a sync function returns the new value, which is then the entry', () => {
    const fn = counted(() => fn.calls)
    const f = mime(fn)
    assert.deepEqual([f(1), f.refresh(1), f(1), fn.calls], [1, 2, 2, 2])
    const { hits, misses, removals } = f.stats()
    assert.deepEqual([hits, misses, removals.replaced], [1, 1, 1])
  })

  test('of a sync function that throws: the error is the refresher’s, the entry stays with its time and its weight', () => {
    const fn = counted(() => {
      if (fn.calls > 1) throw boom
      return 'old'
    })
    const f = mime(fn, { ttl: '10s', sizeOf: () => 1000 })
    f(1)
    const { bytes } = f.stats()
    clock.time += 9999
    assert.throws(() => f.refresh(1), boom)
    assert.equal(f(1), 'old')
    assert.equal(f.stats().bytes, bytes)
    clock.time += 1
    assert.throws(() => f(1), boom)
  })

  test('without an entry it is a load that others join', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    const calls = [f.refresh(1), f(1)]
    assert.equal(runs.length, 1)
    runs[0].resolve('v')
    assert.deepEqual(await Promise.all(calls), ['v', 'v'])
    assert.equal(await f(1), 'v')
  })

  test('others get the old value until the new one is there, and not when it expires meanwhile', async () => {
    const { runs, load } = gate()
    const f = mime(load, '1s')
    const first = f(1)
    runs[0].resolve('old')
    await first
    const refreshed = f.refresh(1)
    assert.equal(await f(1), 'old')
    clock.time += 1000
    const joined = f(1)
    runs[1].resolve('new')
    assert.deepEqual([await refreshed, await joined, await f(1)], ['new', 'new', 'new'])
    assert.equal(runs.length, 2)
  })

  test('supersedes a load that runs: its callers get its value, which is not stored, whichever ends first', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      // biome-ignore format: one line
      const { runs, load } = gate()
      const f = mime(load)
      const calls = [f(1), f.refresh(1)]
      for (const i of order) {
        runs[i].resolve(i)
        await settled()
      }
      assert.deepEqual([...(await Promise.all(calls)), await f(1)], [0, 1, 1])
      assert.equal(runs.length, 2)
    }
  })

  test('two refreshes: the later one counts', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    f.set([1], 'old')
    const both = [f.refresh(1), f.refresh(1)]
    runs[1].reject(boom)
    await assert.rejects(both[1], boom)
    assert.equal(await f(1), 'old')
    runs[0].resolve('superseded')
    assert.equal(await both[0], 'superseded')
    assert.equal(await f(1), 'old')
  })

  test('set and invalidate during a refresh win over it', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    f.set([1], 'old')
    const first = f.refresh(1)
    f.set([1], 'set')
    runs[0].resolve('refreshed')
    assert.equal(await first, 'refreshed')
    assert.equal(await f(1), 'set')
    const second = f.refresh(1)
    f.invalidate(1)
    assert.equal(f.has(1), false)
    runs[1].reject(boom)
    await assert.rejects(second, boom)
    assert.equal(f.has(1), false)
    assert.deepEqual([f.stats().entries, f.stats().pending], [0, 0])
  })

  test('a result that may not be kept takes the old one’s place all the same', () => {
    let ttl = 10
    const f = mime(() => 'v', { ttl: () => ttl })
    f()
    ttl = 0
    f.refresh()
    assert.equal(f.has(), false)
    assert.equal(f.stats().pending, 0)
  })

  test('asks the option key, and a getter, once', async () => {
    let asked = 0
    const object = {
      get property() {
        return ++asked
      },
    }
    const keyed = mime(async x => x, { key: x => [x, ++asked] })
    await keyed.refresh(1)
    assert.equal(asked, 1)
    const plain = mime(async (_, { signal }) => signal.aborted)
    await plain.refresh(object, { signal: new AbortController().signal })
    assert.equal(asked, 2)
  })

  test('of a method asks with call', () => {
    const fn = counted(function () {
      return `${this.id}:${fn.calls}`
    })
    const f = mime(fn)
    const [a, b] = [{ id: 'a', f }, { id: 'b', f }] // biome-ignore format: one line
    a.f()
    b.f()
    assert.equal(f.refresh.call(a), 'a:3')
    assert.deepEqual([a.f(), b.f()], ['a:3', 'b:2'])
  })

  test('with a Request whose body nobody has read', async () => {
    const fn = counted(async () => fn.calls)
    const f = mime(fn)
    const request = () => new Request('http://localhost/', { method: 'POST', body: 'x' })
    assert.equal(await f(request()), 1)
    assert.equal(await f.refresh(request()), 2)
    assert.equal(await f(request()), 2)
    assert.deepEqual([f.stats().entries, f.stats().misses], [1, 1])
  })
})
