// The store behind `my-mimic/cachestor` by itself: the suite of stores, and what meets while files are read and written.
import assert from 'node:assert/strict'
import { promises, readFileSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, mock, test } from 'node:test'
import { ResultFiles } from '../../js/cachestor/result-files.js'
import { testStore } from '../../js/entry/testing-store.js'
import { Events } from '../../js/stores/store.js'
import { place } from '../cachestor/kit.mjs'

const { path } = place()
const storeAt = folder => {
  const files = new ResultFiles(join(path, folder, 'index.db'), () => {}, new Events())
  return files.storeFor(join(path, folder, 'results'), () => undefined)
}

describe('the suite of stores', () => {
  testStore({ name: 'CacheStor', open: storeAt, sync: true, persists: true, patience: 20_000, test })
})

const key = { namespace: 'f\0v1', digest: '1'.repeat(32), bytes: new Uint8Array(16) }
const entryOf = (value, isAsync) => ({ value, isAsync, storedAt: Date.now(), deadline: Infinity })
const turn = () => new Promise(setImmediate)

describe('what meets', () => {
  test('a write that has begun does not land on what is written past it', async () => {
    const folder = 'overtaken'
    for (let turns = 0; turns < 6; turns++) {
      const store = storeAt(folder)
      store.set(key, entryOf('old', true))
      for (let i = 0; i < turns; i++) await Promise.resolve()
      store.delete(key)
      store.set(key, entryOf('new', false))
      assert.equal(store.getSync(key, false).value, 'new', `after ${turns} turns`)
      await store.flush()
      for (let i = 0; i < 5; i++) await turn()
      assert.equal(store.getSync(key, false)?.value, 'new', `written, after ${turns} turns`)
      assert.equal(storeAt(folder).getSync(key, false)?.value, 'new', `in the next run, after ${turns} turns`)
      store.clear(key.namespace)
    }
  })

  test('a read that finds its file gone takes nothing from what was set meanwhile', async () => {
    const store = storeAt('gone')
    store.set(key, entryOf('old', false))
    rmSync(join(path, 'gone', 'results'), { recursive: true })
    const reading = store.get(key)
    store.set(key, entryOf('new', true))
    assert.equal(await reading, undefined)
    assert.equal(store.getSync(key, false)?.value, 'new')
    await store.flush()
    assert.equal(storeAt('gone').getSync(key, false)?.value, 'new')
  })

  test('what was deleted while its file was read is not there', async () => {
    const store = storeAt('deleted')
    store.set(key, entryOf('old', false))
    mock.method(promises, 'readFile', async path => {
      const bytes = readFileSync(path)
      store.delete(key)
      return bytes
    })
    syncBuiltinESMExports()
    try {
      assert.equal(await store.get(key), undefined)
    } finally {
      mock.restoreAll()
      syncBuiltinESMExports()
    }
    assert.equal(store.stats().hits, 0)
  })
})
