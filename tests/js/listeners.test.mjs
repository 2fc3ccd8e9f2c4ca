// Listeners of a store, which nobody waits for.
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { fromKeyv } from '../../js/entry/adapters.js'
import { memoryStore, mime } from '../../js/entry/inline.js'

/** A Keyv without room, so that its store tells of errors. */
const broken = {
  on() {},
  get: async () => undefined,
  delete: async () => true,
  set: async () => Promise.reject(new Error('no room')),
}

/** @param {(store: import('../../js/stores/store.js').Store) => void} listen @returns {Promise<unknown[]>} unhandled rejections */
async function failing(listen) {
  /** @type {unknown[]} */
  const unhandled = []
  const note = error => unhandled.push(error)
  process.on('unhandledRejection', note)
  const store = fromKeyv(broken)
  listen(store)
  const f = mime(async x => x, { name: 'f', store })
  assert.equal(await f(1), 1)
  await f.flush()
  await turn()
  process.off('unhandledRejection', note)
  return unhandled
}

describe('listeners of a store', () => {
  test('what one throws, at once or later, reaches nobody, and the others hear', async () => {
    let heard = 0
    const unhandled = await failing(store => {
      store.on('error', () => {
        throw new Error('mine')
      })
      store.on('error', async () => {
        throw new Error('mine, later')
      })
      store.on('error', () => heard++)
    })
    assert.deepEqual([unhandled, heard], [[], 1])
  })

  test('one who begins to listen while others are told hears from the next event on', async () => {
    let depth = 0
    await failing(store => {
      const again = () => {
        if (depth++ < 5) store.on('error', () => again())
      }
      store.on('error', again)
    })
    assert.equal(depth, 1)
  })

  test('the same function twice is two listeners', async () => {
    let heard = 0
    await failing(store => {
      const listener = () => heard++
      const off = store.on('error', listener)
      off()
      store.on('error', listener)
      off()
    })
    assert.equal(heard, 1)
  })

  test('a misspelt event, or no function, is refused by name', () => {
    const code = 'ERR_INVALID_ARGUMENT'
    assert.throws(() => memoryStore().on('errors', () => {}), { code, message: /got "errors"/ })
    assert.throws(() => memoryStore().on('error'), { code, message: /a listener, .*; got undefined/ })
  })
})
