import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mime } from '../../js/entry/inline.js'
import { clocked, counted, counter, deferred, settled } from '../calls/wrapped.mjs'

/** What micro-memoize 5 promises and checks in its own tests, and where it and the others part with the contract: see peers-behaviours. */

describe('micro-memoize: keys', () => {
  test('a thousand calls, one run, one result', () => {
    const fn = counted((one, two) => ({ one, two }))
    const f = mime(fn)
    const results = new Set(Array.from({ length: 1000 }, () => f('one', 'two')))
    assert.equal(fn.calls, 1)
    assert.deepEqual([...results], [{ one: 'one', two: 'two' }])
  })

  test('calls of different lengths are different calls', () => {
    const fn = counted((one, two) => ({ one, two }))
    const f = mime(fn)
    for (const args of [['one', 'two'], ['one'], ['one', 'two'], ['one', undefined]]) {
      assert.deepEqual(f(...args), { one: args[0], two: args[1] })
    }
    assert.equal(fn.calls, 3)
  })

  test('arguments equal in depth are equal', () => {
    const fn = counted((one, two) => ({ one, two }))
    const f = mime(fn)
    const args = () => [{ deep: { value: 1 } }, { other: { deep: [1] } }]
    assert.equal(f(...args()), f(...args()))
    assert.equal(fn.calls, 1)
  })

  test('transformKey: an argument may be left out', () => {
    const fn = counted((text, done) => [text, done])
    const f = mime(fn, { key: text => text })
    const first = () => {}
    assert.deepEqual(f('one', () => {}) === f('one', first), true)
    assert.equal(fn.calls, 1)
  })

  test('maxArgs: so many of the first arguments', () => {
    for (let most = 0; most <= 4; most++) {
      const fn = counted((...args) => args.length)
      const f = mime(fn, { key: (...args) => args.slice(0, most) })
      const all = ['a', 'b', 'c', 'd', 'e']
      assert.equal(f(...all), 5)
      assert.equal(f(...all.slice(0, most)), 5)
      assert.equal(fn.calls, 1)
    }
  })

  test('a recursive function finds itself in its cache', () => {
    const fn = counted(tree => tree.children.reduce((sum, child) => sum + total(child), tree.value))
    const total = mime(fn)
    const leaf = value => ({ value, children: [] })
    const tree = () => ({ value: 1, children: [leaf(2), leaf(3), leaf(2)] })
    assert.deepEqual([total(tree()), total(tree())], [8, 8])
    assert.equal(fn.calls, 3)
  })

  test('what is no function is refused', () => {
    assert.throws(() => mime(/** @type {any} */ (123), '1m'), TypeError)
  })
})

describe('micro-memoize: the cache', () => {
  test('maxSize: so many entries, and no more', () => {
    const fn = counted(x => x)
    const f = mime(fn, { maxEntries: 3 })
    for (const x of ['a', 'b', 'c', 'a', 'b', 'c']) assert.equal(f(x), x)
    assert.equal(fn.calls, 3)
    f('d')
    assert.equal(f.stats().entries, 3)
    assert.deepEqual(['a', 'b', 'c', 'd'].map(x => f.has(x)).filter(Boolean).length, 3)
  })

  test('has, peek, set and invalidate reach the entry of a call', () => {
    const fn = counted((one, two) => one + two)
    const f = mime(fn)
    assert.deepEqual([f.has('foo', 'bar'), f.peek('foo', 'bar')], [false, undefined])
    f.set(['foo', 'bar'], 'set')
    assert.deepEqual([f.has('foo', 'bar'), f.peek('foo', 'bar'), f('foo', 'bar')], [true, 'set', 'set'])
    f.set(['foo', 'bar'], 'set again')
    assert.equal(f('foo', 'bar'), 'set again')
    assert.equal(fn.calls, 0)
    assert.deepEqual([f.invalidate('bar', 'foo'), f.invalidate('foo', 'bar')], [false, true])
    assert.equal(f.invalidate('foo', 'bar'), false)
    assert.equal(f('foo', 'bar'), 'foobar')
  })

  test('clearing what is empty does nothing', () => {
    const f = mime(x => x)
    f.clear()
    assert.equal(f(1), 1)
  })

  test('async: a rejection takes its entry away and reaches the caller', async () => {
    const error = new Error('boom')
    const f = mime(async () => {
      await settled(1)
      throw error
    })
    const call = f('foo')
    assert.equal(f.stats().pending, 1)
    await assert.rejects(call, caught => caught === error)
    const { entries, pending } = f.stats()
    assert.deepEqual({ entries, pending }, { entries: 0, pending: 0 })
  })

  test('async: an entry that was deleted while it loaded does not come back', async () => {
    const f = mime(async () => settled(1))
    const call = f()
    f.invalidate()
    await call
    assert.equal(f.has(), false)
  })

  test('a function that returns no promise is remembered as it is', () => {
    const f = mime((one, two) => [one, two])
    assert.deepEqual(f('foo', 'bar'), ['foo', 'bar'])
  })

  test('expires: gone when the time is up, and said so by has', () => {
    const { clock, mime } = clocked()
    const f = mime(x => x, { ttl: '100ms' })
    f('foo')
    assert.equal(f.has('foo'), true)
    clock.time = 150
    assert.equal(f.has('foo'), false)
  })

  test('expires for some: a ttl by key and value, and some that persist', () => {
    const { clock, mime } = clocked()
    const f = mime(x => x, { ttl: value => (value === 'stays' ? Infinity : '100ms') })
    for (const x of ['stays', 'goes']) f(x)
    clock.time = 1e9
    assert.deepEqual([f.has('stays'), f.has('goes')], [true, false])
  })

  test('expires with async: the time counts from when the promise resolves', async () => {
    const { clock, mime } = clocked()
    const { promise, resolve } = deferred()
    const f = mime(async () => promise, '1s')
    const call = f()
    clock.time = 5000
    resolve('foo')
    await call
    clock.time = 5999
    assert.equal(f.has(), true)
    clock.time = 6000
    assert.equal(f.has(), false)
  })

  test('forceUpdate: refresh runs the function though the value is there, and what it gives is the entry', () => {
    const f = mime(counter())
    assert.deepEqual([f(), f()], [0, 0])
    assert.equal(f.refresh(), 1)
    assert.deepEqual([f(), f()], [1, 1])
  })

  test('events: a hit, a miss, and an entry that goes', () => {
    const f = mime(x => x)
    const heard = []
    for (const type of ['hit', 'miss', 'remove']) f.on(type, event => heard.push(event.type))
    f(1)
    f(1)
    f.invalidate(1)
    assert.deepEqual(heard, ['miss', 'hit', 'remove'])
  })

  test('a listener that was taken off hears nothing', () => {
    const f = mime(x => x)
    const heard = []
    const off = f.on('miss', () => heard.push('miss'))
    f(1)
    off()
    f(2)
    assert.deepEqual(heard, ['miss'])
  })
})

describe('where they and the contract part', () => {
  test('f() is not f(undefined), and every argument counts', () => {
    const f = mime(counter())
    assert.deepEqual([f(), f(undefined), f(undefined, 1), f(undefined, 2)], [0, 1, 2, 3])
  })

  test('a ttl of more than 2³¹ ms is a ttl', () => {
    const { clock, mime } = clocked()
    const f = mime(counter(), '30d')
    for (clock.time of [0, 29 * 86_400_000]) assert.equal(f(), 0)
    clock.time = 30 * 86_400_000
    assert.equal(f(), 1)
  })

  test('hits do not prolong a life', () => {
    const { clock, mime } = clocked()
    const f = mime(counter(), '100ms')
    for (clock.time of [0, 70, 99]) assert.equal(f(), 0)
    clock.time = 100
    assert.equal(f(), 1)
  })

  test('peek is no use of an entry, and set takes no promise', () => {
    const f = mime(async x => x)
    f.set([1], 1)
    f.peek(1)
    assert.equal(f.stats().hits, 0)
    assert.throws(() => f.set([1], Promise.resolve(1)), TypeError)
  })

  test('wrapping what is wrapped: the same with the same options, an error with others', () => {
    const f = mime(x => x, { maxEntries: 5 })
    assert.equal(mime(f, { maxEntries: 5 }), f)
    assert.throws(() => mime(f, { ttl: '1s' }), { code: 'ERR_ALREADY_WRAPPED' })
  })
})
