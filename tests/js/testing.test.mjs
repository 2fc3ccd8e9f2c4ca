import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { memoryStore, mime } from '../../js/entry/inline.js'
import { counted, expectCalls, expectHit, expectMiss, virtualClock } from '../../js/entry/testing.js'

describe('virtualClock', () => {
  test('stands still, is advanced by durations, and drives a ttl', () => {
    const clock = virtualClock()
    const fn = counted(x => x)
    const f = mime(fn, { ttl: '5m', clock })
    assert.equal(clock.now(), 0)
    f(1)
    clock.advance('299s')
    f(1)
    expectCalls(fn, 1)
    assert.equal(clock.advance(1), 300_000)
    f(1)
    expectCalls(fn, 2)
    clock.advance('250ms')
    clock.advance(0.5)
    assert.equal(clock.now(), 300_750)
  })

  test('is set to milliseconds, and its functions stand alone', () => {
    const { now, set, advance } = virtualClock(1_700_000_000_000)
    assert.equal(now(), 1_700_000_000_000)
    set(-5)
    advance('1s')
    assert.equal(now(), 995)
  })

  test('refuses what is no time and no duration', () => {
    for (const start of [NaN, Infinity, '5m', null]) {
      assert.throws(() => virtualClock(start), { code: 'ERR_INVALID_OPTION' })
      assert.throws(() => virtualClock().set(start), { code: 'ERR_INVALID_OPTION' })
    }
    for (const by of [-1, NaN, Infinity, null, undefined, '5', 'soon', {}, -0.5]) {
      const clock = virtualClock(7)
      assert.throws(() => clock.advance(by), { code: 'ERR_INVALID_OPTION', message: /advance\(by\).*got/ })
      assert.equal(clock.now(), 7)
    }
  })
})

describe('expectHit, expectMiss', () => {
  test('pass as the next call would go, and count and change nothing', () => {
    const fn = counted(x => x)
    const f = mime(fn, '1m')
    expectMiss(f, { id: 1 })
    f({ id: 1 })
    expectHit(f, { id: 1 })
    expectMiss(f, { id: 2 })
    const { hits, misses, loads, entries } = f.stats()
    assert.deepEqual([hits, misses, loads, entries], [0, 1, 1, 1])
    expectCalls(fn, 1)
  })

  test('fail with the explanation, as an assertion of the test that made it', () => {
    const f = mime(function price(id, options) {
      return [id, options]
    }, '1m')
    f('a', { vat: true })
    const failure = catchError(() => expectHit(f, 'a', { vat: false }))
    assert.equal(failure.name, 'AssertionError')
    assert.equal(failure.code, 'ERR_ASSERTION')
    assert.deepEqual([failure.actual, failure.expected, failure.operator], ['miss', 'hit', 'expectHit'])
    assert.match(failure.message, /^expected price\("a", \{vat: false\}\) to hit/)
    assert.ok(failure.message.includes(f.explain('a', { vat: false }).text))
    assert.match(failure.message, /argument 2 at `\.vat`: true against false/)
    assert.match(
      failure.stack.split('\n').find(line => line.startsWith('    at ')),
      /testing\.test\.mjs/,
    )
    const other = catchError(() => expectMiss(f, 'a', { vat: true }))
    assert.deepEqual([other.actual, other.expected], ['hit', 'miss'])
    assert.match(other.message, /to miss, but it would not:\nhit: stored/)
  })

  test('a load that runs is neither', async () => {
    const f = mime(async x => x)
    const loading = f(1)
    assert.equal(catchError(() => expectHit(f, 1)).actual, 'joins')
    assert.equal(catchError(() => expectMiss(f, 1)).actual, 'joins')
    await loading
    expectHit(f, 1)
  })

  test('take what mime has wrapped, a batch too', async () => {
    assert.throws(() => expectHit(x => x, 1), { code: 'ERR_INVALID_ARGUMENT', message: /^expectHit/ })
    assert.throws(() => expectMiss(undefined), { code: 'ERR_INVALID_ARGUMENT', message: /^expectMiss/ })
    const f = mime.batch(async keys => keys)
    expectMiss(f, 1)
    await f(1)
    expectHit(f, 1)
  })
})

describe('counted', () => {
  test('keeps name, length, this, static properties, results and errors', () => {
    const error = new Error('no')
    function area(width, _height) {
      if (width < 0) throw error
      return this
    }
    area.unit = 'm²'
    const spy = counted(area)
    assert.deepEqual([spy.name, spy.length, spy.unit], ['area', 2, 'm²'])
    const self = {}
    assert.equal(spy.call(self, 1, 2), self)
    assert.equal(
      catchError(() => spy(-1)),
      error,
    )
    assert.deepEqual(spy.calls, [[1, 2], [-1]])
    spy.reset()
    assert.deepEqual(spy.calls, [])
  })

  test('hands on the very promise, and is known to be async before its first call', async () => {
    const promise = Promise.resolve(1)
    assert.equal(counted(() => promise)(), promise)
    const inner = memoryStore()
    const store = { on: () => () => {}, flush: async () => {}, stats: () => ({}) }
    for (const method of ['get', 'set', 'delete', 'clear'])
      store[method] = (...args) => inner[method](...args)
    const wrap = () => {
      const spy = counted(async function load(x) {
        return x
      })
      return [spy, mime(spy, { store })]
    }
    const [, f] = wrap()
    await f(1)
    const [spy, again] = wrap()
    assert.equal(await again(1), 1)
    expectCalls(spy, 0)
  })

  test('what persists goes by the source of the function', () => {
    const store = memoryStore()
    const named = fn => Object.defineProperty(fn, 'name', { value: 'load' })
    assert.equal(mime(counted(named(() => 'first')), { store })(), 'first')
    assert.equal(mime(counted(named(() => 'second')), { store })(), 'second')
  })

  test('takes functions only', () => {
    assert.throws(() => counted(5), { code: 'ERR_NOT_A_FUNCTION', message: /got 5$/ })
  })
})

describe('expectCalls', () => {
  test('counts the calls of a spy and of what mime has wrapped', () => {
    const spy = counted(function load(x) {
      return x
    })
    const f = mime(spy)
    f(1)
    f(1)
    f('b')
    expectCalls(f, 2)
    expectCalls(spy, 2)
    spy(3)
    expectCalls(f, 2)
    expectCalls(spy, 3)
    const failure = catchError(() => expectCalls(spy, 1))
    assert.equal(failure.message, 'expected 1 call of load, but there were 3: (1), ("b"), (3)')
    assert.deepEqual([failure.code, failure.actual, failure.expected], ['ERR_ASSERTION', 3, 1])
    assert.equal(catchError(() => expectCalls(f, 0)).message, 'expected 0 calls of load, but there were 2')
    for (let i = 0; i < 10; i++) spy(i)
    assert.match(catchError(() => expectCalls(spy, 0)).message, /\(4\), … 5 more$/)
  })

  test('counts the calls of a mock of node:test', () => {
    const fn = mock.fn(x => x)
    fn(1)
    fn(2)
    expectCalls(fn, 2)
    assert.match(catchError(() => expectCalls(fn, 3)).message, /there were 2: \(1\), \(2\)$/)
  })

  test('refuses what counts nothing', () => {
    assert.throws(() => expectCalls(() => {}, 0), { code: 'ERR_INVALID_ARGUMENT' })
    for (const n of [-1, 1.5, undefined, '1']) {
      assert.throws(
        () =>
          expectCalls(
            counted(() => {}),
            n,
          ),
        { code: 'ERR_INVALID_ARGUMENT' },
      )
    }
  })
})

/** @param {() => unknown} run @returns {any} what it throws */
function catchError(run) {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
