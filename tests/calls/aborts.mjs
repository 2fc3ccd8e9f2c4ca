import assert from 'node:assert/strict'
import { gated, isOpen, outcome, same, tick } from './lib.mjs'
import { scenario } from './scenario.mjs'

/** AbortSignal: each caller leaves alone, and the load ends with the last. */

/** Two callers of one load, each with a signal of its own. */
async function twoCallers({ wrap }, place = signal => signal) {
  const load = gated()
  const handle = wrap(load.fn, { signal: true })
  const { f } = handle
  const [one, two] = [new AbortController(), new AbortController()]
  const first = outcome(f('a', place(one.signal)))
  const run = await load.run(0)
  const second = outcome(f('a', place(two.signal)))
  await tick()
  return { ...handle, load, run, one, two, first, second }
}

export const aborts = [
  scenario('a signal is no part of the key', ['signal'], async t => {
    const { load, run, first, second } = await twoCallers(t)
    run.resolve('value')
    assert.deepEqual([(await first).value, (await second).value], ['value', 'value'])
    assert.equal(load.runs.length, 1, `the function ran ${load.runs.length} times`)
  }),
  scenario('nor is one in an options object', ['signal'], async t => {
    const { load, run, first, second } = await twoCallers(t, signal => ({ fast: true, signal }))
    run.resolve('value')
    assert.deepEqual([(await first).value, (await second).value], ['value', 'value'])
    assert.equal(load.runs.length, 1, `the function ran ${load.runs.length} times`)
  }),
  scenario('who aborts leaves alone, at once, with the own reason', ['signal'], async t => {
    const { run, one, first, second } = await twoCallers(t)
    const reason = new Error('mine')
    one.abort(reason)
    assert.ok(!(await isOpen(first)), 'it has to wait')
    same((await first).error, reason, 'its error')
    assert.ok(await isOpen(second), 'the other left too')
    run.resolve('value')
    same((await second).value, 'value', "the other's result")
  }),
  scenario('the second of two may leave too', ['signal'], async t => {
    const { run, two, first, second } = await twoCallers(t)
    const reason = new Error('mine')
    two.abort(reason)
    assert.ok(!(await isOpen(second)), 'it has to wait')
    same((await second).error, reason, 'its error')
    run.resolve('value')
    same((await first).value, 'value', "the other's result")
  }),
  scenario("the function's signal aborts when the last caller has left", ['signal'], async t => {
    const { run, one, two, first, second } = await twoCallers(t)
    const signal = run.args[1]
    one.abort(new Error('first'))
    await tick()
    assert.equal(signal.aborted, false, 'it aborts with the first')
    two.abort(new Error('last'))
    await tick()
    assert.equal(signal.aborted, true, 'it does not')
    run.reject(signal.reason)
    assert.equal((await first).error.message, 'first')
    assert.equal((await second).error.message, 'last')
  }),
  scenario('when the last has left, the next call loads at once', ['signal'], async t => {
    const { f, load, run, one, two, first, second } = await twoCallers(t)
    one.abort()
    two.abort()
    await Promise.all([first, second])
    const call = outcome(f('a', new AbortController().signal))
    const next = await load.run(1)
    run.resolve('old')
    next.resolve('new')
    same((await call).value, 'new', 'the result')
    await tick()
    same(await f('a', new AbortController().signal), 'new', 'the next result')
  }),
  scenario('a signal that has aborted starts no load', ['signal'], async ({ wrap }) => {
    const load = gated()
    const { f } = wrap(load.fn, { signal: true })
    const reason = new Error('before')
    const { error } = await outcome(f('a', AbortSignal.abort(reason)))
    same(error, reason, 'the error')
    assert.equal(load.runs.length, 0, 'it runs')
  }),
]
