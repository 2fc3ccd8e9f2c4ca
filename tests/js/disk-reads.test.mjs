import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { readCounts, Reads } from '../../js/stores/disk/reads.js'
import { entryOf, keyOf, opened, scratch } from '../disk/help.mjs'

/** How often a disk store was asked: counted by function, for whoever looks at the directory. */

const of = path => Object.fromEntries(readCounts(join(path, 'reads')))

test('a call counts once, sync or async, and is written when the store is closed', async t => {
  const path = scratch(t)
  for (const [round, expected] of [
    [0, { hits: 0, misses: 1 }],
    [1, { hits: 1, misses: 1 }],
  ]) {
    const store = opened(t, path)
    const mime = createMime({ store, version: '1' })
    await mime(async () => 1, { name: 'later' })()
    mime(() => 1, { name: 'now' })()
    await store.close()
    assert.deepEqual(of(path), { 'later\x001': expected, 'now\x001': expected }, `round ${round}`)
  }
})

test('lines of all are added up; what is no line is passed over', t => {
  const path = scratch(t)
  const lines = ['["f",1,2]', '["f",3,4]', '["g\\u00001",0,5]', '["f",1', '["f",-1,0]', '["f",1.5,0]', '[1,1,1]', 'null', '{"f":1}', '["h"'] // biome-ignore format: one line
  fs.writeFileSync(join(path, 'reads'), lines.join('\n'))
  assert.deepEqual(of(path), { f: { hits: 4, misses: 6 }, 'g\x001': { hits: 0, misses: 5 } })
  assert.deepEqual(of(join(path, 'nowhere')), {})
})

test('every five seconds, and a long file is made short without losing anything', t => {
  const path = scratch(t)
  const name = 'x'.repeat(1000)
  fs.writeFileSync(join(path, 'reads'), `["${name}",1,1]\n`.repeat(70))
  const reads = new Reads(path)
  reads.count('f', true, 0)
  reads.count('f', false, 4999)
  assert.equal(of(path).f, undefined)
  reads.count('g', true, 5000)
  assert.deepEqual(of(path), {
    [name]: { hits: 70, misses: 70 },
    f: { hits: 1, misses: 1 },
    g: { hits: 1, misses: 0 },
  })
  assert.ok(fs.statSync(join(path, 'reads')).size < 2000)
  assert.deepEqual(fs.readdirSync(path), ['reads'])
})

test('what cannot be written is no matter, and makes no directory', async t => {
  const path = scratch(t)
  const store = opened(t, path)
  store.set(keyOf('a'), entryOf(1))
  assert.equal(store.getSync(keyOf('a')).value, 1)
  await store.flush()
  fs.rmSync(path, { recursive: true })
  await store.close()
  assert.equal(fs.existsSync(path), false)
  assert.deepEqual(store.said, [])
})

test('a directory of a later version is not written to', async t => {
  const path = scratch(t)
  fs.writeFileSync(join(path, 'format'), '2\n')
  const warn = t.mock.method(console, 'warn', () => {})
  const store = opened(t, path)
  store.getSync(keyOf('a'))
  await store.close()
  assert.equal(warn.mock.callCount(), 1)
  assert.deepEqual(fs.readdirSync(path), ['format'])
})
