import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { counted, gate, manual, settled } from '../calls/wrapped.mjs'

const clock = manual()
const mime = createMime({ clock })
const boom = new Error('boom')
const make = () => ({ list: [1], at: new Date(5) })
const expected = make()

/** Spoils what a caller got. */
function spoil(value) {
  value.list.push(2)
  value.at.setTime(0)
  value.more = true
}

const CLONES = { true: true, 'a function': value => structuredClone(value) }
for (const [what, clone] of Object.entries(CLONES)) {
  describe(`clone: ${what}`, () => {
    test('what any caller changes no other sees: first, coalesced, hit, peek, stale, held, set, refresh', async () => {
      const { runs, load } = gate()
      const f = mime(load, { clone, ttl: '1s', staleWhileRevalidate: '1m' })
      const calls = [f(1), f(1), f(1)]
      runs[0].resolve(make())
      const got = await Promise.all(calls)
      assert.equal(new Set(got).size, 3)
      got.forEach(spoil)
      const check = async ask => {
        const value = await ask()
        assert.deepEqual(value, expected)
        spoil(value)
      }
      const one = f(1)
      assert.ok(one instanceof Promise)
      await check(() => one)
      await check(() => f.peek(1))
      clock.time += 1500
      await check(() => f(1))
      await check(() => f(1))
      runs[1].resolve(make())
      await settled()
      await check(() => f(1))
      const mine = make()
      f.set([1], mine)
      spoil(mine)
      await check(() => f(1))
      const refreshed = f.refresh(1)
      await check(() => f(1))
      runs[2].resolve(make())
      await check(() => refreshed)
      await check(() => f(1))
    })

    test('a sync function; predicates and events get copies too', () => {
      const f = mime(make, { clone })
      f.on('remove', ({ value }) => spoil(value))
      spoil(f())
      assert.deepEqual(f(), expected)
      assert.equal(
        f.invalidateIf((_, value) => spoil(value)),
        0,
      )
      assert.deepEqual(f(), expected)
      f.invalidate()
      assert.deepEqual(f(), expected)
    })

    test('what a store gave is copied for each caller', async () => {
      const store = memoryStore()
      const wrap = fn => createMime()(fn, { store, name: 'f', version: '1', clone })
      for (const fn of [make, async () => make()]) {
        store.clear('f\u00001')
        await wrap(fn)()
        const f = wrap(fn)
        for (let i = 0; i < 3; i++) {
          const value = await f()
          assert.deepEqual(value, expected)
          spoil(value)
        }
        assert.equal(f.stats().loads, 0)
      }
    })

    test('peek copies what only a store has, and a store never has what others can change', async () => {
      const store = memoryStore()
      const wrap = fn => createMime()(fn, { store, name: 'f', version: '1', clone })
      /** @type {any[]} */
      const made = []
      const remembering = () => made[made.push(make()) - 1]
      for (const fn of [remembering, async () => remembering()]) {
        store.clear('f\u00001')
        await wrap(fn)('loaded')
        made.push(make())
        wrap(fn).set(['set'], made.at(-1))
        made.forEach(spoil)
        const [peeking, calling] = [wrap(fn), wrap(fn)]
        for (const how of ['loaded', 'set']) {
          spoil(await peeking.peek(how))
          assert.deepEqual(await peeking.peek(how), expected)
          assert.deepEqual(await calling(how), expected)
        }
        assert.equal(calling.stats().loads, 0)
      }
    })
  })
}

describe('what cannot be copied', () => {
  test('is its first caller’s alone, and said once', async t => {
    t.mock.method(console, 'warn', () => {})
    for (const wrap of [fn => fn, fn => async () => fn()]) {
      const fn = counted(() => ({ call() {} }))
      const f = mime(wrap(fn), { clone: true })
      const [a, b] = [f(), f()]
      assert.notEqual(await a, await b)
      await f()
      assert.deepEqual([fn.calls, f.has(), f.stats().pending], [3, false, 0])
    }
    assert.equal(console.warn.mock.callCount(), 2)
  })

  test('at a later call: an event, and the function is called', async () => {
    for (const wrap of [fn => fn, fn => async () => fn()]) {
      let copies = 0
      let works = 2
      const clone = value => {
        if (++copies > works) throw boom
        return { ...value }
      }
      const errors = []
      const fn = counted(() => ({ v: 1 }))
      const f = mime(wrap(fn), { clone })
      f.on('error', ({ error }) => errors.push(error))
      assert.deepEqual(await f(), { v: 1 })
      assert.deepEqual(await f(), { v: 1 })
      assert.deepEqual([fn.calls, errors], [2, [boom]])
      assert.equal(f.has(), true)
      assert.equal(await f.peek(), undefined)
      f.on('remove', () => {})
      f.invalidate()
      assert.equal(f.stats().entries, 0)
      copies = 0
      works = 1
      // The master is made, its first copy is not.
      assert.deepEqual(await f(), { v: 1 })
      copies = 0
      assert.equal(f.set([], { v: 2 }), undefined)
      works = Infinity
      assert.deepEqual(await f(), { v: 2 })
    }
  })

  test('one of several who share a load', async () => {
    let copies = 0
    const clone = value => {
      if (++copies === 3) throw boom
      return { ...value }
    }
    const fn = counted(async () => ({ v: 1 }))
    const f = mime(async () => fn(), { clone })
    assert.deepEqual(await Promise.all([f(), f(), f()]), [{ v: 1 }, { v: 1 }, { v: 1 }])
    assert.equal(fn.calls, 2)
  })
})

describe('freeze', () => {
  test('at any depth, for the first caller as for the others, cycles and accessors included', async () => {
    let read = 0
    const build = () => {
      const value = { list: [{ a: 1 }], map: new Map([[{ k: 1 }, { v: 1 }]]), get got() { return read++ } } // biome-ignore format: one line
      value.self = value
      value[Symbol.for('s')] = { deep: true }
      return value
    }
    for (const fn of [build, async () => build()]) {
      const f = mime(fn, { freeze: true })
      const first = await f()
      assert.equal(await f(), first)
      const [[key, held]] = first.map
      for (const thing of [first, first.list, first.list[0], key, held, first[Symbol.for('s')]])
        assert.ok(Object.isFrozen(thing))
    }
    assert.equal(read, 0)
  })

  test('what a store gave, and what set put in', () => {
    const store = memoryStore()
    const wrap = options => createMime()(make, { store, version: '1', ...options })
    wrap()()
    const f = wrap({ freeze: true })
    assert.ok(Object.isFrozen(f().list))
    assert.equal(f.stats().loads, 0)
    f.set([], make())
    assert.ok(Object.isFrozen(f().list))
  })

  test('not what the platform keeps its state in', async () => {
    const decoder = mime(() => new TextDecoder(), { freeze: true })()
    assert.equal(decoder.decode(new Uint8Array([97])), 'a')
    const f = mime(async () => new Response('text'), { freeze: true })
    assert.deepEqual([await (await f()).text(), await (await f()).text()], ['text', 'text'])
    const parts = { view: new Uint8Array(2), headers: new Headers({ a: '1' }), blob: new Blob(['b']), controller: new AbortController() } // biome-ignore format: one line
    const g = mime(() => parts, { freeze: true })
    const got = g()
    got.view[0] = 1
    got.headers.set('a', '2')
    assert.deepEqual([Object.isFrozen(got), got.headers.get('a'), await got.blob.text()], [true, '2', 'b'])
    const { log, list } = mime(() => ({ log: new PassThrough(), list: [] }), { freeze: true })()
    const heard = new Promise(resolve => log.on('data', resolve))
    log.write('through')
    assert.deepEqual([`${await heard}`, Object.isFrozen(list)], ['through', true])
  })

  test('what only looks like a Map or a Set is kept as others are', () => {
    for (const odd of [
      new Proxy(new Map([[1, 2]]), {}),
      new Proxy(new Set([1]), {}),
      Object.create(Map.prototype),
    ]) {
      const f = mime(() => ({ odd, list: [] }), { freeze: true })
      assert.equal(f(), f())
      assert.deepEqual([f.stats().loads, Object.isFrozen(f().list)], [1, true])
    }
    const many = new Map(Array.from({ length: 300_000 }, (_, n) => [n, { n }]))
    assert.ok(Object.isFrozen(mime(() => many, { freeze: true })().get(299_999)))
  })

  test('what only a store has is frozen for peek, too', () => {
    const store = memoryStore()
    store.set = (
      set => (key, entry) =>
        set(key, { ...entry, value: structuredClone(entry.value) })
    )(store.set)
    const wrap = () => createMime()(make, { store, name: 'f', version: '1', freeze: true })
    wrap()()
    const peeked = wrap().peek()
    assert.ok(Object.isFrozen(peeked) && Object.isFrozen(peeked.list))
  })

  test('both together are refused', () => {
    assert.throws(() => mime(x => x, { freeze: true, clone: true }), { code: 'ERR_INVALID_OPTION' })
    assert.doesNotThrow(() => mime(x => x, { freeze: true, clone: false }))
    assert.doesNotThrow(() => mime(x => x, { freeze: false, clone: true }))
  })
})

test('without either all share one reference', async () => {
  const { runs, load } = gate()
  const f = mime(load)
  const calls = [f(), f()]
  const value = make()
  runs[0].resolve(value)
  for (const got of [...(await Promise.all(calls)), await f()]) assert.equal(got, value)
})
