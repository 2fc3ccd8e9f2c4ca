import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { mime } from '../../js/entry/inline.js'
import { counted, deferred, settled } from '../calls/wrapped.mjs'

const run = promisify(execFile)
const SELF = { code: 'ERR_SELF_AWAIT', name: 'MimicError' }

/** Fails instead of hanging. */
const soon = promise =>
  Promise.race([promise, new Promise((_, reject) => setTimeout(reject, 1000, new Error('it hangs')))])

describe('a load that waits for itself', () => {
  test('directly: the error names the function and says what to do', async () => {
    const f = mime(async function load(x) {
      return f(x)
    })
    await assert.rejects(soon(f(1)), error => {
      assert.match(error.message, /^load waits .*call the function itself/)
      return error.code === SELF.code
    })
    assert.equal(f.stats().pending, 0)
  })

  test('after awaits, in timers, with an equal argument, and caught by the function', async () => {
    const f = mime(async ({ id }) => {
      await settled(1)
      await new Promise(resolve => setTimeout(resolve, 1))
      return f({ id }).catch(error => error.code)
    })
    assert.equal(await soon(f({ id: 1 })), 'ERR_SELF_AWAIT')
    assert.equal(await f({ id: 1 }), 'ERR_SELF_AWAIT')
  })

  test('through another function, and three', async () => {
    for (const turns of [0, 1]) {
      const f = mime(async x => settled(turns).then(() => g(x)))
      const g = mime(async x => settled(turns).then(() => h(x)))
      const h = mime(async x => settled(turns).then(() => f(x)))
      await assert.rejects(soon(f(1)), SELF)
    }
  })

  test('where loads cross: each waits for the other', async () => {
    const f = mime(async x => {
      await settled(1)
      return x === 'a' ? f('b') : f('a')
    })
    const ends = await soon(Promise.allSettled([f('a'), f('b')]))
    assert.deepEqual(ends.map(({ reason }) => reason.code), ['ERR_SELF_AWAIT', 'ERR_SELF_AWAIT']) // biome-ignore format: one line
    assert.equal(f.stats().pending, 0)
  })

  test('a function that returns promises without being async, at its first call', async () => {
    const f = mime(x => Promise.resolve().then(() => f(x)))
    await assert.rejects(soon(f(1)), SELF)
  })

  test('nobody is told when nobody waits for it', async () => {
    const script = `
      import { mime } from '${new URL('../../js/entry/inline.js', import.meta.url)}'
      process.on('unhandledRejection', error => console.log('unhandled', error.code))
      const f = mime(async x => { f(x); return 'v' })
      console.log(await f(1))
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])
    assert.equal(stdout, 'v\n')
  })
})

describe('what only looks like it', () => {
  test('other keys, in recursion', async () => {
    const f = mime(async n => (n < 2 ? n : (await f(n - 1)) + (await f(n - 2))))
    assert.equal(await soon(f(20)), 6765)
    assert.equal(f.stats().loads, 21)
  })

  test('two loads that wait for a third', async () => {
    const f = mime(async x => (x === 'c' ? settled().then(() => 'v') : f('c')))
    assert.deepEqual(await soon(Promise.all([f('a'), f('b'), f('c')])), ['v', 'v', 'v'])
    assert.equal(f.stats().loads, 3)
  })

  test('a call after its load has ended, in the same context', async () => {
    let later
    const f = mime(async x => {
      later = settled(10).then(() => f(x))
      return x
    })
    assert.equal(await f(1), 1)
    assert.equal(await soon(later), 1)
  })

  test('a call of the same key in a load that was invalidated loads by itself', async () => {
    const fn = counted(async x => {
      if (fn.calls > 1) return 'new'
      f.invalidate(x)
      return f(x)
    })
    const f = mime(async x => fn(x))
    assert.equal(await soon(f(1)), 'new')
  })

  test('a sync function that calls itself runs on', () => {
    let depth = 0
    const f = mime(x => (depth++ < 3 ? f(x) : 'end'))
    assert.equal(f(1), 'end')
  })

  test('who got the old value because a load takes too long does not wait for it, whether he began it or joined', async () => {
    const clock = { time: 0, now: () => clock.time }
    const [late, end] = [deferred(), deferred()]
    let isNew = false
    const inner = mime(
      async () => {
        if (!isNew) return 'old'
        await late.promise
        return `new for ${await Promise.all(['a', 'b', 'c'].map(outer))}`
      },
      { clock, ttl: '1s', timeout: '5ms' },
    )
    const outer = mime(async key => {
      const got = await inner()
      await end.promise
      return `${got} for ${key}`
    })
    await inner()
    clock.time = 1500
    isNew = true
    const calls = [outer('a'), outer('b')]
    assert.equal(await inner(), 'old')
    calls.push(outer('c'))
    late.resolve()
    await settled()
    end.resolve()
    assert.deepEqual(await soon(Promise.all(calls)), ['old for a', 'old for b', 'old for c'])
    await settled()
    assert.equal(await soon(inner()), 'new for old for a,old for b,old for c')
    assert.equal(inner.stats().errors, 0)
  })

  test('who loads by himself, since loads are not shared, waits for no other', async () => {
    const fn = counted(async () => {
      if (fn.calls > 1) return settled().then(() => 'second')
      await null
      return `first, ${await outer()}`
    })
    const f = mime(async () => fn(), { singleFlight: false })
    const outer = mime(async () => `outer of ${await f()}`)
    assert.deepEqual(await soon(Promise.all([f(), outer()])), ['first, outer of second', 'outer of second'])
  })

  test('while an expired value is served, the load gets that', async () => {
    const clock = { time: 0, now: () => clock.time }
    const fn = counted(async x => (fn.calls > 1 ? [await f(x), 'new'] : 'old'))
    const f = mime(async x => fn(x), { clock, ttl: '1s', staleWhileRevalidate: '1m' })
    await f(1)
    clock.time = 1500
    await f(1)
    await settled()
    assert.deepEqual(await f(1), ['old', 'new'])
  })
})
