import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { createMime, mime } from '../../js/entry/inline.js'
import { counted as spy, deferred, manual, settled } from '../calls/wrapped.mjs'

describe('sync functions', () => {
  test('a second call with equal arguments does not call the function', () => {
    const fn = spy((a, b) => a + b)
    const add = mime(fn)
    assert.equal(add(1, 2), 3)
    assert.equal(add(1, 2), 3)
    assert.equal(add(2, 1), 3)
    assert.equal(fn.calls, 2)
  })

  test('every value is remembered, the falsy ones too', () => {
    for (const value of [undefined, null, 0, '', false, NaN, -0, 0n]) {
      const fn = spy(() => value)
      const f = mime(fn)
      assert.ok(Object.is(f(), value))
      assert.ok(Object.is(f(), value))
      assert.equal(fn.calls, 1)
    }
  })

  test('memory hands back the same reference', () => {
    const f = mime(() => ({}))
    assert.equal(f(), f())
  })

  test('a throw reaches the caller as it is, is not remembered, and the very catch may call again', () => {
    const error = new Error('no')
    const fn = spy(x => {
      if (fn.calls === 1) throw error
      return x
    })
    const f = mime(fn)
    try {
      f(1)
      assert.fail('it has to throw')
    } catch (caught) {
      assert.equal(caught, error)
      assert.equal(f(1), 1)
    }
    assert.equal(f(1), 1)
    assert.equal(fn.calls, 2)
    assert.equal(f.stats().errors, 1)
    assert.equal(f.stats().pending, 0)
  })

  test('recursion through the wrapped name: fib(50) makes 51 calls', () => {
    const fn = spy(n => (n < 2 ? n : fib(n - 1) + fib(n - 2)))
    const fib = mime(fn)
    assert.equal(fib(50), 12586269025)
    assert.equal(fn.calls, 51)
  })

  test('a function that calls itself with its own key runs as it would alone', () => {
    let depth = 0
    const f = mime(x => (++depth < 5 ? f(x) + 1 : 0))
    assert.equal(f('same'), 4)
    assert.equal(f('same'), 4)
    assert.equal(depth, 5)
  })

  test('this is passed on, and counts by identity', () => {
    const fn = spy(function (x) {
      return this.base + x
    })
    const f = mime(fn)
    const one = { base: 1, f }
    const ten = { base: 10, f }
    assert.equal(one.f(1), 2)
    assert.equal(ten.f(1), 11)
    assert.equal(one.f(1), 2)
    assert.equal(fn.calls, 2)
    const f2 = mime(function () {
      return this
    })
    assert.equal(f2(), undefined)
  })

  test('the name, the length and static properties are kept', () => {
    const original = Object.assign(function add(_a, _b) {}, { version: 7, [Symbol.for('x')]: 1 })
    const add = mime(original)
    assert.equal(add.name, 'add')
    assert.equal(add.length, 2)
    assert.equal(add.version, 7)
    assert.equal(add[Symbol.for('x')], 1)
  })

  test('two functions never share entries in memory', () => {
    const make = value => mime(() => value)
    const [a, b] = [make(1), make(2)]
    assert.equal(a(5), 1)
    assert.equal(b(5), 2)
  })
})

describe('async functions', () => {
  test('concurrent calls with one key run the function once; a hit is a promise', async () => {
    const gate = deferred()
    const fn = spy(async () => gate.promise)
    const f = mime(fn)
    const calls = [f(1), f(1), f(1)]
    gate.resolve('x')
    assert.deepEqual(await Promise.all(calls), ['x', 'x', 'x'])
    const hit = f(1)
    assert.ok(hit instanceof Promise)
    assert.equal(await hit, 'x')
    assert.equal(fn.calls, 1)
    assert.equal(f.stats().coalesced, 2)
  })

  test('if the one run fails all get the same error, and nothing is remembered', async () => {
    const error = new Error('down')
    const fn = spy(async () => {
      await settled(1)
      if (fn.calls === 1) throw error
      return 'up'
    })
    const f = mime(fn)
    const results = await Promise.allSettled([f(1), f(1), f(1)])
    for (const result of results) assert.equal(result.reason, error)
    assert.equal(fn.calls, 1)
    assert.equal(await f(1), 'up')
  })

  test('calling again in the very catch runs the function again', async () => {
    const fn = spy(async () => {
      if (fn.calls === 1) throw new Error('once')
      return 'fine'
    })
    const f = mime(fn)
    assert.equal(await f().catch(() => f()), 'fine')
    assert.equal(fn.calls, 2)
  })

  test('a thenable is awaited once', async () => {
    let thens = 0
    const f = mime(() => ({
      then(resolve) {
        thens++
        resolve('value')
      },
    }))
    assert.equal(await f(), 'value')
    assert.equal(await f(), 'value')
    assert.equal(thens, 1)
  })

  test('an invalidation during a load: waiters get its value, it is not stored, the next call loads afresh', async () => {
    const gates = [deferred(), deferred()]
    const fn = spy(() => gates[fn.calls - 1].promise)
    const f = mime(fn)
    const old = f(1)
    f.invalidate(1)
    const fresh = f(1)
    assert.equal(fn.calls, 2)
    gates[1].resolve('new')
    assert.equal(await fresh, 'new')
    gates[0].resolve('old')
    assert.equal(await old, 'old')
    assert.equal(await f(1), 'new')
    assert.equal(fn.calls, 2)
  })

  test('a late rejection of an invalidated load does not remove the newer entry', async () => {
    const gates = [deferred(), deferred()]
    const fn = spy(() => gates[fn.calls - 1].promise)
    const f = mime(fn)
    const old = f(1)
    f.clear()
    const fresh = f(1)
    gates[1].resolve('new')
    await fresh
    gates[0].reject(new Error('late'))
    await assert.rejects(old, /late/)
    assert.equal(await f(1), 'new')
    assert.equal(fn.calls, 2)
  })

  test('a slot that another key took while an old load ran keeps its own value', async () => {
    const gate = deferred()
    const f = mime(async key => (key === 'slow' ? gate.promise : key))
    const slow = f('slow')
    f.invalidate('slow')
    assert.equal(await f('other'), 'other')
    gate.resolve('late')
    assert.equal(await slow, 'late')
    assert.equal(await f('other'), 'other')
    assert.equal(f.has('slow'), false)
  })

  test('capacity never fails a call: maxEntries 2 and three loads at once', async () => {
    const f = mime(async x => x, { maxEntries: 2 })
    assert.deepEqual(await Promise.all([f(1), f(2), f(3)]), [1, 2, 3])
    assert.equal(f.stats().entries, 2)
  })

  test('ttl 0 stores nothing, concurrent calls still share one load', async () => {
    const fn = spy(async x => x)
    const f = mime(fn, 0)
    await Promise.all([f(1), f(1)])
    assert.equal(fn.calls, 1)
    await f(1)
    assert.equal(fn.calls, 2)
    assert.equal(f.stats().entries, 0)
    assert.equal(f.stats().pending, 0)
  })
})

describe('verbs', () => {
  test('has and peek neither count nor call', () => {
    const fn = spy(x => x * 2)
    const f = mime(fn)
    assert.equal(f.has(2), false)
    assert.equal(f.peek(2), undefined)
    f(2)
    assert.equal(f.has(2), true)
    assert.equal(f.peek(2), 4)
    assert.equal(fn.calls, 1)
    const { hits, misses } = f.stats()
    assert.deepEqual({ hits, misses }, { hits: 0, misses: 1 })
  })

  test('set puts a result in; for an async function a hit is a promise of it', async () => {
    const fn = spy(async x => x)
    const f = mime(async x => fn(x))
    f.set([1], 'given')
    const hit = f(1)
    assert.ok(hit instanceof Promise)
    assert.equal(await hit, 'given')
    assert.equal(fn.calls, 0)
    assert.throws(() => f.set(1, 2), { code: 'ERR_INVALID_ARGUMENT' })
    assert.throws(() => f.set([1], Promise.resolve(2)), { code: 'ERR_INVALID_ARGUMENT' })
  })

  test('set during a load wins over the load', async () => {
    const gate = deferred()
    const f = mime(async () => gate.promise)
    const loading = f(1)
    f.set([1], 'set')
    gate.resolve('loaded')
    assert.equal(await loading, 'loaded')
    assert.equal(await f(1), 'set')
  })

  test('invalidate takes the arguments of one call, clear everything', () => {
    const fn = spy((...args) => args.length)
    const f = mime(fn)
    f()
    f(1)
    f(undefined)
    assert.equal(f.invalidate(), true)
    assert.equal(f.invalidate(), false)
    assert.equal(f.has(1), true)
    assert.equal(f.has(undefined), true)
    f.clear()
    assert.equal(f.has(1), false)
    assert.equal(f.stats().entries, 0)
  })

  test('stats is a snapshot of everything counted', async () => {
    const f = mime(async x => x, { maxEntries: 2 })
    const first = [f(1), f(1)]
    await Promise.all(first)
    await f(1)
    await f(2)
    await f(3)
    f.invalidate(3)
    const { hits, misses, coalesced, loads, errors, entries, removals, bytes } = f.stats()
    assert.deepEqual(
      { hits, misses, coalesced, loads, errors, entries },
      { hits: 1, misses: 3, coalesced: 1, loads: 3, errors: 0, entries: removals.invalidated === 1 ? 1 : 2 },
    )
    assert.equal(removals.size, 1)
    assert.ok(bytes > 0)
  })

  test('a listener that throws reaches nobody', t => {
    t.mock.method(console, 'warn', () => {})
    const f = mime(x => x, { ttl: () => -1 })
    f.on('error', () => {
      throw new Error('listener')
    })
    assert.equal(f(1), 1)
    assert.equal(console.warn.mock.callCount(), 1)
  })

  test('on returns a function that takes the listener off', () => {
    const heard = []
    const f = mime(x => x, { ttl: () => -1 })
    const off = f.on('error', event => heard.push(event.code))
    f(1)
    off()
    f(2)
    assert.deepEqual(heard, ['ERR_INVALID_OPTION'])
  })

  test('key replaces the arguments by what it returns', () => {
    const fn = spy(user => user.name)
    const f = mime(fn, { key: user => user.id })
    assert.equal(f({ id: 1, name: 'a' }), 'a')
    assert.equal(f({ id: 1, name: 'b' }), 'a')
    assert.equal(f({ id: 2, name: 'c' }), 'c')
    assert.equal(fn.calls, 2)
  })
})

describe('callbacks that fail', () => {
  test('a key callback that throws: the call is not cached, the caller gets its result, an event says so', async () => {
    const errors = []
    const fn = spy(x => x)
    const key = () => {
      throw new Error('no key')
    }
    const f = mime(fn, { key, onEvent: ({ type, error }) => errors.push(error?.message ?? type) })
    assert.equal(f(1), 1)
    assert.equal(f(1), 1)
    assert.equal(fn.calls, 2)
    assert.deepEqual(errors, ['no key', 'miss', 'no key', 'miss'])
    assert.equal(f.stats().misses, 2)
    assert.equal(f.has(1), false)
    f.set([1], 2)
    assert.equal(f.invalidate(1), false)
    assert.equal(f.stats().pending, 0)
  })

  test('a clock that throws or gives nonsense: nothing with a ttl is kept, nobody gets an error', () => {
    for (const now of [
      () => NaN,
      () => 5n,
      () => 'now',
      () => {
        throw new Error('stopped')
      },
    ]) {
      // biome-ignore format: one line
      const fn = spy(x => x)
      const f = mime(fn, { ttl: '1h', clock: { now } })
      assert.equal(f(1), 1)
      assert.equal(f(1), 1)
      assert.equal(fn.calls, 2)
      assert.equal(f.stats().pending, 0)
      assert.equal(f.stats().traps, 0)
    }
  })
})

describe('results that can be read only once', () => {
  const cases = {
    'a generator': () => (function* () { yield 1 })(), // biome-ignore format: one line
    'an iterator': () => [1, 2][Symbol.iterator](),
    'an async generator': () => (async function* () { yield 1 })(), // biome-ignore format: one line
    'a web stream': () => new ReadableStream(),
    'a transform': () => new TransformStream(),
    'a compression': () => new CompressionStream('gzip'),
    'a node stream': () => Readable.from(['x']),
  }
  for (const [what, make] of Object.entries(cases)) {
    test(`${what} is handed on uncached, with one coded warning`, async t => {
      t.mock.method(console, 'warn', () => {})
      const fn = spy(make)
      const f = mime(fn)
      const g = mime(async () => make())
      assert.notEqual(f(), f())
      assert.notEqual(await g(), await g())
      assert.equal(fn.calls, 2)
      assert.equal(f.stats().pending, 0)
      assert.equal(console.warn.mock.callCount(), 2)
      assert.match(console.warn.mock.calls[0].arguments[0], /ERR_ONE_SHOT/)
    })
  }

  test('what only looks a little like it is cached', () => {
    for (const value of [
      [1],
      new Map(),
      { next: 1 },
      { pipe() {} },
      { readable: true },
      { clone() {} },
      'text',
      new Set(),
    ]) {
      const f = mime(() => value)
      assert.equal(f(), value)
      assert.equal(f.has(), true)
    }
  })
})

describe('createMime', () => {
  test('has defaults of its own, changed by configure for functions wrapped afterwards', () => {
    const clock = manual()
    const own = createMime({ ttl: '1s', clock })
    const before = own(x => x)
    own.configure({ ttl: '1h' })
    const after = own(x => x)
    const other = mime(x => x)
    for (const f of [before, after, other]) f(1)
    clock.time = 1000
    assert.deepEqual([before.has(1), after.has(1), other.has(1)], [false, true, true])
  })
})
