// Arguments that change after the call: a load that had to wait for a store, a lock or a body gets what was there at the call.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'

/** A store that takes its time to answer. */
function slowStore() {
  const { getSync, ...store } = memoryStore()
  return {
    ...store,
    get: async key => {
      await sleep(1)
      return getSync(key)
    },
  }
}

const KINDS = {
  property: [o => o.n, { n: 1 }, o => (o.n = 2)],
  'property deep inside': [o => o.list[0].n, { list: [{ n: 1 }] }, o => (o.list[0].n = 2)],
  'item of an array': [o => o[1], [0, 1], o => (o[1] = 2)],
  'length of an array': [o => o.length, [0], o => o.push(2)],
  'value of a Map': [o => o.get('n'), new Map([['n', 1]]), o => o.set('n', 2)],
  'member of a Set': [o => [...o][0], new Set([1]), o => o.clear()],
  time: [o => +o, new Date(1), o => o.setTime(2)],
  byte: [o => o[0], new Uint8Array([1]), o => (o[0] = 2)],
  parameter: [o => o.get('n'), new URLSearchParams('n=1'), o => o.set('n', '2')],
}

for (const [what, [read, argument, change]] of Object.entries(KINDS)) {
  test(`a ${what} that changes while the store is asked changes nothing`, async () => {
    const store = slowStore()
    const wrap = () => createMime({ store })(async o => read(o), { name: 'f', version: '1' })
    const f = wrap()
    const before = structuredCloneOf(argument)
    const expected = read(before)
    const answers = [f(argument), f(structuredCloneOf(argument))]
    change(argument)
    assert.deepEqual(await Promise.all(answers), [expected, expected])
    assert.notEqual(read(argument), expected)
    assert.equal(await f(before), expected)
    assert.equal(await f(argument), read(argument))
    await f.flush()
    const g = wrap()
    assert.deepEqual([await g(before), await g(argument)], [expected, read(argument)])
    assert.equal(g.stats().loads, 0)
  })
}

/** @param {any} value */
function structuredCloneOf(value) {
  return value instanceof URLSearchParams ? new URLSearchParams(value) : structuredClone(value)
}

test('one object for many calls: each gets its own answer', async () => {
  const f = createMime({ store: slowStore() })(async o => o.n * 10, { name: 'f' })
  const options = { n: 0 }
  const answers = []
  for (; options.n < 5; options.n++) answers.push(f(options))
  assert.deepEqual(await Promise.all(answers), [0, 10, 20, 30, 40])
})

test('an argument that did not change is what the function gets, and a getter is read once', async () => {
  const given = []
  let reads = 0
  const f = createMime({ store: slowStore() })(async o => given.push(o), { name: 'f' })
  const plain = { n: 1 }
  await f(plain)
  assert.equal(given[0], plain)
  const withGetter = {
    get m() {
      return ++reads
    },
  }
  await f(withGetter)
  assert.deepEqual([given[1] === withGetter, reads], [true, 1])
})

test('signals stay in their place', async () => {
  const f = createMime({ store: slowStore() })(
    async (o, { signal }, last) => [o.n, signal instanceof AbortSignal, last instanceof AbortSignal],
    { name: 'f' },
  )
  const o = { n: 1 }
  const { signal } = new AbortController()
  const answer = f(o, { signal, x: 1 }, signal)
  o.n = 2
  const [n, , last] = await answer
  assert.deepEqual([n, last], [1, true])
})

test('what cannot be had as it was is stored nowhere, and who joined gets his own', async () => {
  class Version {
    constructor(n) {
      this.n = n
    }
    [mime.key]() {
      return this.n
    }
  }
  const store = slowStore()
  const f = createMime({ store })(async v => v.n, { name: 'f' })
  const first = new Version(1)
  const answers = [f(first), f(new Version(1)), f(new Version(1))]
  first.n = 2
  const [, second, third] = await Promise.all(answers)
  assert.deepEqual([second, third], [1, 1])
  assert.equal(await f(new Version(1)), 1)
  assert.equal(await f(new Version(2)), 2)
  assert.equal(f.stats().pending, 0)
  await f.flush()
  const g = createMime({ store })(async v => v.n, { name: 'f' })
  assert.deepEqual([await g(new Version(1)), await g(new Version(2))], [1, 2])
})

test('the same for a key too long to be kept whole', async () => {
  const f = createMime({ store: slowStore() })(async o => o.n, { name: 'f' })
  const long = n => ({ n, text: 'x'.repeat(200_000) })
  const first = long(1)
  const answers = [f(first), f(long(1))]
  first.n = 2
  assert.equal((await Promise.all(answers))[1], 1)
  assert.deepEqual([await f(long(1)), await f(long(2))], [1, 2])
  assert.equal(f.stats().pending, 0)
})

test('a Request whose body is read first: the other arguments count as they were', async () => {
  const request = () => new Request('http://a.test/', { method: 'POST', body: 'b' })
  // Not known to be async at its first call, and it changes what it gets.
  const f = mime((_, o) => Promise.resolve(`for ${o.n++}`))
  assert.equal(await f(request(), { n: 1 }), 'for 1')
  assert.equal(await f(request(), { n: 2 }), 'for 2')
  assert.equal(await f(request(), { n: 1 }), 'for 1')
  const g = mime(async (_, o) => `for ${o.n}`)
  const options = { n: 1 }
  const answer = g(request(), options)
  options.n = 2
  assert.deepEqual(
    [await answer, await g(request(), { n: 1 }), await g(request(), options)],
    ['for 1', 'for 1', 'for 2'],
  )
})

test('who joined and has to call the function himself calls it with what he gave', async () => {
  const tagged = createMime()
  const f = tagged(
    async o => {
      await sleep(5)
      return o.n
    },
    { tags: () => ['t'] },
  )
  const answers = [f({ n: 1 })]
  tagged.invalidateTags('t')
  const second = { n: 1 }
  answers.push(f(second))
  second.n = 2
  assert.deepEqual(await Promise.all(answers), [1, 1])

  const g = mime(async o => ({ n: o.n, f() {} }), { clone: true })
  const third = { n: 1 }
  const both = [g({ n: 1 }), g(third)]
  third.n = 2
  assert.deepEqual(
    (await Promise.all(both)).map(({ n }) => n),
    [1, 1],
  )
})
