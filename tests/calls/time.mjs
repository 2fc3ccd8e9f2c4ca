import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gated, outcome, same, spy, tick } from './lib.mjs'
import { alone, scenario } from './scenario.mjs'

/** When an entry has expired, whatever clocks and timers do. */

const HOUR = 3_600_000

const wall = { jump: 0 }

/** From here on the system's clock can be set; monotonic clocks go on. */
function settableClock() {
  const Native = Date
  globalThis.Date = class Date extends Native {
    constructor(...args) {
      if (args.length === 0) super(Native.now() + wall.jump)
      else super(...args)
    }
    static now() {
      return Native.now() + wall.jump
    }
  }
}

/** Counts timers that were started and have neither run nor been cleared; only those of who looks `setTimeout` up when it needs it. */
const timers = { live: new Set() }
function countTimers() {
  const { setTimeout: native, clearTimeout: clear } = globalThis
  globalThis.setTimeout = (run, ms, ...args) => {
    const timer = native(
      (...given) => {
        timers.live.delete(timer)
        run(...given)
      },
      ms,
      ...args,
    )
    timers.live.add(timer)
    return timer
  }
  globalThis.clearTimeout = timer => {
    timers.live.delete(timer)
    clear(timer)
  }
}

function collectGarbage() {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

export const time = [
  scenario('within its ttl a hit, afterwards a run', ['ttl'], async ({ wrap, pass }) => {
    const fn = spy()
    const { f } = wrap(fn, { ttl: 2 })
    await f('a')
    await pass(1)
    await f('a')
    assert.equal(fn.runs, 1, 'it expired too soon')
    await pass(2)
    await f('a')
    assert.equal(fn.runs, 2, 'it has not expired')
  }),
  scenario('hits do not prolong a ttl', ['ttl'], async ({ wrap, pass }) => {
    const fn = spy()
    const { f } = wrap(fn, { ttl: 2 })
    await f('a')
    await pass(1)
    await f('a')
    await pass(1.5)
    await f('a')
    assert.equal(fn.runs, 2, 'it lives on')
  }),
  scenario('the ttl starts when the value is there', ['ttl'], async ({ wrap, pass }) => {
    const load = gated()
    const { f } = wrap(load.fn, { ttl: 2 })
    const call = f('a')
    const run = await load.run(0)
    await pass(3)
    run.resolve('value')
    await call
    await tick()
    await pass(1)
    const next = outcome(f('a'))
    await tick()
    assert.equal(load.runs.length, 1, 'it expired too soon')
    same((await next).value, 'value', 'the result')
  }),
  scenario('a running load outlives its ttl: later callers join it', ['ttl'], async ({ wrap, pass }) => {
    const load = gated()
    const { f } = wrap(load.fn, { ttl: 1 })
    const calls = [outcome(f('a'))]
    const run = await load.run(0)
    await pass(2)
    calls.push(outcome(f('a')))
    await tick()
    assert.equal(load.runs.length, 1, 'a second run')
    run.resolve('value')
    for (const { value } of await Promise.all(calls)) same(value, 'value', 'a result')
  }),
  scenario(
    'an event loop blocked past the ttl does not serve the old value',
    ['ttl'],
    async ({ wrap, block }) => {
      const fn = spy()
      const { f } = wrap(fn, { ttl: 1 })
      await f('a')
      await tick()
      await null
      block(2)
      await f('a')
      assert.equal(fn.runs, 2, 'it does')
    },
  ),
  scenario('a ttl by the value', ['ttlOf'], async ({ wrap, pass }) => {
    const fn = spy()
    const { f } = wrap(fn, { ttlOf: value => (value === 'short' ? 1 : 10) })
    for (const key of ['short', 'long']) await f(key)
    await pass(2)
    await f('long')
    assert.equal(fn.runs, 2, 'the long one expired')
    await f('short')
    assert.equal(fn.runs, 3, 'the short one has not expired')
  }),
  scenario('a ttl of 30 days, which is more than a timer can wait', ['ttl'], async ({ wrap }) => {
    const fn = spy()
    const { f } = wrap(fn, { days: 30 })
    await f('a')
    // A timer that overflows runs after a millisecond.
    await new Promise(resolve => setTimeout(resolve, 20))
    await f('a')
    assert.equal(fn.runs, 1, 'it expired at once')
  }),
  scenario('jitter: entries of one moment do not all expire together, none late', ['jitter'], async t => {
    const fn = spy()
    const { f } = t.wrap(fn, { ttl: 4, jitter: 0.5 })
    const keys = Array.from({ length: 200 }, (_, i) => i)
    for (const key of keys) await f(key)
    await t.pass(3)
    fn.runs = 0
    for (const key of keys) await f(key)
    assert.ok(fn.runs > 0 && fn.runs < keys.length, `${fn.runs} of ${keys.length} have expired`)
    await t.pass(4)
    fn.runs = 0
    for (const key of keys) await f(key)
    assert.equal(fn.runs, keys.length, `only ${fn.runs} have expired in the end`)
  }),
  scenario('expired entries that nobody reads are freed', ['ttl'], async ({ wrap, pass }) => {
    const results = []
    const { f } = wrap(
      async () => {
        const value = { list: Array(100).fill(0) }
        results.push(new WeakRef(value))
        return value
      },
      { ttl: 1, freed: true },
    )
    for (let i = 0; i < 200; i++) await f(`a${i}`)
    await pass(3)
    // Something has to happen, but not to these keys.
    for (let i = 0; i < 200; i++) await f(`b${i}`)
    await tick()
    collectGarbage()
    await tick()
    const kept = results.slice(0, 200).filter(ref => ref.deref() !== undefined).length
    assert.ok(kept <= 20, `${kept} of 200 are still held`)
  }),

  alone(
    'the system clock an hour ahead: nothing expires early',
    ['ttl'],
    async ({ wrap, rest }) => {
      const fn = spy()
      const { f } = wrap(fn, { ttl: 30 })
      await f('a')
      wall.jump = HOUR
      await rest(1)
      await f('a')
      assert.equal(fn.runs, 1, 'it does')
    },
    settableClock,
  ),
  alone(
    'the system clock an hour back: nothing lives longer',
    ['ttl'],
    async ({ wrap, rest }) => {
      const fn = spy()
      const { f } = wrap(fn, { ttl: 1 })
      await f('a')
      wall.jump = -HOUR
      await rest(2.5)
      await f('a')
      assert.equal(fn.runs, 2, 'it does')
    },
    settableClock,
  ),
  alone('a cache with entries does not keep the process alive', ['ttl'], async ({ wrap }) => {
    const alive = () => process.getActiveResourcesInfo().filter(kind => kind !== 'Immediate').length
    await tick()
    const before = alive()
    const { f } = wrap(spy(), { ttl: 30 })
    for (const key of ['a', 'b', 'c']) await f(key)
    await tick(20)
    assert.equal(alive(), before, 'it does')
  }),
  alone(
    'a thousand entries: at most one timer',
    ['ttl'],
    async ({ wrap }) => {
      const { f } = wrap(spy(), { ttl: 30 })
      await f('first')
      timers.live.clear()
      for (let i = 0; i < 1000; i++) await f(i)
      await tick()
      assert.ok(timers.live.size <= 1, `${timers.live.size} timers`)
    },
    countTimers,
  ),
]
