import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { mime } from '../../js/entry/inline.js'
import { counted as spy, deferred, manual, settled } from '../calls/wrapped.mjs'

const run = promisify(execFile)
const JUMPING = `
  const native = Date.now
  let jump = 0
  Date.now = () => native() + jump
  const { mime } = await import('${new URL('../../js/entry/inline.js', import.meta.url)}')
  let calls = 0
  const f = mime(() => ++calls, '1m')
  f()
  for (jump of [3_600_000, -3_600_000, 0]) f()
  const kept = calls
  const short = mime(() => ++calls, '20ms')
  short()
  jump = -3_600_000
  await new Promise(resolve => setTimeout(resolve, 40))
  short()
  console.log(JSON.stringify({ calls: kept, expired: calls - kept }))
`

describe('time', () => {
  test('expired means now >= deadline, checked on each read', () => {
    const clock = manual()
    const fn = spy(x => x)
    const f = mime(fn, { ttl: '10s', clock })
    f(1)
    clock.time = 9999
    f(1)
    assert.equal(fn.calls, 1)
    clock.time = 10_000
    f(1)
    assert.equal(fn.calls, 2)
    assert.equal(f.stats().removals.expired, 1)
  })

  test('a bare number is seconds', () => {
    const clock = manual()
    const fn = spy(x => x)
    const f = mime(fn, { ttl: 2, clock })
    f(1)
    clock.time = 1999
    assert.equal(f.has(1), true)
    clock.time = 2000
    assert.equal(f.has(1), false)
  })

  test('the ttl starts when the value settles, and a running load outlives it', async () => {
    const clock = manual()
    const gate = deferred()
    const fn = spy(() => gate.promise)
    const f = mime(fn, { ttl: '1s', clock })
    const first = f(1)
    clock.time = 5000
    const second = f(1)
    gate.resolve('v')
    await Promise.all([first, second])
    clock.time = 5999
    await f(1)
    assert.equal(fn.calls, 1)
    clock.time = 6000
    f(1)
    assert.equal(fn.calls, 2)
  })

  test('a ttl beyond 2^31 ms works', () => {
    const clock = manual()
    const fn = spy(x => x)
    const f = mime(fn, { ttl: '60d', clock })
    f(1)
    clock.time = 60 * 86_400_000 - 1
    f(1)
    assert.equal(fn.calls, 1)
    clock.time++
    f(1)
    assert.equal(fn.calls, 2)
  })

  test('the ttl may depend on the value', () => {
    const clock = manual()
    const fn = spy(x => x)
    const f = mime(fn, { ttl: (value, args) => (value.length === 0 ? '1s' : args[0] && '1h'), clock })
    f('')
    f('full')
    clock.time = 1000
    f('')
    f('full')
    assert.equal(fn.calls, 3)
  })

  test('a ttl callback that throws or answers nonsense is an event; the caller gets the value', () => {
    for (const ttl of [
      () => {
        throw new Error('bad')
      },
      () => -1,
      () => 'soon',
    ]) {
      // biome-ignore format: one line
      const events = []
      const f = mime(x => x, { ttl, onEvent: event => events.push(event.type) })
      assert.equal(f(1), 1)
      assert.deepEqual(events, ['miss', 'error'])
      assert.equal(f.has(1), false)
      assert.equal(f.stats().pending, 0)
    }
  })

  test('what a clock says that is no time makes nothing immortal', () => {
    for (const wrong of [Infinity, -Infinity, NaN]) {
      let [time, calls] = [0, 0]
      const load = () => ({ call: ++calls })
      const f = mime(load, { ttl: '10ms', clock: { now: () => time } })
      f(1)
      time = wrong
      assert.notEqual(f(2), f(2))
      assert.notEqual(f(1), f(1))
      time = 1000
      assert.equal(f(3), f(3))
      assert.equal(calls, 6)
      time = 2000
      assert.deepEqual(
        [1, 2, 3].map(x => f.has(x)),
        [false, false, false],
        `${wrong}`,
      )
    }
  })

  test('the system clock jumping either way changes nothing in memory', async () => {
    // In a process of its own, where the jumping clock is the native one from the start: replaced later it would count as a fake timer.
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', JUMPING])
    assert.deepEqual(JSON.parse(stdout), { calls: 1, expired: 2 })
  })

  test('fake timers of node:test drive the ttl', t => {
    t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
    const fn = spy(x => x)
    const f = mime(fn, '1m')
    f(1)
    t.mock.timers.tick(59_999)
    f(1)
    assert.equal(fn.calls, 1)
    t.mock.timers.tick(1)
    f(1)
    assert.equal(fn.calls, 2)
  })
})

describe('bounds', () => {
  test('a default function is bounded', () => {
    const f = mime(x => x)
    for (let i = 0; i < 30_000; i++) f(i)
    const { entries, removals } = f.stats()
    assert.equal(entries, 10_000)
    assert.equal(removals.size, 20_000)
  })

  test('evicted values are let go', async () => {
    const { setFlagsFromString } = await import('node:v8')
    const { runInNewContext } = await import('node:vm')
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc')
    const f = mime(() => ({ big: 1 }), { maxEntries: 10 })
    const refs = []
    for (let i = 0; i < 1000; i++) refs.push(new WeakRef(f(i)))
    await settled(1)
    gc()
    assert.ok(refs.filter(ref => ref.deref()).length <= 10)
  })
})
