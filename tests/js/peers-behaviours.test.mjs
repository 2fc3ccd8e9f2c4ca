import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mime } from '../../js/entry/inline.js'
import { clocked, counted, counter, deferred, settled } from '../calls/wrapped.mjs'

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
    const { promise, resolve } = deferred()
    const fn = counted(async () => promise)
    const f = mime(fn)
    const calls = [f(), f()]
    await settled(1)
    calls.push(f())
    assert.equal(fn.calls, 1)
    resolve(true)
    assert.deepEqual(await Promise.all(calls), [true, true, true])
    assert.equal(await f(), true)
    assert.equal(fn.calls, 1)
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
    const fn = counted(async list => list)
    const f = mime(fn, { ttl: found => (found.length > 0 ? null : 0) })
    for (const list of [[], [], [1], [1]]) await f(list)
    assert.equal(fn.calls, 3)
  })

  test('what such a callback throws reaches a listener, not the caller', async () => {
    const heard = []
    const error = new Error('in the callback')
    const fn = counted(async x => x)
    const f = mime(fn, {
      ttl() {
        throw error
      },
      onEvent: event => event.type === 'error' && heard.push(event.error),
    })
    assert.deepEqual([await f(1), await f(1)], [1, 1])
    assert.equal(fn.calls, 2)
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
    const fn = counted(x => x)
    const f = mime(fn, (_, [x]) => x)
    for (const x of [0, -1]) {
      fn.calls = 0
      assert.deepEqual([f(x), f(x)], [x, x])
      assert.equal(fn.calls, 2)
    }
    fn.calls = 0
    for (clock.time of [0, 1e12]) f(Infinity)
    assert.equal(fn.calls, 1)
    for (clock.time of [0, 999, 1000]) f(1)
    assert.equal(fn.calls, 3)
  })

  test('a negative maxAge is refused when wrapping', () => {
    assert.throws(() => mime(x => x, -1), RangeError)
  })

  test('memoizeIsCached: has() asks without a run, with the same key, until the end', () => {
    const { clock, mime } = clocked()
    const fn = counted((a, b) => a + b)
    const f = mime(fn, { ttl: '1s', key: (a, b) => [a, b].sort() })
    assert.equal(f.has(1, 2), false)
    f(1, 2)
    assert.deepEqual([f.has(1, 2), f.has(2, 1), f.has(3, 4)], [true, true, false])
    clock.time = 1000
    assert.equal(f.has(1, 2), false)
    assert.equal(fn.calls, 1)
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
