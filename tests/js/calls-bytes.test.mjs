import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { counted, manual } from '../calls/wrapped.mjs'

/** maxBytes and sizeOf; singleFlight. */

const mime = createMime()
const boom = new Error('boom')
/** An entry's own bytes, beside its value. */
const overhead = (() => {
  const f = mime(x => x, { sizeOf: () => 0 })
  f(1)
  return f.stats().bytes
})()

describe('maxBytes', () => {
  test('in all its forms', () => {
    const room = { 500: 500, '500b': 500, '2kb': 2000, '2KiB': 2048, '0.001MB': 1000, ' 1 kB ': 1000, '0.001GB': 1e6, '0.001GiB': 2 ** 30 / 1000 } // biome-ignore format: one line
    for (const [form, bytes] of Object.entries(room)) {
      for (const [size, kept] of [
        [Math.floor(bytes) - overhead, true],
        [Math.floor(bytes) - overhead + 1, false],
      ]) {
        // biome-ignore format: one line
        const f = mime(x => x, { maxBytes: form === '500' ? 500 : form, sizeOf: () => size })
        f(1)
        assert.equal(f.has(1), kept, `${size} of ${form}`)
      }
    }
    for (const maxBytes of ['64', '64XB', 'MB', '-1MB', -1, NaN, null, true, '']) assert.throws(() => mime(x => x, { maxBytes }), { code: 'ERR_INVALID_OPTION' }) // biome-ignore format: one line
  })

  test('the oldest go; stats tell the bytes and why', () => {
    const f = mime(x => x, { sizeOf: () => 1000, maxBytes: 3 * (1000 + overhead) })
    for (let i = 0; i < 10; i++) f(i)
    const { bytes, entries, removals } = f.stats()
    assert.deepEqual([bytes, entries, removals.size], [3 * (1000 + overhead), 3, 7])
    f.clear()
    assert.equal(f.stats().bytes, 0)
  })

  test('an entry larger than everything is not kept and puts nothing out', async () => {
    for (const huge of [1e6, 2 ** 32, 2 ** 40, Infinity]) {
      const f = mime(x => x, { sizeOf: x => (x === 'huge' ? huge : 10), maxBytes: 5000 })
      f('small')
      assert.equal(f('huge'), 'huge')
      f.set(['huge'], 'huge')
      assert.deepEqual([f.has('small'), f.has('huge'), f.stats().entries], [true, false, 1])
    }
  })

  test('a refresh with a result that is too large leaves nothing', () => {
    let size = 10
    const f = mime(x => x, { sizeOf: () => size, maxBytes: 5000 })
    f(1)
    size = 1e6
    assert.equal(f.refresh(1), 1)
    assert.equal(f.has(1), false)
    assert.deepEqual([f.stats().entries, f.stats().bytes], [0, 0])
  })

  test('without sizeOf values are estimated', () => {
    const f = mime(n => 'x'.repeat(n), { maxBytes: '10KB' })
    for (const n of [1, 2, 3]) f(n)
    f(9000)
    f(100_000)
    assert.equal(f.has(100_000), false)
    assert.ok(f.stats().bytes <= 10_000)
  })
})

test('a sizeOf that throws or gives nonsense: an event; the caller has the result, which is not kept', async () => {
  for (const sizeOf of [
    () => {
      throw boom
    },
    () => -1,
    () => NaN,
    () => '5',
    () => undefined,
    () => 5n,
  ]) {
    // biome-ignore format: one line
    for (const fn of [x => x, async x => x]) {
      const errors = []
      const f = mime(fn, { sizeOf })
      f.on('error', event => errors.push(event))
      assert.equal(await f(1), 1)
      assert.equal(f.has(1), false)
      f.set([1], 2)
      assert.equal(f.has(1), false)
      assert.deepEqual([errors.length, f.stats().pending, f.stats().storeErrors], [2, 0, 2])
      assert.ok(errors[0].error === boom || errors[0].code === 'ERR_INVALID_OPTION')
    }
  }
})

test('a failed ttl, tags or sizeOf on a refresh takes the old entry along: nobody knows how long it is good', () => {
  for (const option of ['ttl', 'tags', 'sizeOf']) {
    let fails = false
    const answer = { ttl: 60, tags: ['t'], sizeOf: 1 }[option]
    const callback = () => {
      if (fails) throw boom
      return answer
    }
    const f = mime(
      counted(x => x),
      { [option]: callback },
    )
    f(1)
    fails = true
    assert.equal(f.refresh(1), 1)
    assert.deepEqual([f.has(1), f.stats().pending, f.stats().entries], [false, 0, 0])
  }
})

describe('singleFlight', () => {
  test('false: each caller runs the function; afterwards there is an entry', async () => {
    const fn = counted(async () => fn.calls)
    const f = mime(async x => fn(x), { singleFlight: false })
    assert.deepEqual(await Promise.all([f(1), f(1), f(1)]), [1, 2, 3])
    assert.equal(await f(1), 1)
    const { hits, misses, coalesced, loads } = f.stats()
    assert.deepEqual([hits, misses, coalesced, loads], [1, 3, 0, 3])
  })

  test("true, 'process' and nothing: one run", async () => {
    for (const singleFlight of [true, 'process', undefined]) {
      const fn = counted(async () => fn.calls)
      const f = mime(async x => fn(x), { singleFlight })
      assert.deepEqual(await Promise.all([f(1), f(1), f(1)]), [1, 1, 1])
    }
    for (const singleFlight of ['cluster', 1, null]) assert.throws(() => mime(x => x, { singleFlight }), { code: 'ERR_INVALID_OPTION' }) // biome-ignore format: one line
  })
})

describe('a ttl that is a function', () => {
  test('gets the plain value and the arguments, and 0 keeps nothing', async () => {
    const clock = manual()
    const seen = []
    const f = mime(async (a, b) => a + b, { clock, ttl: (value, args) => { seen.push([value, args]); return value } }) // biome-ignore format: one line
    await f(0, 0)
    await f(1, 2)
    assert.deepEqual(seen, [[0, [0, 0]], [3, [1, 2]]]) // biome-ignore format: one line
    assert.deepEqual([f.has(0, 0), f.has(1, 2)], [false, true])
    clock.time = 3000
    assert.equal(f.has(1, 2), false)
  })

  test('may stand in the place of the ttl', () => {
    const f = createMime({ clock: manual() })(x => x, (value, [x]) => value * x) // biome-ignore format: one line
    f(0)
    f(1)
    assert.deepEqual([f.has(0), f.has(1)], [false, true])
  })
})
