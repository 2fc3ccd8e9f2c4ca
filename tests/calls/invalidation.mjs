import assert from 'node:assert/strict'
import { failsWith, gated, outcome, same, soon, spy, tick } from './lib.mjs'
import { scenario } from './scenario.mjs'

/** Forgetting, replacing and refreshing: what was invalidated is never served to who calls afterwards. */

/** A wrapped function whose first load runs while the key is forgotten. */
async function forgotten({ wrap }, verb) {
  const load = gated()
  const handle = wrap(load.fn)
  const { f } = handle
  const waiting = outcome(f('a'))
  const first = await load.run(0)
  await (verb === 'clear' ? handle.clear() : handle.invalidate('a'))
  return { ...handle, load, waiting, first }
}

const duringLoad = verb => [
  scenario(`${verb} during a load: who waits gets its value`, [verb], async t => {
    const { waiting, first } = await forgotten(t, verb)
    first.resolve('old')
    const { value, failed, error } = await waiting
    assert.ok(!failed, `it gets the error "${error?.message}"`)
    same(value, 'old', 'the value')
  }),
  scenario(`${verb} during a load: its value is not stored`, [verb], async t => {
    const { f, load, waiting, first } = await forgotten(t, verb)
    first.resolve('old')
    await waiting
    await tick()
    const next = outcome(f('a'))
    ;(await load.run(1)).resolve('new')
    same((await next).value, 'new', 'the next result')
  }),
  scenario(`${verb} during a load: the next call loads at once`, [verb], async t => {
    const { f, load, waiting, first } = await forgotten(t, verb)
    const next = outcome(f('a'))
    const second = await load.run(1)
    first.resolve('old')
    await waiting
    second.resolve('new')
    same((await next).value, 'new', 'the next result')
    same(await f('a'), 'new', 'the one after')
    assert.equal(load.runs.length, 2)
  }),
]

/** A second load has stored its value before the first, forgotten one ends. */
const lateEnd = (what, end) =>
  scenario(`a forgotten load that ${what} late leaves the newer entry alone`, ['invalidate'], async t => {
    const { f, load, waiting, first } = await forgotten(t, 'invalidate')
    const next = outcome(f('a'))
    ;(await load.run(1)).resolve('new')
    await next
    end(first)
    await waiting
    await tick()
    same(await soon(f('a'), 'the next call'), 'new', 'the next result')
    assert.equal(load.runs.length, 2)
  })

export const invalidation = [
  scenario('invalidate: the next call runs the function again', ['invalidate'], async ({ wrap }) => {
    const fn = spy()
    const { f, invalidate } = wrap(fn)
    await f('a')
    await invalidate('a')
    await f('a')
    await f('a')
    assert.equal(fn.runs, 2, `it ran ${fn.runs} times`)
  }),
  scenario('invalidate: other entries and loads stay', ['invalidate'], async ({ wrap }) => {
    const load = gated()
    const { f, invalidate } = wrap(load.fn)
    const calls = [f('a'), f('b')].map(outcome)
    ;(await load.run(0)).resolve('a')
    const other = await load.run(1)
    await calls[0]
    await invalidate('a')
    other.resolve('b')
    await calls[1]
    await tick()
    same(await soon(f('b'), 'the next call'), 'b', 'the other result')
    assert.equal(load.runs.length, 2)
  }),
  ...duringLoad('invalidate'),
  ...duringLoad('clear'),
  lateEnd('resolves', run => run.resolve('old')),
  lateEnd('fails', run => run.reject(new Error('old'))),
  scenario('set during a load: what was set stays', ['set'], async ({ wrap }) => {
    const load = gated()
    const { f, set } = wrap(load.fn)
    const waiting = outcome(f('a'))
    const first = await load.run(0)
    await set(['a'], 'set')
    first.resolve('old')
    await waiting
    await tick()
    same(await soon(f('a'), 'the next call'), 'set', 'the next result')
  }),

  scenario('refresh: others are served the old value until the new one is there', ['refresh'], async t => {
    const load = gated()
    const { f, refresh } = t.wrap(load.fn)
    const start = f('a')
    ;(await load.run(0)).resolve('old')
    await start
    const refreshed = outcome(refresh('a'))
    const second = await load.run(1)
    same(await soon(f('a'), 'another caller'), 'old', 'the result meanwhile')
    second.resolve('new')
    same((await refreshed).value, 'new', 'what refresh gives')
    await tick()
    same(await soon(f('a'), 'the next call'), 'new', 'the next result')
    assert.equal(load.runs.length, 2)
  }),
  scenario('refresh that fails: its caller gets the error, the old entry stays', ['refresh'], async t => {
    const load = gated()
    const { f, refresh } = t.wrap(load.fn)
    const start = f('a')
    ;(await load.run(0)).resolve('old')
    await start
    const error = new Error('no')
    const refreshed = failsWith(refresh('a'), error, 'who refreshes')
    ;(await load.run(1)).reject(error)
    await refreshed
    await tick()
    same(await soon(f('a'), 'the next call'), 'old', 'the next result')
    assert.equal(load.runs.length, 2)
  }),
  scenario('refresh during a load: a load of its own, whose value stays', ['refresh'], async ({ wrap }) => {
    const load = gated()
    const { f, refresh } = wrap(load.fn)
    const waiting = outcome(f('a'))
    const first = await load.run(0)
    const refreshed = outcome(refresh('a'))
    ;(await load.run(1)).resolve('new')
    same((await refreshed).value, 'new', 'what refresh gives')
    first.resolve('old')
    await waiting
    await tick()
    same(await soon(f('a'), 'the next call'), 'new', 'the next result')
  }),
]
