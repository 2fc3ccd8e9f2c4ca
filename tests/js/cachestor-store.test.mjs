// The store behind `my-mimic/cachestor` by itself: the suite of stores, and what meets while files are read and written.
import assert from 'node:assert/strict'
import fs, { existsSync, promises, readFileSync, rmSync } from 'node:fs'
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

describe('where nothing can be written, what was deleted or replaced does not come back', () => {
  let folders = 0
  /**
   * @param {{ names: string[], part: string }} failure functions that fail, and what is in the paths for which they do
   * @param {() => unknown} use
   */
  async function failing({ names, part }, use) {
    for (const name of names) {
      const of = name.endsWith('Sync') ? fs : promises
      const real = of[name]
      mock.method(of, name, (path, ...rest) => {
        if (String(path).includes(part)) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
        return real(path, ...rest)
      })
    }
    mock.method(console, 'warn', () => {})
    syncBuiltinESMExports()
    try {
      await use()
    } finally {
      mock.restoreAll()
      syncBuiltinESMExports()
    }
  }

  const index = { names: ['appendFileSync', 'appendFile'], part: 'index.db' }
  const ways = {
    'a full disk': { names: ['writeFileSync', 'writeFile', ...index.names], part: '' },
    'an index that is full': index,
    'a folder that can be read only': {
      names: ['writeFileSync', 'writeFile', 'rmSync', 'rm'],
      part: 'results',
    },
  }

  for (const [what, failure] of Object.entries(ways))
    for (const isAsync of [false, true]) {
      test(`${what}, ${isAsync ? 'async' : 'sync'}`, async () => {
        for (const use of [
          store => store.delete(key),
          store => store.clear(key.namespace),
          store => store.set(key, entryOf('new', isAsync)),
          store =>
            store.set(
              key,
              entryOf(() => {}, isAsync),
            ),
        ]) {
          const folder = `full${++folders}`
          const store = storeAt(folder)
          store.set(key, entryOf('old', isAsync))
          await store.flush()
          assert.equal(storeAt(folder).getSync(key, false)?.value, 'old')
          await failing(failure, async () => {
            use(store)
            await store.flush()
          })
          assert.notEqual(storeAt(folder).getSync(key, false)?.value, 'old', `${use}`)
          assert.equal(store.getSync(key, false), undefined)
          store.set(key, entryOf('again', isAsync))
          await store.flush()
          assert.equal(storeAt(folder).getSync(key, false)?.value, 'again')
        }
      })
    }

  test('what is deleted while it is being written leaves no file', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const folder = `dropped${turns}`
      const store = storeAt(folder)
      store.set(key, entryOf('old', false))
      store.set(key, entryOf('new', true))
      for (let i = 0; i < turns; i++) await (i % 2 ? turn() : Promise.resolve())
      await failing(index, () => store.delete(key))
      await store.flush()
      assert.equal(storeAt(folder).getSync(key, false), undefined, `after ${turns} turns`)
      const results = join(path, folder, 'results')
      assert.deepEqual(existsSync(results) ? fs.readdirSync(results) : [], [], `after ${turns} turns`)
    }
  })
})
