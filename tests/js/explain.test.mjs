import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'
import { faults } from '../../js/core.js'
import { manual } from '../calls/wrapped.mjs'

class Socket {}

describe('hits', () => {
  test('age and time left, in words and as data', () => {
    const clock = manual()
    const f = mime(x => x, { ttl: '60s', clock })
    f(1)
    clock.time = 1200
    const why = f.explain(1)
    assert.equal(why.outcome, 'hit')
    assert.equal(why.reason, 'resident')
    assert.deepEqual(why.entry, { age: 1200, timeLeft: 58_800 })
    assert.equal(why.text, 'hit: stored 1.2 s ago, good for another 59 s')
    assert.equal(String(why), why.text)
    assert.deepEqual(why.key, { bytes: 16, isDigest: false, isPortable: true, description: '(1)' })
    assert.deepEqual(why.identities, [])
    assert.ok(!('nearest' in why) && !('large' in why) && !('receiver' in why))
  })

  test('without a ttl there is no age, since no clock is read', () => {
    const clock = {
      now() {
        throw new Error('read')
      },
    }
    const f = mime(x => x, { clock })
    f(1)
    f.set([2], 2)
    for (const x of [1, 2]) {
      const why = f.explain(x)
      assert.deepEqual(why.entry, { timeLeft: Infinity })
      assert.equal(why.text, 'hit: in memory, never expires')
    }
    assert.equal(f.stats().storeErrors, 0)
  })

  test('a value put in again is young again', () => {
    const clock = manual()
    const f = mime(x => x, { ttl: '1h', clock })
    f(1)
    clock.time = 60_000
    f.set([1], 5)
    clock.time = 60_250
    assert.equal(f.explain(1).entry.age, 250)
    assert.equal(f.explain(1).text, 'hit: stored 250 ms ago, good for another 1 h')
  })
})

describe('misses', () => {
  test('expired, and not yet removed', () => {
    const clock = manual()
    const f = mime(x => x, { ttl: '1s', clock })
    f(1)
    clock.time = 1312
    const why = f.explain(1)
    assert.equal(why.outcome, 'miss')
    assert.equal(why.reason, 'expired')
    assert.equal(why.expiredFor, 312)
    assert.deepEqual(why.entry, { age: 1312, timeLeft: 0 })
    assert.equal(why.text, 'miss: the entry expired 312 ms ago')
    f.set([2], 2)
    clock.time = 1000
    assert.equal(f.explain(2).outcome, 'hit', 'the core is left at the time that it is')
  })

  test('the nearest entry, and where it differs', () => {
    const f = mime((...args) => args.length)
    const at = day => ({ filters: { from: new Date(`2024-01-${day}`) }, page: 1 })
    f('other', { page: 2 })
    f('team', at('01'))
    f('x')
    const why = f.explain('team', at('02'))
    assert.equal(why.outcome, 'miss')
    assert.equal(why.reason, 'no entry')
    assert.equal(
      why.text,
      'miss: no entry; the nearest differs in argument 2 at `.filters.from`: Date 2024-01-01 against 2024-01-02',
    )
    const { similarity, ...rest } = why.nearest
    assert.deepEqual(rest, {
      argument: 2,
      path: '.filters.from',
      entry: 'Date 2024-01-01',
      call: 'Date 2024-01-02',
    })
    assert.ok(similarity > 0.5 && similarity < 1)
  })

  test('a number is not a string, and one argument not two', () => {
    const f = mime((...args) => args.length)
    f(1)
    assert.equal(f.explain('1').text, 'miss: no entry; the nearest differs in argument 1: 1 against "1"')
    assert.equal(
      f.explain(1, undefined).text,
      'miss: no entry; the nearest differs in argument 2: absent against undefined',
    )
  })

  test('nothing there, or nothing kept', () => {
    assert.equal(mime(x => x).explain(1).text, 'miss: no entry; nothing is remembered yet')
    const brief = mime(x => x, 0)
    brief(1)
    assert.equal(brief.explain(1).text, 'miss: no entry; a ttl of 0 keeps nothing')
    const none = mime(x => x, { maxEntries: 0 })
    none(1)
    assert.equal(none.explain(1).text, 'miss: no entry; maxEntries is 0, which keeps nothing')
    const gone = mime(x => x)
    gone(1)
    gone.clear()
    assert.equal(gone.explain(1).text, 'miss: no entry; nothing is remembered yet')
  })

  test('what the option key returns is what differs', () => {
    const f = mime(x => x, { key: user => ({ id: user.id }) })
    f({ id: 1, name: 'a' })
    assert.equal(
      f.explain({ id: 2 }).text,
      'miss: no entry; the nearest differs in what the option `key` returns at `.id`: 1 against 2',
    )
    assert.equal(f.explain({ id: 1, name: 'b' }).outcome, 'hit')
    const failing = mime(x => x, {
      key() {
        throw new Error('key')
      },
    })
    const why = failing.explain(1)
    assert.deepEqual([why.outcome, why.reason, why.key.bytes], ['miss', 'no key', 0])
    assert.equal(why.text, 'miss: the call has no key, and is not cached; the option `key` throws: key')
    assert.equal(failing(1), 1)
  })
})

describe('loads that run', () => {
  test('a call joins', async () => {
    const f = mime(async x => x)
    const runs = f(1)
    f(2)
    const why = f.explain(1)
    assert.deepEqual([why.outcome, why.reason, why.text], ['joins', 'pending', 'joins the load that runs'])
    assert.equal(f.explain(2).outcome, 'joins')
    await runs
    assert.equal(f.explain(1).outcome, 'hit')
  })

  test('where loads are not shared no call joins, unless an old value may stand in', async () => {
    const f = mime(async x => x, { singleFlight: false })
    const runs = f(1)
    const why = f.explain(1)
    assert.deepEqual([why.outcome, why.reason], ['miss', 'pending'])
    assert.equal(why.text, 'miss: a load of this key runs, and `singleFlight: false` shares none')
    await runs
    const clock = manual()
    const g = mime(async x => x, { singleFlight: false, ttl: '1s', staleIfError: '1m', clock })
    await g(1)
    clock.time = 1500
    const both = [g(1), g(1)]
    assert.equal(g.explain(1).outcome, 'joins')
    await Promise.all(both)
    assert.equal(g.stats().loads, 2)
  })

  test('what serves meanwhile is fresh as long as it was, not as long as it may serve', async () => {
    const clock = manual()
    const f = mime(async x => x, { ttl: '1s', staleWhileRevalidate: '1m', clock })
    await f(1)
    clock.time = 400
    const runs = f.refresh(1)
    assert.deepEqual([f.explain(1).reason, f.explain(1).entry.timeLeft], ['refreshing', 600])
    clock.time = 1400
    assert.equal(f.explain(1).entry.timeLeft, 0)
    await runs
  })

  test('a function cannot join itself', () => {
    let why
    const f = mime(x => {
      why = f.explain(x)
      return x
    })
    f(1)
    assert.deepEqual([why.outcome, why.reason], ['miss', 'pending'])
    assert.match(why.text, /^miss: this very call runs further up the stack/)
  })
})

describe('stores', () => {
  test('in the store only, and back in memory', () => {
    const store = memoryStore()
    const make = () => createMime({ store })(x => x, { name: 'f', version: '1', ttl: '1h' })
    make()(1)
    const f = make()
    const why = f.explain(1)
    assert.deepEqual([why.outcome, why.reason], ['hit', 'store'])
    assert.match(why.text, /^hit: in the store, stored \d+ m?s ago, good for another 1 h$/)
    assert.ok(why.entry.age >= 0 && why.entry.timeLeft <= 3_600_000)
    assert.equal(f.stats().storeHits, 0)
    assert.match(f.explain(2).text, /^miss: no entry in memory, and none at hand in the store; nothing is/)
    f(1)
    assert.equal(f.explain(1).reason, 'resident')
    f.set([3], 3)
    assert.match(f.explain(4).text, /^miss: no entry in memory, and none at hand in the store; the nearest /)
  })

  test('the age is that of the result, not of its place in memory', t => {
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
    const store = memoryStore()
    const clock = manual()
    const make = () => createMime({ store, clock })(x => x, { name: 'f', version: '1', ttl: '1h' })
    make()(1)
    t.mock.timers.tick(600_000)
    const f = make()
    assert.deepEqual(f.explain(1).entry, { age: 600_000, timeLeft: 3_000_000 })
    f(1)
    assert.deepEqual(f.explain(1).entry, { age: 600_000, timeLeft: 3_000_000 })
    assert.equal(f.explain(1).text, 'hit: stored 10 m ago, good for another 50 m')
  })

  test('a store that throws is as if it had nothing', () => {
    const store = { ...memoryStore(), getSync: () => assert.fail('broken') }
    const f = createMime({ store })(x => x, { name: 'f' })
    assert.equal(f.explain(1).outcome, 'miss')
    assert.equal(f.stats().storeErrors, 0)
  })
})

describe('of no consequence', () => {
  test('nothing is counted, reserved or touched', () => {
    const clock = manual()
    const f = mime(x => x, { maxEntries: 2, ttl: '1h', clock })
    f(1)
    f(2)
    clock.time = 5
    const before = f.stats()
    for (let i = 0; i < 10; i++) {
      for (const x of [1, 3, 'x', new Socket(), 'y'.repeat(100_000)]) f.explain(x)
    }
    assert.deepEqual(f.stats(), before)
    // A touched entry would stay longer: whoever goes is who goes without having been asked about.
    const untouched = mime(x => x, { maxEntries: 2, ttl: '1h', clock })
    for (const x of [1, 2, 3]) untouched(x)
    f(3)
    for (const x of [1, 2, 3]) assert.equal(f.has(x), untouched.has(x), `entry ${x}`)
  })

  test('signals are no part of it', () => {
    const f = mime((...args) => args.length)
    const { signal } = new AbortController()
    f(1, { a: 1, signal }, signal)
    assert.equal(f.explain(1, { a: 1 }).outcome, 'hit')
    assert.equal(f.explain(1, { a: 1, signal: new AbortController().signal }, signal).outcome, 'hit')
    assert.equal(f.explain(signal, 1).outcome, 'miss')
  })

  test('cycles and depth', () => {
    const f = mime(() => 1)
    const cycle = { list: [] }
    cycle.list.push(cycle)
    let deep = { end: new Socket() }
    for (let i = 0; i < 1000; i++) deep = { deep }
    f(cycle, deep)
    assert.equal(f.explain(cycle, deep).outcome, 'hit')
    assert.equal(f.explain(cycle, deep).identities[0].argument, 2)
    assert.ok(f.explain(cycle, deep).text.length < 2000)
    assert.equal(f.explain({ list: [{ list: 5 }] }, deep).nearest.argument, 1)
  })

  test('asked from within the reading of a key', () => {
    const f = mime(x => x.a)
    f({ a: 1, b: 2 })
    const answers = []
    const curious = {
      get a() {
        answers.push(f.explain({ a: 1, b: 2 }).outcome, f.explain({ a: 1, b: 3 }).nearest.path)
        return 1
      },
      b: 2,
    }
    assert.equal(f(curious), 1)
    assert.deepEqual(answers.slice(0, 2), ['hit', '.b'])
    assert.equal(f.stats().hits, 1)
  })

  test('after a recovery', () => {
    const f = mime(x => x)
    f(1)
    faults.trap()
    assert.equal(f.explain(1).text, 'miss: no entry; nothing is remembered yet')
    f(1)
    assert.equal(f.explain(1).outcome, 'hit')
  })

  test('10,000 entries of 1 KB take bounded time', () => {
    const f = mime(() => 1)
    const make = i => ({ list: Array.from({ length: 60 }, (_, at) => at * i), text: 'x'.repeat(450), i })
    for (let i = 0; i < 10_000; i++) f(make(i))
    const sought = { ...make(7000), i: 'seven thousand' }
    const start = performance.now()
    const why = f.explain(sought)
    const took = performance.now() - start
    assert.ok(why.key.bytes > 1000)
    assert.equal(why.nearest.path, '.i')
    assert.equal(why.nearest.entry, '7000')
    assert.ok(took < 2000, `${took} ms`)
  })
})

test('what is stale, and what is being loaded anew', async () => {
  const clock = { time: 0, now: () => clock.time }
  let open
  const f = mime(
    async () =>
      new Promise(resolve => {
        open = resolve
      }),
    { ttl: 1, staleWhileRevalidate: 10, clock },
  )
  const first = f()
  open('a')
  await first
  clock.time = 3000
  const stale = f.explain()
  assert.deepEqual(
    [stale.outcome, stale.reason, stale.expiredFor, stale.entry.timeLeft],
    ['hit', 'stale', 2000, 0],
  )
  assert.match(stale.text, /expired 2 s ago and is served while a load in the background/)
  f()
  assert.equal(f.explain().reason, 'refreshing')
  open('b')
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual([f.explain().reason, f.explain().entry.timeLeft], ['resident', 1000])
  clock.time = 20_000
  assert.deepEqual(
    [f.explain().outcome, f.explain().reason, f.explain().expiredFor],
    ['miss', 'expired', 16_000],
  )
})
