import assert from 'node:assert/strict'
import { failsWith, gated, outcome, rejects, same, spy, tick, unhandled } from './lib.mjs'
import { alone, scenario } from './scenario.mjs'

/** Failures: never stored, given to every caller as they are, and reported once when nobody handles them. */

const failing = (error = new Error('no')) => {
  const fn = spy(async () => {
    await null
    if (fn.failing) throw error
    return 'fine'
  })
  return Object.assign(fn, { error, failing: true })
}

export const errors = [
  scenario('a rejection is not stored', [], async ({ wrap }) => {
    const fn = failing()
    const { f } = wrap(fn)
    await outcome(f('a'))
    await tick()
    fn.failing = false
    assert.equal(await f('a'), 'fine')
    assert.equal(await f('a'), 'fine')
    assert.equal(fn.runs, 2, `the function ran ${fn.runs} times`)
  }),
  scenario('the caller gets the very error', [], async ({ wrap }) => {
    const fn = failing()
    await rejects(wrap(fn).f('a'), fn.error, 'the caller')
  }),
  scenario('a function that throws before its first await: the caller gets its error', [], async t => {
    const error = new Error('no')
    let runs = 0
    const { f } = t.wrap(() => {
      if (++runs === 1) throw error
      return Promise.resolve('fine')
    })
    await failsWith((async () => f('a'))(), error, 'the caller')
    await tick()
    assert.equal(await f('a'), 'fine')
  }),
  scenario('calling again in the very catch runs the function again', [], async ({ wrap }) => {
    const fn = failing()
    const { f } = wrap(fn)
    try {
      await f('a')
    } catch {
      fn.failing = false
      assert.equal(await f('a'), 'fine')
    }
    assert.equal(fn.runs, 2, `the function ran ${fn.runs} times`)
  }),
  scenario(
    'a sync function: a throw is not stored, and the catch may call again',
    ['sync'],
    async ({ wrap }) => {
      const error = new Error('no')
      let runs = 0
      const { f } = wrap(
        () => {
          if (++runs === 1) throw error
          return runs
        },
        { sync: true },
      )
      let caught
      try {
        f('a')
      } catch (thrown) {
        caught = thrown
        assert.equal(f('a'), 2)
      }
      same(caught, error, 'the error')
      assert.equal(f('a'), 2)
    },
  ),
  scenario('callers of one failing run all get its error', [], async ({ wrap }) => {
    const fn = failing()
    const { f } = wrap(fn)
    await Promise.all([1, 2, 3].map(() => failsWith(f('a'), fn.error, 'a caller')))
    assert.equal(fn.runs, 1, `the function ran ${fn.runs} times`)
  }),
  scenario('a rejection without an error is a rejection for every caller', [], async ({ wrap }) => {
    const { f } = wrap(async () => {
      await null
      throw undefined
    })
    for (const call of [f('a'), f('a')]) await rejects(call, undefined, 'a caller')
  }),
  scenario('a reload that fails gives its error, not the expired value', ['ttl'], async ({ wrap, pass }) => {
    const fn = failing()
    fn.failing = false
    const { f } = wrap(fn, { ttl: 1 })
    await f('a')
    await pass(2)
    fn.failing = true
    await failsWith(f('a'), fn.error, 'the caller')
  }),
  scenario('a failure of one key leaves the others alone', [], async ({ wrap }) => {
    const load = gated()
    const { f } = wrap(load.fn)
    const a = outcome(f('a'))
    const b = outcome(f('b'))
    const [first, second] = [await load.run(0), await load.run(1)]
    first.reject(new Error('no'))
    assert.equal((await a).failed, true)
    second.resolve(2)
    assert.equal((await b).value, 2)
    assert.equal(await f('b'), 2)
    assert.equal(load.runs.length, 2)
  }),

  alone('no unhandledRejection when every caller handles it', [], async ({ wrap }) => {
    const { f } = wrap(failing())
    const seen = await unhandled(async () => {
      await Promise.allSettled([f('a'), f('a'), f('a')])
    })
    assert.equal(seen.length, 0, `${seen.length} of them`)
  }),
  alone('exactly one unhandledRejection when three callers of one run ignore it', [], async ({ wrap }) => {
    const fn = failing()
    const { f } = wrap(fn)
    const seen = await unhandled(async () => {
      for (let i = 0; i < 3; i++) f('a')
    })
    assert.equal(seen.length, 1, `${seen.length} of them`)
    same(seen[0], fn.error, 'the error')
  }),
]
