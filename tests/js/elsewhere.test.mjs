// What others with the same store delete, and when: told by a store's event `forgotten`.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { counted, deferred, settled } from '../calls/wrapped.mjs'

/** A store that answers when the test says so, and through which the test is the others. */
function shared() {
  const inner = memoryStore()
  const listeners = new Set()
  const asked = []
  const store = {
    ...inner,
    getSync: undefined,
    async get(key) {
      const answer = deferred()
      asked.push({ key, ...answer })
      return answer.promise
    },
    on(event, listener) {
      if (event !== 'forgotten') return inner.on(event, listener)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const forgotten = (key, all = false) => {
    const event = { namespace: key.namespace, digests: all ? undefined : [key.digest] }
    for (const listener of listeners) listener(event)
  }
  return { store, asked, forgotten }
}

const old = { value: 'old', storedAt: Date.now(), deadline: Infinity, ttl: Infinity, isAsync: true }

describe('others delete an entry', () => {
  for (const all of [false, true]) {
    test(`while the store is asked for it: what it answers is none, and the load that follows is stored (${all ? 'all' : 'one'})`, async () => {
      const { store, asked, forgotten } = shared()
      const load = counted(x => `new ${x}`)
      const f = createMime({ store, name: 'f', version: '1' })(async x => load(x))
      const [first, second] = [f(1), f(1)]
      await settled()
      forgotten(asked[0].key, all)
      asked[0].resolve(old)
      assert.deepEqual(await Promise.all([first, second]), ['new 1', 'new 1'])
      assert.equal(await f(1), 'new 1')
      assert.deepEqual([load.calls, f.stats().hits], [1, 1])
    })
  }

  test('while it is loaded: callers get the value, nobody else does', async () => {
    const { store, asked, forgotten } = shared()
    const gone = deferred()
    const load = async x => {
      await gone.promise
      return `old ${x}`
    }
    const f = createMime({ store, name: 'f', version: '1' })(async x => load(x))
    const first = f(1)
    await settled()
    asked[0].resolve(undefined)
    await settled()
    forgotten(asked[0].key)
    gone.resolve()
    assert.equal(await first, 'old 1')
    assert.equal(f.has(1), false)
  })

  test('of another key, while the store is asked: its answer counts', async () => {
    const { store, asked, forgotten } = shared()
    const load = counted(x => `new ${x}`)
    const f = createMime({ store, name: 'f', version: '1' })(async x => load(x))
    const calls = [f(1), f(2)]
    await settled()
    forgotten(asked[1].key)
    for (const { resolve } of asked) resolve(old)
    assert.deepEqual(await Promise.all(calls), ['old', 'new 2'])
    assert.equal(load.calls, 1)
  })

  test('before, in memory: it is loaded anew', async () => {
    const { store, asked, forgotten } = shared()
    const f = createMime({ store, name: 'f', version: '1' })(async x => x)
    const first = f(1)
    await settled()
    asked[0].resolve(old)
    assert.equal(await first, 'old')
    forgotten(asked[0].key)
    const second = f(1)
    await settled()
    asked[1].resolve(undefined)
    assert.equal(await second, 1)
  })
})
