// What callers of one batch have to do with each other: nothing, but for the loader that answers for all of them.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { mime } from '../../js/entry/inline.js'
import { settled } from '../calls/wrapped.mjs'

describe('signals', () => {
  /** Asks for each key with the key's signal, as loaders do. */
  const loader = async keys => {
    const answers = await Promise.allSettled(keys.map(ask))
    return answers.map(({ value, reason }) => value ?? new Error(`ended: ${reason}`))
  }
  const ask = ({ id, signal }) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason)
      signal?.addEventListener('abort', () => reject(signal.reason))
      setTimeout(resolve, 5, `v${id}`)
    })

  test('who asks for the key of one who has left gets his own', async () => {
    for (const options of [undefined, { key: ({ id }) => id }, { maxEntries: 0 }]) {
      for (const signal of [undefined, new AbortController().signal]) {
        const f = mime.batch(loader, options)
        const a = new AbortController()
        const first = assert.rejects(f({ id: 1, signal: a.signal }), reason => reason === 'left')
        a.abort('left')
        assert.equal(await f({ id: 1, signal }), 'v1')
        await first
      }
    }
  })

  test('who leaves later leaves alone: beside a refresh, and where loads are not shared', async () => {
    for (const [options, verb] of [
      [undefined, 'refresh'],
      [{ singleFlight: false }, 'call'],
    ]) {
      // biome-ignore format: one line
      const f = mime.batch(loader, options)
      const a = new AbortController()
      const first = f({ id: 1, signal: a.signal })
      const key = { id: 1, signal: new AbortController().signal }
      const second = verb === 'refresh' ? f.refresh(key) : f(key)
      setImmediate(() => a.abort('left'))
      await assert.rejects(first, reason => reason === 'left')
      assert.equal(await second, 'v1')
    }
  })

  test('a signal that only the walk of the key finds counts as well', async () => {
    const f = mime.batch(async keys => keys.map(key => [...key][0]), { maxEntries: 0 })
    const [a, b] = [new AbortController(), new AbortController()]
    const sets = [new Set([a.signal, 1]), new Set([b.signal, 1])]
    assert.deepEqual(await Promise.all(sets.map(set => f(set))), [a.signal, b.signal])
  })

  test('a key without one is still asked for once', async () => {
    const calls = []
    const f = mime.batch(
      async keys => {
        calls.push(keys.length)
        return keys.map(({ id }) => id)
      },
      { singleFlight: false, maxBatchSize: 3 },
    )
    const signal = new AbortController().signal
    await Promise.all([f({ id: 2 }), f({ id: 1 }), f({ id: 1, signal }), f({ id: 1 }), f({ id: 1 })])
    assert.deepEqual(calls, [3])
  })
})

describe('a loader that waits for another key of its own batch', () => {
  const isTold = promise => assert.rejects(Promise.race([promise, sleep(500)]), { code: 'ERR_SELF_AWAIT' })

  test('is told, at whatever time it asks', async () => {
    for (const before of [undefined, Promise.resolve(), 'turn']) {
      const user = mime.batch(async function users(ids) {
        if (before === 'turn') await settled(1)
        else if (before) await before
        return Promise.all(ids.map(async id => (id === 1 ? `friend of ${await user(2)}` : 'two')))
      })
      await isTold(Promise.all([user(1), user(2)]))
      await settled()
      assert.equal(user.stats().pending, 0)
    }
  })

  test('by another function, too', async () => {
    const team = mime(async id => `team of ${await user(id)}`)
    const user = mime.batch(async ids => Promise.all(ids.map(async id => (id === 1 ? team(2) : 'two'))))
    await isTold(Promise.all([user(1), user(2)]))
    await isTold(Promise.all([user(3), user(2), user(1)]))
  })

  test('where mime has no room to join the callers', async () => {
    const user = mime.batch(
      async ids => {
        await settled(1)
        return Promise.all(ids.map(async id => (id === 1 ? user(2) : 'two')))
      },
      { maxEntries: 2 },
    )
    await isTold(Promise.all([user(1), user(2)]))
  })

  test('what other batches and other functions load is waited for', async () => {
    const name = mime.batch(async ids => ids.map(id => `n${id}`))
    const user = mime.batch(
      async ids => {
        await settled(1)
        return Promise.all(ids.map(async id => (id === 1 ? `${await name(1)} ${await user(3)}` : `u${id}`)))
      },
      { maxBatchSize: 2 },
    )
    assert.deepEqual(await Promise.all([user(1), user(2), user(3)]), ['n1 u3', 'u2', 'u3'])
  })

  test('a loader that answers with a promise for each key may', async () => {
    let user
    const answer = async id => (id === 1 ? `friend of ${await user(2)}` : 'two')
    for (const load of [
      ids => ids.map(answer),
      async ids => ids.map(answer),
      async ids => {
        await settled(1)
        return ids.map(async id => settled(1).then(() => answer(id)))
      },
    ]) {
      user = mime.batch(load)
      assert.deepEqual(await Promise.all([user(1), user(2)]), ['friend of two', 'two'])
    }
  })
})
