// Keyvs and storages that fail, hang, leave out what they have, and are shared with others.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Keyv from 'keyv'
import { createStorage } from 'unstorage'
import { fromKeyv, fromUnstorage } from '../../js/entry/adapters.js'
import { adapter, heardFrom, keyOf, put, read, SPACE } from '../stores/backends.mjs'

describe('what another process has cleared', () => {
  /** The second has looked at the generation right before the first clears, and the third stores. */
  async function three() {
    const data = new Map()
    const [first, second, third] = [0, 0, 0].map(() => fromKeyv(new Keyv(data)))
    await second.get(keyOf(9))
    first.clear(SPACE)
    await first.flush()
    put(third, 1, 'old')
    await third.flush()
    return { second, found: () => read(fromKeyv(new Keyv(data)), 1) }
  }

  test('a deletion less than a second later is one of what is there by now', async () => {
    const { second, found } = await three()
    second.delete(keyOf(1))
    await second.flush()
    assert.equal(await found(), undefined)
  })

  test('and so is a value that takes the place of another', async () => {
    const { second, found } = await three()
    put(second, 1, 'new')
    await second.flush()
    assert.equal(await found(), 'new')
  })
})

describe('a value that could not be written', () => {
  /** A storage that takes nothing while it is full. */
  function limited() {
    const storage = createStorage()
    const { setItem } = storage
    const state = { isFull: false, isLost: false }
    storage.setItem = async (...args) => {
      if (state.isFull) throw new Error('no room')
      await setItem(...args)
      if (state.isLost) throw new Error('the answer is lost')
    }
    return { storage, state }
  }

  test('takes the one before with it, though this process never read that', async () => {
    const { storage, state } = limited()
    const one = fromUnstorage(storage)
    put(one, 1, 'old')
    await one.flush()
    state.isFull = true
    const other = fromUnstorage(storage)
    put(other, 1, 'new')
    await other.flush()
    assert.equal(await read(other, 1), undefined)
    await other.flush()
    assert.equal(await read(fromUnstorage(storage), 1), undefined)
  })

  test('takes one with it whose write failed and happened all the same', async () => {
    const { storage, state } = limited()
    const store = fromUnstorage(storage)
    assert.equal(await read(store, 1), undefined)
    state.isLost = true
    put(store, 1, 'old')
    await store.flush()
    assert.equal(await read(fromUnstorage(storage), 1), 'old')
    state.isFull = true
    put(store, 1, 'new')
    await store.flush()
    await store.flush()
    assert.equal(await read(fromUnstorage(storage), 1), undefined)
  })

  test('leaves nothing to be written where there was nothing before', async () => {
    const { storage, state } = limited()
    const store = fromUnstorage(storage)
    assert.equal(await read(store, 1), undefined)
    state.isFull = true
    put(store, 1, 'new')
    await store.flush()
    assert.deepEqual([store.stats().dropped, store.stats().pending], [1, 0])
  })
})

describe('listings', () => {
  /** Two entries, and then an invalidation by a process that knows nothing of them. */
  async function swept(keyvOf) {
    const first = fromKeyv(keyvOf())
    put(first, 1, 1, ['a'])
    put(first, 2, 2, ['b'])
    await first.flush()
    const second = fromKeyv(keyvOf())
    const heard = heardFrom(second)
    second.invalidateTags(SPACE, tag => tag === 'a')
    await second.flush()
    const third = fromKeyv(keyvOf())
    return { heard, found: [await read(third, 1), await read(third, 2)] }
  }

  test('one that leaves our entries out is not believed: everything is cleared', async () => {
    const ways = { async *iterator() {} }
    const data = new Map()
    const { heard, found } = await swept(() => new Keyv({ store: adapter(data, ways) }))
    assert.deepEqual([heard, found], [[], [undefined, undefined]])
  })

  test('what others keep beside ours, and what expires meanwhile, is no matter', async () => {
    const data = new Map([['other', 'plain text'], ['keyv:gone', undefined]]) // biome-ignore format: one line
    const { heard, found } = await swept(() => new Keyv({ store: adapter(data) }))
    assert.deepEqual([heard, found], [[], [undefined, 2]])
    assert.deepEqual([...data.keys()].filter(key => !/0000[12]$/.test(key)), ['other', 'keyv:gone'], 'the mark is left') // biome-ignore format: one line
  })

  test('a namespace is no pattern to Redis', async () => {
    const data = new Map()
    const asked = []
    const ways = {
      async *iterator(namespace) {
        asked.push(namespace)
        yield* [...data]
      },
    }
    await swept(() => new Keyv({ store: adapter(data, ways), namespace: 'a[b]*?\\' }))
    assert.deepEqual(asked, ['a\\[b\\]\\*\\?\\\\'])
  })

  test('without room for a mark what can be deleted goes, and a clear waits', async () => {
    const data = new Map()
    const keyvOf = ways => new Keyv({ store: adapter(data, ways) })
    const first = fromKeyv(keyvOf())
    put(first, 1, 1, ['a'])
    await first.flush()
    const set = async () => {
      throw new Error('no room')
    }
    const second = fromKeyv(keyvOf({ set }))
    second.invalidateTags(SPACE, tag => tag === 'a')
    await second.flush()
    assert.equal(data.size, 0)
    assert.equal(second.stats().pending, 1)
  })

  test('clear() removes nothing of another prefix or another namespace', async () => {
    const data = new Map()
    const keyvs = [new Keyv({ store: data, namespace: 'a' }), new Keyv({ store: data, namespace: 'b' })]
    const stores = keyvs.flatMap(keyv => ['one', 'two'].map(prefix => fromKeyv(keyv, { prefix })))
    for (const store of stores) {
      put(store, 1, 'kept')
      await store.flush()
    }
    stores[0].clear(SPACE)
    await stores[0].flush()
    while (data.size > 4) await sleep(1)
    await sleep(20)
    assert.equal(data.size, 4)
    assert.deepEqual(await Promise.all(stores.map(store => read(store, 1))), [undefined, 'kept', 'kept', 'kept']) // biome-ignore format: one line
  })
})

test('a clear() stands for ever, and an entry for ever is one for as long as the Keyv keeps such', async () => {
  const ttls = new Map()
  const data = new Map()
  const set = async (key, value, ttl) => {
    data.set(key, value)
    ttls.set(key.split(':').at(-1), ttl)
  }
  const store = fromKeyv(new Keyv({ store: adapter(data, { set }), ttl: 1500 }))
  put(store, 1, 'v')
  await store.flush()
  assert.deepEqual([...ttls.values()], [1500])
  store.clear(SPACE)
  await store.flush()
  assert.equal(ttls.get('generation'), undefined)
  assert.ok(ttls.has('generation'))
})

test('nothing is asked of a backend after close(), though there is much to tidy up', async () => {
  const storage = createStorage()
  const first = fromUnstorage(storage)
  for (let n = 0; n < 200; n++) put(first, n, n)
  await first.flush()
  let asked = 0
  let isListed = false
  const { removeItem, getKeys } = storage
  storage.getKeys = async (...args) => {
    isListed = true
    return getKeys(...args)
  }
  storage.removeItem = async (...args) => {
    asked++
    await sleep(5)
    return removeItem(...args)
  }
  first.clear(SPACE)
  await first.flush()
  while (!isListed || asked === 0) await sleep(1)
  await first.close()
  const before = asked
  assert.ok(before < 200)
  await sleep(30)
  assert.equal(asked, before)
})

describe('a backend that hangs', () => {
  const hang = () => new Promise(() => {})

  test('ends flush() and close() soon, however much waits, and is told of at once', async () => {
    const storage = createStorage()
    const store = fromUnstorage(storage, { timeout: '50ms' })
    for (let n = 0; n < 1000; n++) assert.equal(await read(store, n), undefined)
    Object.assign(storage, { getItem: hang, setItem: hang, removeItem: hang, getKeys: hang })
    let isToldAt
    const began = performance.now()
    store.on('error', () => (isToldAt ??= performance.now() - began))
    for (let n = 0; n < 1000; n++) put(store, n, n)
    store.invalidateTags(SPACE, () => true)
    await store.close()
    const took = performance.now() - began
    // One by one, 32 at once, they were 1.6 seconds and more.
    assert.ok(took < 1000, `${took} ms`)
    assert.ok(isToldAt < 400, `told after ${isToldAt} ms`)
    assert.ok(store.stats().errors >= 1000)
  })

  test('for some keys only: the others are written', async () => {
    const storage = createStorage()
    const { setItem } = storage
    storage.setItem = (name, ...rest) => (/0[0-9]$/.test(name) ? hang() : setItem(name, ...rest))
    const store = fromUnstorage(storage, { timeout: '30ms' })
    for (let n = 0; n < 100; n++) put(store, n, n)
    await store.flush()
    assert.equal((await storage.getKeys()).length, 90)
  })
})

test('flush() ends when the clear is written that takes the place of a sweep', async () => {
  const data = new Map()
  const ways = {
    set: async (key, value) => {
      await sleep(5)
      data.set(key, value)
    },
    iterator() {
      throw new Error('it may not be listed')
    },
  }
  const store = fromKeyv(new Keyv({ store: adapter(data, ways) }))
  put(store, 1, 'old', ['a'])
  await store.flush()
  store.invalidateTags(SPACE, () => true)
  await store.flush()
  assert.equal(store.stats().pending, 0)
  assert.equal(await read(fromKeyv(new Keyv({ store: adapter(data) })), 1), undefined)
})

test('a read that is overtaken by the end of an invalidation gives nothing of it', async () => {
  const storage = createStorage()
  const store = fromUnstorage(storage)
  put(store, 1, 'old', ['a'])
  await store.flush()
  const { getItem, getKeys } = storage
  let isSlow = false
  storage.getItem = async (...args) => {
    const delay = isSlow ? 60 : 0
    const text = await getItem(...args)
    await sleep(delay)
    return text
  }
  storage.getKeys = async (...args) => {
    const names = await getKeys(...args)
    await sleep(20)
    return names
  }
  store.invalidateTags(SPACE, tag => tag === 'a')
  await sleep(5)
  isSlow = true
  const overtaken = read(store, 1)
  isSlow = false
  await store.flush()
  assert.equal(await overtaken, undefined)
})

test('a Keyv has no listener of a store that is closed', async () => {
  const keyv = new Keyv()
  for (let n = 0; n < 5; n++) await fromKeyv(keyv).close()
  assert.deepEqual(keyv.listeners('error'), [])
})

test('what is none of ours under our name is damaged: a miss and a counter', async () => {
  for (const text of ['garbage', '42', '{}', '[]', '', '{"value":12}', '{"value":null}', '{"value":"x"}']) {
    const data = new Map()
    const store = fromKeyv(new Keyv({ store: adapter(data) }))
    put(store, 1, 'v')
    await store.flush()
    const [name] = data.keys()
    data.set(name, text)
    const heard = heardFrom(store)
    assert.equal(await read(store, 1), undefined, text)
    assert.deepEqual([store.stats().corrupt, heard], [1, ['corrupt ERR_STORE_CORRUPT']], text)
  }
})

test('a damaged generation brings nothing back and stands in nobody’s way', async () => {
  const data = new Map()
  const { iterator, ...mute } = adapter(data)
  const store = fromKeyv(new Keyv({ store: mute }))
  put(store, 1, 'old')
  await store.flush()
  store.clear(SPACE)
  await store.flush()
  for (const [name] of data) if (name.endsWith(':generation')) data.set(name, 'garbage')
  await sleep(1100)
  assert.equal(await read(store, 1), undefined)
  put(store, 2, 'new')
  await store.flush()
  assert.equal(await read(store, 2), 'new')
})
