import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { counted, gate, heard, manual, settled } from '../calls/wrapped.mjs'

/** jitter and refreshAhead, with the dice in hand. */

const clock = manual()
const mime = createMime({ clock })
const { random } = Math

/** Mocked once more within one test, a method does not come back. */
function dice(t, value) {
  Math.random = () => value
  t.after(() => {
    Math.random = random
  })
}

/** How long an entry lives, to the millisecond, searched between 0 and `most`. */
function lifetime(options, most) {
  const f = mime(x => x, options)
  const start = clock.time
  f(1)
  let [low, high] = [0, most]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    clock.time = start + middle
    if (f.has(1)) low = middle + 1
    else high = middle
  }
  clock.time = start + most
  return low
}

describe('jitter', () => {
  test('a share or a duration, which only ever shorten', t => {
    for (const [drawn, jitter, expected] of [
      [0, 0.5, 10_000],
      [0.5, 0.5, 7500],
      [0.999, 0.5, 5005],
      [0.5, 0, 10_000],
      [0.5, 1, 5000],
      [0.5, '4s', 8000],
      [0.5, '1h', 5000],
      [0.5, null, 10_000],
      [0.5, undefined, 10_000],
    ]) {
      dice(t, drawn)
      assert.equal(lifetime({ ttl: '10s', jitter }, 20_000), expected, `${jitter} at ${drawn}`)
      assert.equal(lifetime({ ttl: () => 10, jitter }, 20_000), expected, `${jitter} at ${drawn}`)
    }
  })

  test('for ever stays for ever', t => {
    dice(t, 0.9)
    const f = mime(x => x, { jitter: 1 })
    f(1)
    clock.time += 1e15
    assert.equal(f.has(1), true)
  })

  test('anything else is refused', () => {
    for (const jitter of [-0.1, 1.1, NaN, 'soon', true, {}]) assert.throws(() => mime(x => x, { jitter }), { code: 'ERR_INVALID_OPTION' }) // biome-ignore format: one line
  })
})

describe('refreshAhead', () => {
  /** An entry whose load took so long, with a ttl of 10 s. */
  async function loaded(options, took = 100) {
    const { runs, load } = gate()
    const events = heard()
    const f = mime(load, { ttl: '10s', refreshAhead: true, onEvent: events.onEvent, ...options })
    const call = f(1)
    clock.time += took
    runs[0].resolve('old')
    await call
    events.types.length = 0
    return { f, runs, events: events.types }
  }

  test('begins when the draw times the load’s time reaches the end of the ttl (XFetch)', async t => {
    dice(t, Math.exp(-1))
    for (const [took, beta] of [
      [100, true],
      [100, 1],
      [1000, 1],
      [100, 3],
    ]) {
      // biome-ignore format: one line
      const { f, runs, events } = await loaded({ refreshAhead: beta }, took)
      const ahead = took * Number(beta)
      clock.time += 10_000 - ahead - 1
      assert.equal(await f(1), 'old')
      assert.equal(runs.length, 1)
      clock.time += 1
      assert.equal(await f(1), 'old')
      assert.equal(runs.length, 2)
      assert.deepEqual(events, ['hit', 'hit'])
      assert.equal(await f(1), 'old')
      assert.equal(runs.length, 2)
      assert.equal(f.stats().hits, 3)
      runs[1].resolve('new')
      await settled()
      clock.time += ahead
      assert.equal(await f(1), 'new')
    }
  })

  test('statistically: a share of e^(-left / took) of the callers', async () => {
    let early = 0
    const rounds = 2000
    for (let i = 0; i < rounds; i++) {
      const { f, runs } = await loaded({ onEvent: undefined }, 1000)
      clock.time += 9000
      await f(1)
      if (runs.length > 1) early++
    }
    const share = early / rounds
    assert.ok(Math.abs(share - Math.exp(-1)) < 0.06, `${share}`)
  })

  test('a load that fails leaves the value to its end, and is an event', async t => {
    dice(t, Math.exp(-1))
    const { f, runs, events } = await loaded()
    clock.time += 9950
    await f(1)
    runs[1].reject(new Error('boom'))
    await settled()
    assert.deepEqual(events, ['hit', 'error'])
    dice(t, 1)
    assert.equal(await f(1), 'old')
    clock.time += 50
    const call = f(1)
    runs[2].resolve('new')
    assert.equal(await call, 'new')
  })

  test('a sync function is called after its caller', async t => {
    dice(t, Math.exp(-1))
    const fn = counted(() => {
      clock.time += 100
      return fn.calls
    })
    const f = mime(fn, { ttl: '10s', refreshAhead: true })
    f()
    clock.time += 9950
    assert.deepEqual([f(), fn.calls], [1, 1])
    await settled()
    assert.deepEqual([f(), fn.calls], [2, 2])
  })

  test('false and 0 never, without a ttl never', async t => {
    dice(t, 0)
    for (const options of [{ refreshAhead: false }, { refreshAhead: 0 }, { ttl: null }]) {
      const { f, runs } = await loaded(options)
      clock.time += 9999
      await f(1)
      assert.equal(runs.length, 1)
    }
    for (const refreshAhead of [-1, NaN, Infinity, 'yes', null]) assert.throws(() => mime(x => x, { refreshAhead }), { code: 'ERR_INVALID_OPTION' }) // biome-ignore format: one line
  })
})
