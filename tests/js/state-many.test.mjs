// A state that gets a great deal at once, or takes nothing: what it can take it gets, and nothing older comes back.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'

const turn = () => new Promise(resolve => setImmediate(resolve))
const upTo = count => Array.from({ length: count }, (_, n) => n)

/** A state over `held`, whose async writes take as long as `wait` says; how many there were at once in `most`. */
function busy(wait = () => sleep(1)) {
  const held = new Map()
  const order = []
  const put = (key, value) => (value === null ? held.delete(key) : held.set(key, value))
  let now = 0
  return {
    held,
    order,
    most: 0,
    syncGet: key => held.get(key),
    syncSet: put,
    asyncGet: async key => held.get(key),
    async asyncSet(key, value) {
      this.most = Math.max(this.most, ++now)
      await wait()
      put(key, value)
      order.push(value)
      now--
    },
  }
}

/** With next to nothing in memory, and what went wrong in `errors`. */
function wrapped(store, fn, options) {
  const errors = []
  const f = createMime({ store, maxEntries: 10 })(fn, { name: 'f', version: '1', ...options })
  f.on('error', ({ error }) => errors.push(error.code ?? error.message))
  return Object.assign(f, { errors })
}

describe('a healthy state', () => {
  for (const [name, wait] of [
    ['that takes its time', undefined],
    ['that takes none', async () => {}],
  ]) {
    test(`${name} gets 11,000 results of one moment, a hundred at a time`, async () => {
      const store = busy(wait)
      const f = wrapped(store, async n => n)
      await Promise.all(upTo(11_000).map(n => f(n)))
      await f.flush()
      assert.deepEqual(f.errors, [])
      assert.equal(store.held.size, 11_000)
      assert.ok(store.most <= 100, `${store.most}`)
    })
  }

  test('keeps what is loaded after a clear of 10,000 results, and is rid of those', async () => {
    const store = busy()
    const f = wrapped(store, async n => n)
    await Promise.all(upTo(10_000).map(n => f(n)))
    await f.flush()
    store.order.length = 0
    f.clear()
    const many = upTo(500)
    await Promise.all(many.map(n => f(n)))
    await f.flush()
    assert.deepEqual(f.errors, [])
    // And the generation.
    assert.equal(store.held.size, 501)
    const before = store.order.slice(0, 1000).filter(value => value === null).length
    assert.ok(before < 500, `${before} were taken out before what counts`)
  })

  test('what waits for its turn is not given up while others have theirs', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const ends = []
    const store = busy(() => new Promise(resolve => ends.push(resolve)))
    const f = wrapped(store, async n => n)
    await Promise.all(upTo(150).map(n => f(n)))
    assert.equal(ends.length, 100)
    ends.shift()()
    await turn()
    assert.equal(ends.length, 100)
    t.mock.timers.tick(30_000)
    await turn()
    assert.deepEqual(f.errors, upTo(99).map(() => 'ERR_STORE_TIMEOUT')) // biome-ignore format: one line
    assert.equal(ends.length, 149)
    for (const end of ends) end()
    await f.flush()
    assert.equal(f.errors.length, 99)
    assert.equal(store.held.size, 150)
  })
})

describe('a state that takes no writes', () => {
  for (const [kind, fnOf] of [
    ['sync', value => () => value],
    ['async', value => async () => value],
  ]) {
    /** A state with `old` for so many keys, which from then on takes what `takes` says. */
    async function filled(count) {
      const store = busy(async () => {})
      const f = wrapped(store, fnOf('old'))
      for (const n of upTo(count)) await f(n)
      await f.flush()
      const { syncSet, held } = store
      store.takes = () => false
      store.syncSet = (key, value) => {
        if (!store.takes(value)) throw new Error('full')
        syncSet(key, value)
      }
      store.asyncSet = async (key, value) => store.syncSet(key, value)
      assert.equal(held.size, count)
      return store
    }

    test(`${kind}: however many fail, none is read as what was before`, async t => {
      const count = 10_100
      const store = await filled(count)
      const f = wrapped(store, fnOf('new'))
      for (const n of upTo(count)) {
        f.set([n], 'set')
        if (n % 1000 === 0) await f.flush()
      }
      await f.flush()
      assert.equal(f.errors.length, count)
      const found = new Set()
      for (const n of upTo(600)) found.add(await f(n))
      store.takes = () => true
      // The generation is told again at the next look.
      const real = performance.now
      t.mock.method(performance, 'now', () => real.call(performance) + 1000)
      for (const n of upTo(600)) found.add(await f(n))
      assert.deepEqual([...found].sort(), ['new'])
      await f.flush()
      assert.equal(await wrapped({ ...store }, fnOf('next'))(0), 'new')
    })

    test(`${kind}: what could not be loaded into it costs nothing that is there`, async () => {
      const store = await filled(1)
      const f = wrapped(store, fnOf('new'))
      for (const n of upTo(10_100)) await f(n + 1)
      await f.flush()
      assert.equal(await f(0), 'old')
    })

    test(`${kind}: what could not be replaced is deleted, where it can be`, async () => {
      const store = await filled(1)
      store.takes = value => value === null
      const f = wrapped(store, fnOf('new'))
      f.set([0], 'set')
      await f.flush()
      assert.deepEqual(f.errors, ['full'])
      assert.equal(await wrapped({ ...store }, fnOf('next'))(0), 'next')
      assert.equal(await f(0), 'set')
    })

    test(`${kind}: what others have cleared and set meanwhile is deleted under their name`, async () => {
      const store = await filled(1)
      store.takes = () => true
      const [first, second, third] = ['first', 'new', 'older'].map(value =>
        wrapped({ ...store }, fnOf(value)),
      )
      await second(1)
      first.clear()
      await first.flush()
      third.set([0], 'older')
      await third.flush()
      store.takes = value => value === null
      second.set([0], 'set')
      await second.flush()
      assert.deepEqual(second.errors, ['full'])
      assert.equal(await wrapped({ ...store }, fnOf('next'))(0), 'next')
    })
  }
})

test('what nobody waits for any longer is written nevertheless, when its turn comes', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const ends = []
  const store = busy(() => new Promise(resolve => ends.push(resolve)))
  const f = wrapped(store, async n => n)
  f.set([1], 'first')
  f.set([1], 'second')
  t.mock.timers.tick(30_000)
  await turn()
  assert.deepEqual(f.errors, ['ERR_STORE_TIMEOUT', 'ERR_STORE_TIMEOUT'])
  while (ends.length > 0) {
    ends.shift()()
    await turn()
  }
  assert.deepEqual(store.order, ['first', 'second'])
})

test('a generation that cannot be read keeps nothing from being deleted, and nobody from his turn', async () => {
  const store = busy()
  const load = wrapped(store, async n => n)
  await Promise.all(upTo(150).map(n => load(n)))
  await load.flush()
  const isMarker = key => key.endsWith('-generation')
  const syncGet = key => {
    if (isMarker(key)) throw new Error('no')
    return store.syncGet(key)
  }
  const sync = wrapped({ ...store, syncGet }, n => n)
  sync.invalidate(0)
  await sync.flush()
  assert.equal(store.held.size, 149)
  const asyncGet = key => (isMarker(key) ? new Promise(() => {}) : store.asyncGet(key))
  const hanging = wrapped({ ...store, asyncGet }, async n => n)
  for (const n of upTo(150)) hanging.set([n], 'set')
  while ([...store.held.values()].some(value => value !== 'set')) await sleep(5)
})
