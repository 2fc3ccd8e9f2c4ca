import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { counted, gate, heard, isWaiting, manual, settled } from '../calls/wrapped.mjs'

/** staleWhileRevalidate, staleIfError and timeout, by what `tests/calls/stale.mjs` does not ask of every package. */

const clock = manual()
const mime = createMime({ clock, ttl: '1s' })
const boom = new Error('boom')

/** An async function with the value 'old' that has been expired for so many milliseconds. */
async function expired(options, since = 500) {
  const { runs, load } = gate()
  const events = heard()
  const f = mime(load, { onEvent: events.onEvent, ...options })
  const first = f(1)
  runs[0].resolve('old')
  await first
  clock.time += 1000 + since
  events.types.length = 0
  return { f, runs, events: events.types }
}

/** A sync function likewise; its first result is 1, the second 2. */
function expiredSync(options, since = 500) {
  const events = heard()
  const fn = counted(x => {
    if (x.failing) throw boom
    return fn.calls
  })
  const f = mime(fn, { onEvent: events.onEvent, key: () => 'x', ...options })
  assert.equal(f({}), 1)
  clock.time += 1000 + since
  events.types.length = 0
  return { f, fn, events: events.types }
}

describe('staleWhileRevalidate', () => {
  test('a call answered with an expired value is stale: no hit, no miss, not coalesced', async () => {
    const { f, runs, events } = await expired({ staleWhileRevalidate: '1m' })
    assert.deepEqual(await Promise.all([f(1), f(1)]), ['old', 'old'])
    assert.equal(runs.length, 2)
    const { hits, misses, stale, coalesced, loads } = f.stats()
    assert.deepEqual([hits, misses, stale, coalesced, loads], [0, 1, 2, 0, 2])
    assert.deepEqual(events, ['stale', 'stale'])
  })

  test('the window ends exactly where it says', async () => {
    for (const [since, answer] of [
      [59_999, 'stale'],
      [60_000, 'miss'],
    ]) {
      // biome-ignore format: one line
      const { f, runs, events } = await expired({ staleWhileRevalidate: '1m' }, since)
      const call = f(1)
      runs[1].resolve('new')
      assert.equal(await call, answer === 'stale' ? 'old' : 'new')
      assert.deepEqual(events.slice(-1), [answer])
    }
  })

  test('and there an error waits, where staleIfError keeps the value longer', async () => {
    const { f } = await expired({ staleWhileRevalidate: '10s', staleIfError: '1m' }, 10_000)
    assert.equal(await isWaiting(f(1)), true)
  })

  test('the new value has a whole ttl from when it came', async () => {
    const { f, runs } = await expired({ staleWhileRevalidate: '1m' })
    f(1)
    clock.time += 5000
    runs[1].resolve('new')
    await settled()
    clock.time += 999
    assert.equal(await f(1), 'new')
    assert.equal(runs.length, 2)
  })

  test('a failed load is one error event; the value is served on, and the next call tries again', async () => {
    const { f, runs, events } = await expired({ staleWhileRevalidate: '1m' })
    await f(1)
    runs[1].reject(boom)
    await settled()
    assert.deepEqual(events, ['stale', 'error'])
    assert.equal(await f(1), 'old')
    assert.equal(runs.length, 3)
    assert.equal(f.stats().errors, 1)
  })

  test('a function that throws at once in the background throws at nobody', async () => {
    const { f, fn, events } = expiredSync({ staleWhileRevalidate: '1m' })
    assert.equal(f({ failing: true }), 1)
    await settled()
    assert.equal(fn.calls, 2)
    assert.deepEqual(events, ['stale', 'error'])
    assert.equal(f({}), 1)
    await settled()
    assert.equal(f({}), 3)
  })

  test('a sync function gets the old value at once and runs after its caller', async () => {
    const { f, fn } = expiredSync({ staleWhileRevalidate: '1m' })
    assert.deepEqual([f({}), f({}), fn.calls], [1, 1, 1])
    await settled()
    assert.deepEqual([fn.calls, f({})], [2, 2])
  })

  test('arguments of a sync function that are changed before it runs: no load under the old key', async () => {
    const fn = counted(({ id }) => `v${id}`)
    const f = mime(fn, { staleWhileRevalidate: '1m' })
    const user = { id: 1 }
    f(user)
    clock.time += 1500
    assert.equal(f(user), 'v1')
    user.id = 2
    await settled()
    assert.equal(f.peek({ id: 1 }), 'v1')
    assert.equal(f.has({ id: 2 }), false)
  })

  test('an invalidation during the background load: the next call loads and waits', async () => {
    for (const forget of [f => f.invalidate(1), f => f.clear(), f => f.invalidateIf(() => true)]) {
      const { f, runs } = await expired({ staleWhileRevalidate: '1m' })
      await f(1)
      forget(f)
      const call = f(1)
      assert.equal(runs.length, 3)
      runs[1].resolve('outdated')
      assert.equal(await isWaiting(call), true)
      runs[2].resolve('new')
      assert.deepEqual([await call, await f(1)], ['new', 'new'])
    }
  })

  test('has and peek go by what a call would be answered with', async () => {
    const { f } = await expired({ staleWhileRevalidate: '1m' })
    assert.equal(f.has(1), true)
    assert.equal(await f.peek(1), 'old')
    clock.time += 60_000
    assert.equal(f.has(1), false)
    assert.equal(f.peek(1), undefined)
  })

  test('Infinity serves for ever', async () => {
    const { f } = await expired({ staleWhileRevalidate: Infinity }, 1e12)
    assert.equal(await f(1), 'old')
  })
})

describe('staleIfError', () => {
  test('a load that fails: the old value, an error event, and one answer a caller', async () => {
    const { f, runs, events } = await expired({ staleIfError: '1h' })
    const calls = [f(1), f(1), f(1)]
    runs[1].reject(boom)
    assert.deepEqual(await Promise.all(calls), ['old', 'old', 'old'])
    const { hits, misses, stale, coalesced, errors } = f.stats()
    assert.deepEqual([hits, misses, stale, coalesced, errors], [0, 1, 3, 0, 1])
    assert.deepEqual(events, ['error', 'stale', 'stale', 'stale'])
  })

  test('a load that succeeds: a miss and those who joined', async () => {
    const { f, runs, events } = await expired({ staleIfError: '1h' })
    const calls = [f(1), f(1)]
    runs[1].resolve('new')
    assert.deepEqual(await Promise.all(calls), ['new', 'new'])
    const { misses, stale, coalesced } = f.stats()
    assert.deepEqual([misses, stale, coalesced], [2, 0, 1])
    assert.deepEqual(events.filter(type => type !== 'remove'), ['miss', 'coalesced']) // biome-ignore format: one line
  })

  test('a sync function that throws; past the window the very error', () => {
    const { f, events } = expiredSync({ staleIfError: '1h' })
    assert.equal(f({ failing: true }), 1)
    assert.deepEqual(events, ['error', 'stale'])
    assert.equal(f({ failing: true }), 1)
    clock.time += 3_600_000
    assert.throws(() => f({ failing: true }), boom)
    assert.deepEqual(events.slice(4), ['remove', 'miss'])
  })

  test('whether it may stand in counts when the load fails, not when it begins', async () => {
    const { f, runs } = await expired({ staleIfError: '10s' })
    const call = f(1)
    clock.time += 10_000
    runs[1].reject(boom)
    await assert.rejects(call, boom)
  })

  test('what was invalidated while the load ran does not stand in', async () => {
    const { f, runs } = await expired({ staleIfError: '1h' })
    const call = f(1)
    f.invalidate(1)
    runs[1].reject(boom)
    await assert.rejects(call, boom)
    assert.equal(f.has(1), false)
  })

  test('a value by nobody’s choice expired is not served without an error', async () => {
    const { f, runs } = await expired({ staleIfError: '1h' })
    const call = f(1)
    assert.equal(f.has(1), false)
    assert.equal(await isWaiting(call), true)
    runs[1].resolve('new')
    assert.equal(await call, 'new')
  })
})

describe('timeout', () => {
  test('the old value when the load is slow; the load goes on and its value is stored', async () => {
    const { f, runs, events } = await expired({ timeout: '5ms' })
    assert.equal(await f(1), 'old')
    assert.deepEqual(events, ['stale'])
    assert.equal(await f(1), 'old')
    assert.equal(runs.length, 2)
    assert.equal(f.stats().stale, 2)
    runs[1].resolve('new')
    await settled()
    assert.equal(await f(1), 'new')
  })

  test('a quick load is waited for', async () => {
    const { f, runs } = await expired({ timeout: '1h' })
    const call = f(1)
    runs[1].resolve('new')
    assert.equal(await call, 'new')
  })

  test('a load that fails before the timeout is its callers’ error without staleIfError', async () => {
    const { f, runs } = await expired({ timeout: '1h' })
    const call = f(1)
    runs[1].reject(boom)
    await assert.rejects(call, boom)
  })

  test('without an expired value callers wait, however long', async () => {
    const { runs, load } = gate()
    const f = mime(load, { timeout: '1ms' })
    const call = f(1)
    await new Promise(resolve => setTimeout(resolve, 10))
    assert.equal(await isWaiting(call), true)
    runs[0].resolve('first')
    assert.equal(await call, 'first')
  })

  test('a load that fails later is an event', async () => {
    const { f, runs, events } = await expired({ timeout: '1ms' })
    await f(1)
    runs[1].reject(boom)
    await settled()
    assert.deepEqual(events, ['stale', 'error'])
  })

  test('expired values are kept for an hour', async () => {
    for (const [since, kept] of [
      [3_599_999, true],
      [3_600_000, false],
    ]) {
      // biome-ignore format: one line
      const { f, runs } = await expired({ timeout: '1ms' }, since)
      const call = f(1)
      await new Promise(resolve => setTimeout(resolve, 10))
      assert.equal(await isWaiting(call), !kept)
      runs[1].resolve('new')
      await call
    }
  })

  test('a load that hangs: the value stands in for as long as it is kept, and no longer', async () => {
    const { f, runs, events } = await expired({ timeout: '1ms', staleIfError: '1m' })
    assert.equal(await f(1), 'old')
    clock.time += 60_000
    const call = f(1)
    assert.equal(await isWaiting(call), true)
    runs[1].resolve('new')
    assert.equal(await call, 'new')
    assert.deepEqual(events.filter(type => type !== 'remove'), ['stale', 'coalesced']) // biome-ignore format: one line
  })

  test('nor when it becomes too old while the timeout runs', async () => {
    const { f, runs } = await expired({ timeout: '1ms', staleIfError: '1m' })
    const call = f(1)
    clock.time += 60_000
    await new Promise(resolve => setTimeout(resolve, 10))
    assert.equal(await isWaiting(call), true)
    runs[1].reject(boom)
    await assert.rejects(call, boom)
  })
})

test('all three: revalidate first, then stand in, then wait', async () => {
  const all = { staleWhileRevalidate: '10s', staleIfError: '1m', timeout: '1ms' }
  const { f, runs, events } = await expired(all, 20_000)
  assert.equal(await f(1), 'old')
  runs[1].reject(boom)
  await settled()
  assert.deepEqual(events, ['stale', 'error'])
  clock.time += 60_000
  const call = f(1)
  runs[2].reject(boom)
  await assert.rejects(call, boom)
})

test('null asks for nothing', async () => {
  const { f, runs } = await expired({ staleWhileRevalidate: null, staleIfError: null, timeout: null })
  const call = f(1)
  runs[1].reject(boom)
  await assert.rejects(call, boom)
})
