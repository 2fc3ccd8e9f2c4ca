import assert from 'node:assert/strict'
import { failsWith, gated, isOpen, outcome, same, soon, tick, unhandled } from './lib.mjs'
import { alone, scenario } from './scenario.mjs'

/** Expired values that are better than none: while a load runs, when it fails, when it is slow; and loads ahead of time. */

const WINDOW = 6

/** A wrapped function that has 'old', expired since a unit. */
async function expired({ wrap, pass }, options, units = 2) {
  const load = gated()
  const handle = wrap(load.fn, { ttl: 1, ...options })
  // Not as a method of the handle: `this` would be a part of the key.
  const { f } = handle
  const start = f('a')
  ;(await load.run(0)).resolve('old')
  await start
  await tick()
  await pass(units)
  return { ...handle, load }
}

const revalidate = { stale: WINDOW }

async function silent(run) {
  const seen = await unhandled(run)
  assert.equal(seen.length, 0, `${seen.length} unhandled rejections`)
}

export const stale = [
  scenario('stale while revalidate: the old value at once, the new one afterwards', ['swr'], async t => {
    const { f, load } = await expired(t, revalidate)
    same(await soon(f('a'), 'the caller'), 'old', 'the result')
    const second = await load.run(1)
    second.resolve('new')
    await tick()
    same(await soon(f('a'), 'the next caller'), 'new', 'the next result')
    assert.equal(load.runs.length, 2, `the function ran ${load.runs.length} times`)
  }),
  scenario('stale while revalidate: one load for all callers', ['swr'], async t => {
    const { f, load } = await expired(t, revalidate)
    const first = await Promise.all(Array.from({ length: 5 }, () => soon(f('a'), 'a caller')))
    await load.run(1)
    const later = await Promise.all(Array.from({ length: 5 }, () => soon(f('a'), 'a later caller')))
    assert.deepEqual([...first, ...later], Array(10).fill('old'))
    assert.equal(load.runs.length, 2, `the function ran ${load.runs.length} times`)
  }),
  scenario('stale while revalidate: past the window a caller waits', ['swr', 'staleWindow'], async t => {
    const { f, load } = await expired(t, revalidate, 1 + WINDOW + 1)
    const call = outcome(f('a'))
    const second = await load.run(1)
    assert.ok(await isOpen(call), 'it got the old value')
    second.resolve('new')
    same((await call).value, 'new', 'the result')
  }),
  scenario('stale while revalidate: when the load fails the next call tries again', ['swr'], async t => {
    const { f, load } = await expired(t, revalidate)
    same(await soon(f('a'), 'the caller'), 'old', 'the result')
    ;(await load.run(1)).reject(new Error('no'))
    await tick()
    same(await soon(f('a'), 'the next caller'), 'old', 'the next result')
    ;(await load.run(2)).resolve('new')
    await tick()
    same(await soon(f('a'), 'the last caller'), 'new', 'the last result')
  }),
  scenario('stale while revalidate: a load that fails is an event', ['swr', 'onError'], async t => {
    const heard = []
    const { f, load } = await expired(t, { ...revalidate, onError: error => heard.push(error) })
    await f('a')
    const error = new Error('no')
    ;(await load.run(1)).reject(error)
    await tick()
    assert.equal(heard.length, 1, `${heard.length} events`)
    await failsWith(Promise.reject(heard[0]), error, 'the event')
  }),
  scenario(
    'stale while revalidate: invalidate during the load, and it is not stored',
    ['swr', 'invalidate'],
    async t => {
      const { f, load, invalidate } = await expired(t, revalidate)
      await f('a')
      const second = await load.run(1)
      await invalidate('a')
      second.resolve('outdated')
      await tick()
      const call = outcome(f('a'))
      ;(await load.run(2)).resolve('new')
      same((await call).value, 'new', 'the next result')
    },
  ),
  alone('stale while revalidate: a load that fails is no unhandledRejection', ['swr'], t =>
    silent(async () => {
      const { f, load } = await expired(t, revalidate)
      await f('a')
      ;(await load.run(1)).reject(new Error('no'))
    }),
  ),

  scenario('stale if error: the old value when the load fails', ['staleIfError'], async t => {
    const { f, load } = await expired(t, { staleIfError: WINDOW })
    const call = outcome(f('a'))
    const second = await load.run(1)
    assert.ok(await isOpen(call), 'it did not wait for the load')
    second.reject(new Error('no'))
    same((await call).value, 'old', 'the result')
    await tick()
    const next = outcome(f('a'))
    ;(await load.run(2)).resolve('new')
    same((await next).value, 'new', 'the next result')
  }),
  scenario('stale if error: past the window the error', ['staleIfError', 'staleWindow'], async t => {
    const { f, load } = await expired(t, { staleIfError: WINDOW }, 1 + WINDOW + 1)
    const error = new Error('no')
    const call = failsWith(f('a'), error, 'the caller')
    ;(await load.run(1)).reject(error)
    await call
  }),
  scenario('stale if error: without an old value the error', ['staleIfError'], async ({ wrap }) => {
    const load = gated()
    const { f } = wrap(load.fn, { ttl: 1, staleIfError: WINDOW })
    const error = new Error('no')
    const call = failsWith(f('a'), error, 'the caller')
    ;(await load.run(0)).reject(error)
    await call
  }),

  scenario('timeout: the old value when the load is slow, which goes on', ['timeout'], async t => {
    const { f, load } = await expired(t, { timeout: 1 })
    const call = outcome(f('a'))
    const second = await load.run(1)
    same((await call).value, 'old', 'the result')
    second.resolve('new')
    await tick()
    same(await soon(f('a'), 'the next caller'), 'new', 'the next result')
    assert.equal(load.runs.length, 2, `the function ran ${load.runs.length} times`)
  }),
  scenario('timeout: without an old value a caller waits', ['timeout'], async ({ wrap, rest }) => {
    const load = gated()
    const { f } = wrap(load.fn, { ttl: 1, timeout: 1 })
    const call = outcome(f('a'))
    const first = await load.run(0)
    await rest(2)
    first.resolve('new')
    same((await call).value, 'new', 'the result')
  }),
  alone('timeout: a load that fails afterwards is no unhandledRejection', ['timeout'], t =>
    silent(async () => {
      const { f, load } = await expired(t, { timeout: 1 })
      const call = outcome(f('a'))
      const second = await load.run(1)
      same((await call).value, 'old', 'the result')
      second.reject(new Error('no'))
    }),
  ),

  scenario(
    'refresh ahead: near expiry the value at once, and a load behind it',
    ['refreshAhead'],
    async t => {
      const load = gated()
      const { f } = t.wrap(load.fn, { ttl: 4, refreshAhead: true })
      const start = f('a')
      const first = await load.run(0)
      await t.pass(1)
      first.resolve('old')
      await start
      await t.pass(3.4)
      same(await soon(f('a'), 'the caller'), 'old', 'the result')
      ;(await load.run(1)).resolve('new')
      await t.pass(1)
      same(await soon(f('a'), 'the next caller'), 'new', 'the next result')
    },
  ),
]
