import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createMime, hash, memoryStore, mime } from '../../js/entry/inline.js'

const ENTRY = new URL('../../js/entry/inline.js', import.meta.url)
const run = promisify(execFile)
const tick = () => new Promise(resolve => setImmediate(resolve))

/** A loader that notes the keys of each of its calls. */
function loader(answer = key => key) {
  const load = async keys => {
    load.calls.push([...keys])
    return keys.map(answer)
  }
  load.calls = []
  return load
}

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

  test('a key changed before its batch has left is refused, and nothing is remembered under it', async () => {
    const load = loader(key => key.id)
    const f = mime.batch(load)
    const key = { id: 1 }
    const changed = f(key)
    key.id = 2
    const [one, two] = await Promise.allSettled([changed, f({ id: 3 })])
    assert.equal(one.reason.code, 'ERR_KEY_CHANGED')
    assert.equal(two.value, 3)
    assert.deepEqual(load.calls, [[{ id: 3 }]])
    assert.equal(f.has({ id: 1 }), false)
    assert.equal(f.has({ id: 2 }), false)
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
    class Options {
      maxBatchSize = 5
    }
    assert.throws(() => mime.batch(async keys => keys, new Options()), { code: 'ERR_INVALID_OPTION' })
  })
})

describe('the function', () => {
  test('has the name of the loader and takes one key; this and further arguments are no part of the call', async () => {
    const load = loader()
    const f = mime.batch(async function users(keys) {
      return load(keys)
    })
    assert.equal(f.name, 'users')
    assert.equal(f.length, 1)
    const api = { f }
    await Promise.all([f(1), api.f(1), ...[1, 2].map(f)])
    assert.deepEqual(load.calls, [[1, 2]])
    assert.equal(f.stats().entries, 2)
    await Promise.all([1, 2].map(f))
    assert.equal(load.calls.length, 1)
  })

  test('the loader has no this', async () => {
    let self = 1
    const f = mime.batch(function (keys) {
      self = this
      return keys
    })
    await f.call({}, 1)
    assert.equal(self, undefined)
  })

  test('all verbs work', async () => {
    const load = loader()
    const events = []
    const f = mime.batch(load, { onEvent: event => events.push(event) })
    f.set([1], 'one')
    assert.equal(await f(1), 'one')
    assert.equal(f.has(1), true)
    assert.equal(await f.peek(1), 'one')
    assert.equal(f.explain(1).outcome, 'hit')
    assert.match(f.explain(2).text, /argument 1: 1 against 2/)
    assert.equal(f.invalidate(1), true)
    assert.equal(f.has(1), false)
    await Promise.all([f(1), f(2)])
    ;[1].forEach(f.invalidate)
    assert.deepEqual([f.has(1), f.has(2)], [false, true])
    f.clear()
    assert.equal(f.stats().entries, 0)
    assert.equal(typeof f.on('error', () => {}), 'function')
    await f.ready
    await f.flush()
    assert.throws(() => f.set(1, 1), { code: 'ERR_INVALID_ARGUMENT' })
  })

  test('refresh, tags, invalidateIf and singleFlight go by single keys', async () => {
    const mime = createMime()
    const load = loader(key => ({ key }))
    const f = mime.batch(load, { tags: ([key]) => [`user:${key}`], singleFlight: false })
    const [one, again, two] = await Promise.all([f(1), f(1), f(2)])
    assert.equal(one, again)
    assert.notEqual(await f.refresh(1, 'no part of the call'), one)
    assert.deepEqual(load.calls, [[1, 2], [1]])
    assert.equal(await f(2), two)
    await Promise.all([f(3), f.refresh(3)])
    assert.deepEqual(load.calls.at(-1), [3])
    assert.equal(mime.invalidateTags('user:2'), 1)
    assert.equal(
      f.invalidateIf(([key]) => key === 1),
      1,
    )
    await Promise.all([1, 2, 3].map(f))
    assert.deepEqual(load.calls.at(-1), [1, 2])
  })

  test('a loader that asks for a key of its own batch is told, where the runtime can tell', async () => {
    const f = mime.batch(async keys => {
      await f(keys[0])
      return keys
    })
    await assert.rejects(f(1), { code: 'ERR_SELF_AWAIT' })
  })

  test('is wrapped: again with the same options it is itself, with others it is refused', () => {
    const f = mime.batch(async keys => keys, '5m')
    assert.equal(mime(f), f)
    assert.throws(() => mime(f, '6m'), { code: 'ERR_ALREADY_WRAPPED' })
    assert.throws(() => mime.batch(5), { code: 'ERR_NOT_A_FUNCTION' })
    assert.throws(() => mime.batch(class {}), { code: 'ERR_NOT_A_FUNCTION' })
    assert.throws(() => mime.batch(async keys => keys, 'soon'), { code: 'ERR_INVALID_OPTION' })
  })

  test('results persist under the name and the source of the loader', async () => {
    const store = memoryStore()
    let calls = 0
    const make = source => {
      const mime = createMime({ store })
      return mime.batch(
        new Function('count', `return async function users(keys) { ${source} }`)(() => calls++),
      )
    }
    const first = make('count(); return keys.map(key => key + 1)')
    assert.deepEqual(await Promise.all([first(1), first(2)]), [2, 3])
    const same = make('count(); return keys.map(key => key + 1)')
    assert.deepEqual(await Promise.all([same(1), same(2)]), [2, 3])
    assert.equal(calls, 1)
    const changed = make('count(); return keys.map(key => key + 2)')
    assert.equal(await changed(1), 3)
    assert.equal(calls, 2)
  })

  test('a store that answers later is asked before the first batch', async () => {
    const inner = memoryStore()
    const store = { on: () => () => {}, flush: async () => {}, stats: () => ({}) }
    for (const method of ['get', 'set', 'delete', 'clear'])
      store[method] = (...args) => inner[method](...args)
    await mime.batch(async keys => keys.map(() => 'first'), { store, name: 'users', version: '1' })(1)
    const f = mime.batch(async keys => keys.map(() => 'second'), { store, name: 'users', version: '1' })
    assert.equal(await f(1), 'first')
  })

  test('a version in the defaults counts', async () => {
    const store = memoryStore()
    const mime = createMime({ store, version: '7', name: 'users' })
    await mime.batch(keys => keys.map(() => 'first'))(1)
    assert.equal(await mime.batch(keys => keys.map(() => 'second'))(1), 'first')
  })

  test('the loader runs in the async context of the first caller of its batch', async () => {
    const context = new AsyncLocalStorage()
    const seen = []
    const f = mime.batch(
      async keys => {
        seen.push([context.getStore(), ...keys])
        return keys
      },
      { maxBatchSize: 2 },
    )
    await Promise.all(['a', 'b', 'c'].map((name, key) => context.run(name, () => f(key))))
    assert.deepEqual(seen, [
      ['a', 0, 1],
      ['c', 2],
    ])
  })
})

describe('runtimes without process.nextTick', () => {
  /** Runs in a process that has lost it before the module is loaded. */
  const without = async (prepare, extra = '') => {
    const source = `
      ${prepare}
      const { mime } = await import('${ENTRY}')
      const calls = []
      const f = mime.batch(async keys => { calls.push(keys); return keys })
      const later = async () => { for (let i = 0; i < 20; i++) await undefined; return f(2) }
      await Promise.all([f(1), later()])
      await Promise.all([f(3), f(4)])
      console.log(JSON.stringify(calls))
      ${extra}
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], {
      timeout: 20_000,
    })
    return JSON.parse(stdout)
  }

  test('a timer takes its place, and the process ends by itself', async () => {
    assert.deepEqual(await without('process.nextTick = undefined'), [
      [1, 2],
      [3, 4],
    ])
  })

  test('in workerd too, whose nextTick comes too early', async () => {
    const workerd = `
      process.nextTick = (job, ...args) => queueMicrotask(() => job(...args))
      Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Cloudflare-Workers' } })
    `
    assert.deepEqual(await without(workerd), [
      [1, 2],
      [3, 4],
    ])
  })

  test('in a page a message does', async () => {
    // Node, unlike a page, stays alive for a channel.
    const page = 'process.nextTick = undefined; globalThis.document = {}; globalThis.setTimeout = undefined'
    assert.deepEqual(await without(page, 'process.exit()'), [
      [1, 2],
      [3, 4],
    ])
  })

  test('with it, a batch holds no process: one asked for at the very end is still loaded', async () => {
    const source = `
      import { mime } from '${ENTRY}'
      mime.batch(keys => { console.log(keys.length); return keys })(1)
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], {
      timeout: 20_000,
    })
    assert.equal(stdout.trim(), '1')
  })
})
