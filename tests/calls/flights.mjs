import assert from 'node:assert/strict'
import { gated, outcome, same, spy, tick } from './lib.mjs'
import { scenario } from './scenario.mjs'

/** Loads that run: who joins them, what they may not disturb, and functions that call themselves. */

export const flights = [
  scenario('callers at the same time share one run', [], async ({ wrap }) => {
    const load = gated()
    const { f } = wrap(load.fn)
    const calls = [f('a'), f('a')]
    const run = await load.run(0)
    calls.push(f('a'))
    await tick()
    run.resolve('value')
    assert.deepEqual(await Promise.all(calls), ['value', 'value', 'value'])
    assert.equal(load.runs.length, 1, `the function ran ${load.runs.length} times`)
  }),
  scenario('in the moments around settling, no second run', [], async ({ wrap }) => {
    const load = gated()
    const { f } = wrap(load.fn)
    const calls = [outcome(f('a'))]
    const run = await load.run(0)
    run.resolve('value')
    for (let i = 0; i < 30; i++) {
      await null
      calls.push(outcome(f('a')))
    }
    await tick(10)
    assert.equal(load.runs.length, 1, `the function ran ${load.runs.length} times`)
    for (const { value } of await Promise.all(calls)) same(value, 'value', 'a result')
  }),
  scenario('a load that never ends holds up no other key', [], async ({ wrap }) => {
    const load = gated()
    const { f } = wrap(load.fn)
    outcome(f('a'))
    await load.run(0)
    const other = f('b')
    ;(await load.run(1)).resolve('other')
    assert.equal(await other, 'other')
  }),
  scenario(
    'with nothing kept, callers at the same time still share one run',
    ['noStore'],
    async ({ wrap }) => {
      const load = gated()
      const { f } = wrap(load.fn, { noStore: true })
      const calls = [f('a'), f('a')]
      ;(await load.run(0)).resolve(1)
      assert.deepEqual(await Promise.all(calls), [1, 1])
      const next = f('a')
      ;(await load.run(1)).resolve(2)
      assert.equal(await next, 2)
    },
  ),
  scenario('room for two, three loads at once: all three resolve', ['max'], async ({ wrap }) => {
    const load = gated()
    const { f } = wrap(load.fn, { max: 2 })
    const calls = ['a', 'b', 'c'].map(key => f(key))
    const runs = [await load.run(0), await load.run(1), await load.run(2)]
    for (const run of runs) run.resolve(run.args[0])
    assert.deepEqual(await Promise.all(calls), ['a', 'b', 'c'])
  }),
  scenario('recursion through the wrapped name: fib(50) makes 51 runs', ['sync'], async ({ wrap }) => {
    let runs = 0
    const { f } = wrap(
      n => {
        runs++
        return n < 2 ? n : f(n - 1) + f(n - 2)
      },
      { sync: true },
    )
    assert.equal(f(50), 12586269025)
    assert.equal(runs, 51, `it made ${runs}`)
  }),
  scenario('async recursion through the wrapped name', [], async ({ wrap }) => {
    const fn = spy(async n => {
      if (n < 2) return n
      const [a, b] = await Promise.all([f(n - 1), f(n - 2)])
      return a + b
    })
    const { f } = wrap(fn)
    assert.equal(await f(30), 832040)
    assert.equal(fn.runs, 31, `it made ${fn.runs} runs`)
  }),
  scenario('an async function that awaits its own key gets an error', [], async ({ wrap }) => {
    const { f } = wrap(async key => {
      await null
      const own = await f(key)
      return own
    })
    const { failed, error } = await outcome(f('a'))
    assert.ok(failed && error instanceof Error, 'it gets none')
  }),
  scenario('…and when its own key comes back through another one', [], async ({ wrap }) => {
    const { f } = wrap(async key => {
      await null
      const other = await f(key === 'a' ? 'b' : 'a')
      return other
    })
    const { failed, error } = await outcome(f('a'))
    assert.ok(failed && error instanceof Error, 'it gets none')
  }),
]
