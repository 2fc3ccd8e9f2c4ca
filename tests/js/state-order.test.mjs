// A state whose writes take their time, fail, or come in another order: what was set last counts, and what was forgotten stays forgotten.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'

const boom = new Error('boom')
const missing = () => {
  throw new Error('this state is for async functions')
}

/** A state in `held`, written after so many milliseconds as `delays` says next. */
function slow(held = new Map(), delays = []) {
  return {
    held,
    syncGet: missing,
    syncSet: missing,
    asyncGet: async key => held.get(key),
    asyncSet: async (key, value) => {
      await sleep(delays.shift() ?? 5)
      held.set(key, value)
    },
  }
}

/** A function that counts its loads, as in a process of its own. */
function counting(store, options) {
  let loads = 0
  return createMime({ store })(async () => ++loads, { name: 'f', version: '1', ...options })
}

describe('a slow state', () => {
  test('does not give back what was invalidated while that is being written', async () => {
    const f = counting(slow())
    assert.equal(await f(1), 1)
    await f.flush()
    f.invalidate(1)
    assert.equal(await f(1), 2)
    await f.flush()
    assert.equal(await f(1), 2)
  })

  test('ends with what was set last, whichever write is slower', async () => {
    const state = slow(new Map(), [40, 5])
    const f = counting(state)
    await f(1)
    await f.refresh(1)
    await f.flush()
    assert.deepEqual([...state.held.values()], [2])
    assert.equal(await counting(state)(1), 2)
  })

  test('gives what is still being written only as long as that is good', async t => {
    const state = slow(new Map(), [300])
    await counting(state, { ttl: '50ms' })(1)
    const next = createMime({ store: state })(async () => 'next', { name: 'f', version: '1' })
    assert.equal(await next(1), 1)
    const real = Date.now
    t.mock.method(Date, 'now', () => real() + 50)
    assert.equal(await next(1), 'next')
  })
})

test('what waited behind another write lives no longer for it, and not at all when its time is over', async () => {
  for (const [ttl, isThere] of [
    ['30ms', false],
    ['10s', true],
  ]) {
    const written = []
    const delays = [60]
    const asyncSet = async (_key, value, seconds) => {
      written.push([value, seconds])
      await sleep(delays.shift() ?? 1)
    }
    const f = counting({ ...slow(), asyncSet }, { ttl })
    f.set([1], 'first')
    f.set([1], 'second')
    await f.flush()
    const [[, whole], [value, left]] = written
    assert.equal(whole, isThere ? 10 : 0.03)
    assert.equal(value, isThere ? 'second' : null)
    // Never more than is left.
    assert.equal(left, isThere ? 9 : 0)
  }
})

test('a later run forgets in a state that has only one kind of methods', async () => {
  const { held, ...state } = slow()
  const first = counting(state)
  await first(1)
  await first.flush()
  const second = counting({ ...state })
  second.invalidate(1)
  await second.flush()
  assert.deepEqual([...held.values()], [null])
  assert.equal(await second(1), 1)
  assert.equal(second.stats().loads, 1)
})

test('a later run of a sync function forgets, and what it then sets stays', async () => {
  const held = new Map()
  const { asyncGet, asyncSet } = slow(held)
  const state = () => ({
    asyncGet,
    asyncSet,
    syncGet: key => held.get(key),
    syncSet: (key, value) => void held.set(key, value),
  })
  const wrap = value => createMime({ store: state() })(() => value, { name: 'f', version: '1' })
  assert.equal(wrap('old')(1), 'old')
  const f = wrap('new')
  f.invalidate(1)
  assert.equal(f(1), 'new')
  await f.flush()
  await sleep(10)
  assert.deepEqual([...held.values()], ['new'])
})

test('what could not be written does not bring back what it replaces', async () => {
  let fails = false
  const failing = put => (key, value) => {
    if (fails) throw boom
    put(key, value)
  }
  const held = new Map()
  const put = failing((key, value) => held.set(key, value))
  const get = key => held.get(key)
  const state = {
    syncGet: get,
    syncSet: put,
    asyncGet: async key => get(key),
    asyncSet: async (k, v) => put(k, v),
  }
  let loads = 0
  for (const fn of [() => ++loads, async () => ++loads]) {
    held.clear()
    loads = 0
    // Each has nothing in memory.
    const wrap = () => createMime({ store: state })(fn, { name: 'f', version: `${fn}` })
    const f = wrap()
    assert.equal(await f(1), 1)
    await f.flush()
    assert.equal(await wrap()(1), 1)
    fails = true
    f.invalidate(1)
    await f.flush()
    fails = false
    assert.equal(await wrap()(1), 2)
    await f.flush()
    assert.equal(await wrap()(1), 2)
  }
})

test('a state whose writes never end: nothing is kept for it, and all who wait are told', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const never = new Promise(() => {})
  const state = { syncGet() {}, syncSet() {}, asyncGet: async () => undefined, asyncSet: () => never }
  const errors = []
  const f = createMime({ store: state, maxEntries: 10 })(async function hanging(n) { return n }) // biome-ignore format: one line
  f.on('error', ({ error }) => errors.push(error.code))
  for (let n = 0; n < 20_005; n++) assert.equal(await f(n), n)
  assert.deepEqual(new Set(errors), new Set(['ERR_STORE_FULL']))
  const full = errors.length
  assert.ok(full >= 5, `${full}`)
  const flushed = f.flush()
  await new Promise(resolve => setImmediate(resolve))
  t.mock.timers.tick(30_000)
  await flushed
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(errors.length, 20_005 + (full - 5))
  assert.equal(f.stats().storeErrors, errors.length)
  assert.equal(errors.at(-1), 'ERR_STORE_TIMEOUT')
})
