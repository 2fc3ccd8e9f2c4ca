import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { clocked, counted, gate, heard, manual, settled } from '../calls/wrapped.mjs'

/** Loads that began while an old value served, and callers who come, refresh and leave when it serves no longer. */

const clock = manual()
const mime = createMime({ clock, ttl: '1s' })
const boom = new Error('boom')
const run = promisify(execFile)

/** An async function with the value 'old' that has been expired for half a second. */
async function expired(options) {
  const { runs, load } = gate()
  const events = heard()
  const f = mime(load, { ...options, onEvent: events.onEvent })
  const first = f(1)
  runs.shift().resolve('old')
  await first
  clock.time += 1500
  events.types.length = 0
  return { f, runs, events: events.types }
}

describe('a sync function whose window passes before its load had its turn', () => {
  for (const [what, options, since] of [
    ['staleWhileRevalidate', { staleWhileRevalidate: '1s' }, 1500],
    ['refreshAhead', { refreshAhead: 1e12 }, 500],
  ]) {
    test(`${what}: the next call loads, and its result is kept`, async () => {
      const fn = counted(() => {
        if (fn.calls === 1) clock.time += 1
        return fn.calls
      })
      const f = mime(fn, options)
      f(1)
      clock.time += since
      assert.equal(f(1), 1)
      clock.time += 1000
      assert.deepEqual([f(1), f(1), f(1), fn.calls], [2, 2, 2, 2])
      await settled()
      assert.deepEqual([f(1), fn.calls, f.stats().pending], [2, 2, 0])
      const { misses, coalesced } = f.stats()
      assert.deepEqual([misses, coalesced], [2, 0])
    })
  }

  test('the old value stands in for an error, and each call has its event', async () => {
    const events = heard()
    const fn = counted(() => {
      if (fn.calls > 1) throw boom
      return 'old'
    })
    const f = mime(fn, { staleWhileRevalidate: '1s', staleIfError: '1m', onEvent: events.onEvent })
    f(1)
    clock.time += 1500
    f(1)
    clock.time += 1000
    assert.deepEqual([f(1), f(1)], ['old', 'old'])
    assert.deepEqual(events.types, ['miss', 'stale', 'error', 'stale', 'error', 'stale'])
    await settled()
    assert.deepEqual([fn.calls, f.stats().stale, f.stats().pending], [3, 3, 0])
  })

  test('a listener that invalidates when it is told leaves nothing behind', async () => {
    const fn = counted(() => fn.calls)
    const f = mime(fn, { refreshAhead: 1e12 })
    f(1)
    clock.time += 500
    f(1)
    clock.time += 1000
    f.on('miss', () => f.invalidate(1))
    f(1)
    await settled()
    assert.deepEqual([f.has(1), f.stats().entries, f.stats().pending], [false, 0, 0])
  })
})

describe('without single flights', () => {
  test('a refresh is shared where an old value may stand in', async () => {
    const { f, runs } = await expired({ staleIfError: '1m', singleFlight: false })
    const refreshed = f.refresh(1)
    const calls = [f(1), f(1)]
    assert.equal(runs.length, 1)
    runs[0].reject(boom)
    await assert.rejects(refreshed, boom)
    assert.deepEqual(await Promise.all(calls), ['old', 'old'])
  })

  test('so is a load that began while the old value was served', async () => {
    const { f, runs } = await expired({
      staleWhileRevalidate: '1s',
      staleIfError: '1m',
      singleFlight: false,
    })
    assert.equal(await f(1), 'old')
    clock.time += 1000
    const call = f(1)
    assert.equal(runs.length, 1)
    runs[0].reject(boom)
    assert.equal(await call, 'old')
  })
})

describe('a refresh beside callers who wait', () => {
  test('the old value stands in for them when their load fails', async () => {
    const { f, runs, events } = await expired({ staleIfError: '1m' })
    const calls = [f(1), f(1)]
    const refreshed = f.refresh(1)
    runs[0].reject(boom)
    assert.deepEqual(await Promise.all(calls), ['old', 'old'])
    assert.deepEqual(events.sort(), ['error', 'stale', 'stale'])
    runs[1].resolve('new')
    assert.deepEqual([await refreshed, await f(1)], ['new', 'new'])
  })

  test('also when the refresh has failed before', async () => {
    const { f, runs } = await expired({ staleIfError: '1m' })
    const call = f(1)
    const refreshed = f.refresh(1)
    runs[1].reject(boom)
    await assert.rejects(refreshed, boom)
    runs[0].reject(boom)
    assert.equal(await call, 'old')
  })

  test('and when it takes too long', async () => {
    const { f, runs } = await expired({ timeout: '5ms' })
    const call = f(1)
    f.refresh(1).catch(() => {})
    assert.equal(await call, 'old')
    runs[1].resolve('new')
    await settled()
    assert.equal(await f(1), 'new')
  })

  for (const [what, change] of Object.entries({
    invalidate: f => f.invalidate(1),
    clear: f => f.clear(),
    set: f => f.set([1], 'set'),
  })) {
    test(`not after ${what}`, async () => {
      const { f, runs } = await expired({ staleIfError: '1m' })
      const call = f(1)
      f.refresh(1).catch(() => {})
      change(f)
      runs[0].reject(boom)
      await assert.rejects(call, boom)
    })
  }
})

describe('a caller who leaves a load for which an old value could have stood in is told of as one miss', () => {
  const KEY = 1
  /** A function whose value has expired, and what is told of its next calls. */
  function overdue(load, options) {
    const events = heard()
    const f = mime(load, { staleIfError: '1m', ...options, onEvent: events.onEvent })
    f.set([KEY], 'old')
    clock.time += 1500
    events.types.length = 0
    const calls = ['miss', 'stale', 'coalesced']
    return { f, told: () => events.types.filter(type => calls.includes(type)) }
  }
  const leave = async (f, count = 1) => {
    const callers = Array.from({ length: count }, () => new AbortController())
    const calls = callers.map(({ signal }) => f(KEY, signal))
    await settled()
    for (const caller of callers) caller.abort('left')
    assert.ok((await Promise.allSettled(calls)).every(({ reason }) => reason === 'left'))
    await settled()
  }

  test('of a function that takes no notice and never ends', async () => {
    for (const options of [{}, { timeout: '1m', staleIfError: undefined }]) {
      const { f, told } = overdue(async () => new Promise(() => {}), options)
      await leave(f)
      assert.deepEqual([told(), f.stats().misses, f.stats().pending], [['miss'], 1, 0])
      await leave(f, 2)
      assert.deepEqual([told(), f.stats().misses], [['miss', 'miss', 'coalesced'], 2])
    }
  })

  for (const [what, end] of [
    ['settles', run => run.resolve('new')],
    ['fails', run => run.reject(boom)],
  ]) {
    test(`of one that ${what} when he has left`, async () => {
      const { runs, load } = gate()
      const { f, told } = overdue(load)
      await leave(f)
      end(runs[0])
      await settled()
      assert.deepEqual([told(), f.stats().misses], [['miss'], 1])
    })
  }

  for (const [what, options, end] of [
    ['settles', {}, run => run.resolve('new')],
    ['fails, with nothing that may stand in', { timeout: '1m', staleIfError: undefined }, run => run.reject(boom)], // biome-ignore format: one line
  ]) {
    test(`of one that ${what}, where the listener makes him leave`, async () => {
      const { runs, load } = gate()
      const { f, told } = overdue(load, options)
      const caller = new AbortController()
      f.on('miss', () => caller.abort('left'))
      const call = f(KEY, caller.signal)
      end(runs[0])
      await call.catch(() => {})
      await settled()
      assert.deepEqual([told(), f.stats().misses], [['miss'], 1])
    })
  }

  test('of one that waits for its turn', async () => {
    const { clock, mime } = clocked()
    const lock = (_, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) // biome-ignore format: one line
    const store = { ...memoryStore(), lockScope: 'fleet', lock }
    const events = heard()
    const options = { name: 'turns', ttl: '1s', staleIfError: '1m', singleFlight: 'fleet', store }
    const f = mime(async key => key, { ...options, onEvent: events.onEvent })
    f.set([KEY], 'old')
    clock.time += 2000
    await leave(f)
    assert.deepEqual([events.types, f.stats().misses], [['miss'], 1])
  })

  test('and the others with him, each once', async () => {
    for (const end of [run => run.resolve('new'), run => run.reject(boom), () => {}]) {
      const { runs, load } = gate()
      const { f, told } = overdue(load)
      const callers = [1, 2, 3].map(() => new AbortController())
      const calls = callers.map(({ signal }) => f(KEY, signal).catch(reason => reason))
      callers[1].abort('left')
      assert.equal(await calls[1], 'left')
      assert.deepEqual(told(), ['coalesced'])
      callers[0].abort('left')
      callers[2].abort('left')
      await Promise.all(calls)
      end(runs[0])
      await settled()
      const { misses, coalesced } = f.stats()
      assert.deepEqual([told().sort(), misses, coalesced], [['coalesced', 'coalesced', 'miss'], 1, 2])
    }
  })

  test('and as none where the old value has stood in before he leaves', async () => {
    const { f, told } = overdue(async () => new Promise(() => {}), { timeout: '5ms' })
    const caller = new AbortController()
    assert.equal(await f(KEY, caller.signal), 'old')
    caller.abort()
    await settled()
    assert.deepEqual([told(), f.stats().stale, f.stats().misses], [['stale'], 1, 0])
  })
})

test('the last caller who leaves takes the timer with him', async () => {
  const script = `
    import { mime } from '${new URL('../../js/entry/inline.js', import.meta.url)}'
    let time = 0
    let load = async () => 'old'
    const f = mime(async (_, signal) => load(signal), { ttl: 1, timeout: '1m', clock: { now: () => time } })
    await f(1, new AbortController().signal)
    time = 1500
    load = async () => new Promise(() => {})
    const controller = new AbortController()
    const call = f(1, controller.signal)
    controller.abort('left')
    console.log(await call.catch(reason => reason))
  `
  const options = { timeout: 20_000 }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], options)
  assert.equal(stdout, 'left\n')
})
