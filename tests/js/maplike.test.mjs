// toMapLike under the real p-memoize, the real cachified and a real Keyv.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { cachified } from '@epic-web/cachified'
import Keyv from 'keyv'
import pMemoize from 'p-memoize'
import { fromKeyv, toMapLike } from '../../js/entry/adapters.js'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'
import { stateStore } from '../../js/stores/state.js'
import { turn } from '../../js/turn.js'

const keyvStore = data => fromKeyv(new Keyv(data))

/** @param {any} store that goes on elsewhere */
async function restarted(store, data) {
  await store.flush()
  return keyvStore(data)
}

/** What loads, and for what it was called. */
function loader(valueOf = key => ({ key, at: new Date(0) })) {
  const calls = []
  const load = async key => {
    calls.push(key)
    return valueOf(key)
  }
  return { calls, load }
}

describe('p-memoize', () => {
  test('has its results in a store, after a restart too, whatever they are', async () => {
    const data = new Map()
    for (const value of [undefined, null, 0, new Map([[1n, -0]]), { at: new Date(5) }]) {
      const { calls, load } = loader(() => value)
      const name = `of ${String(value)}`
      const store = keyvStore(data)
      const first = pMemoize(load, { cache: toMapLike(store, { name }) })
      assert.deepEqual([await first('a'), await first('a')], [value, value])
      const second = pMemoize(load, { cache: toMapLike(await restarted(store, data), { name }) })
      assert.deepEqual(await second('a'), value)
      assert.deepEqual(calls, ['a'])
    }
  })

  test('finds keys by value', async () => {
    const { calls, load } = loader()
    const memoized = pMemoize(load, { cache: toMapLike(memoryStore()), cacheKey: args => args })
    await memoized({ a: 1, b: [2] })
    await memoized({ b: [2], a: 1 })
    await memoized({ a: 1, b: ['2'] })
    assert.equal(calls.length, 2)
  })

  test('is given what has() found, though it expires between has() and get()', async t => {
    const cache = toMapLike(memoryStore(), { ttl: '1s' })
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    await cache.set('a', 'v')
    t.mock.timers.tick(999)
    assert.equal(await cache.has('a'), true)
    t.mock.timers.tick(1)
    assert.equal(await cache.get('a'), 'v')
    assert.equal(await cache.has('a'), false)
    await turn()
    assert.equal(await cache.get('a'), undefined)
  })

  test('so is each of many, and each of two caches that ask for the same', async t => {
    const store = memoryStore()
    const caches = [1, 2].map(() => toMapLike(store, { ttl: '1s' }))
    const keys = Array.from({ length: 300 }, (_, i) => i)
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    for (const key of keys) await caches[0].set(key, key)
    t.mock.timers.tick(999)
    const asking = keys.flatMap(key => caches.map(cache => cache.has(key)))
    const answers = await Promise.all(asking)
    t.mock.timers.tick(1)
    const got = await Promise.all(keys.flatMap(key => caches.map(cache => cache.get(key))))
    assert.ok(answers.every(answer => answer))
    assert.deepEqual(got, keys.flatMap(key => [key, key])) // biome-ignore format: one line
  })

  test('also when the store is asynchronous, and takes its time over get()', async t => {
    const inner = memoryStore()
    const get = key => sleep(20).then(() => inner.get(key))
    const store = { ...inner, getSync: undefined, get }
    const cache = toMapLike(store, { ttl: '1s' })
    await cache.set('a', 'v')
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    assert.equal(await cache.has('a'), true)
    const getting = cache.get('a')
    t.mock.timers.tick(1000)
    assert.equal(await getting, 'v')
  })

  test('and when the store fails at get(), or is a state, which does not say when something expires', async () => {
    const errors = []
    const boom = new Error('boom')
    const inner = memoryStore()
    let isDown = false
    const get = async key => {
      if (isDown) throw boom
      return inner.get(key)
    }
    const failing = toMapLike({ ...inner, getSync: undefined, get }, { onError: error => errors.push(error) })
    await failing.set('a', 'v')
    assert.equal(await failing.has('a'), true)
    isDown = true
    assert.deepEqual([await failing.get('a'), errors], ['v', [boom]])

    const held = new Map()
    const syncGet = key => held.get(key)
    const syncSet = (key, value) => void held.set(key, value)
    const state = { syncGet, syncSet, asyncGet: async key => syncGet(key), asyncSet: async (...of) => syncSet(...of) } // biome-ignore format: one line
    const [cache, other] = [1, 2].map(() => toMapLike(stateStore(state, undefined)))
    await cache.set('a', 'v')
    assert.equal(await cache.has('a'), true)
    held.clear()
    assert.equal(await cache.get('a'), 'v')
    await turn()
    assert.equal(await cache.get('a'), undefined)
    await cache.set('a', 'v')
    assert.equal(await cache.has('a'), true)
    await other.delete('a')
    assert.equal(await cache.get('a'), undefined)
  })

  for (const [what, open] of [
    ['memory', () => memoryStore()],
    ['a Keyv', () => keyvStore(new Map())],
  ]) {
    test(`over ${what} gets nothing that was replaced, deleted or cleared while has() asked`, async () => {
      const changes = [m => m.set('a', 'new'), m => m.delete('a'), m => m.clear()]
      const found = []
      for (const change of changes) {
        const cache = toMapLike(open())
        await cache.set('a', 'old')
        const asking = cache.has('a')
        await change(cache)
        await asking
        found.push(await cache.get('a'))
      }
      assert.deepEqual(found, ['new', undefined, undefined])
    })
  }

  test('over a function that mime has wrapped', async () => {
    const { calls, load } = loader()
    const mimed = createMime({ ttl: '5m' })(async key => key, { name: 'inner' })
    const memoized = pMemoize(load, { cache: toMapLike(mimed) })
    const results = [await memoized('a'), await memoized('a'), await memoized('b')]
    assert.deepEqual(results.map(({ key }) => key), ['a', 'a', 'b']) // biome-ignore format: one line
    assert.deepEqual(calls, ['a', 'b'])
    assert.equal(mimed.stats().entries, 2)
    assert.deepEqual(await mimed.peek('a'), results[0])
  })
})

describe('cachified', () => {
  test('has its entries in a store, with their metadata, after a restart too', async () => {
    const data = new Map()
    const { calls, load } = loader()
    const store = keyvStore(data)
    const get = (cache, key) => cachified({ key, cache, ttl: 60_000, getFreshValue: () => load(key) })
    const cache = toMapLike(store, { name: 'cachified' })
    assert.deepEqual(await get(cache, 'a'), { key: 'a', at: new Date(0) })
    const again = toMapLike(await restarted(store, data), { name: 'cachified' })
    assert.deepEqual(await get(again, 'a'), { key: 'a', at: new Date(0) })
    assert.deepEqual(calls, ['a'])
    assert.equal((await again.get('a')).metadata.ttl, 60_000)
    await again.delete('a')
    await get(again, 'a')
    assert.deepEqual(calls, ['a', 'a'])
  })

  test('an entry lives as long as its ttl and its stale time', async t => {
    const store = memoryStore()
    const cache = toMapLike(store)
    const createdTime = Date.now()
    const of = metadata => ({ metadata: { createdTime, ...metadata }, value: 1 })
    await cache.set('short', of({ ttl: 1000, swr: 500 }))
    await cache.set('stale for ever', of({ ttl: 1000, swr: null }))
    await cache.set('for ever', of({ ttl: null }))
    await cache.set('none of it', { value: 1, metadata: 'x' })
    const there = async () => {
      const keys = ['short', 'stale for ever', 'for ever', 'none of it']
      const found = await Promise.all(keys.map(key => cache.get(key)))
      return found.map(entry => entry !== undefined)
    }
    t.mock.timers.enable({ apis: ['Date'], now: createdTime + 1499 })
    assert.deepEqual(await there(), [true, true, true, true])
    t.mock.timers.tick(1)
    assert.deepEqual(await there(), [false, true, true, true])
    await cache.set('short', of({ ttl: 1000 }))
    assert.deepEqual(await there(), [false, true, true, true])
  })

  test('stale while revalidate works as it does with a Map', async () => {
    const { calls, load } = loader(() => calls.length)
    const cache = toMapLike(keyvStore(new Map()))
    const get = () => cachified({ key: 'a', cache, ttl: 1, swr: 60_000, getFreshValue: load })
    assert.equal(await get(), 1)
    await new Promise(resolve => setTimeout(resolve, 10))
    assert.equal(await get(), 1)
    while (calls.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
    await new Promise(resolve => setTimeout(resolve, 5))
    assert.equal((await cache.get('a')).value, 2)
  })
})

describe('Keyv', () => {
  test('can have a store of ours as its storage', async () => {
    const keyv = new Keyv({ store: toMapLike(memoryStore()) })
    assert.equal(await keyv.get('a'), undefined)
    assert.equal(await keyv.set('a', { b: 1 }), true)
    assert.deepEqual(await keyv.get('a'), { b: 1 })
    assert.equal(await keyv.has('a'), true)
    assert.deepEqual(await keyv.getMany(['a', 'b']), [{ b: 1 }, undefined])
    assert.equal(await keyv.delete('a'), true)
    assert.equal(await keyv.get('a'), undefined)
    await keyv.set('c', 1, 5)
    await new Promise(resolve => setTimeout(resolve, 15))
    assert.equal(await keyv.get('c'), undefined)
    await keyv.set('d', 1)
    await keyv.clear()
    assert.equal(await keyv.get('d'), undefined)
  })
})

describe('toMapLike', () => {
  test('names are apart, and a function of the same name has its own', async () => {
    const store = memoryStore()
    const [a, b] = ['a', 'b'].map(name => toMapLike(store, { name }))
    await a.set(1, 'a')
    await b.set(1, 'b')
    const f = createMime({ store })(async () => 'f', { name: 'a' })
    assert.equal(await f(1), 'f')
    assert.deepEqual([await a.get(1), await b.get(1)], ['a', 'b'])
    await a.clear()
    assert.deepEqual([await a.get(1), await b.get(1), await a.has(1)], [undefined, 'b', false])
  })

  test('get() asks the store, whatever has() found before', async () => {
    const store = memoryStore()
    const options = { name: 'u', ttl: '5m' }
    const [a, b] = [toMapLike(store, options), toMapLike(store, options)]
    const found = []
    const changes = [m => m.delete(1), m => m.set(1, 'new'), m => m.clear(), () => store.clear('u\0map')]
    for (const change of changes) {
      await a.set(1, 'old')
      assert.equal(await a.has(1), true)
      await change(b)
      found.push(await a.get(1))
    }
    assert.deepEqual(found, [undefined, 'new', undefined, undefined])
    const brief = toMapLike(store, { name: 'v', ttl: '20ms' })
    await brief.set(1, 'x')
    assert.equal(await brief.has(1), true)
    await sleep(40)
    assert.equal(await brief.get(1), undefined)
  })

  test('a ttl, also one that is worked out; one that cannot be is no ttl of ever', async () => {
    const errors = []
    const store = memoryStore()
    const ttl = (value, key) => (key === 'bad' ? -1 : value)
    const cache = toMapLike(store, { ttl, onError: error => errors.push(error.code) })
    await cache.set('zero', 0)
    await cache.set('some', 5)
    await cache.set('bad', 5)
    assert.deepEqual([await cache.get('zero'), await cache.get('some'), await cache.get('bad')], [undefined, 5, undefined]) // biome-ignore format: one line
    assert.deepEqual(errors, ['ERR_INVALID_OPTION'])
  })

  test('a state is as good as a store; one that fails or hangs reaches no caller', async () => {
    const held = new Map()
    const state = {
      syncGet: key => held.get(key),
      syncSet: (key, value) => void held.set(key, value),
      asyncGet: async key => held.get(key),
      asyncSet: async (key, value) => void held.set(key, value),
    }
    const cache = toMapLike(stateStore(state, undefined))
    await cache.set('a', 1)
    assert.equal(await cache.get('a'), 1)

    const boom = new Error('boom')
    const errors = []
    const fail = () => {
      throw boom
    }
    const bad = { ...memoryStore(), getSync: undefined, get: fail, set: fail, delete: fail, clear: fail }
    const broken = toMapLike(bad, { onError: error => errors.push(error) })
    await broken.set('a', 1)
    await broken.delete('a')
    await broken.clear()
    assert.deepEqual([await broken.get('a'), await broken.has('a')], [undefined, false])
    assert.deepEqual(errors, [boom, boom, boom, boom, boom])
    const onError = error => errors.push(error.code)
    const hanging = toMapLike({ ...bad, get: () => new Promise(() => {}) }, { storeTimeout: '10ms', onError })
    errors.length = 0
    assert.deepEqual([await hanging.get('a'), errors], [undefined, ['ERR_STORE_TIMEOUT']])
  })

  test('what has no meaning elsewhere is not kept', async () => {
    const cache = toMapLike(memoryStore())
    const key = () => {}
    await cache.set(key, 1)
    assert.equal(await cache.has(key), false)
    await cache.delete(key)
  })

  test('what it cannot take is refused by name', () => {
    for (const source of [undefined, {}, new Map(), () => {}]) assert.throws(() => toMapLike(source), { code: 'ERR_INVALID_ARGUMENT' }) // biome-ignore format: one line
    const store = memoryStore()
    for (const [options, code] of [
      [{ nmae: 'x' }, 'ERR_UNKNOWN_OPTION'],
      [{ name: '' }, 'ERR_INVALID_OPTION'],
      [{ name: 'a\0b' }, 'ERR_INVALID_OPTION'],
      [{ ttl: -1 }, 'ERR_INVALID_OPTION'],
      [{ storeTimeout: 'x' }, 'ERR_INVALID_OPTION'],
      [{ onError: 5 }, 'ERR_INVALID_OPTION'],
      [null, 'ERR_INVALID_OPTION'],
      [5, 'ERR_INVALID_OPTION'],
    ]) {
      assert.throws(() => toMapLike(store, options), { code })
    }
    const mimed = mime(() => 1)
    assert.throws(() => toMapLike(mimed, { ttl: 5 }), { code: 'ERR_UNKNOWN_OPTION' })
    for (const options of [null, 5, { name: 5 }, { name: '' }]) {
      assert.throws(() => toMapLike(mimed, options), { code: 'ERR_INVALID_OPTION' })
    }
  })
})
