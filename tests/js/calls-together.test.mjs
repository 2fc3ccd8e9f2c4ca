import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'
import { counted, gate, heard, isWaiting, manual, settled } from '../calls/wrapped.mjs'

/** Options, callbacks and the outer world together: what one promises holds beside the others. */

const boom = new Error('boom')
const isBoom = error => error === boom

/** A copy that fails when told to. */
function copying() {
  const copy = value => {
    copy.made++
    if (copy.fails) throw new Error('no copy')
    return { ...value }
  }
  return Object.assign(copy, { made: 0, fails: false })
}

describe('an old value that cannot be copied any more stands in for nothing', () => {
  test('the error of the load reaches its callers, sync and async; each call is one event', async () => {
    for (const wrap of [fn => fn, fn => async x => fn(x)]) {
      const [clock, clone, { types, onEvent }] = [manual(), copying(), heard()]
      let fails = false
      const load = wrap(x => {
        if (fails) throw boom
        return { x }
      })
      const f = mime(load, { ttl: 1, staleIfError: 60, clock, clone, onEvent })
      await f(1)
      clock.time = 2000
      fails = clone.fails = true
      await assert.rejects(async () => f(1), isBoom)
      const { misses, stale } = f.stats()
      assert.deepEqual([misses, stale], [2, 0])
      assert.equal(types.filter(type => type === 'miss').length, 2)
    }
  })

  test('a slow load is waited for after all, and its failure is its callers’', async () => {
    const [clock, clone] = [manual(), copying()]
    const { runs, load } = gate()
    const { types, onEvent } = heard()
    const f = mime(load, { ttl: 1, timeout: 0, clock, clone, onEvent })
    const first = f(1)
    runs[0].resolve({ v: 1 })
    await first
    clock.time = 2000
    clone.fails = true
    const late = f(1)
    await new Promise(resolve => setTimeout(resolve, 5))
    clone.fails = false
    types.length = 0
    runs[1].reject(boom)
    await assert.rejects(late, isBoom)
    assert.deepEqual(types, ['miss'], 'no event of a failure that a caller sees')
  })

  test('a reload that has begun ends, whatever the copy and the function do', async () => {
    for (const isAsync of [true, false]) {
      const [clock, clone] = [manual(), copying()]
      let fails = false
      const fn = x => {
        if (fails) throw boom
        return { x }
      }
      const { types, onEvent } = heard()
      const options = { ttl: 1, staleWhileRevalidate: 60, clock, clone, onEvent }
      const f = mime(isAsync ? async x => fn(x) : fn, options)
      await f(1)
      clock.time = 2000
      fails = clone.fails = true
      types.length = 0
      await assert.rejects(async () => f(1), isBoom)
      await settled()
      assert.equal(f.stats().pending, 0)
      assert.equal(types.filter(type => type === 'stale').length, 1)
    }
  })
})

describe('copies', () => {
  test('has makes none', () => {
    const clone = copying()
    const f = mime(x => ({ x }), { clone })
    f(1)
    const { made } = clone
    assert.equal(f.has(1), true)
    assert.equal(clone.made, made)
  })

  test('a hit is an event also when its caller gets the function’s error', () => {
    const clone = copying()
    let fails = false
    const f = mime(x => {
      if (fails) throw boom
      return { x }
    }, { clone }) // biome-ignore format: the function first
    const hits = []
    f.on('hit', event => hits.push(event))
    f(1)
    fails = clone.fails = true
    assert.throws(() => f(1), isBoom)
    assert.deepEqual([hits.length, f.stats().hits], [1, 1])
  })

  test('invalidateIf: what can be shown to no predicate goes, and says so', () => {
    const clone = copying()
    const f = mime(x => ({ x }), { clone })
    const errors = []
    f.on('error', ({ error }) => errors.push(error.message))
    f(1)
    clone.fails = true
    assert.equal(
      f.invalidateIf(() => false),
      1,
    )
    assert.deepEqual([errors, f.stats().entries], [['no copy'], 0])
  })

  test('freeze: members of a Set, keys and values of a Map', () => {
    const parts = [{}, {}, {}]
    mime(() => [new Set([parts[0]]), new Map([[parts[1], parts[2]]])], { freeze: true })()
    assert.ok(parts.every(part => Object.isFrozen(part)))
  })

  test('freeze: what is not kept is shared too', async () => {
    for (const ttl of [
      0,
      () => {
        throw boom
      },
    ]) {
      // biome-ignore format: one line
      const f = mime(async () => ({ a: {} }), { ttl, freeze: true })
      const [one, other] = await Promise.all([f(), f()])
      assert.equal(one, other)
      assert.ok(Object.isFrozen(one) && Object.isFrozen(one.a))
    }
  })
})

describe('singleFlight: false', () => {
  test('an old value stands in for every caller', async () => {
    for (const options of [{ staleIfError: 60 }, { timeout: 0 }]) {
      const clock = manual()
      const { runs, load } = gate()
      const f = mime(load, { ttl: 1, clock, singleFlight: false, ...options })
      const first = f(1)
      runs[0].resolve('old')
      await first
      clock.time = 2000
      const calls = [f(1), f(1), f(1)]
      if (options.staleIfError) for (const run of runs) run.reject(boom)
      assert.deepEqual(await Promise.all(calls), ['old', 'old', 'old'])
    }
  })

  test('each leaves by his own signal, also from a function that looks at none; failures are counted', async () => {
    const { runs, load } = gate()
    const f = mime(load, { singleFlight: false })
    const leavers = ['a', 'b'].map(() => new AbortController())
    const calls = leavers.map(({ signal }) => f(1, signal).catch(reason => reason))
    leavers[1].abort('b')
    assert.equal(await calls[1], 'b')
    assert.deepEqual(runs.map(({ args }) => args[1].aborted), [false, true]) // biome-ignore format: one line
    leavers[0].abort('a')
    assert.equal(await calls[0], 'a')
    for (const run of runs) run.reject(boom)
    await settled()
    assert.deepEqual([f.stats().errors, f.stats().pending], [2, 0])
  })
})

describe('a call without a key', () => {
  const key = () => {
    throw boom
  }

  test('its caller can leave', async () => {
    const { runs, load } = gate()
    const f = mime(load, { key })
    const leaver = new AbortController()
    const call = f(1, leaver.signal)
    leaver.abort('left')
    await assert.rejects(call, reason => reason === 'left')
    assert.equal(runs[0].args[1].aborted, true)
    await assert.rejects(f(1, AbortSignal.abort('before')), reason => reason === 'before')
    assert.equal(runs.length, 1)
  })

  test('set: nothing was too large', () => {
    const { types, onEvent } = heard()
    const f = mime(x => x, { key, onEvent })
    f.set([1], 'v')
    assert.deepEqual([types, f.stats().refused], [['error'], 0])
  })
})

describe('each call is one event', () => {
  test('who joins with a signal that is aborted', async () => {
    const { runs, load } = gate()
    const { types, onEvent } = heard()
    const f = mime(load, { onEvent })
    const call = f(1)
    await assert.rejects(f(1, AbortSignal.abort('left')), reason => reason === 'left')
    runs[0].resolve('v')
    await call
    assert.deepEqual(types, ['miss', 'coalesced'])
  })

  test('who finds an expired value with a signal that is aborted', async () => {
    const clock = manual()
    const { types, onEvent } = heard()
    const f = mime(async x => x, { ttl: 1, staleIfError: 60, clock, onEvent })
    await f(1)
    clock.time = 2000
    await assert.rejects(f(1, AbortSignal.abort('left')), reason => reason === 'left')
    assert.deepEqual([types, f.stats().misses], [['miss', 'miss'], 2])
  })

  test('who joins a load whose tags were invalidated before, and who leaves one that an old value covers', async () => {
    const m = createMime()
    const { runs, load } = gate()
    const { types, onEvent } = heard()
    const f = m(load, { tags: ['t'], onEvent })
    const before = f(1)
    m.invalidateTags('t')
    const after = f(1)
    runs[0].resolve('old')
    await before
    await settled()
    runs[1].resolve('new')
    assert.equal(await after, 'new')
    assert.deepEqual(types, ['miss', 'miss'])

    const clock = manual()
    const covered = gate()
    const told = heard()
    const g = mime(covered.load, { ttl: 1, staleIfError: 60, clock, onEvent: told.onEvent })
    const first = g(1)
    covered.runs[0].resolve('old')
    await first
    clock.time = 2000
    const leaver = new AbortController()
    const [stays, leaves] = [g(1), g(1, leaver.signal)]
    leaver.abort('left')
    await assert.rejects(leaves)
    covered.runs[1].resolve('new')
    await stays
    await settled()
    assert.deepEqual(told.types.sort(), ['coalesced', 'miss', 'miss', 'remove'])
  })
})

describe('fake timers that come and go', () => {
  test('a sync reload does not wait for a queueMicrotask that is not the engine’s', async t => {
    const clock = manual()
    const fn = counted(() => fn.calls)
    const f = mime(fn, { ttl: 1, staleWhileRevalidate: 60, clock })
    f()
    clock.time = 2000
    t.mock.method(globalThis, 'queueMicrotask', () => {})
    assert.equal(f(), 1)
    await settled()
    assert.equal(f(), 2)
  })

  test('what left for the bound over all functions is told of', async t => {
    const m = createMime({ maxBytes: 4000 })
    const f = m(x => 'x'.repeat(1000) + x, { maxBytes: Infinity })
    const g = m(x => 'y'.repeat(200) + x)
    let gone = 0
    f.on('remove', () => gone++)
    for (let i = 0; i < 3; i++) f(i)
    t.mock.method(globalThis, 'queueMicrotask', () => {})
    for (let i = 0; i < 5; i++) g(i)
    await settled()
    assert.ok(gone > 0)
    assert.equal(gone, f.stats().removals.size)
  })

  test('a timer waits no longer than a timer can', async t => {
    const delays = []
    const { setTimeout: start } = globalThis
    t.mock.method(globalThis, 'setTimeout', (job, delay, ...rest) => {
      delays.push(delay)
      return start(job, Math.min(delay, 5), ...rest)
    })
    const clock = manual()
    const f = mime(async () => new Promise(() => {}), { ttl: 1, timeout: '100d', clock })
    f.set([], 'old')
    clock.time = 2000
    assert.equal(await f(), 'old')
    const store = { ...memoryStore(), getSync: undefined, get: () => new Promise(() => {}) }
    assert.equal(await mime(async x => x, { store, name: 'f', storeTimeout: '100d' })(1), 1)
    assert.ok(delays.length >= 2 && delays.every(delay => delay <= 2 ** 31 - 1), String(delays))
  })

  test('a timer is stopped by what belongs to it', async t => {
    const clock = manual()
    const waiting = [
      () => {
        const { runs, load } = gate()
        const f = mime(load, { ttl: 1, timeout: '1h', clock })
        f.set([1], 'old')
        clock.time += 2000
        f(1)
        return () => runs[0].resolve('new')
      },
      () => {
        let answer
        const late = new Promise(resolve => {
          answer = resolve
        })
        const store = { ...memoryStore(), getSync: undefined, get: () => late }
        mime(async x => x, { store, name: 'f', storeTimeout: '1h' })(1)
        return answer
      },
      () => {
        let body
        const stream = new ReadableStream({
          start(controller) {
            body = controller
          },
        })
        mime(async () => 'v')(
          new Request('http://localhost/', { method: 'POST', body: stream, duplex: 'half' }),
        )
        return () => body.close()
      },
    ]
    for (const begin of waiting) {
      const before = t.mock.method(globalThis, 'clearTimeout')
      const end = begin()
      await settled()
      const during = t.mock.method(globalThis, 'clearTimeout', () => {})
      end()
      await settled()
      const counts = [before.mock.callCount(), during.mock.callCount()]
      during.mock.restore()
      before.mock.restore()
      assert.deepEqual(counts, [1, 0])
    }
  })
})

describe('a Response whose body is still coming', () => {
  for (const [what, leave] of [
    ['clear lets its body go', f => f.clear()],
    ['has follows nobody', f => f.has() && f.invalidate()],
  ]) {
    test(what, async () => {
      let reason
      const body = () => {
        const cancel = why => {
          reason = why
        }
        return new ReadableStream({ pull: () => new Promise(() => {}), cancel })
      }
      const f = mime(async () => new Response(body()))
      const { body: copy } = await f()
      leave(f)
      await copy.cancel('read enough')
      await settled()
      assert.equal(reason, 'read enough')
    })
  }
})

test('the first call with a Request: what was invalidated while it loaded is not kept', async t => {
  t.mock.method(console, 'warn', () => {})
  const request = () => new Request('http://localhost/', { method: 'POST', body: 'x' })
  for (const [forget, calls] of [
    [() => {}, 1],
    [f => f.clear(), 2],
  ]) {
    const { runs, load } = gate()
    const f = mime(counted(load))
    const first = f(request())
    await settled()
    forget(f)
    runs[0].resolve('old')
    assert.equal(await first, 'old')
    const second = f(request())
    await settled()
    runs[1]?.resolve('new')
    await second
    assert.equal(runs.length, calls)
  }
})

test('a signal that many calls share has one listener, and Node does not warn', async () => {
  const warned = []
  const listen = warning => warned.push(warning)
  process.on('warning', listen)
  const { runs, load } = gate()
  const f = mime(load)
  const shared = new AbortController()
  const calls = Array.from({ length: 24 }, (_, i) => f(i % 12, shared.signal))
  await settled()
  process.off('warning', listen)
  assert.deepEqual(warned, [])
  runs[0].resolve('v')
  assert.deepEqual([await calls[0], await calls[12]], ['v', 'v'])
  assert.equal(await isWaiting(calls[1]), true)
  shared.abort('left')
  const ends = await Promise.allSettled(calls.filter((_, i) => i % 12 > 0))
  assert.ok(ends.every(({ reason }) => reason === 'left'))
  assert.equal(f.stats().pending, 0)
})
