import assert from 'node:assert/strict'
import { same, spy } from './lib.mjs'
import { scenario } from './scenario.mjs'

/** What comes back: every value, of its type, and once for each caller where it can be read only once. */

const kept = (what, ...results) =>
  scenario(`${what}: a result like any other`, [], async ({ wrap }) => {
    for (const value of results) {
      const fn = spy(async () => value)
      const { f } = wrap(fn)
      same(await f('a'), value, 'the first call')
      same(await f('a'), value, 'the second call')
      assert.equal(fn.runs, 1, `the function ran ${fn.runs} times`)
    }
  })

const readTwice = (what, make, read) =>
  scenario(`${what}: a second caller reads all of it too`, [], async ({ wrap }) => {
    const { f } = wrap(async () => make())
    assert.equal(await read(await f('a')), '123', 'the first caller')
    assert.equal(await read(await f('a')), '123', 'the second caller')
  })

export const values = [
  kept('undefined', undefined),
  kept('null', null),
  kept("0, -0, NaN, false and ''", 0, -0, NaN, false, ''),
  kept('an Error that is returned', new Error('a value')),
  kept('a function', () => 1),

  scenario('memory hands back the same reference', [], async ({ wrap }) => {
    const { f } = wrap(async () => ({ a: 1 }))
    same(await f('a'), await f('a'), 'the second result')
  }),
  scenario('a hit has the types of the first result', [], async ({ wrap }) => {
    const { f } = wrap(async () => ({ map: new Map([[1, new Date(5)]]), big: 2n, no: undefined, minus: -0 }))
    const first = await f('a')
    assert.deepEqual(await f('a'), first)
  }),
  scenario('a hit on an async function is a promise', [], async ({ wrap }) => {
    const { f } = wrap(async () => 1)
    await f('a')
    assert.equal(typeof f('a')?.then, 'function', 'it is the plain value')
  }),
  scenario('a thenable is awaited once', [], async ({ wrap }) => {
    let awaited = 0
    const { f } = wrap(() => ({
      then(resolve, reject) {
        return Promise.resolve(++awaited).then(resolve, reject)
      },
    }))
    assert.equal(await f('a'), 1, 'the first result')
    assert.equal(await f('a'), 1, 'the second result')
    assert.equal(awaited, 1, `it was awaited ${awaited} times`)
  }),
  scenario('clone: what a caller changes, no other caller sees', ['clone'], async ({ wrap }) => {
    const { f } = wrap(async () => ({ list: [1] }), { clone: true })
    const [first, second] = await Promise.all([f('a'), f('a')])
    first.list.push(2)
    assert.deepEqual(second, { list: [1] }, 'a caller at the same time')
    assert.deepEqual(await f('a'), { list: [1] }, 'a later caller')
  }),
  scenario('clone: Map, Date, -0 and cycles survive', ['clone'], async ({ wrap }) => {
    const { f } = wrap(
      async () => {
        const value = { map: new Map([[1, new Date(5)]]), minus: -0 }
        return Object.assign(value, { self: value })
      },
      { clone: true },
    )
    await f('a')
    const { map, minus, self } = await f('a')
    assert.deepEqual([map, minus], [new Map([[1, new Date(5)]]), -0])
    assert.equal(self.self, self)
  }),
  scenario('freeze: a result cannot be changed, at any depth', ['freeze'], async ({ wrap }) => {
    const { f } = wrap(async () => ({ deep: { list: [1] } }), { freeze: true })
    await f('a')
    const value = await f('a')
    assert.throws(() => value.deep.list.push(2), TypeError)
    assert.throws(() => {
      value.deep = 1
    }, TypeError)
  }),
  readTwice(
    'a generator',
    function* () {
      yield* '123'
    },
    items => [...items].join(''),
  ),
  readTwice(
    'a stream',
    () => new Blob(['123']).stream(),
    stream => new Response(stream).text(),
  ),
  readTwice(
    'a Response',
    () => new Response('123'),
    response => response.text(),
  ),
  scenario('a Response: callers at the same time each read all of it', [], async ({ wrap }) => {
    const fn = spy(async () => new Response('123'))
    const { f } = wrap(fn)
    const texts = await Promise.all([f('a'), f('a'), f('a')].map(async response => (await response).text()))
    assert.deepEqual(texts, ['123', '123', '123'])
    assert.equal(fn.runs, 1, `the function ran ${fn.runs} times`)
  }),
]
