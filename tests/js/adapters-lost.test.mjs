// Backends that refuse one value among many, that lose the mark of a generation, and what others store behind a store's back.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Keyv from 'keyv'
import { createStorage } from 'unstorage'
import { fromKeyv, fromUnstorage } from '../../js/entry/adapters.js'
import { adapter, heardFrom, keyOf, put, read, SPACE } from '../stores/backends.mjs'

const MANY = 32
const BAD = 5
const others = Array.from({ length: MANY }, (_, n) => n).filter(n => n !== BAD)
const isBad = key => key.endsWith(keyOf(BAD).digest)

describe('one thing that a Keyv’s backend refuses, and others at the same time', () => {
  /** All that is asked at once is answered at once, what is refused first. */
  function refusing(data, method, refuse) {
    const ways = adapter(data)
    const { [method]: work } = ways
    ways[method] = async (key, ...rest) => {
      if (isBad(key)) return refuse(ways)
      await sleep(20)
      return work(key, ...rest)
    }
    return Object.assign(new EventEmitter(), ways)
  }

  const throws = () => {
    throw new Error('too large')
  }
  /** As the backend for Redis does. */
  const tells = function (backend) {
    backend.emit('error', new Error('too large'))
  }

  for (const [how, refuse] of [
    ['rejects', throws],
    ['tells by an event only', tells],
  ]) {
    /** @param {string} method that fails for one key */
    const storeOf = (data, method) => {
      const backend = refusing(data, method, () => refuse(backend))
      return fromKeyv(new Keyv({ store: backend }))
    }
    const fill = async data => {
      const store = fromKeyv(new Keyv(data))
      for (let n = 0; n < MANY; n++) put(store, n, n)
      await store.flush()
    }
    const kept = async data => {
      const store = fromKeyv(new Keyv(data))
      const found = await Promise.all(Array.from({ length: MANY }, (_, n) => read(store, n)))
      return found.filter(value => value !== undefined)
    }

    test(`a value (it ${how}): the others are kept`, async () => {
      const data = new Map()
      const store = storeOf(data, 'set')
      for (let n = 0; n < MANY; n++) put(store, n, n)
      await store.flush()
      const { dropped, errors, pending } = store.stats()
      assert.deepEqual([dropped, errors, pending], [1, 1, 0])
      assert.deepEqual(await kept(data), others)
    })

    test(`a deletion (it ${how}): the others are done, and this one waits`, async () => {
      const data = new Map()
      await fill(data)
      const store = storeOf(data, 'delete')
      for (let n = 0; n < MANY; n++) store.delete(keyOf(n))
      await store.flush()
      assert.deepEqual([store.stats().errors, store.stats().pending], [1, 1])
      assert.deepEqual(await kept(data), [BAD])
    })
  }

  test('who finds nothing meanwhile is told of no error', async () => {
    const keyv = new Keyv({ store: adapter(new Map()) })
    const store = fromKeyv(keyv)
    const heard = heardFrom(store)
    const found = read(store, 1)
    keyv.emit('error', new Error('of another request'))
    assert.deepEqual([await found, heard], [undefined, []])
  })

  test('who finds nothing because of it is', async () => {
    const backend = Object.assign(new EventEmitter(), adapter(new Map()))
    backend.get = async () => void backend.emit('error', new Error('connection lost'))
    const store = fromKeyv(new Keyv({ store: backend }))
    const heard = heardFrom(store)
    assert.deepEqual([await read(store, 1), heard], [undefined, ['error ERR_STORE_READ']])
  })
})

describe('what others stored since nothing was found', () => {
  test('and since it was cleared is replaced, though all that took less than a second', async () => {
    const storage = createStorage()
    const [one, two, three, four] = Array.from({ length: 4 }, () => fromUnstorage(storage))
    assert.equal(await read(two, 1), undefined)
    one.clear(SPACE)
    await one.flush()
    put(three, 1, 'old')
    await three.flush()
    put(two, 1, 'new')
    await two.flush()
    assert.equal(await read(four, 1), 'new')
  })

  /** Two processes of which the first found nothing, and the way to fill the storage up. */
  async function two() {
    const storage = createStorage()
    const [one, other] = [fromUnstorage(storage), fromUnstorage(storage)]
    assert.equal(await read(one, 1), undefined)
    const fill = () => {
      storage.setItem = async () => {
        throw new Error('no room')
      }
    }
    return { one, other, fill, found: () => read(fromUnstorage(storage), 1) }
  }

  test('goes with a value that is refused a second later', async () => {
    const { one, other, fill, found } = await two()
    put(other, 1, 'old')
    await other.flush()
    await sleep(1100)
    fill()
    put(one, 1, 'new')
    await one.flush()
    assert.equal(await found(), undefined)
  })

  test('goes with one that is refused earlier where it was cleared in between', async () => {
    const { one, other, fill, found } = await two()
    other.clear(SPACE)
    await other.flush()
    put(other, 1, 'old')
    await other.flush()
    fill()
    put(one, 1, 'new')
    await one.flush()
    assert.equal(await found(), undefined)
  })
})

describe('a value that is refused', () => {
  for (const verb of ['flush', 'close']) {
    test(`takes the one before with it by the end of ${verb}()`, async () => {
      const storage = createStorage()
      const first = fromUnstorage(storage)
      put(first, 1, 'old')
      await first.flush()
      const { setItem } = storage
      storage.setItem = async () => {
        throw new Error('no room')
      }
      const second = fromUnstorage(storage)
      // After a failure what is set waits, and only this writes it.
      assert.equal(await read(second, 2), undefined)
      put(second, 2, 'refused')
      await second.flush()
      put(second, 1, 'new')
      await second[verb]()
      storage.setItem = setItem
      assert.equal(await read(fromUnstorage(storage), 1), undefined)
      assert.deepEqual([second.stats().dropped, second.stats().pending], [2, 0])
    })
  }
})

describe('a backend that loses the mark of a generation', () => {
  /** A store that was cleared and has something since, its mark lost and looked at long ago. */
  async function lost(ways) {
    const data = new Map()
    const { iterator, ...mute } = adapter(data, ways?.(data))
    const openStore = () => fromKeyv(new Keyv({ store: mute }))
    const store = openStore()
    put(store, 1, 'old')
    await store.flush()
    store.clear(SPACE)
    await store.flush()
    put(store, 2, 'kept')
    await store.flush()
    const mark = [...data.keys()].find(isMark)
    data.delete(mark)
    await sleep(1100)
    return { data, store, openStore, mark }
  }
  const isMark = key => key.endsWith(':generation')

  test('is told it again: nothing older comes back, and what is newer stays', async () => {
    const { data, store, openStore, mark } = await lost()
    assert.equal(await read(store, 1), undefined)
    assert.ok(data.has(mark))
    for (const each of [store, openStore()]) {
      assert.deepEqual([await read(each, 1), await read(each, 2)], [undefined, 'kept'])
    }
  })

  test('and does not take it: the store goes on, and says so', async () => {
    let isFull = false
    const { store } = await lost(data => ({
      set: async (key, value) => {
        if (isFull) throw new Error('no room')
        data.set(key, value)
      },
    }))
    isFull = true
    const heard = heardFrom(store)
    assert.deepEqual([await read(store, 1), await read(store, 2)], [undefined, 'kept'])
    assert.deepEqual(heard, ['error ERR_STORE_WRITE'])
  })

  test('and is slow to take it: what is cleared meanwhile is for good', async () => {
    const gate = new EventEmitter()
    let isSlow = false
    const { store, openStore } = await lost(data => ({
      set: async (key, value) => {
        if (isSlow && isMark(key)) {
          isSlow = false
          gate.emit('asked')
          await once(gate, 'open')
        }
        data.set(key, value)
      },
    }))
    isSlow = true
    const asked = once(gate, 'asked')
    const found = read(store, 2)
    await asked
    store.clear(SPACE)
    const flushed = store.flush()
    await sleep(20)
    gate.emit('open')
    await Promise.all([found, flushed])
    assert.equal(await read(openStore(), 2), undefined)
  })
})
