import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { encode } from '../../js/codec.js'
import { createMime, hash, memoryStore } from '../../js/entry/inline.js'
import { manual } from '../calls/wrapped.mjs'

/** Memory that goes from one process to another: `mime.dump()` and `mime.load()`. */

const OPTIONS = { name: 'f', version: '1' }
const NOTHING = { entries: 0, waiting: 0, present: 0, expired: 0, refused: 0 }
const CALLED = Symbol('called')
/** As the other side has it: its code must not run. @param {object} [options] */
const other = options => {
  const mime = createMime()
  const f = mime(() => CALLED, { ...OPTIONS, ...options })
  return { mime, f, call: (...args) => f(...args) }
}
/** A dump of one function, which was called with each of these. @param {(...args: any[]) => unknown} fn @param {object} options @param {any[][]} calls */
async function dumped(fn, options, ...calls) {
  const mime = createMime()
  const f = mime(fn, { ...OPTIONS, ...options })
  for (const args of calls) await f(...args)
  return mime.dump()
}

/** Text that `load` takes for a dump of its version, whatever is in it. @param {unknown} content */
function forged(content, version = 1, damage = 0) {
  const payload = encode(content)
  const sum = Buffer.from(hash(payload).slice(0, 32), 'hex')
  sum[0] ^= damage
  return Buffer.concat([Buffer.from('MIMX'), Buffer.of(version), sum, payload]).toString('base64')
}
const hex = digits => new Uint8Array(Buffer.from(digits, 'hex'))
/** A call with the number 1. */
const KEY = hex('20000000010000000500000001000000')
const VALUE = encode('forged')

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

describe('what stays at home, and is counted', () => {
  const leftOut = { identity: 0, value: 0, ambiguous: 0, unnamed: 0, filter: 0 }

  test('keys that go by identity', async () => {
    const long = 'x'.repeat(40_000)
    const object = { f: createMime()(x => x, OPTIONS) }
    const mime = createMime()
    const f = mime(x => x, OPTIONS)
    for (const arg of [() => {}, new (class {})(), Symbol('s'), [{ deep: Symbol('s') }], [long, class {}]])
      f(arg)
    f.call(object, 1)
    f(Symbol.for('s'))
    f(long)
    const dump = mime.dump()
    assert.deepEqual([dump.entries, dump.leftOut], [2, { ...leftOut, identity: 6 }])
    const there = other()
    there.mime.load(dump)
    assert.deepEqual([there.call(Symbol.for('s')), there.call(long)], [Symbol.for('s'), long])
  })

  test('values that cannot be written; a Response stays whole', async () => {
    const mime = createMime()
    const f = mime(async x => (x === 1 ? () => {} : x === 2 ? new Response('body') : x), OPTIONS)
    await Promise.all([f(1), f(2).then(response => response.text()), f(3)])
    const dump = mime.dump()
    assert.deepEqual([dump.entries, dump.leftOut], [1, { ...leftOut, value: 2 }])
    assert.equal(await (await f(2)).text(), 'body')
  })

  test('functions without a name, and those of one name and version', () => {
    const mime = createMime()
    mime(
      (
        () => n =>
          n
      )(),
    )(1)
    const make = by => mime(function add(n) { return n + by }) // biome-ignore format: one line
    make(1)(1)
    make(2)(1)
    make(3)(1)
    const dump = mime.dump()
    assert.deepEqual([dump.entries, dump.leftOut], [0, { ...leftOut, ambiguous: 3, unnamed: 1 }])
  })

  test('what a filter says; it hears everything about an entry, and changes nothing', () => {
    const mime = createMime()
    const f = mime((id, { team }) => `${id}${team}`, { ...OPTIONS, tags: ([id]) => [`user:${id}`] })
    f(1, { team: 'a' })
    f(2, { team: 'b' })
    const heard = []
    const dump = mime.dump({ filter: entry => heard.push(entry) && entry.tags.includes('user:2') })
    assert.deepEqual(heard[0], { name: 'f', args: [1, { team: 'a' }], value: '1a', tags: ['user:1'] })
    assert.deepEqual([dump.entries, dump.leftOut], [1, { ...leftOut, filter: 1 }])
    assert.equal(f.stats().hits, 0)
    const thrown = new Error('no')
    assert.throws(() => mime.dump({ filter() { throw thrown } }), error => error === thrown) // biome-ignore format: one line
    assert.throws(() => mime.dump({ filter: 1 }), { code: 'ERR_INVALID_OPTION' })
    assert.throws(() => mime.dump({ filer() {} }), { code: 'ERR_UNKNOWN_OPTION' })
  })

  test('of another name or version, whoever asks', async () => {
    const dump = await dumped(n => n, {}, [1])
    const mime = createMime()
    const [version, name] = [
      { ...OPTIONS, version: '2' },
      { ...OPTIONS, name: 'g' },
    ].map(o => mime(() => CALLED, o))
    assert.deepEqual(mime.load(dump), { ...NOTHING, waiting: 1 })
    assert.deepEqual([version(1), name(1)], [CALLED, CALLED])
    const source = createMime()
    source(function same(n) { return n })(1) // biome-ignore format: one line
    const changed = createMime()
    changed.load(source.dump())
    assert.equal(changed(function same(n) { return n + 1 })(1), 2) // biome-ignore format: one line
    const again = createMime()
    again.load(source.dump())
    const same = again(function same(n) { return n }) // biome-ignore format: one line
    assert.deepEqual([same(1), same.stats().hits], [1, 1])
  })
})

describe('what is there', () => {
  test('stays: an entry, and a load that runs', async () => {
    const dump = await dumped(() => 'dumped', {}, [1], [2], [3])
    const mime = createMime()
    let settle
    const f = mime(n => (n === 2 ? new Promise(resolve => (settle = resolve)) : `own ${n}`), OPTIONS)
    f(1)
    const running = f(2)
    assert.deepEqual(mime.load(dump), { ...NOTHING, entries: 1, present: 2 })
    settle('own 2')
    assert.deepEqual([f(1), await running, await f(2), f(3)], ['own 1', 'own 2', 'own 2', 'dumped'])
  })

  test('gives way when it has expired, and is stale at most', async () => {
    const dump = await dumped(() => 'dumped', { ttl: '60s' }, [1])
    const clock = manual()
    const mime = createMime({ clock, ttl: '10s', staleWhileRevalidate: '60s' })
    const f = mime(() => 'own', OPTIONS)
    f(1)
    clock.time += 15_000
    assert.deepEqual(mime.load(dump), { ...NOTHING, entries: 1 })
    assert.equal(f(1), 'dumped')
  })

  test('of two dumps on one key, the first that a function has; of those that wait, the last', async () => {
    const [old, young] = [await dumped(() => 'old', {}, [1]), await dumped(() => 'young', {}, [1])]
    const wrapped = other()
    wrapped.mime.load(old)
    wrapped.mime.load(young)
    assert.equal(wrapped.call(1), 'old')
    const mime = createMime()
    mime.load(old)
    mime.load(young)
    assert.equal(mime(() => CALLED, OPTIONS)(1), 'young')
  })

  test('is not asked by who takes an argument apart: two functions of one name get nothing', async () => {
    const dump = await dumped(n => n, {}, [1])
    const mime = createMime()
    const both = [0, 1].map(() => mime(() => CALLED, OPTIONS))
    assert.deepEqual(mime.load(dump), { ...NOTHING, refused: 1 })
    assert.deepEqual(
      both.map(f => f(1)),
      [CALLED, CALLED],
    )
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

describe('what is no dump', () => {
  /** @param {unknown} dump @param {string} code */
  function refused(dump, code) {
    const { mime, f } = other()
    assert.throws(() => mime.load(dump), { code }, JSON.stringify(dump)?.slice(0, 100))
    assert.deepEqual([f.stats().entries, f(1)], [0, CALLED])
    assert.equal(mime(() => CALLED, { name: 'later', version: '1' })(1), CALLED)
  }

  test('is an error with a code, and changes nothing', async () => {
    for (const dump of [undefined, null, 1, {}, [], Buffer.from('x')]) refused(dump, 'ERR_INVALID_ARGUMENT')
    for (const dump of ['', 'x', '!', '</script>', 'TUlNWA==', 'é']) refused(dump, 'ERR_DUMP_CORRUPT')
    refused(forged([0, []], 2), 'ERR_DUMP_VERSION')
    refused(forged([0, []], 1, 1), 'ERR_DUMP_CORRUPT')
  })

  test('nor does one that was cut off, or changed in one place', async () => {
    const { text } = await dumped(n => `value ${n}`, {}, [1], [2])
    const padding = /=*$/.exec(text)[0].length
    for (let length = 0; length < text.length - padding; length++)
      refused(text.slice(0, length), 'ERR_DUMP_CORRUPT')
    const bytes = Buffer.from(text, 'base64')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] ^= 0x10
      refused(changed.toString('base64'), at === 4 ? 'ERR_DUMP_VERSION' : 'ERR_DUMP_CORRUPT')
    }
  })

  test('nor does one that was made to look right', () => {
    const row = [KEY, Date.now(), Infinity, VALUE]
    const good = other()
    good.mime.load(forged([Date.now(), [['f\x001', [row]]]]))
    assert.equal(good.call(1), 'forged', 'the forger knows how')
    const wrong = part => [row.slice(0, part), row.slice(part + 1)]
    const replaced = (part, value) => [...wrong(part)[0], value, ...wrong(part)[1]]
    const identity = hex('20000000010000000c00000000000000000000000000f03f')
    const sparse = []
    sparse.length = 2 ** 32 - 1
    const rows = [
      ...[identity, KEY.slice(0, 12), new Uint8Array(0), hex('ff'.repeat(16)), 'key'].map(key =>
        replaced(0, key),
      ),
      ...[NaN, Infinity, '1', undefined].map(storedAt => replaced(1, storedAt)),
      ...[NaN, '1', null].map(until => replaced(2, until)),
      ...[new Uint8Array(0), hex('02'), hex('41'), VALUE.slice(0, -1), 'value'].map(value =>
        replaced(3, value),
      ),
      [],
      [...row, 1],
      null,
      sparse,
    ]
    const good1 = ['later\x001', [row]]
    const contents = [
      ...rows.map(bad => [Date.now(), [good1, ['f\x001', [row, bad]]]]),
      [Date.now(), [good1, ['f\x001', sparse]]],
      [Date.now(), sparse],
      [Date.now(), [good1, [1, [row]]]],
      [Date.now(), [good1, sparse]],
      [NaN, [good1]],
      sparse,
      null,
      'text',
    ]
    for (const content of contents) refused(forged(content), 'ERR_DUMP_CORRUPT')
  })

  test('tags that are none, and a list of them that says it is long', () => {
    const tagged = tags => {
      const [names, value] = [encode(tags), encode(1)]
      const bytes = new Uint8Array(5 + names.length + value.length)
      bytes[0] = 0x41
      new DataView(bytes.buffer).setUint32(1, names.length, true)
      bytes.set(names, 5)
      bytes.set(value, 5 + names.length)
      return forged([Date.now(), [['f\x001', [[KEY, Date.now(), Infinity, bytes]]]]])
    }
    const sparse = []
    sparse.length = 2 ** 32 - 1
    for (const tags of [[''], [1], 'x', sparse, null]) refused(tagged(tags), 'ERR_DUMP_CORRUPT')
  })
})

test('a callback that throws leaves its entry out, and is an event', async () => {
  const dump = await dumped(n => n, {}, [1], [2])
  const mime = createMime()
  const said = []
  const sizeOf = value => {
    if (value === 1) throw new Error('no size')
    return 1
  }
  const f = mime(() => CALLED, {
    ...OPTIONS,
    sizeOf,
    onEvent: event => event.type === 'error' && said.push(event.error.message),
  })
  assert.deepEqual(mime.load(dump), { ...NOTHING, entries: 1, refused: 1 })
  assert.deepEqual([f(2), said], [2, ['no size']])
})
