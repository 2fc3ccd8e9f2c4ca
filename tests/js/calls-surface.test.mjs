import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'
import { counted, gate, isWaiting, manual, settled } from '../calls/wrapped.mjs'

/** The face of a wrapped function, time, and what holds however a call ends; what the other files of the contract do not ask. */

const run = promisify(execFile)
const ENTRY = new URL('../../js/entry/inline.js', import.meta.url)
const inProcess = source =>
  run(process.execPath, ['--input-type=module', '--eval', source], { timeout: 20_000 })

const VERBS = ['has', 'peek', 'set', 'refresh', 'invalidate', 'invalidateIf', 'stats', 'explain', 'on', 'clear', 'flush'] // biome-ignore format: one line

describe('what stands on a wrapped function', () => {
  test('all verbs, taken off it too; ready; asyncDispose; nothing of it is enumerable', async () => {
    const f = mime(x => x)
    f(1)
    for (const verb of VERBS) assert.equal(typeof f[verb], 'function', verb)
    assert.equal(await f.ready, undefined)
    const { has, peek, invalidate, stats } = f
    assert.deepEqual([has(1), peek(1), invalidate(1), stats().entries], [true, 1, true, 0])
    assert.deepEqual(Object.keys(f), [])
    const dispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')
    assert.equal(await f[dispose](), undefined)
    assert.equal(f.has(1), false)
  })

  test('a static property of the same name as a verb gives way, getters and symbols are kept', () => {
    const key = Symbol('own')
    const fn = Object.assign(x => x, { clear: 'own', [key]: 1 })
    Object.defineProperty(fn, 'now', { get: () => 5, enumerable: true })
    const f = mime(fn)
    assert.deepEqual([typeof f.clear, f[key], f.now], ['function', 1, 5])
    const frozen = mime(Object.freeze(Object.assign(x => x, { has: 'own', own: 1 })))
    assert.deepEqual([frozen.has(1), frozen.own], [false, 1])
  })

  test('stats has every counter, also before the first call, and is a snapshot', () => {
    const f = mime(x => x)
    const before = f.stats()
    assert.deepEqual(
      ['hits', 'misses', 'stale', 'coalesced', 'loads', 'errors', 'entries', 'bytes'].map(
        name => before[name],
      ),
      [0, 0, 0, 0, 0, 0, 0, 0],
    )
    assert.deepEqual(before.removals, { expired: 0, size: 0, invalidated: 0, replaced: 0 })
    f(1)
    assert.equal(before.misses, 0)
  })

  test('peek does not count, and is no use of an entry', () => {
    const f = mime(x => x, { maxEntries: 3 })
    for (const x of [1, 2, 3]) f(x)
    for (let i = 0; i < 50; i++) {
      f.peek(1)
      f.has(1)
      f(2)
      f(3)
    }
    f(4)
    assert.deepEqual([f.has(1), f.has(2), f.has(3)], [false, true, true])
  })

  test('set counts as no call and no load', () => {
    const f = mime(x => x)
    f.set([1], 'v')
    const { hits, misses, loads } = f.stats()
    assert.deepEqual([hits, misses, loads, f(1)], [0, 0, 0, 'v'])
  })
})

describe('createMime and configure', () => {
  test('are independent in defaults, stores, clocks and tags', () => {
    const clocks = [manual(), manual()]
    const stores = [memoryStore(), memoryStore()]
    const [f, g] = [0, 1].map(i => {
      const own = createMime({ clock: clocks[i], store: stores[i], ttl: '1s', tags: ['t'], name: 'f' })
      own.configure({ maxEntries: 5 })
      return own(x => x)
    })
    f(1)
    g(1)
    clocks[0].time = 1000
    assert.deepEqual([f.has(2), f.stats().entries, g.has(1)], [false, 1, true])
    f.clear()
    assert.deepEqual(stores.map(store => store.stats().entries), [0, 1]) // biome-ignore format: one line
  })

  test('a bad option changes nothing, whatever stands beside it', () => {
    const clock = manual()
    const own = createMime({ ttl: '1s', clock })
    assert.throws(() => own.configure({ ttl: '1h', maxEntries: -1 }), RangeError)
    assert.throws(() => own.configure({ ttl: '1h', colour: 1 }), { code: 'ERR_UNKNOWN_OPTION' })
    const f = own(x => x)
    f(1)
    clock.time = 1000
    assert.equal(f.has(1), false)
  })

  test('a function’s own options win, undefined ones do not', () => {
    const clock = manual()
    const own = createMime({ ttl: '1s', clock })
    const [f, g] = [own(x => x, { ttl: null }), own(x => x, { ttl: undefined })]
    f(1)
    g(1)
    clock.time = 1e12
    assert.deepEqual([f.has(1), g.has(1)], [true, false])
    own.configure({ ttl: undefined, clock: undefined })
    const h = own(x => x)
    h(1)
    clock.time += 1000
    assert.equal(h.has(1), false)
  })

  test('options changed afterwards change nothing', () => {
    const clock = manual()
    const options = { ttl: '1s', clock }
    const f = mime(x => x, options)
    options.ttl = '1h'
    f(1)
    clock.time = 1000
    assert.equal(f.has(1), false)
  })
})

describe('values', () => {
  test('a persisted function answers falsy values from the store', () => {
    for (const value of [undefined, null, 0, '', false, NaN, -0]) {
      const store = memoryStore()
      const fn = counted(() => value)
      const wrap = () => createMime({ store })(x => fn(x), { name: 'f', version: '1' })
      wrap()(1)
      assert.ok(Object.is(wrap()(1), value))
      assert.equal(fn.calls, 1)
    }
  })

  test('a one-shot result goes to each of those who share a load as their own', async t => {
    t.mock.method(console, 'warn', () => {})
    const fn = counted(() => [1, 2][Symbol.iterator]())
    const f = mime(async () => fn())
    const all = await Promise.all([f(), f(), f()])
    for (const iterator of all) assert.deepEqual([...iterator], [1, 2])
    assert.equal(fn.calls, 3)
    assert.equal(console.warn.mock.callCount(), 1)
  })
})

describe('calls', () => {
  test('errors of any kind reach the caller as they are, and are not stored', async () => {
    for (const error of [undefined, null, 0, 'text', Object.freeze({}), new Error('e')]) {
      const fn = counted(() => {
        throw error
      })
      const [f, g] = [mime(fn), mime(async () => fn())]
      for (const call of [async () => f(), g, async () => f(), g]) {
        const end = await call().then(() => assert.fail(), reason => ({ reason })) // biome-ignore format: one line
        assert.ok(Object.is(end.reason, error))
      }
      assert.equal(fn.calls, 4)
      assert.deepEqual([f.stats().pending, g.stats().pending], [0, 0])
    }
  })

  test('a throw before the first await of a function that is not async by its syntax is a throw', () => {
    const error = new Error('sync')
    const f = mime(() => {
      if (f.stats().loads === 0) throw error
      return Promise.resolve('v')
    })
    assert.throws(() => f(), error)
    assert.ok(f() instanceof Promise)
  })

  test('clear, invalidateIf and tags during a load: who waits gets its value, the next loads afresh', async () => {
    const own = createMime({ tags: ['t'] })
    for (const forget of [f => f.clear(), f => f.invalidateIf(() => true), () => own.invalidateTags('t')]) {
      const { runs, load } = gate()
      const f = own(load)
      const call = f(1)
      forget(f)
      runs[0].resolve('old')
      assert.equal(await call, 'old')
      const next = f(1)
      assert.equal(runs.length, 2)
      runs[1].resolve('new')
      assert.deepEqual([await next, await f(1)], ['new', 'new'])
    }
  })

  test('a rejection that comes after an expiry, a clear or an eviction harms no newer entry', async () => {
    const { runs, load } = gate()
    const f = mime(load, { maxEntries: 1 })
    const old = f(1)
    f.clear()
    f.set([1], 'set')
    runs[0].reject(new Error('late'))
    await assert.rejects(old, /late/)
    assert.equal(await f(1), 'set')
  })
})

describe('time', () => {
  test('an event loop blocked past the ttl does not serve the old value', () => {
    const fn = counted(x => x)
    const f = mime(fn, '20ms')
    f(1)
    const end = performance.now() + 30
    while (performance.now() < end);
    f(1)
    assert.equal(fn.calls, 2)
  })

  test('nothing keeps a process alive, whatever the options', async () => {
    const started = performance.now()
    const { stdout } = await inProcess(`
      import { createMime, memoryStore } from '${ENTRY}'
      const mime = createMime({ ttl: '1h', store: memoryStore(), staleWhileRevalidate: '1h', staleIfError: '1h', timeout: '1h', refreshAhead: true, tags: ['t'] })
      const f = mime(async function load(x) { return x })
      const g = mime(function sync(x) { return x })
      for (let i = 0; i < 1000; i++) { await f(i); g(i) }
      await f(1, new AbortController().signal)
      console.log(process.getActiveResourcesInfo().filter(name => name === 'Timeout').length)
    `)
    // At most the one that ends the tracking of who waits for whom, which holds no process.
    assert.ok(Number(stdout) <= 1)
    assert.ok(performance.now() - started < 15_000)
  })

  test('in a store deadlines are epoch milliseconds; what is left is never more than the ttl', t => {
    const store = memoryStore()
    const wrap = () => createMime({ store })(x => x, { name: 'f', version: '1', ttl: '1h' })
    t.mock.timers.enable({ apis: ['Date'], now: 1e12 })
    wrap()(1)
    t.mock.timers.setTime(1e12 + 3_599_999)
    const late = wrap()
    late(1)
    assert.equal(late.stats().storeHits, 1)
    t.mock.timers.setTime(1e12 + 3_600_000)
    const over = wrap()
    over(1)
    assert.equal(over.stats().storeHits, 0)
  })

  test('written by a clock that is an hour ahead, an entry still lives no longer than its ttl', t => {
    const store = memoryStore()
    const clock = manual()
    const wrap = () => createMime({ store, clock })(x => x, { name: 'f', version: '1', ttl: '1m' })
    t.mock.timers.enable({ apis: ['Date'], now: 1e12 + 3_600_000 })
    wrap()(1)
    t.mock.timers.setTime(1e12)
    const f = wrap()
    f(1)
    assert.equal(f.stats().storeHits, 1)
    clock.time = 59_999
    assert.equal(f.has(1), true)
    clock.time = 60_000
    t.mock.timers.setTime(1e12 + 60_000)
    f(1)
    assert.equal(f.stats().loads, 1)
  })

  test('nor does one of a store that does not see to that itself', async () => {
    const hour = 3_600_000
    const entry = {
      value: 'stored',
      storedAt: Date.now() + hour,
      deadline: Date.now() + 2 * hour,
      ttl: 60_000,
    }
    const clock = manual()
    for (const deadline of [entry.deadline, Infinity]) {
      const store = { ...memoryStore(), getSync: () => ({ ...entry, deadline }) }
      const f = createMime({ store, clock })(x => x, { name: 'f', ttl: '1m' })
      assert.equal(f(1), 'stored')
      clock.time += 59_999
      assert.equal(f.stats().entries, 1)
      f(1)
      assert.equal(f.stats().storeHits, 1)
      clock.time += 1
      f(1)
      assert.equal(f.stats().storeHits, 2)
    }
  })

  test('expired entries that nobody reads are freed as others come', () => {
    const clock = manual()
    const f = mime(x => x, { ttl: '1s', clock })
    for (let i = 0; i < 500; i++) f(i)
    clock.time = 1000
    for (let i = 1000; i < 1500; i++) f(i)
    assert.equal(f.stats().entries, 500)
    assert.equal(f.stats().removals.expired, 500)
  })
})

describe('rejections that nobody handles', () => {
  test('none from the background, whatever runs there; exactly one from callers', async () => {
    const { stdout } = await inProcess(`
      import { createMime } from '${ENTRY}'
      const seen = []
      process.on('unhandledRejection', error => seen.push(error.message))
      const clock = { time: 0, now: () => clock.time }
      const mime = createMime({ clock, ttl: '1s' })
      const tick = () => new Promise(resolve => setTimeout(resolve, 5))
      let fails = false
      const load = async what => { await tick(); if (fails) throw new Error(what); return what }
      const quiet = [{ staleWhileRevalidate: '1m' }, { staleIfError: '1m' }, { timeout: '1ms', staleIfError: '1m' }, { refreshAhead: 1e9 }]
      const quietly = quiet.map(options => mime(load, options))
      const loud = mime(load), signalled = mime(load)
      for (const f of quietly) await f('quiet')
      clock.time = 999
      fails = true
      const early = quietly[3]
      await early('quiet')
      clock.time = 1500
      for (const f of quietly.slice(0, 3)) { f('quiet'); f('quiet') }
      for (let i = 0; i < 3; i++) loud('loud')
      for (let i = 0; i < 3; i++) signalled('signalled', new AbortController().signal)
      loud.refresh('refresh')
      await tick(); await tick(); await tick(); await tick()
      console.log(JSON.stringify(seen.sort()))
    `)
    assert.deepEqual(JSON.parse(stdout), ['loud', 'refresh', 'signalled'])
  })
})

test('a load that never ends holds up nobody else, not even clear', async () => {
  const { runs, load } = gate()
  const f = mime(load)
  const hung = f(1)
  f(2)
  runs[1].resolve('two')
  assert.equal(await f(2), 'two')
  f.clear()
  const again = f(1)
  runs[2].resolve('one')
  assert.equal(await again, 'one')
  assert.equal(await isWaiting(hung), true)
  await settled()
})
