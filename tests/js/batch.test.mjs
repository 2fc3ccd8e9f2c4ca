import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { loader } from '../calls/wrapped.mjs'
import { hash, mime } from '../../js/entry/inline.js'

const ENTRY = new URL('../../js/entry/inline.js', import.meta.url)
const run = promisify(execFile)
const tick = () => new Promise(resolve => setImmediate(resolve))

describe('one call of the loader for the keys of a tick', () => {
  test('single calls are coalesced, in the order of the calls', async () => {
    const load = loader(key => key * 10)
    const f = mime.batch(load, '5m')
    assert.deepEqual(await Promise.all([f(3), f(1), f(2)]), [30, 10, 20])
    assert.deepEqual(load.calls, [[3, 1, 2]])
  })

  test('calls from the promise jobs of the same tick belong to it, of the next tick do not', async () => {
    const load = loader()
    const f = mime.batch(load)
    const later = async () => {
      for (let i = 0; i < 20; i++) await undefined
      return f(2)
    }
    await Promise.all([f(1), later()])
    assert.deepEqual(load.calls, [[1, 2]])
    f(3)
    await tick()
    await f(4)
    assert.deepEqual(load.calls, [[1, 2], [3], [4]])
  })

  test('promise jobs come first wherever the call is made', async () => {
    const load = loader()
    const f = mime.batch(load)
    await new Promise(resolve => {
      process.nextTick(() => resolve(Promise.all([f(1), Promise.resolve().then(() => f(2))])))
    })
    assert.deepEqual(load.calls, [[1, 2]])
  })

  test('hits are left out, and no call is made for hits alone', async () => {
    const load = loader()
    const f = mime.batch(load)
    await f(1)
    await Promise.all([f(1), f(2)])
    await f(2)
    assert.deepEqual(load.calls, [[1], [2]])
    assert.equal(f.stats().hits, 2)
  })

  test('one key asked for twice stands in the batch once, also where mime cannot join the callers', async () => {
    for (const options of [undefined, 0, { maxEntries: 0 }]) {
      const load = loader(key => ({ of: key }))
      const f = mime.batch(load, options)
      const [a, b, c, d] = await Promise.all([f(1), f(1), f({ id: 1 }), f({ id: 1 })])
      assert.equal(a, b)
      assert.equal(c, d)
      assert.deepEqual(load.calls, [[1, { id: 1 }]])
    }
  })

  test('a key invalidated before its batch has left is loaded once, and is good for both', async () => {
    const load = loader()
    const f = mime.batch(load)
    const first = f(1)
    f.invalidate(1)
    assert.deepEqual(await Promise.all([first, f(1)]), [1, 1])
    assert.deepEqual(load.calls, [[1]])
    await f(1)
    assert.equal(load.calls.length, 1)
  })

  test('the next batch can be asked for while one loads', async () => {
    const releases = []
    const f = mime.batch(keys => new Promise(resolve => releases.push(() => resolve(keys))))
    const first = f(1)
    await tick()
    const second = f(2)
    await tick()
    releases[1]()
    assert.equal(await second, 2)
    releases[0]()
    assert.equal(await first, 1)
  })

  test('results expire each by its own time', async () => {
    const clock = { time: 0, now: () => clock.time }
    const load = loader()
    const f = mime.batch(load, { ttl: '10s', clock })
    await f(1)
    clock.time = 6000
    await f(2)
    clock.time = 10_000
    await Promise.all([f(1), f(2)])
    assert.deepEqual(load.calls, [[1], [2], [1]])
  })

  test('ttl, tags and key callbacks see one key', async () => {
    const seen = []
    const load = loader(key => key.id)
    const f = mime.batch(load, {
      ttl: (value, args) => {
        seen.push([value, args])
        return '1m'
      },
      key: ({ id }) => id,
    })
    assert.deepEqual(await Promise.all([f({ id: 1, at: 1 }), f({ id: 1, at: 2 })]), [1, 1])
    assert.deepEqual(seen, [[1, [{ id: 1, at: 1 }]]])
    assert.equal(load.calls[0].length, 1)
  })
})

describe('keys and results of every kind', () => {
  test('falsy keys are keys, falsy results are results', async () => {
    const keys = [0, -0, '', false, null, undefined, NaN, 0n]
    const load = loader(() => undefined)
    const f = mime.batch(load)
    assert.deepEqual(
      await Promise.all(keys.map(key => f(key))),
      keys.map(() => undefined),
    )
    assert.equal(load.calls.length, 1)
    assert.ok(load.calls[0].every((key, i) => Object.is(key, keys[i])))
    assert.equal(load.calls[0].length, keys.length)
    await Promise.all(keys.map(key => f(key)))
    assert.equal(load.calls.length, 1)
  })

  test('keys that look alike are several: 1, "1", 1n, the digest of an object and the object', async () => {
    const load = loader()
    const f = mime.batch(load, { maxEntries: 0 })
    const keys = [1, '1', 1n, true, 'true', { a: 1 }, hash({ a: 1 }), [1], '-0', Symbol.for('-0')]
    assert.deepEqual(await Promise.all(keys.map(key => f(key))), keys)
    assert.deepEqual(load.calls, [keys])
  })

  test('objects are keys by value, class instances by identity', async () => {
    class Id {}
    const [one, two] = [new Id(), new Id()]
    const load = loader()
    const f = mime.batch(load)
    await Promise.all([f({ a: [1] }), f({ a: [1] }), f({ a: [2] }), f(one), f(two), f(one)])
    assert.deepEqual(load.calls, [[{ a: [1] }, { a: [2] }, one, two]])
    assert.equal(await f(two), two)
    assert.equal(load.calls.length, 1)
  })

  test('a key changed before its batch has left is loaded and remembered as what it was', async () => {
    for (const options of [undefined, { key: ({ id }) => id }, { maxEntries: 0 }, { maxKeyBytes: 256 }]) {
      const load = loader(key => key.id)
      const f = mime.batch(load, options)
      const make = id => ({ id, at: new Date(id), text: 'x'.repeat(300) })
      const key = make(1)
      const changed = [f(key), f(make(1))]
      key.id = 2
      key.at.setTime(2)
      assert.deepEqual(await Promise.all([...changed, f(make(3))]), [1, 1, 3])
      assert.deepEqual(load.calls, [[make(1), make(3)]])
      assert.equal(f.has(make(1)), options?.maxEntries !== 0)
      assert.equal(f.has(make(2)), false)
    }
  })

  test('one that cannot be had as it was is refused; who joined gets his own, and nothing is remembered under it', async () => {
    class Id {
      constructor(id) {
        this.id = id
      }
      [mime.key]() {
        return this.id
      }
    }
    const load = loader(key => key.id)
    const f = mime.batch(load)
    const key = new Id(1)
    const answers = [f(key), f(new Id(1)), f(new Id(3))]
    key.id = 2
    const [one, two, three] = await Promise.allSettled(answers)
    assert.equal(one.reason.code, 'ERR_KEY_CHANGED')
    assert.deepEqual([two.value, three.value], [1, 3])
    assert.deepEqual(
      load.calls.map(keys => keys.map(({ id }) => id)),
      [[3], [1]],
    )
    assert.equal(f.has(new Id(2)), false)
  })

  test('what the key option leaves out may change', async () => {
    const f = mime.batch(
      loader(key => key.id),
      { key: ({ id }) => id },
    )
    const key = { id: 1, seen: 0 }
    const one = f(key)
    key.seen = 1
    assert.equal(await one, 1)
  })

  test('a loader that changes its array of keys changes nothing', async () => {
    const f = mime.batch(keys => {
      const answers = keys.map(key => key * 2)
      keys.length = 0
      return answers
    })
    assert.deepEqual(await Promise.all([f(1), f(2)]), [2, 4])
  })

  test('an array of promises settles each key alone', async () => {
    const f = mime.batch(keys =>
      keys.map(async key => {
        if (key === 2) throw new Error('no')
        return key
      }),
    )
    const [one, two] = await Promise.allSettled([f(1), f(2)])
    assert.equal(one.value, 1)
    assert.equal(two.reason.message, 'no')
  })
})

describe('errors', () => {
  test('the error of one key does not touch the others, and is not remembered', async () => {
    const error = new RangeError('no such user')
    let broken = true
    const load = loader(key => (key === 2 && broken ? error : key))
    const f = mime.batch(load)
    const settled = await Promise.allSettled([f(1), f(2), f(3), f(2)])
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
    )
    assert.equal(settled[1].reason, error)
    assert.equal(settled[3].reason, error)
    broken = false
    assert.deepEqual(await Promise.all([f(1), f(2), f(3)]), [1, 2, 3])
    assert.deepEqual(load.calls, [[1, 2, 3], [2]])
  })

  test('a loader that throws or rejects fails all its callers with that very error', async () => {
    const error = new Error('down')
    let failing = true
    for (const fail of [
      () => {
        throw error
      },
      () => Promise.reject(error),
    ]) {
      failing = true
      const f = mime.batch(keys => (failing ? fail() : keys))
      const settled = await Promise.allSettled([f(1), f(2)])
      assert.ok(settled.every(({ reason }) => reason === error))
      failing = false
      assert.equal(await f(1), 1)
      assert.equal(f.stats().errors, 2)
    }
  })

  test('anything but an array as long as the keys fails all its callers, and says what came', async () => {
    const cases = [
      [[1], /with 2 keys and must return an array of 2.*got an array of 1$/],
      [[1, 2, 3], /got an array of 3$/],
      [undefined, /got undefined$/],
      ['ab', /got "ab"$/],
      [new Map(), /got an object$/],
      [{ length: 2, 0: 1, 1: 2 }, /got an object$/],
    ]
    for (const [answer, message] of cases) {
      const f = mime.batch(async function users() {
        return answer
      })
      for (const { reason } of await Promise.allSettled([f(1), f(2)])) {
        assert.equal(reason.code, 'ERR_BATCH_RESULT')
        assert.match(reason.message, /^users was called/)
        assert.match(reason.message, message)
      }
      assert.equal(f.stats().entries, 0)
    }
  })

  test('a rejection nobody handles is reported once, one that is handled not at all', async () => {
    const source = `
      import { mime } from '${ENTRY}'
      let reports = 0
      process.on('unhandledRejection', () => reports++)
      const f = mime.batch(keys => keys.map(key => new Error(key)))
      await Promise.allSettled([f(1), f(2), f(1)])
      await new Promise(resolve => setTimeout(resolve, 5))
      const handled = reports
      f(3)
      await new Promise(resolve => setTimeout(resolve, 5))
      console.log(handled, reports)
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source])
    assert.equal(stdout.trim(), '0 1')
  })
})

describe('maxBatchSize', () => {
  test('splits the keys of a tick into several calls', async () => {
    const load = loader()
    const f = mime.batch(load, { maxBatchSize: 2 })
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5, 1].map(key => f(key))), [1, 2, 3, 4, 5, 1])
    assert.deepEqual(load.calls, [[1, 2], [3, 4], [5]])
  })

  test('a call that fails touches only its own keys', async () => {
    const f = mime.batch(keys => (keys.includes(1) ? undefined : keys), { maxBatchSize: 1 })
    const [one, two] = await Promise.allSettled([f(1), f(2)])
    assert.equal(one.reason.code, 'ERR_BATCH_RESULT')
    assert.equal(two.value, 2)
  })

  test('a key in an earlier call of the tick is not loaded by a later one', async () => {
    const load = loader()
    const f = mime.batch(load, { maxBatchSize: 1, maxEntries: 0 })
    await Promise.all([f(1), f(2), f(1)])
    assert.deepEqual(load.calls, [[1], [2]])
  })

  test('is checked when wrapping, and is an option of batch only', () => {
    for (const maxBatchSize of [0, -1, 1.5, NaN, '5', null]) {
      assert.throws(() => mime.batch(async keys => keys, { maxBatchSize }), {
        code: 'ERR_INVALID_OPTION',
        message: /maxBatchSize.*got/,
      })
    }
    mime.batch(async keys => keys, { maxBatchSize: Infinity })
    mime.batch(async keys => keys, { maxBatchSize: undefined })
    assert.throws(() => mime(x => x, { maxBatchSize: 5 }), { code: 'ERR_UNKNOWN_OPTION' })
    assert.throws(() => mime.batch(async keys => keys, { maxBatchSize: 5, maxEntires: 5 }), {
      code: 'ERR_UNKNOWN_OPTION',
    })
    for (const name of ['maxBatch', 'batchSize']) {
      const message = `there is no option ${name}; did you mean maxBatchSize?`
      assert.throws(() => mime.batch(async keys => keys, { [name]: 5 }), {
        code: 'ERR_UNKNOWN_OPTION',
        message,
      })
    }
    class Options {
      maxBatchSize = 5
    }
    assert.throws(() => mime.batch(async keys => keys, new Options()), { code: 'ERR_INVALID_OPTION' })
  })
})
