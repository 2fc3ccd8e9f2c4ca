// A real SQLite behind a real Keyv as a store.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import Keyv from 'keyv'
import { fromKeyv } from '../../js/entry/adapters.js'
import { createMime } from '../../js/entry/inline.js'
import { testStore } from '../../js/entry/testing-store.js'
import { keyvBehaviours } from './behaviours.mjs'

const { default: KeyvSqlite } = createRequire(`${process.env.KEYV_SQLITE}/`)('@keyv/sqlite')
const folder = mkdtempSync(join(tmpdir(), 'mimic-sqlite-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** @type {Map<string, any[]>} */
const connected = new Map()

function connect(place, options) {
  const adapter = new KeyvSqlite(`sqlite://${join(folder, place)}.db`)
  connected.set(place, [...(connected.get(place) ?? []), adapter])
  return new Keyv(adapter, options)
}

async function remove(place) {
  for (const adapter of connected.get(place) ?? []) await adapter.disconnect()
  connected.delete(place)
}

describe('the conformance suite', () => {
  const open = (place, wrap) => fromKeyv(wrap(connect(place)), { timeout: '1500ms' })
  testStore({ name: 'fromKeyv(SQLite)', open, remove, tags: true, persists: true, patience: 60_000, test })
})

keyvBehaviours('SQLite', namespace => connect('behaviours', { namespace }), { timeout: '30s' })
after(() => remove('behaviours'))

test('a file that is no database: the results come all the same, and it is counted', async () => {
  writeFileSync(join(folder, 'broken.db'), 'this is no database, and never was one. '.repeat(100))
  const store = fromKeyv(connect('broken'), { timeout: '1s' })
  const load = createMime({ store })(async n => n * 2, { name: 'load' })
  assert.equal(await load(1), 2)
  assert.equal(await load(2), 4)
  await load.flush()
  assert.ok(store.stats().errors > 0)
  await remove('broken').catch(() => {})
})
