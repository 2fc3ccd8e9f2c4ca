import assert from 'node:assert/strict'
import { gated, outcome, same, spy, tick } from './lib.mjs'
import { scenario } from './scenario.mjs'

/** Entries forgotten by what they are about. */

const byUser = { tags: ([id]) => [`user:${id}`, 'users'] }

export const tags = [
  scenario(
    'a tag removes the entries that have it, and no other',
    ['tags'],
    async ({ wrap, invalidateTags }) => {
      const fn = spy()
      const { f } = wrap(fn, byUser)
      for (const id of [1, 2]) await f(id)
      await tick()
      await invalidateTags('user:1')
      await f(2)
      assert.equal(fn.runs, 2, 'the other entry went too')
      await f(1)
      assert.equal(fn.runs, 3, 'the entry stayed')
      await invalidateTags('users')
      for (const id of [1, 2]) await f(id)
      assert.equal(fn.runs, 5, 'an entry stayed')
    },
  ),
  scenario('a tag may be worked out from the result', ['tags'], async ({ wrap, invalidateTags }) => {
    const fn = spy(async () => ({ team: 'core' }))
    const { f } = wrap(fn, { tags: (_, { team }) => [team] })
    await f('a')
    await tick()
    await invalidateTags('core')
    await f('a')
    assert.equal(fn.runs, 2, 'the entry stayed')
  }),
  scenario('a tag reaches the entries of every function', ['tags'], async ({ wrap, invalidateTags }) => {
    const fns = [spy(), spy()]
    const handles = fns.map(fn => wrap(fn, byUser))
    for (const { f } of handles) await f(1)
    await tick()
    await invalidateTags('user:1')
    for (const { f } of handles) await f(1)
    assert.deepEqual(
      fns.map(fn => fn.runs),
      [2, 2],
    )
  }),
  scenario("'user:*' removes by prefix", ['tagPrefix'], async ({ wrap, invalidateTags }) => {
    const fn = spy()
    const { f } = wrap(fn, { tags: ([id]) => [id] })
    for (const id of ['user:1', 'user:2', 'team:1']) await f(id)
    await tick()
    await invalidateTags('user:*')
    await f('team:1')
    assert.equal(fn.runs, 3, 'another entry went too')
    for (const id of ['user:1', 'user:2']) await f(id)
    assert.equal(fn.runs, 5, 'an entry stayed')
  }),
  scenario('a tag during a load: its value is not stored', ['tags'], async ({ wrap, invalidateTags }) => {
    const load = gated()
    const { f } = wrap(load.fn, byUser)
    const waiting = outcome(f(1))
    const first = await load.run(0)
    await invalidateTags('user:1')
    await tick()
    first.resolve('old')
    same((await waiting).value, 'old', 'who waited')
    await tick()
    const next = outcome(f(1))
    ;(await load.run(1)).resolve('new')
    same((await next).value, 'new', 'the next result')
  }),
  scenario(
    'what is loaded right after a tag was invalidated stays',
    ['tags'],
    async ({ wrap, invalidateTags }) => {
      const fn = spy()
      const { f } = wrap(fn, byUser)
      await f(1)
      for (let i = 0; i < 20; i++) {
        await invalidateTags('user:1')
        await f(1)
        await f(1)
      }
      assert.equal(fn.runs, 21, `the function ran ${fn.runs} times, not 21`)
    },
  ),
]
