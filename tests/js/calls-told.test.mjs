// Listeners may call, invalidate and clear: they are told when everything is in order, and what they do then concerns nothing that was under way.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'
import { virtualClock } from '../../js/testing.js'

const WAYS = {
  invalidate: ({ f }) => f.invalidate(1),
  clear: ({ f }) => f.clear(),
  invalidateIf: ({ f }) => f.invalidateIf(([key]) => key === 1),
  invalidateTags: ({ mime }) => mime.invalidateTags('t'),
}

describe('a listener that calls again what was just removed gets it anew, and so does everybody after it', () => {
  for (const [what, way] of Object.entries(WAYS)) {
    for (const isAsync of [false, true]) {
      test(`${what}, ${isAsync ? 'async' : 'sync'}`, async () => {
        const own = createMime({ store: memoryStore() })
        let loads = 0
        const f = isAsync
          ? own(async () => ++loads, { name: 'f', tags: () => ['t'] })
          : own(() => ++loads, { name: 'f', tags: () => ['t'] })
        assert.equal(await f(1), 1)
        let warmed
        f.on('remove', () => (warmed ??= f(1)))
        way({ f, mime: own })
        assert.deepEqual([await warmed, await f(1)], [2, 2])
        assert.equal(f.stats().pending, 0)
      })
    }
  }
})

test('what a listener puts into the slots of those that went stays', () => {
  for (const way of ['invalidateTags', 'invalidateIf']) {
    const own = createMime()
    const told = []
    const f = own(key => key, { tags: ([key]) => [key < 10 ? 'low' : 'high'] })
    for (const key of [1, 2, 3]) f(key)
    f.on('remove', ({ value }) => {
      if (told.push(value) === 1) for (const key of [11, 12, 13]) f(key)
    })
    const count = way === 'invalidateIf' ? f.invalidateIf(([key]) => key < 10) : own.invalidateTags('low')
    assert.deepEqual([count, told.sort()], [3, [1, 2, 3]])
    assert.deepEqual([f.has(11), f.has(12), f.has(13), f.has(1)], [true, true, true, false])
    assert.equal(f.stats().removals.invalidated, 3)
  }
})

test('what a listener of misses puts into a slot that it has emptied stays', () => {
  const alone = mime(async () => new Promise(() => {}), { singleFlight: false })
  alone(1)
  alone.on('miss', () => {
    alone.invalidate(1)
    alone.set([2], 'two')
  })
  alone(1)
  assert.deepEqual([alone.has(2), alone.stats().removals.invalidated], [true, 0])

  let depth = 0
  let misses = 0
  const twice = mime(key => (depth++ < 1 ? twice(key) : 'v'))
  twice.on('miss', () => {
    if (++misses < 2) return
    twice.clear()
    twice.set([7], 'seven')
  })
  twice(1)
  assert.equal(twice.has(7), true)
})

test('tags are gone from all functions before the first listener is told', () => {
  const own = createMime()
  let version = 1
  const options = { tags: () => ['t'] }
  const [f, g] = [own(() => version, options), own(() => version, options)]
  f()
  g()
  let seen
  f.on('remove', () => (seen = g()))
  version = 2
  own.invalidateTags('t')
  assert.deepEqual([seen, f(), g()], [2, 2, 2])
})

test('invalidateIf beside a load: whoever goes goes once', async () => {
  const gates = []
  const told = []
  const f = mime(async () => new Promise(resolve => gates.push(resolve)), { maxEntries: 1 })
  f.on('remove', ({ cause, value }) => told.push(`${cause} ${value}`))
  f.set([3], 'a')
  const refreshed = f.refresh(3)
  f.set([1], 'b')
  assert.equal(
    f.invalidateIf(([key]) => key === 1),
    1,
  )
  assert.deepEqual([told, f.stats().removals.invalidated], [['invalidated b'], 1])
  gates[0]()
  await refreshed
})

test('a listener of misses calls the same key while its reload settles', () => {
  const clock = virtualClock()
  const own = createMime()
  let version = 0
  const f = own(() => `v${++version}`, { name: 'f', ttl: 1, staleIfError: '1h', clock })
  f(1)
  clock.advance(2)
  let again
  f.on('miss', () => (again ??= f(1)))
  assert.deepEqual([f(1), again, f(1)], ['v2', 'v2', 'v2'])
  assert.deepEqual([f.stats().entries, own.dump().entries], [1, 1])
})

describe('a refresh whose result is not kept: the value before it is gone from the store too', () => {
  const ways = {
    'a ttl of 0': { ttl: value => (value === 2 ? 0 : '1h') },
    'a callback that throws': {
      sizeOf: value => {
        if (value === 2) throw new Error('sizeOf')
        return 8
      },
    },
  }
  for (const [what, options] of Object.entries(ways)) {
    for (const isAsync of [false, true]) {
      test(`${what}, ${isAsync ? 'async' : 'sync'}`, async () => {
        const store = memoryStore()
        let loads = 0
        const load = () => ++loads
        const own = createMime({ store })
        const f = isAsync ? own(async () => load(), { name: 'f', ...options }) : own(load, { name: 'f', ...options }) // biome-ignore format: one line
        assert.deepEqual([await f(), await f.refresh(), await f(), await f()], [1, 2, 3, 3])
      })
    }
  }

  test('what is too large for memory takes its place there', async () => {
    let loads = 0
    const options = { name: 'f', maxBytes: 1000, sizeOf: value => (value === 2 ? 2000 : 8) }
    const f = createMime({ store: memoryStore() })(async () => ++loads, options)
    assert.deepEqual([await f(), await f.refresh(), await f(), await f()], [1, 2, 2, 2])
  })

  test('but what was set meanwhile stays', async () => {
    let open
    const f = createMime({ store: memoryStore() })(async () => new Promise(resolve => (open = resolve)), { name: 'f', ttl: value => (value === 'late' ? 0 : '1h') }) // biome-ignore format: one line
    f.set([], 'first')
    const refreshed = f.refresh()
    f.set([], 'second')
    open('late')
    assert.equal(await refreshed, 'late')
    assert.equal(await f(), 'second')
  })
})

test('who joined after an invalidation calls anew, also where a callback of the load throws', async () => {
  const own = createMime()
  const gates = []
  const f = own(
    async () => {
      const number = gates.length + 1
      await new Promise(resolve => gates.push(resolve))
      return number
    },
    {
      tags: () => ['t'],
      sizeOf: () => {
        throw new Error('sizeOf')
      },
    },
  )
  const before = f(1)
  own.invalidateTags('t')
  const after = f(1)
  gates[0]()
  assert.equal(await before, 1)
  await sleep(1)
  gates[1]()
  assert.equal(await after, 2)
})

test('the first call of a function that returns promises, with a Request nobody has read, is a load of its key', async () => {
  const request = () => new Request('http://a.test/', { method: 'POST', body: 'x' })
  const make = options => {
    const gates = []
    const own = createMime()
    let loads = 0
    const f = own(() => {
      const load = ++loads
      return new Promise(resolve => gates.push(() => resolve(load)))
    }, options)
    return { own, f, gates, loads: () => loads }
  }
  const one = make({})
  const calls = [one.f(request()), one.f(request())]
  await sleep(5)
  assert.equal(one.loads(), 1)
  one.gates[0]()
  assert.deepEqual(await Promise.all(calls), [1, 1])
  assert.equal(await one.f(request()), 1)
  const { hits, misses, coalesced, entries, pending } = one.f.stats()
  assert.deepEqual({ hits, misses, coalesced, entries, pending }, { hits: 1, misses: 1, coalesced: 1, entries: 1, pending: 0 }) // biome-ignore format: one line

  const two = make({ tags: () => ['t'] })
  const first = two.f(request())
  await sleep(5)
  two.own.invalidateTags('t')
  two.gates[0]()
  assert.equal(await first, 1)
  const second = two.f(request())
  await sleep(5)
  two.gates[1]()
  assert.equal(await second, 2)
})

test('a load in the background, begun inside another load, is waited for by nobody', async () => {
  const clock = virtualClock()
  const own = createMime()
  let isFirst = true
  const swr = own(
    async () => {
      if (isFirst) return 'old'
      return `new ${await outer()}`
    },
    { ttl: 1, staleWhileRevalidate: '1h', clock },
  )
  const outer = own(async () => `outer with ${await swr()}`)
  await swr()
  isFirst = false
  clock.advance('1500ms')
  assert.equal(await outer(), 'outer with old')
  await sleep(1)
  assert.equal(await swr(), 'new outer with old')
})

test('the age of a value that came in place of one that had expired is its own', () => {
  const clock = virtualClock()
  const [from, to] = [createMime(), createMime()]
  const wrap = own => own(function f(key) { return key }, { ttl: 1, version: '1', clock }) // biome-ignore format: one line
  const [f, g] = [wrap(from), wrap(to)]
  f(1)
  clock.advance('500ms')
  to.load(from.dump())
  g(0)
  assert.equal(g.has(1), true)
  clock.advance('600ms')
  g(1)
  assert.match(g.explain(1).text, /stored 0 ms ago/)
})

test('a clock that fails leaves a dump that can be loaded', () => {
  const own = createMime()
  const broken = own(function broken(key) { return key }, { clock: { now: () => NaN } }) // biome-ignore format: one line
  const sound = own(function sound(key) { return key }) // biome-ignore format: one line
  broken(1)
  sound(1)
  const dump = own.dump()
  const other = createMime()
  other.load(dump)
  const again = other(function sound(key) { return key }) // biome-ignore format: one line
  assert.equal(again.has(1), true)
})

test('what is kept but given to no store takes the place of what the store has', async t => {
  t.mock.method(console, 'warn', () => {})
  const store = memoryStore()
  const wrap = load => createMime({ store })(load, { name: 'f', version: '1' })
  for (const way of ['refresh', 'set']) {
    await wrap(async () => 'old').set([], 'old')
    const f = wrap(async () => new Response('new'))
    if (way === 'set') f.set([], new Response('new'))
    else await f.refresh()
    assert.equal(await (await f()).text(), 'new')
    assert.equal(await wrap(async () => 'anew')(), 'anew')
    store.clear('f\x001')
  }
})
