import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, mime } from '../../js/entry/inline.js'

/**
 * What p-memoize 8, memoize 10 and micro-memoize 5 promise in their readmes and check in their own tests, said again for this package, where
 * its contract agrees. Where it does not:
 *
 * - p-memoize and memoize look at the first argument only, and take `f()` for `f(undefined)`: here all arguments count, and how many there are.
 * - Objects are keyed by what they are there, unless a `cacheKey` says otherwise; here plain ones by content. So their `WeakMap` cache has no
 *   counterpart: what goes by identity is held weakly anyway.
 * - memoize remembers a rejected promise, and refuses a maxAge of more than 2³¹ ms; here no failure is kept and any ttl works. What its
 *   maxAge is asked before the call, the ttl here is asked after it, so that it may depend on the value.
 * - An error in p-memoize's `shouldCache` reaches the caller; here an option's callback never does: it is an event and nothing is kept.
 * - micro-memoize keeps one entry by default and evicts in strict order of use; here the bound is 10,000 and the order its own.
 * - Its `expires: Infinity` is an error, `expires.update` makes hits prolong a life, `shouldRemove` may put an end off: here Infinity is "for
 *   ever", a deadline is a deadline, and the ttl function decides once.
 * - Its comparators (`isKeyEqual`, `isKeyItemEqual`) need a scan of all entries; `key` is what there is instead.
 * - Its `cache.get` counts as a use and `cache.set` takes promises; here `peek` counts nothing and `set` takes the result.
 * - Wrapping a wrapped function merges its options there; here other options are an error, because the caches would be two.
 * - `pMemoizeClear`, `memoizeClear` and `memoizeIsCached` are methods here, so they cannot meet a function without a cache.
 * - `memoized.fn`, `.options`, `.isMemoized` and snapshots of the entries are not part of the contract.
 */

function spy(fn) {
  function spied(...args) {
    spied.runs++
    return fn.apply(this, args)
  }
  spied.runs = 0
  return spied
}

/** Returns 0, 1, 2, … however it is called. */
const counter = () => {
  let next = 0
  return () => next++
}

const clocked = () => {
  const clock = { time: 0, now: () => clock.time }
  return { clock, mime: createMime({ clock }) }
}

const tick = () => new Promise(resolve => setImmediate(resolve))

describe('p-memoize and memoize: which calls are one', () => {
  const distinct = [['foo'], ['foo', 'bar'], [1], [null], [counter], [true], [undefined], []]

  test('each kind of argument has an entry of its own, whose value stays', async () => {
    const sync = mime(counter())
    const next = counter()
    const async = mime(async () => next())
    for (const [index, args] of distinct.entries()) {
      for (let i = 0; i < 3; i++) {
        assert.equal(sync(...args), index)
        assert.equal(await async(...args), index)
      }
    }
  })

  test('functions count by reference, not by their text', () => {
    const f = mime(counter())
    const twins = [() => 1, () => 1]
    assert.deepEqual([f(twins[0]), f(twins[1]), f(twins[0])], [0, 1, 0])
  })

  test('symbols count by identity, whatever they are called', () => {
    const f = mime(counter())
    const [one, two] = [Symbol('same'), Symbol('same')]
    assert.deepEqual([f(one), f(two), f(one), f(two)], [0, 1, 0, 1])
  })

  test('several objects count by content, and so does how many there are', () => {
    const f = mime(counter())
    const calls = [[], [{ foo: true }, { bar: false }], [{ foo: true }, { bar: false }, { baz: true }]]
    for (const [index, args] of calls.entries()) {
      assert.equal(f(...structuredClone(args)), index)
      assert.equal(f(...structuredClone(args)), index)
    }
  })

  test('regular expressions count by source and flags', () => {
    const f = mime(counter())
    assert.deepEqual([f(/one/), f(/two/), f(/one/), f(/one/i)], [0, 1, 0, 2])
  })

  test('cacheKey: what the key says is one call is one call', () => {
    const f = mime(counter(), { key: first => String(first) })
    assert.deepEqual([f(1), f('1'), f('2'), f(2), f(1, 'more')], [0, 0, 1, 1, 0])
  })

  test('a method on a prototype keeps its this; instances are apart', async () => {
    class Unicorn {
      index = 0
      async next() {
        return this.index++
      }
    }
    Unicorn.prototype.next = mime(Unicorn.prototype.next)
    const [one, two] = [new Unicorn(), new Unicorn()]
    assert.deepEqual([await one.next(), await one.next(), await two.next()], [0, 0, 0])
    assert.deepEqual([one.index, two.index], [1, 1])
  })

  test('the name of the function stays', () => {
    assert.equal(mime(function foo() {}).name, 'foo')
    assert.equal(mime(async function bar() {}).name, 'bar')
  })
})

describe('p-memoize: promises', () => {
  test('callers share a load from the moment of the first call, and the value afterwards', async () => {
    const { promise, resolve } = withResolvers()
    const fn = spy(async () => promise)
    const f = mime(fn)
    const calls = [f(), f()]
    await tick()
    calls.push(f())
    assert.equal(fn.runs, 1)
    resolve(true)
    assert.deepEqual(await Promise.all(calls), [true, true, true])
    assert.equal(await f(), true)
    assert.equal(fn.runs, 1)
  })

  test('what has been deleted is loaded again', async () => {
    const next = counter()
    const f = mime(async () => next())
    assert.deepEqual([await f({}), await f({})], [0, 0])
    f.invalidate({})
    assert.deepEqual([await f({}), await f({})], [1, 1])
  })

  test('cache: false: nothing is kept, calls at the same time still share', async () => {
    const next = counter()
    const f = mime(async () => next(), { ttl: 0 })
    assert.deepEqual([await f(), await f(), await f()], [0, 1, 2])
    assert.deepEqual(await Promise.all([f(), f()]), [3, 3])
  })

  test('a rejection is not kept; one that is returned as a value is', async () => {
    const next = counter()
    const failing = async () => Promise.reject(new Error(`failed ${next()}`))
    const f = mime(failing)
    await assert.rejects(f(), /failed 0/)
    await assert.rejects(f(), /failed 1/)
    const reflected = mime(async () => (await Promise.allSettled([failing()]))[0])
    assert.equal(await reflected(), await reflected())
  })

  test('shouldCache: a ttl of 0 by the value keeps nothing', async () => {
    const fn = spy(async list => list)
    const f = mime(fn, { ttl: found => (found.length > 0 ? null : 0) })
    for (const list of [[], [], [1], [1]]) await f(list)
    assert.equal(fn.runs, 3)
  })

  test('what such a callback throws reaches a listener, not the caller', async () => {
    const heard = []
    const error = new Error('in the callback')
    const fn = spy(async x => x)
    const f = mime(fn, {
      ttl() {
        throw error
      },
      onEvent: event => event.type === 'error' && heard.push(event.error),
    })
    assert.deepEqual([await f(1), await f(1)], [1, 1])
    assert.equal(fn.runs, 2)
    assert.deepEqual(heard, [error, error])
  })
})

describe('memoize: time and upkeep', () => {
  test('maxAge: a hit before, a run afterwards', () => {
    const { clock, mime } = clocked()
    const f = mime(counter(), '100ms')
    assert.equal(f(1), 0)
    clock.time = 50
    assert.equal(f(1), 0)
    clock.time = 250
    assert.equal(f(1), 1)
  })

  test('an expired entry is gone even if the function throws then', () => {
    const { clock, mime } = clocked()
    let broken = false
    const f = mime(
      () => {
        if (broken) throw new Error('failure')
        return 1
      },
      { ttl: '100ms' },
    )
    f(1)
    broken = true
    clock.time = 50
    assert.equal(f(1), 1)
    clock.time = 250
    assert.throws(() => f(1), /failure/)
    assert.deepEqual([f.has(1), f.stats().entries], [false, 0])
  })

  test('maxAge by the arguments: 0 or less keeps nothing, Infinity keeps for ever', () => {
    const { clock, mime } = clocked()
    const fn = spy(x => x)
    const f = mime(fn, (_, [x]) => x)
    for (const x of [0, -1]) {
      fn.runs = 0
      assert.deepEqual([f(x), f(x)], [x, x])
      assert.equal(fn.runs, 2)
    }
    fn.runs = 0
    for (clock.time of [0, 1e12]) f(Infinity)
    assert.equal(fn.runs, 1)
    for (clock.time of [0, 999, 1000]) f(1)
    assert.equal(fn.runs, 3)
  })

  test('a negative maxAge is refused when wrapping', () => {
    assert.throws(() => mime(x => x, -1), RangeError)
  })

  test('memoizeIsCached: has() asks without a run, with the same key, until the end', () => {
    const { clock, mime } = clocked()
    const fn = spy((a, b) => a + b)
    const f = mime(fn, { ttl: '1s', key: (a, b) => [a, b].sort() })
    assert.equal(f.has(1, 2), false)
    f(1, 2)
    assert.deepEqual([f.has(1, 2), f.has(2, 1), f.has(3, 4)], [true, true, false])
    clock.time = 1000
    assert.equal(f.has(1, 2), false)
    assert.equal(fn.runs, 1)
  })

  test('clear: everything is run again', () => {
    const f = mime(counter())
    assert.deepEqual([f(), f(1), f()], [0, 1, 0])
    f.clear()
    assert.deepEqual([f(), f(1), f()], [2, 3, 2])
  })

  test('a function that returns promises is remembered too', async () => {
    const next = counter()
    const f = mime(async () => next())
    assert.deepEqual([await f(), await f(), await f(10)], [0, 0, 1])
  })

  test('hits and misses are counted', async () => {
    const f = mime(async x => x)
    for (let i = 0; i < 3; i++) await f('a')
    const { hits, misses } = f.stats()
    assert.deepEqual({ hits, misses }, { hits: 2, misses: 1 })
  })
})

describe('micro-memoize: keys', () => {
  test('a thousand calls, one run, one result', () => {
    const fn = spy((one, two) => ({ one, two }))
    const f = mime(fn)
    const results = new Set(Array.from({ length: 1000 }, () => f('one', 'two')))
    assert.equal(fn.runs, 1)
    assert.deepEqual([...results], [{ one: 'one', two: 'two' }])
  })

  test('calls of different lengths are different calls', () => {
    const fn = spy((one, two) => ({ one, two }))
    const f = mime(fn)
    for (const args of [['one', 'two'], ['one'], ['one', 'two'], ['one', undefined]]) {
      assert.deepEqual(f(...args), { one: args[0], two: args[1] })
    }
    assert.equal(fn.runs, 3)
  })

  test('arguments equal in depth are equal', () => {
    const fn = spy((one, two) => ({ one, two }))
    const f = mime(fn)
    const args = () => [{ deep: { value: 1 } }, { other: { deep: [1] } }]
    assert.equal(f(...args()), f(...args()))
    assert.equal(fn.runs, 1)
  })

  test('transformKey: an argument may be left out', () => {
    const fn = spy((text, done) => [text, done])
    const f = mime(fn, { key: text => text })
    const first = () => {}
    assert.deepEqual(f('one', () => {}) === f('one', first), true)
    assert.equal(fn.runs, 1)
  })

  test('maxArgs: so many of the first arguments', () => {
    for (let most = 0; most <= 4; most++) {
      const fn = spy((...args) => args.length)
      const f = mime(fn, { key: (...args) => args.slice(0, most) })
      const all = ['a', 'b', 'c', 'd', 'e']
      assert.equal(f(...all), 5)
      assert.equal(f(...all.slice(0, most)), 5)
      assert.equal(fn.runs, 1)
    }
  })

  test('a recursive function finds itself in its cache', () => {
    const fn = spy(tree => tree.children.reduce((sum, child) => sum + total(child), tree.value))
    const total = mime(fn)
    const leaf = value => ({ value, children: [] })
    const tree = () => ({ value: 1, children: [leaf(2), leaf(3), leaf(2)] })
    assert.deepEqual([total(tree()), total(tree())], [8, 8])
    assert.equal(fn.runs, 3)
  })

  test('what is no function is refused', () => {
    assert.throws(() => mime(/** @type {any} */ (123), '1m'), TypeError)
  })
})

describe('micro-memoize: the cache', () => {
  test('maxSize: so many entries, and no more', () => {
    const fn = spy(x => x)
    const f = mime(fn, { maxEntries: 3 })
    for (const x of ['a', 'b', 'c', 'a', 'b', 'c']) assert.equal(f(x), x)
    assert.equal(fn.runs, 3)
    f('d')
    assert.equal(f.stats().entries, 3)
    assert.deepEqual(['a', 'b', 'c', 'd'].map(x => f.has(x)).filter(Boolean).length, 3)
  })

  test('has, peek, set and invalidate reach the entry of a call', () => {
    const fn = spy((one, two) => one + two)
    const f = mime(fn)
    assert.deepEqual([f.has('foo', 'bar'), f.peek('foo', 'bar')], [false, undefined])
    f.set(['foo', 'bar'], 'set')
    assert.deepEqual([f.has('foo', 'bar'), f.peek('foo', 'bar'), f('foo', 'bar')], [true, 'set', 'set'])
    f.set(['foo', 'bar'], 'set again')
    assert.equal(f('foo', 'bar'), 'set again')
    assert.equal(fn.runs, 0)
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
      await tick()
      throw error
    })
    const call = f('foo')
    assert.equal(f.stats().pending, 1)
    await assert.rejects(call, caught => caught === error)
    const { entries, pending } = f.stats()
    assert.deepEqual({ entries, pending }, { entries: 0, pending: 0 })
  })

  test('async: an entry that was deleted while it loaded does not come back', async () => {
    const f = mime(async () => tick())
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
    const { promise, resolve } = withResolvers()
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

/** A promise and what settles it. */
function withResolvers() {
  const handle = {}
  handle.promise = new Promise((resolve, reject) => Object.assign(handle, { resolve, reject }))
  return handle
}
