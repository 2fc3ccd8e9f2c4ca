import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { counted, gate, manual, settled } from '../calls/wrapped.mjs'

/** What is told of a call, to whom, and that no listener can do anything to a caller. */

const clock = manual()
const mime = createMime({ clock })
const boom = new Error('boom')

/** All events of a function, without what is not asked about. */
function listening(fn, options) {
  const events = []
  const f = mime(fn, { ...options, onEvent: event => events.push(event) })
  return { f, events }
}

describe('the types', () => {
  test('a call is one of hit, miss, stale and coalesced, with name and arguments', async () => {
    const { runs, load } = gate()
    const { f, events } = listening(load, { name: 'n', ttl: '1s', staleWhileRevalidate: '1m' })
    const calls = [f(1, 'a'), f(1, 'a')]
    runs[0].resolve('v')
    await Promise.all(calls)
    await f(1, 'a')
    clock.time += 1000
    await f(1, 'a')
    const args = [1, 'a']
    const expected = ['miss', 'coalesced', 'hit', 'stale'].map(type => ({ type, args, name: 'n' }))
    assert.deepEqual(events, expected)
  })

  test('so it is in recursion, without sharing, with a key that fails and when the load fails', async () => {
    const twice = listening(x => (x > 0 && twice.count++ < 1 ? twice.f(x) : x))
    twice.count = 0
    twice.f(1)
    assert.deepEqual([twice.events.map(event => event.type), twice.f.stats().misses], [['miss', 'miss'], 2])
    assert.equal(twice.f.stats().coalesced, 0)

    const alone = listening(async x => x, { singleFlight: false })
    await Promise.all([alone.f(1), alone.f(1)])
    assert.deepEqual([alone.events.map(event => event.type), alone.f.stats().misses], [['miss', 'miss'], 2])

    const key = () => {
      throw boom
    }
    const keyless = listening(x => x, { key })
    keyless.f(1)
    assert.deepEqual(
      [keyless.events.map(event => event.type), keyless.f.stats().misses],
      [['error', 'miss'], 1],
    )

    const failing = listening(() => {
      throw boom
    })
    assert.throws(() => failing.f(1), boom)
    assert.deepEqual(failing.events.map(event => event.type), ['miss']) // biome-ignore format: one line
  })

  test('so it is where a load waits for itself, and with a Request that cannot be part of a key', async t => {
    t.mock.method(console, 'warn', () => {})
    const types = events => events.splice(0).map(event => event.type)
    const own = listening(async x => own.f(x).catch(error => error.code))
    assert.equal(await own.f(1), 'ERR_SELF_AWAIT')
    assert.deepEqual([types(own.events), own.f.stats().coalesced], [['miss', 'coalesced'], 1])

    const request = () => new Request('http://a.test/', { method: 'POST', body: 'x' })
    const { f, events } = listening(async () => 'v')
    const used = request()
    await used.text()
    await f(used)
    assert.deepEqual([types(events), f.stats().misses], [['miss', 'error'], 1])
    const controller = new AbortController()
    const left = f(request(), controller.signal)
    controller.abort(boom)
    await assert.rejects(left, boom)
    await settled()
    assert.deepEqual([types(events), f.stats().misses, f.stats().loads], [['miss'], 2, 1])
    await f(request())
    assert.deepEqual([types(events), f.stats().misses], [['miss'], 3])
    await f.refresh(used)
    assert.deepEqual([types(events), f.stats().misses], [['error'], 3])

    const sync = listening(() => 'v')
    sync.f(request())
    assert.deepEqual([types(sync.events), sync.f.stats().misses], [['miss', 'error'], 1])
    const shows = listening(() => Promise.resolve('v'))
    await shows.f(request())
    assert.deepEqual([types(shows.events), shows.f.stats().misses], [['miss'], 1])
  })

  test('a run for one caller alone that fails counts as an error, once', async t => {
    t.mock.method(console, 'warn', () => {})
    const fn = counted(async () => {
      if (fn.calls > 1) throw boom
      return [].values()
    })
    const f = mime(async () => fn())
    const ends = await Promise.allSettled([f(), f(), f()])
    assert.deepEqual([ends.map(({ status }) => status), f.stats().loads, f.stats().errors], [['fulfilled', 'rejected', 'rejected'], 3, 2]) // biome-ignore format: one line

    const request = new Request('http://a.test/', { method: 'POST', body: 'x' })
    const first = mime(() => Promise.reject(boom))
    await assert.rejects(first(request), boom)
    assert.deepEqual([first.stats().loads, first.stats().errors], [1, 1])
  })

  test('remove, with its cause and the plain result, after the fact', async () => {
    const { f, events } = listening(async x => `v${x}`, { ttl: '1s', maxEntries: 2 })
    const removals = () => events.splice(0).filter(event => event.type === 'remove').map(({ cause, value }) => [cause, value]) // biome-ignore format: one line
    await f(1)
    clock.time += 1000
    await f(1)
    assert.deepEqual(removals(), [['expired', 'v1']])
    f.set([1], 'set')
    assert.deepEqual(removals(), [['replaced', 'v1']])
    await f.refresh(1)
    assert.deepEqual(removals(), [['replaced', 'set']])
    f.invalidate(1)
    assert.deepEqual(removals(), [['invalidated', 'v1']])
    for (const x of [1, 2, 3]) await f(x)
    assert.deepEqual(removals().map(([cause]) => cause), ['size']) // biome-ignore format: one line
    f.invalidateIf(() => true)
    assert.deepEqual(removals().map(([cause]) => cause), ['invalidated', 'invalidated']) // biome-ignore format: one line
    const { expired, size, invalidated, replaced } = f.stats().removals
    assert.deepEqual([expired, size, invalidated, replaced], [1, 1, 3, 2])
  })

  test('clear tells of all entries at once, and of none when there are none', () => {
    const { f, events } = listening(x => x, { name: 'n' })
    f.clear()
    f(1)
    f(2)
    events.length = 0
    f.clear()
    assert.deepEqual(events, [{ type: 'remove', cause: 'invalidated', count: 2, name: 'n' }])
    assert.equal(f.stats().removals.invalidated, 2)
  })

  test('error, with the error and its code', async () => {
    const { f, events } = listening(x => x, { name: 'n', ttl: () => 'soon' })
    f(1)
    const { error, ...rest } = events[1]
    assert.deepEqual(rest, { type: 'error', code: 'ERR_INVALID_OPTION', name: 'n' })
    assert.equal(error.code, rest.code)
    assert.match(error.message, /"soon"/)
  })
})

describe('listeners', () => {
  test('of an unknown type, and what is no function, are refused', () => {
    const f = mime(x => x)
    const code = 'ERR_INVALID_ARGUMENT'
    assert.throws(() => f.on('hitt', () => {}), { code, message: /"hitt"/ })
    assert.throws(() => f.on('hit', 5), { code, message: /got 5/ })
    assert.throws(() => f.on('hit'), { code, name: 'MimicTypeError' })
  })

  test('every type can be heard by itself', () => {
    const f = mime(x => x, { maxBytes: 1000 })
    const types = ['hit', 'miss', 'stale', 'coalesced', 'remove', 'refused', 'error', 'trap']
    for (const off of types.map(type => f.on(type, () => {}))) off()
    const bytes = []
    f.on('refused', event => bytes.push(event.bytes))
    f('x'.repeat(5000))
    assert.equal(bytes.length, 1)
  })

  test('on hears its own type only, onEvent all; off takes off one and can be called twice', () => {
    const heard = []
    const f = mime(x => x, { onEvent: ({ type }) => heard.push(`all ${type}`) })
    const offs = ['a', 'b'].map(who => f.on('hit', ({ type }) => heard.push(`${who} ${type}`)))
    f(1)
    f(1)
    assert.deepEqual(heard.splice(0), ['all miss', 'a hit', 'b hit', 'all hit'])
    offs[0]()
    offs[0]()
    f(1)
    assert.deepEqual(heard.splice(0), ['b hit', 'all hit'])
    offs[1]()
    f(1)
    assert.deepEqual(heard, ['all hit'])
  })

  test('a function that listens twice is told twice, and each off is that of one', () => {
    let heard = 0
    const f = mime(x => x)
    const listener = () => heard++
    const offs = [f.on('miss', listener), f.on('miss', listener)]
    f(1)
    assert.equal(heard, 2)
    offs[0]()
    f(2)
    assert.equal(heard, 3)
    offs[1]()
    f.on('miss', listener)
    for (const off of offs) off()
    f(3)
    assert.equal(heard, 4)
  })

  test('one that throws or rejects reaches nobody, and the others hear', async t => {
    t.mock.method(console, 'warn', () => {})
    const unhandled = []
    const note = error => unhandled.push(error)
    process.on('unhandledRejection', note)
    const clockless = createMime({ ttl: '1s', clock, maxEntries: 1, staleWhileRevalidate: '1s' })
    for (const fail of [
      () => {
        throw boom
      },
      async () => {
        throw boom
      },
      () => Promise.reject(boom),
    ]) {
      // biome-ignore format: one line
      const heard = []
      for (const wrap of [x => x, async x => x]) {
        const f = clockless(wrap, { onEvent: fail })
        for (const type of ['hit', 'miss', 'stale', 'coalesced', 'remove', 'error']) {
          f.on(type, fail)
          f.on(type, event => heard.push(event.type))
        }
        assert.deepEqual(await Promise.all([f(1), f(1)]), [1, 1])
        assert.equal(await f(1), 1)
        clock.time += 1000
        assert.equal(await f(1), 1)
        await settled()
        assert.equal(await f(2), 2)
        f.clear()
      }
      assert.deepEqual([...new Set(heard)].sort(), ['coalesced', 'hit', 'miss', 'remove', 'stale'])
    }
    await settled()
    process.off('unhandledRejection', note)
    assert.deepEqual(unhandled, [])
    assert.ok(console.warn.mock.callCount() > 0)
  })

  test('a console that throws reaches nobody either', t => {
    t.mock.method(console, 'warn', () => {
      throw boom
    })
    const onEvent = () => {
      throw boom
    }
    assert.equal(mime(x => x, { onEvent })(1), 1)
    assert.deepEqual([...mime(() => [1][Symbol.iterator]())()], [1])
  })

  test('one that clears or replaces what is being handed out changes nothing for this caller', async () => {
    for (const act of [f => f.clear(), f => f.invalidate(1), f => f.set([1], 'other'), f => f.refresh(1)]) {
      for (const fn of [() => ({}), async () => ({})]) {
        const f = mime(fn, { clock, ttl: '1s', staleWhileRevalidate: '1s' })
        const first = await f(1)
        const offs = ['hit', 'stale'].map(type => f.on(type, () => act(f)))
        assert.equal(await f(1), first)
        offs[0]()
        offs[1]()
      }
      const plain = mime(() => 'v')
      plain(1)
      plain.on('hit', () => act(plain))
      assert.equal(plain(1), 'v')
    }
  })

  test('one that calls while several entries leave meets slots in order', () => {
    const f = mime(x => `v${x}`, { sizeOf: value => (value === 'v0' ? 3000 : 500), maxBytes: 4000 })
    for (let i = 1; i <= 6; i++) f(i)
    let next = 100
    f.on('remove', () => next < 130 && f(next++))
    f(0)
    f.set([0], 'v0')
    assert.ok(next > 103, 'several left')
    for (let i = 0; i < next; i++) if (f.has(i)) assert.equal(f(i), `v${i}`)
    assert.equal(f.stats().pending, 0)
  })

  test('one that calls while an entry is replaced or invalidated, and clears', async () => {
    for (const again of [
      f => f(1),
      f => f.clear(),
      f => f.refresh(1),
      f => f.invalidate(1),
      f => f.set([1], 'v'),
    ]) {
      // biome-ignore format: one line
      const fn = counted(() => 'v')
      const f = mime(fn, { clock, ttl: '1s' })
      let depth = 0
      f.on('remove', () => {
        if (depth++ >= 3) return
        again(f)
        f('other')
      })
      for (const act of [
        () => f(1),
        () => f.set([1], 'v'),
        () => f.refresh(1),
        () => f.invalidate(1),
        () => f.invalidateIf(() => true),
        () => f.clear(),
      ]) {
        // biome-ignore format: one line
        f(1)
        depth = 0
        clock.time += act.length
        act()
        assert.equal(f(1), 'v')
        assert.equal(f('other'), 'v')
      }
      clock.time += 1000
      depth = 0
      assert.equal(f(1), 'v')
      assert.equal(f.stats().pending, 0)
    }
  })

  test('an error listener that calls again gets on with it', async () => {
    const { runs, load } = gate()
    const f = mime(load, { ttl: '1s', staleWhileRevalidate: '1m' })
    const first = f(1)
    runs[0].resolve('old')
    await first
    clock.time += 1500
    const off = f.on('error', () => {
      off()
      f.refresh(1).catch(() => {})
    })
    await f(1)
    runs[1].reject(boom)
    await settled()
    runs[2].resolve('new')
    await settled()
    assert.equal(await f(1), 'new')
    assert.equal(runs.length, 3)
  })
})
