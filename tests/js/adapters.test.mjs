// What is particular to Keyv and unstorage; the rest is the suite's, in stores.test.mjs.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Keyv from 'keyv'
import { createStorage } from 'unstorage'
import { fromKeyv, fromUnstorage } from '../../js/entry/adapters.js'
import { createMime } from '../../js/entry/inline.js'

/** A backend of Keyv's that cannot say what it has, as memcached. @param {Map<string, any>} data */
const mute = data => ({
  get: async key => data.get(key),
  set: async (key, value) => void data.set(key, value),
  delete: async key => data.delete(key),
  clear: async () => data.clear(),
})

/** A function, what it was called for, and its verbs. */
function counted(store, options) {
  const calls = []
  const load = async n => {
    calls.push(n)
    return new Map([[n, BigInt(n)]])
  }
  const f = createMime({ store })(load, { name: 'load', version: '1', ...options })
  return { f, load: n => f(n), calls }
}

describe('fromKeyv', () => {
  test('a backend that cannot list: clear() is for good all the same, tags clear everything', async () => {
    const data = new Map()
    const storeOf = () => fromKeyv(new Keyv({ store: mute(data) }))
    const first = counted(storeOf(), { tags: ([n]) => [`t${n}`] })
    for (const n of [1, 2]) await first.load(n)
    first.f.clear()
    await first.load(1)
    await first.f.flush()
    const second = counted(storeOf())
    for (const n of [1, 2]) await second.load(n)
    assert.deepEqual(second.calls, [2])
    await second.f.flush()

    const store = storeOf()
    store.invalidateTags('load\u00001', tag => tag === 't1')
    await store.flush()
    const third = counted(storeOf())
    for (const n of [1, 2]) await third.load(n)
    assert.deepEqual(third.calls, [1, 2])
  })

  test('what is cleared is removed from a backend that can list', async () => {
    const data = new Map()
    const store = fromKeyv(new Keyv(data))
    const { f, load } = counted(store)
    for (let n = 0; n < 50; n++) await load(n)
    await f.flush()
    assert.equal(data.size, 50)
    f.clear()
    await f.flush()
    while (data.size > 1) await new Promise(resolve => setTimeout(resolve, 5))
    assert.deepEqual([...data.keys()].map(key => key.split(':').at(-1)), ['generation']) // biome-ignore format: one line
  })

  test('a key is never another’s, though its text is in its place', async () => {
    const data = new Map()
    const first = counted(fromKeyv(new Keyv(data)))
    for (const n of [1, 2]) await first.load(n)
    await first.f.flush()
    const [one, two] = [...data.keys()]
    const texts = [data.get(one), data.get(two)]
    data.set(one, texts[1])
    data.set(two, texts[0])
    const store = fromKeyv(new Keyv(data))
    const second = counted(store)
    for (const n of [1, 2]) assert.deepEqual(await second.load(n), new Map([[n, BigInt(n)]]))
    assert.deepEqual(second.calls, [1, 2])
    assert.equal(store.stats().corrupt, 0)
  })

  test('a Keyv that throws on errors, one that compresses, one with a namespace of its own', async () => {
    const compression = {
      compress: async value => `z${value}`,
      decompress: async value => value.slice(1),
      serialize: ({ value, expires }) => `z${JSON.stringify({ value, expires })}`,
      deserialize: text => JSON.parse(String(text).slice(1)),
    }
    for (const options of [
      { throwOnErrors: true },
      { compression },
      { namespace: 'mimic' },
      { namespace: 'a:b' },
      { useKeyPrefix: false },
    ]) {
      // biome-ignore format: one line
      const data = new Map()
      const storeOf = () => fromKeyv(new Keyv({ store: data, ...options }))
      const first = counted(storeOf(), { tags: () => ['t'] })
      for (const n of [1, 2]) await first.load(n)
      await first.f.flush()
      const store = storeOf()
      const second = counted(store)
      for (const n of [1, 2]) await second.load(n)
      assert.deepEqual(second.calls, [], JSON.stringify(options))
      store.invalidateTags('load\u00001', () => true)
      await store.flush()
      assert.equal(data.size, 0, JSON.stringify(options))
    }
  })
})

describe('fromUnstorage', () => {
  test('a driver that knows ttls is told in seconds, and nothing where it is for ever', async () => {
    const told = []
    const storage = createStorage()
    const { setItem } = storage
    storage.setItem = (key, value, options) => {
      told.push(options)
      return setItem(key, value, options)
    }
    const store = fromUnstorage(storage)
    for (const ttl of ['1500ms', null]) await counted(store, { ttl, version: String(ttl) }).load(1)
    await store.flush()
    assert.deepEqual(told, [{ ttl: 2 }, {}])
  })

  test('what else is in the storage is left alone', async () => {
    const storage = createStorage()
    await storage.setItem('mine', { a: 1 })
    await storage.setItem('mimic:mine', 2)
    const store = fromUnstorage(storage)
    const { f, load } = counted(store)
    await load(1)
    f.clear()
    store.invalidateTags('load\u00001', () => true)
    await store.close()
    assert.deepEqual([await storage.getItem('mine'), await storage.getItem('mimic:mine')], [{ a: 1 }, 2])
  })
})

describe('a backend that takes its time', () => {
  const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
  const key = { namespace: 'f\u00001', digest: '1'.repeat(32), bytes: new Uint8Array(8) }
  const entry = value => ({ value, storedAt: Date.now(), deadline: Infinity, isAsync: true })

  test('a read that is overtaken by a write gives what was written', async () => {
    const storage = createStorage()
    const { getItem, setItem, removeItem } = storage
    storage.getItem = (...args) => getItem(...args).finally(() => sleep(20))
    storage.setItem = (...args) => sleep(60).then(() => setItem(...args))
    storage.removeItem = (...args) => sleep(60).then(() => removeItem(...args))
    const store = fromUnstorage(storage)
    store.set(key, entry('old'))
    await store.flush()
    const overtaken = store.get(key)
    await sleep(5)
    store.set(key, entry('new'))
    assert.equal((await overtaken)?.value, 'new')
    await store.flush()
    const deleted = store.get(key)
    await sleep(5)
    store.delete(key)
    assert.equal(await deleted, undefined)
  })

  test('a write that was given up, and lands after all, hides nothing newer', async () => {
    const storage = createStorage()
    const { setItem } = storage
    let delay = 100
    storage.setItem = async (...args) => {
      const late = sleep(delay)
      delay = 0
      await late
      return setItem(...args)
    }
    const store = fromUnstorage(storage, { timeout: '30ms' })
    store.set(key, entry('late'))
    await store.flush()
    assert.equal(store.stats().dropped, 1)
    store.set(key, entry('new'))
    await store.flush()
    await sleep(150)
    await store.flush()
    // It may have been given up as well, but what was before it does not come back.
    for (const reader of [store, fromUnstorage(storage)]) {
      assert.notEqual((await reader.get(key))?.value, 'late')
    }
    store.set(key, entry('newest'))
    await store.flush()
    assert.equal((await fromUnstorage(storage).get(key))?.value, 'newest')
  })
})

describe('their options', () => {
  test('bad ones are refused by name', () => {
    for (const from of [
      () => fromKeyv(new Map()),
      () => fromKeyv(),
      () => fromUnstorage(new Keyv()),
      () => fromUnstorage(null),
    ]) {
      // biome-ignore format: one line
      assert.throws(from, { code: 'ERR_INVALID_OPTION', name: /Error/ })
    }
    for (const [options, code] of [
      [{ prefx: 'a' }, 'ERR_UNKNOWN_OPTION'],
      [{ prefix: 'a:b' }, 'ERR_INVALID_OPTION'],
      [{ prefix: '' }, 'ERR_INVALID_OPTION'],
      [{ timeout: 'soon' }, 'ERR_INVALID_OPTION'],
      [{ maxPendingEntries: 0 }, 'ERR_INVALID_OPTION'],
      [{ maxPendingBytes: '5' }, 'ERR_INVALID_OPTION'],
      [null, 'ERR_INVALID_OPTION'],
    ]) {
      assert.throws(() => fromKeyv(new Keyv(), options), { code })
      assert.throws(() => fromUnstorage(createStorage(), options), { code })
    }
  })

  test('a prefix keeps two stores of one backend apart', async () => {
    const storage = createStorage()
    const [a, b] = ['a', 'b'].map(prefix => counted(fromUnstorage(storage, { prefix })))
    await a.load(1)
    await a.f.flush()
    await b.load(1)
    assert.deepEqual(b.calls, [1])
  })

  test('more waiting than there may be is dropped, counted, and said', async () => {
    const storage = createStorage()
    const store = fromUnstorage(storage, { maxPendingEntries: 10 })
    let dropped = 0
    store.on('drop', ({ count }) => (dropped += count))
    const { f, load } = counted(store)
    await Promise.all(Array.from({ length: 110 }, (_, n) => load(n)))
    await f.flush()
    assert.ok(dropped > 0 && store.stats().dropped === dropped, `${dropped}`)
    assert.equal((await storage.getKeys()).length, 110 - dropped)
    // What one that is dropped would have replaced does not come back.
    for (let n = 0; n < 110; n++) f.set([n], 'new')
    await f.flush()
    const other = counted(fromUnstorage(storage))
    const found = await Promise.all(Array.from({ length: 110 }, (_, n) => other.load(n)))
    const kept = found.filter((_, n) => !other.calls.includes(n))
    assert.ok(kept.length > 0 && kept.every(value => value === 'new'), `${kept.length}`)
  })
})
