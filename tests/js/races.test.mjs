import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { mime } from '../../js/entry/inline.js'

const run = promisify(execFile)

/** Loads, invalidations, expiry, eviction and rejections in random orders, and what becomes of rejections nobody handles. */

const pause = (milliseconds = 5) => new Promise(resolve => setTimeout(resolve, milliseconds))

const UNHANDLED = `
  import { memoryStore, mime } from '${new URL('../../js/entry/inline.js', import.meta.url)}'
  const seen = []
  process.on('unhandledRejection', error => seen.push(error.message))
  const fail = async what => { await null; throw new Error(what) }
  const plain = mime(fail)
  const stored = mime(fail, { name: 'f', version: '1', store: memoryStore() })
  for (let i = 0; i < 3; i++) plain('plain')
  for (let i = 0; i < 3; i++) stored('stored')
  setTimeout(() => console.log(JSON.stringify(seen)), 50)
`

const failing = options =>
  mime(async function load(x) {
    await pause()
    throw new Error(`failed ${x}`)
  }, options)

describe('rejections', () => {
  test('when nobody handles it, exactly one unhandledRejection', async () => {
    // In a process of its own: the test runner takes each as a failure of the test.
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', UNHANDLED])
    assert.deepEqual(JSON.parse(stdout), ['plain', 'stored'])
  })

  test('a caller who handles it sees none', async () => {
    const f = failing()
    await assert.rejects(f(1), /failed 1/)
    const [a, b] = await Promise.allSettled([f(2), f(2)])
    assert.equal(a.reason, b.reason)
    // One that nobody handled would fail this test.
    await pause(20)
  })
})

describe('a function that changes its own cache while it runs', () => {
  test('invalidate and clear: its result is not stored', () => {
    for (const verb of ['invalidate', 'clear']) {
      let calls = 0
      const f = mime(x => {
        calls++
        f[verb](...(verb === 'clear' ? [] : [x]))
        return calls
      })
      assert.deepEqual([f(1), f(1)], [1, 2])
      assert.equal(f.stats().pending, 0)
    }
  })

  test('set: what was set stays', () => {
    const f = mime(x => {
      f.set([x], 'set')
      return 'returned'
    })
    assert.deepEqual([f(1), f(1)], ['returned', 'set'])
  })
})

for (const seed of [1, 7, 99, 2026]) {
  test(`random orders, seed ${seed}: nobody gets a value older than an invalidation that came before the call`, async () => {
    let state = seed
    const random = below => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
      return (state >>> 8) % below
    }
    const clock = { time: 0, now: () => clock.time }
    const loads = []
    let version = 0
    const f = mime(
      key => {
        const load = { key, version: ++version }
        load.promise = new Promise((resolve, reject) => Object.assign(load, { resolve, reject }))
        loads.push(load)
        return load.promise
      },
      { ttl: '100ms', clock, maxEntries: 4 },
    )
    const invalidated = new Array(6).fill(0)
    const answers = []
    let checked = 0
    const call = key => {
      const least = invalidated[key]
      const check = value => {
        checked++
        assert.equal(value.key, key)
        assert.ok(value.version > least, `key ${key}: version ${value.version} was invalidated at ${least}`)
      }
      answers.push(f(key).then(check, error => assert.equal(error, null)))
    }
    for (let i = 0; i < 10_000; i++) {
      const key = random(6)
      const act = random(12)
      if (act < 5) call(key)
      else if (act < 9 && loads.length > 0) {
        const [load] = loads.splice(random(loads.length), 1)
        if (random(4) > 0) load.resolve({ key: load.key, version: load.version })
        else load.reject(null)
        if (random(2) > 0) await null
      } else if (act === 9) {
        f.invalidate(key)
        invalidated[key] = version
      } else if (act === 10 && random(10) === 0) {
        f.clear()
        invalidated.fill(version)
      } else clock.time += random(20)
      if (random(20) === 0) await new Promise(resolve => setImmediate(resolve))
    }
    for (const load of loads) load.resolve({ key: load.key, version: load.version })
    await Promise.all(answers)
    await pause()
    assert.ok(checked > 1000)
    const { pending, entries } = f.stats()
    assert.equal(pending, 0)
    assert.ok(entries <= 4)
  })
}
