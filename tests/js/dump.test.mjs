import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { manual } from '../calls/wrapped.mjs'
import { CALLED, dumped, NOTHING, OPTIONS, other } from '../dump/kit.mjs'

/** Memory that goes from one process to another: `mime.dump()` and `mime.load()`. */

describe('what arrives', () => {
  test('has its types, its keys by value, and is promised as it was', async () => {
    const value = { at: new Date(5), map: new Map([[1n, new Set([-0, NaN])]]), none: undefined }
    value.self = value
    const dump = await dumped(async () => value, {}, [{ a: 1, b: [2] }], [])
    const { mime, f } = other()
    assert.deepEqual(mime.load(dump), { ...NOTHING, entries: 2 })
    const promise = f({ b: [2], a: 1 })
    assert.ok(promise instanceof Promise)
    const got = await promise
    assert.deepEqual([got.at, got.map, 'none' in got, got.self === got], [value.at, value.map, true, true])
    assert.equal(f(), f(), 'the same reference at each hit')
    assert.equal(f({ a: 1 }), CALLED)
  })

  test('of a sync function comes at once; nothing is counted as a load', async () => {
    const { mime, f } = other()
    mime.load(await dumped(n => n * 2, {}, [1], [2]))
    assert.deepEqual([f(1), f(2), f.stats().loads, f.stats().hits], [2, 4, 0, 2])
  })

  test('comes from every function that has a name, one of many keys and one with a store among them', async () => {
    const wrap = (mime, calls) => ({
      double: mime(function double(n) { calls.push(n); return n * 2 }, { version: '1' }), // biome-ignore format: one line
      many: mime.batch(async ids => ids.map(id => calls.push(id)), { name: 'many', version: '1' }),
      stored: mime(n => calls.push(n), { name: 'stored', store: memoryStore(), version: '2' }),
    })
    const server = createMime()
    const { double, many, stored } = wrap(server, [])
    const found = [double(4), await many(5), stored(6)]
    const dump = server.dump()
    assert.deepEqual([dump.functions, dump.entries], [3, 3])
    const [browser, calls] = [createMime(), []]
    const there = wrap(browser, calls)
    browser.load(dump)
    const [twice, one, kept] = [there.double, there.many, there.stored]
    assert.deepEqual([twice(4), await one(5), kept(6), calls], [...found, []])
  })

  test('is invalidated by its tags, also while it waits', async () => {
    const tags = ([id]) => [`user:${id}`]
    const dump = await dumped(id => id, { tags }, [1], [2])
    const { mime, f } = other({ tags })
    mime.load(dump)
    assert.equal(mime.invalidateTags('user:1'), 1)
    assert.deepEqual([f(1), f(2)], [CALLED, 2])
    const later = createMime()
    later.load(dump)
    assert.equal(later.invalidateTags('user:1'), 1)
    const g = later(() => CALLED, { ...OPTIONS, tags })
    assert.deepEqual([g(1), g(2)], [CALLED, 2])
  })

  test('is frozen or copied as the options here say', async () => {
    const dump = await dumped(() => ({ a: [1] }), {}, [])
    const frozen = other({ freeze: true })
    frozen.mime.load(dump)
    assert.ok(Object.isFrozen(frozen.call().a))
    const copied = other({ clone: true })
    copied.mime.load(dump)
    assert.notEqual(copied.call(), copied.call())
    assert.deepEqual(copied.call(), { a: [1] })
  })

  test('counts against the bounds here', async () => {
    const { mime, f } = other({ maxEntries: 2 })
    mime.load(await dumped(n => n, {}, [1], [2], [3]))
    assert.equal(f.stats().entries, 2)
    const none = other({ maxEntries: 0 })
    assert.deepEqual(none.mime.load(await dumped(n => n, {}, [1])), { ...NOTHING, refused: 1 })
    const nothing = other({ ttl: 0 })
    assert.deepEqual(nothing.mime.load(await dumped(n => n, {}, [1])), { ...NOTHING, refused: 1 })
  })
})

describe('the text', () => {
  test('stands in HTML, in a script and in JSON as it is', async () => {
    const dump = await dumped(x => x, {}, ['</script><!-- \u2028"\'`${'])
    assert.match(dump.text, /^[\w+/]+={0,2}$/)
    assert.deepEqual([`${dump}`, JSON.stringify(dump)], [dump.text, JSON.stringify(dump.text)])
    for (const form of [
      dump,
      dump.text,
      JSON.parse(JSON.stringify(dump)),
      structuredClone({ ...dump }),
      `\n ${dump}\n`,
    ]) {
      const { mime, f } = other()
      assert.equal(mime.load(form).entries, 1)
      assert.equal(f('</script><!-- \u2028"\'`${'), '</script><!-- \u2028"\'`${')
    }
  })

  test('has the value that is being loaded anew, and none that is loaded for the first time', async () => {
    const mime = createMime()
    let n = 0
    let settle = () => {}
    const f = mime(() => (n++ === 0 ? 'old' : new Promise(resolve => (settle = resolve))), OPTIONS)
    f(1)
    const [refreshed, first] = [f.refresh(1), f(2)]
    const dump = mime.dump()
    settle('new')
    assert.equal(dump.entries, 1)
    const { mime: there, call } = other()
    there.load(dump)
    assert.equal(call(1), 'old')
    void [refreshed, first]
  })

  test('of nothing loads as nothing', () => {
    const dump = createMime().dump()
    assert.deepEqual([dump.functions, dump.entries], [0, 0])
    assert.deepEqual(createMime().load(dump), NOTHING)
  })

  test('may be large', async () => {
    const mime = createMime()
    const f = mime(n => ({ n, text: 'é'.repeat(100) }), OPTIONS)
    for (let n = 0; n < 5000; n++) f(n)
    const there = other()
    assert.equal(there.mime.load(mime.dump()).entries, 5000)
    assert.deepEqual(there.call(4999), { n: 4999, text: 'é'.repeat(100) })
  })
})

describe('time', () => {
  /** The wall clock, as both sides have it. @param {{ after(done: () => void): void }} t */
  function wall(t) {
    const time = { epoch: 1e12 }
    const { mock: mocked } = mock.method(Date, 'now', () => time.epoch)
    t.after(() => mocked.restore())
    return time
  }

  test('what is left of a ttl goes on, with the time on the way', async t => {
    const time = wall(t)
    const [here, there] = [manual(), manual()]
    const mime = createMime({ clock: here, ttl: '60s' })
    mime(n => n, OPTIONS)(1)
    here.time += 20_000
    const dump = mime.dump()
    time.epoch += 10_000
    const { mime: browser, f } = other({ clock: there, ttl: '60s' })
    browser.load(dump)
    assert.match(f.explain(1).text, /stored 30 s ago, good for another 30 s/)
    there.time += 29_999
    assert.equal(f(1), 1)
    there.time += 1
    assert.equal(f(1), CALLED)
  })

  test('a clock that is behind gives no more than there was, one that is ahead nothing', async t => {
    const time = wall(t)
    const [here, clock] = [manual(), manual()]
    const mime = createMime({ clock: here, ttl: '60s' })
    mime(n => n, OPTIONS)(1)
    here.time += 20_000
    const dump = mime.dump()
    time.epoch -= 3_600_000
    const behind = other({ clock, ttl: '60s' })
    behind.mime.load(dump)
    clock.time += 39_999
    assert.equal(behind.call(1), 1)
    clock.time += 1
    assert.equal(behind.call(1), CALLED)
    time.epoch += 7_200_000
    assert.deepEqual(other().mime.load(dump), { ...NOTHING, expired: 1 })
  })

  test('nothing lives longer than the ttl here, and what has an end has it here too', async () => {
    const clock = manual()
    const endless = await dumped(n => n, {}, [1])
    const short = other({ clock, ttl: '10s' })
    short.mime.load(endless)
    clock.time += 10_000
    assert.equal(short.call(1), CALLED)
    const ending = await dumped(n => n, { ttl: '10s' }, [1])
    const long = other({ clock })
    long.mime.load(ending)
    assert.equal(long.call(1), 1)
    clock.time += 10_000
    assert.equal(long.call(1), CALLED)
  })

  test('what has expired stays at home; what may still serve goes along, as stale', async () => {
    const [here, there] = [manual(), manual()]
    const mime = createMime({ clock: here, ttl: '10s' })
    const plain = mime(n => n, { name: 'plain', version: '1' })
    const stale = mime(n => n, { ...OPTIONS, staleWhileRevalidate: '60s' })
    plain(1)
    stale(1)
    here.time += 15_000
    const dump = mime.dump()
    assert.equal(dump.entries, 1)
    const options = { clock: there, ttl: '10s', staleWhileRevalidate: '60s' }
    const { mime: browser, f } = other(options)
    assert.equal(browser.load(dump).entries, 1)
    assert.deepEqual([f(1), f.stats().stale], [1, 1])
    const strict = other({ clock: manual(), ttl: '10s' })
    assert.deepEqual(strict.mime.load(dump), { ...NOTHING, expired: 1 })
  })

  test('a function that was not called since is dumped without what is over', () => {
    const clock = manual()
    const mime = createMime({ clock, ttl: '10s' })
    mime(n => n, OPTIONS)(1)
    clock.time += 10_000
    assert.equal(mime.dump().entries, 0)
  })
})

test('a function that is wrapped later has its entries from the start, once', async () => {
  const mime = createMime()
  assert.deepEqual(mime.load(await dumped(n => n, {}, [1], [2])), { ...NOTHING, waiting: 2 })
  const unrelated = mime(() => CALLED, { name: 'g', version: '1' })
  const f = mime(() => CALLED, OPTIONS)
  const second = mime(() => CALLED, OPTIONS)
  assert.deepEqual([unrelated(1), f(1), f(2), second(1)], [CALLED, 1, 2, CALLED])
})

test('no more than 10,000 entries wait: the newest', () => {
  const mime = createMime()
  const dumpOf = (name, from, count) => {
    const server = createMime()
    const f = server(n => n, { name, version: '1', maxEntries: 20_000 })
    for (let n = from; n < from + count; n++) f(n)
    return server.dump()
  }
  mime.load(dumpOf('old', 0, 100))
  mime.load(dumpOf('f', 0, 3000))
  mime.load(dumpOf('f', 3000, 8000))
  const held = name => mime(() => CALLED, { name, version: '1', maxEntries: 20_000 }).stats().entries
  assert.deepEqual([held('old'), held('f')], [0, 10_000])
})
