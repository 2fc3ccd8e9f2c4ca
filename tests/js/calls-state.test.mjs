import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { counted, manual, settled } from '../calls/wrapped.mjs'

/** A state written for My Mimic as the store. */

const boom = new Error('boom')

/** One that notes what it is asked for values: not for the generation of a function, which is looked at once a second. */
class Noting {
  constructor(options) {
    this.options = options
    this.held = new Map()
    this.log = []
    Noting.made.push(this)
  }
  note(key, what) {
    if (!key.endsWith('-generation')) this.log.push(what)
  }
  syncGet(key) {
    this.note(key, 'syncGet')
    return this.held.get(key)
  }
  syncSet(key, value, ttl) {
    this.note(key, `syncSet ${ttl}`)
    this.held.set(key, value)
  }
  async asyncGet(key) {
    this.note(key, 'asyncGet')
    return this.held.get(key)
  }
  async asyncSet(key, value, ttl) {
    this.note(key, `asyncSet ${ttl}`)
    this.held.set(key, value)
  }
}
Noting.made = []

/** A function behind a state, and another one as after a restart. */
function restarted(store, fn, options) {
  return [1, 2].map(() => {
    const spy = counted(fn)
    const wrap = fn.constructor.name === 'AsyncFunction' ? async x => spy(x) : x => spy(x)
    return { spy, f: createMime({ store })(wrap, { name: 'f', version: '1', ...options }) }
  })
}

describe('a state', () => {
  test('as an object: what one run set the next one gets, by the sync methods', () => {
    const state = new Noting()
    const [{ f: first }, { f: second, spy }] = restarted(state, x => `v${x}`, { ttl: '90s' })
    assert.equal(first(1), 'v1')
    assert.deepEqual(state.log.splice(0), ['syncGet', 'syncSet 90'])
    assert.equal(second(1), 'v1')
    assert.deepEqual([spy.calls, second.stats().storeHits], [0, 1])
    assert.deepEqual(state.log, ['syncGet'])
  })

  test('for ever is a ttl of null; keys are texts', () => {
    const state = new Noting()
    const [{ f }] = restarted(state, x => x)
    f({ a: [1] })
    assert.deepEqual(state.log, ['syncGet', 'syncSet null'])
    for (const key of state.held.keys()) assert.equal(typeof key, 'string')
  })

  test('async functions use the async methods only, and hit with a promise', async () => {
    const state = new Noting()
    const [{ f: first }, { f: second, spy }] = restarted(state, async x => `v${x}`)
    await first(1)
    await first.flush()
    const hit = second(1)
    assert.ok(hit instanceof Promise)
    assert.equal(await hit, 'v1')
    assert.equal(spy.calls, 0)
    assert.deepEqual(state.log, ['asyncGet', 'asyncSet null', 'asyncGet'])
  })

  test('as a class it is made once, with storeOptions, for all functions', () => {
    Noting.made.length = 0
    const storeOptions = { url: 'x' }
    const mime = createMime()
    mime.configure({ store: Noting, storeOptions })
    const [f, g] = ['f', 'g'].map(name => mime(x => x, { name }))
    f(1)
    g(1)
    assert.equal(Noting.made.length, 1)
    assert.equal(Noting.made[0].options, storeOptions)
    assert.equal(Noting.made[0].held.size, 2)
  })

  test('its Python spellings, fields instead of methods, and inherited methods', () => {
    const held = new Map()
    class Python {
      sync_get = key => held.get(key)
      sync_set = (key, value) => held.set(key, value)
      async_get = async key => held.get(key)
      async_set = async (key, value) => held.set(key, value)
    }
    class Sub extends Noting {}
    for (const store of [Python, new Python(), Sub, new Sub()]) {
      const [{ f }, { f: again, spy }] = restarted(store, x => [x])
      assert.deepEqual([f(1), again(1)], [[1], [1]])
      assert.equal(spy.calls, 0)
      f.clear()
    }
  })

  test('a missing method is reported when configured, with all names', () => {
    class Half {
      syncGet() {}
      asyncGet() {}
    }
    for (const store of [Half, new Half(), { sync_get() {}, async_get() {} }]) {
      const check = { code: 'ERR_INVALID_OPTION', message: /syncSet, asyncSet/ }
      assert.throws(() => createMime({ store }), check)
      assert.throws(() => createMime().configure({ store }), check)
      assert.throws(() => createMime()(x => x, { store, name: 'f' }), check)
    }
    for (const store of [Map, () => {}]) assert.throws(() => createMime({ store }), { code: 'ERR_INVALID_OPTION' }) // biome-ignore format: one line
    assert.throws(() => createMime({ store: class { constructor() { throw boom } } }), boom) // biome-ignore format: one line
  })

  test('falsy results are results; undefined and null live in memory only', () => {
    const state = new Noting()
    for (const [value, calls] of [
      [0, 0],
      ['', 0],
      [false, 0],
      [NaN, 0],
      [undefined, 1],
      [null, 1],
    ]) {
      // biome-ignore format: one line
      const [{ f }, { f: again, spy }] = restarted(state, () => value, { version: `v${value}` })
      f(1)
      f(1)
      assert.equal(f.stats().loads, 1)
      assert.ok(Object.is(again(1), value))
      assert.equal(spy.calls, calls)
    }
  })

  test('what it says is asked for at each call, as it does not tell for how long', () => {
    const clock = manual()
    const state = new Noting()
    const [{ f }, { f: again, spy }] = restarted(state, x => x, { ttl: '1s', clock })
    f(1)
    again(1)
    again(1)
    assert.equal(again.stats().storeHits, 2)
    state.held.clear()
    again(1)
    assert.equal(spy.calls, 1)
  })

  test('a hit in memory asks it nothing', () => {
    const state = new Noting()
    const [{ f }] = restarted(state, x => x)
    f(1)
    state.log.length = 0
    f(1)
    assert.deepEqual(state.log, [])
  })

  test('invalidate and clear take what is there out, also for later runs', async () => {
    for (const fn of [x => x, async x => x]) {
      const state = new Noting()
      const [{ f }, { f: again, spy }] = restarted(state, fn)
      for (const x of [1, 2]) await f(x)
      await f.flush()
      f.invalidate(1)
      await f.flush()
      await again(1)
      assert.equal(spy.calls, 1)
      f.clear()
      await f.flush()
      await again(2)
      assert.equal(spy.calls, 2)
    }
  })

  test('one that throws, rejects or hangs is an event and a counter; the caller gets the result', async () => {
    const hang = () => new Promise(() => {})
    const fail = () => {
      throw boom
    }
    for (const bad of [fail, async () => fail(), hang]) {
      const errors = []
      const state = { syncGet: fail, syncSet: fail, asyncGet: bad, asyncSet: bad }
      const options = { store: state, storeTimeout: '5ms', onEvent: event => event.type === 'error' && errors.push(event.error) } // biome-ignore format: one line
      const mime = createMime(options)
      assert.equal(mime(function sync(x) { return x })(1), 1) // biome-ignore format: one line
      assert.deepEqual(errors.splice(0), [boom, boom])
      const f = mime(async function load(x) { return x }) // biome-ignore format: one line
      assert.equal(await f(1), 1)
      await settled()
      // A write that hangs is waited for by nobody.
      const told = errors.map(error => error.code ?? error)
      assert.deepEqual(told, bad === hang ? ['ERR_STORE_TIMEOUT'] : [boom, boom])
      assert.equal(f.stats().storeErrors, errors.length)
      assert.equal(await f(1), 1)
      assert.equal(f.stats().loads, 1)
    }
  })

  test('whose sync methods are async: what they promise is no value, and what rejects is told', async () => {
    for (const [syncGet, syncSet, expected] of [
      [async () => undefined, () => {}, ['ERR_STATE_ASYNC', 'ERR_STATE_ASYNC']],
      [async () => 'promised', () => {}, ['ERR_STATE_ASYNC', 'ERR_STATE_ASYNC']],
      [async () => { throw boom }, () => {}, ['ERR_STATE_ASYNC', 'ERR_STATE_ASYNC']], // biome-ignore format: one line
      [() => {}, async () => { throw boom }, [undefined]], // biome-ignore format: one line
      [() => {}, async () => {}, []],
    ]) {
      const events = []
      const store = { syncGet, syncSet, async asyncGet() {}, async asyncSet() {} }
      const f = createMime({ store, onEvent: event => event.type === 'error' && events.push(event) })(x => x, { name: 'f' }) // biome-ignore format: one line
      assert.deepEqual([f(1), f(1)], [1, 1])
      await f.flush()
      await settled()
      assert.deepEqual(events.map(({ code }) => code), expected) // biome-ignore format: one line
      for (const { code, error } of events) code ? assert.match(error.message, /syncGet.*not be async/) : assert.equal(error, boom) // biome-ignore format: one line
      assert.equal(f.stats().storeErrors, expected.length)
      assert.equal(f.explain(2).outcome, 'miss')
    }
  })

  test('whose syncSet takes its time: what was set last counts, and flush waits for it', async () => {
    const held = new Map()
    const delays = [20, 1]
    const store = {
      syncGet: key => held.get(key),
      async syncSet(key, value) {
        await new Promise(resolve => setTimeout(resolve, delays.shift() ?? 1))
        held.set(key, value)
      },
      async asyncGet() {},
      async asyncSet() {},
    }
    const [{ f }, { f: again, spy }] = restarted(store, x => x)
    f.set([1], 'first')
    f.set([1], 'second')
    assert.equal(again(1), 'second')
    await f.flush()
    assert.equal(again(1), 'second')
    assert.equal(spy.calls, 0)
  })

  test('gets whole seconds from one second on, rounded down', () => {
    const state = new Noting()
    for (const [ttl, seconds] of [
      ['90s', 90],
      ['1999ms', 1],
      [59.985, 59],
      [1, 1],
      ['999ms', 0.999],
      [null, null],
    ]) {
      createMime({ store: state })(() => 1, { name: 'f', version: `${ttl}`, ttl })()
      assert.equal(state.log.pop(), `syncSet ${seconds}`)
    }
  })

  test('ready, flush and await using wait for what it writes', async () => {
    let written = false
    const state = {
      syncGet() {},
      syncSet() {},
      async asyncGet() {},
      async asyncSet() {
        await new Promise(resolve => setTimeout(resolve, 10))
        written = true
      },
    }
    for (const wait of [f => f.flush(), f => f[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]()]) {
      const f = createMime({ store: state })(async function load() {})
      assert.equal(await f.ready, undefined)
      written = false
      await f()
      await wait(f)
      assert.equal(written, true)
    }
  })
})

test('without a store ready and flush are at once', async () => {
  const f = createMime()(x => x)
  assert.deepEqual([await f.ready, await f.flush()], [undefined, undefined])
})
