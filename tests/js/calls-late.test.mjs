// Arguments that change after the call: a load that had to wait for a store, a lock or a body gets what was there at the call.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'
import { manual, settled } from '../calls/wrapped.mjs'

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

for (const [what, [read, original, change]] of Object.entries(KINDS)) {
  test(`a ${what} that changes while the store is asked changes nothing`, async () => {
    const argument = structuredCloneOf(original)
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
  assert.deepEqual([given.length, reads], [2, 1])
})

test('beside a getter, which is read once, what changes changes nothing', async () => {
  let reads = 0
  const make = id => ({
    id,
    get name() {
      reads++
      return 'n'
    },
  })
  const f = createMime({ store: slowStore() })(async o => o.id, { name: 'f' })
  const first = make(1)
  const answer = f(first)
  first.id = 2
  assert.equal(await answer, 1)
  assert.equal(reads, 1)
  assert.deepEqual([await f(make(1)), await f(make(2))], [1, 2])
  const items = Object.defineProperty([1, 2], 0, { get: () => ++reads, enumerable: true })
  reads = 0
  await createMime({ store: slowStore() })(async list => list.length, { name: 'g' })(items)
  assert.equal(reads, 1)
})

test('of bytes nobody makes a list of names', async t => {
  const names = t.mock.method(Reflect, 'ownKeys').mock
  const all = t.mock.method(Object, 'getOwnPropertyDescriptors').mock
  const f = createMime({ store: slowStore() })(async (...args) => args.length, { name: 'f' })
  const args = [new Uint8Array(1e5), new Array(1e5).fill(0), new String('x'.repeat(1e5))]
  // Who joins keeps what he gave, too.
  assert.deepEqual(await Promise.all([f(...args), f(...args)]), [3, 3])
  assert.equal(f.stats().coalesced, 1)
  assert.ok(names.calls.every(({ result }) => result === undefined || result.length < 1000))
  assert.equal(all.calls.length, 0)
})

test('signals stay in their place, and the function is told when its last caller has left', async () => {
  const store = slowStore()
  const f = createMime({ store })(async (s, o, { signal }, last) => [o.n, s instanceof AbortSignal, signal instanceof AbortSignal, last instanceof AbortSignal], { name: 'f' }) // biome-ignore format: one line
  const o = { n: 1 }
  const { signal } = new AbortController()
  const answer = f(signal, o, { signal, x: 1 }, signal)
  o.n = 2
  assert.deepEqual(await answer, [1, true, true, true])
  assert.deepEqual(await f(signal, { n: 1 }, { signal, x: 1 }), [1, true, true, true])

  let told
  const g = createMime({ store })(
    ({ signal }) =>
      new Promise(resolve => signal.addEventListener('abort', () => resolve((told = signal.reason)))),
    { name: 'g' },
  )
  const known = await Promise.race([g({ q: { a: 0 }, signal: AbortSignal.abort('known') }).catch(reason => reason), sleep(50)]) // biome-ignore format: one line
  assert.equal(known, 'known')
  const controller = new AbortController()
  const options = { q: { a: 1 }, signal: controller.signal }
  const left = g(options)
  options.q.a = 2
  await sleep(20)
  controller.abort('left')
  await assert.rejects(left, reason => reason === 'left')
  assert.equal(told?.name ?? told, 'left')
})

test('who joined a load of another key by now is not told of its failure', async () => {
  const f = createMime({ store: slowStore() })(
    async ({ id }) => {
      if (id === 2) throw new Error('no 2')
      return id
    },
    { name: 'f', key: o => o.id },
  )
  const [first, second, third] = [{ id: 1 }, { id: 1 }, { id: 1 }]
  const answers = [f(first), f(second), f(third)]
  first.id = 2
  third.id = 3
  await assert.rejects(answers[0], /no 2/)
  assert.deepEqual(await Promise.all(answers.slice(1)), [1, 1])
  assert.equal(f.stats().pending, 0)
})

test('what counts by identity beside a Request is passed on as it is', async () => {
  class Sum extends Array {
    sum() {
      return this.reduce((sum, item) => sum + item, 0)
    }
  }
  const request = () => new Request('http://a.test/', { method: 'POST', body: 'b' })
  for (const f of [mime(async (_, list) => list.sum()), mime((_, list) => Promise.resolve(list.sum()))]) {
    const list = Sum.from([1, 2])
    assert.deepEqual([await f(request(), list), await f(request(), list), f.stats().loads], [3, 3, 1])
    await f(request(), Sum.from([1, 2]))
    assert.equal(f.stats().loads, 2)
  }
  const f = mime(async (_, x) => typeof x)
  for (const x of [
    Math,
    Object.prototype,
    (function () {
      return arguments
    })(1),
  ]) {
    // biome-ignore format: one line
    const { loads } = f.stats()
    await f(request(), x)
    await f(request(), x)
    assert.equal(f.stats().loads, loads + 1)
  }
})

test('a call that began before its key was known: who leaves it leaves alone', async () => {
  const request = signal => new Request('http://a.test/', { method: 'POST', body: 'b', signal })
  let loads = 0
  const f = mime(
    ({ signal }) =>
      new Promise((resolve, reject) => {
        const load = ++loads
        signal.addEventListener('abort', () => reject(signal.reason))
        setTimeout(resolve, 30, load)
      }),
  )
  const controller = new AbortController()
  const answers = [f(request(controller.signal)), f(request())]
  await sleep(10)
  controller.abort('left')
  await assert.rejects(answers[0], reason => reason === 'left')
  assert.equal(await answers[1], 2)
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

for (const [what, [read, argument, change]] of Object.entries(KINDS)) {
  test(`tags and a ttl are worked out from a ${what} as it was at the call`, async () => {
    for (const fn of [async () => settled(1), o => void change(o), o => settled(1).then(() => change(o))]) {
      const clock = manual()
      const tagged = createMime({ clock })
      const asked = []
      const f = tagged(fn, {
        tags: ([o]) => [`${read(o)}`],
        ttl: (_, [o]) => void asked.push(read(o)),
      })
      const before = structuredCloneOf(argument)
      const given = structuredCloneOf(argument)
      const call = f(given, new AbortController().signal)
      if (read(given) === read(before)) change(given)
      await call
      assert.deepEqual(asked, [read(before)])
      assert.equal(tagged.invalidateTags(`${read(given)}`), 0)
      assert.equal(tagged.invalidateTags(`${read(before)}`), 1)
    }
  })
}

test('one object for many calls has the tags of each, in a refresh and from a store, too', async () => {
  const store = slowStore()
  for (const verb of ['call', 'refresh', 'revive', 'reload']) {
    const clock = manual()
    const tagged = createMime({ store, clock })
    const f = tagged(async () => settled(1), {
      name: 'f',
      version: verb === 'revive' ? 'call' : verb,
      tags: ([o]) => [`user:${o.id}`],
      ttl: '1s',
      staleWhileRevalidate: '1m',
    })
    if (verb === 'reload') {
      for (const id of [1, 2, 3]) await f({ id })
      clock.time = 1500
    }
    const o = {}
    const calls = []
    for (o.id = 1; o.id <= 3; o.id++) calls.push(verb === 'refresh' ? f.refresh(o) : f(o))
    await Promise.all(calls)
    await settled()
    assert.equal(tagged.invalidateTags('user:4'), 0)
    assert.equal(tagged.invalidateTags('user:2'), 1)
    assert.deepEqual([1, 2, 3].map(id => f.has({ id })), [true, false, true]) // biome-ignore format: one line
    await f.flush()
  }
})

test('for callbacks nothing is copied that cannot change, and nothing for who has none', async t => {
  const all = t.mock.method(Object, 'getOwnPropertyDescriptors').mock
  class User {}
  const user = new User()
  const seen = []
  const f = createMime()(async (...args) => args.length, { tags: args => void seen.push(args) ?? [] })
  await f(1, 'a', null, user)
  assert.equal(seen[0][3], user)
  const g = createMime()(async (...args) => args.length, { ttl: '1m', maxBytes: 1e6 })
  await g({ id: 1 })
  assert.equal(all.calls.length, 0)
})
