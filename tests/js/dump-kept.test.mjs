import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { manual } from '../calls/wrapped.mjs'
import { CALLED, dumped, NOTHING, OPTIONS, other } from '../dump/kit.mjs'

/** What a dump leaves out, and what the other side has already. */

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
    for (const options of [{ filter: 1 }, 5, () => true]) {
      assert.throws(() => mime.dump(options), { code: 'ERR_INVALID_OPTION' })
    }
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
