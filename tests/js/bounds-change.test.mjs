// Bounds that change after wrapping, values that misstate their size, and slots that are given back with what they held.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { virtualClock } from '../../js/entry/testing.js'

describe('configure({ maxBytes }) also bounds functions wrapped before', () => {
  test('lowered: what is too large for it is refused, and nothing else goes', () => {
    const mime = createMime({ maxBytes: 1e6 })
    const f = mime(k => k, { sizeOf: k => (k === 'big' ? 50_000 : 100) })
    mime.configure({ maxBytes: 10_000 })
    for (let n = 0; n < 40; n++) f(n)
    f('big')
    const { entries, refused, removals } = f.stats()
    assert.deepEqual([entries, refused, removals.size], [40, 1, 0])
  })

  test('raised: there is room for more', () => {
    const mime = createMime({ maxBytes: 10_000 })
    const f = mime(k => k, { sizeOf: () => 1000 })
    mime.configure({ maxBytes: 1e6 })
    for (let n = 0; n < 100; n++) f(n)
    assert.equal(f.stats().entries, 100)
  })

  test('there was none: values are weighed from now on', () => {
    const mime = createMime({ maxBytes: Infinity })
    const f = mime(n => `${n}`.padEnd(10_000))
    f(0)
    mime.configure({ maxBytes: 55_000 })
    for (let n = 1; n < 100; n++) f(n)
    assert.ok(f.stats().entries <= 6, `${f.stats().entries} entries`)
  })

  test('a bound of its own stays', () => {
    const mime = createMime({ maxBytes: 10_000 })
    const f = mime(k => k, { maxBytes: 5000, sizeOf: () => 1000 })
    mime.configure({ maxBytes: 1e6 })
    for (let n = 0; n < 100; n++) f(n)
    assert.equal(f.stats().entries, 4)
  })
})

describe('a Map or Set whose class says another size', () => {
  test('weighs what it has', () => {
    class Silent extends Map {
      get size() {
        return undefined
      }
    }
    const f = createMime({ maxBytes: 1e6 })(k => (k === 0 ? new Silent() : new Map([[1, 'x'.repeat(1e5)]])))
    for (let n = 0; n < 200; n++) f(n)
    assert.ok(f.stats().entries <= 11, `${f.stats().entries} entries`)
  })

  test('is remembered, also where it throws or only poses as one', () => {
    class Hostile extends Set {
      get size() {
        throw new Error('size')
      }
    }
    for (const make of [() => new Hostile(), () => Object.create(Map.prototype)]) {
      const f = createMime()(make)
      assert.equal(f(), f())
      assert.equal(f.stats().storeErrors, 0)
    }
  })
})

test('a Response weighs its body, not what the runtime keeps beside it', async () => {
  const f = createMime({ maxBytes: 3000 })(async () => new Response('x'.repeat(1000)))
  assert.equal((await (await f()).text()).length, 1000)
  await f()
  const { loads, refused, bytes } = f.stats()
  assert.deepEqual([loads, refused, bytes > 1000], [1, 0, true])
})

test('a slot whose load never came to run is given back with the old value in it', () => {
  class Box {}
  for (const key of [new Box(), 1]) {
    const clock = virtualClock()
    const mime = createMime()
    const causes = []
    let again = false
    const f = mime(k => ({ k }), {
      ttl: '10ms',
      staleIfError: '1h',
      clock,
      tags: ([k]) => [`t${typeof k}`],
      sizeOf() {
        if (again) {
          again = false
          f(key)
        }
        return 1
      },
    })
    f.on('remove', ({ cause }) => causes.push(cause))
    f(key)
    clock.advance('20ms')
    again = true
    f(key)
    f.set([false], 'seven')
    assert.equal(mime.invalidateTags(`t${typeof key}`), f.has(key) ? 1 : 0)
    assert.equal(f.peek(false), 'seven')
    f.invalidate(false)
    const { entries, removals } = f.stats()
    assert.equal(entries, 0)
    assert.equal(
      causes.length,
      Object.values(removals).reduce((sum, count) => sum + count),
    )
  }
})

test('set() in place of what is being loaded anew replaces it', async () => {
  const causes = []
  const f = createMime()(async () => new Promise(() => {}), '1h')
  f.on('remove', ({ cause }) => causes.push(cause))
  f.set([1], 'old')
  f.refresh(1)
  f.set([1], 'new')
  assert.deepEqual(causes, ['replaced'])
  assert.equal(f.stats().removals.replaced, 1)
  assert.equal(await f(1), 'new')
})

test('a proxy that is revoked while it is remembered is nobody else’s failure', () => {
  let last
  const f = createMime()(
    n => {
      last = Proxy.revocable({ n }, {})
      return last.proxy
    },
    { ttl: 60, maxEntries: 2, tags: () => ['t'] },
  )
  f.on('remove', () => {})
  for (let n = 0; n < 20; n++) {
    f(n)
    last.revoke()
  }
  f.invalidate(19)
  f.set([18], 1)
  assert.equal(f.stats().pending, 0)
  assert.equal(f(18), 1)
})
