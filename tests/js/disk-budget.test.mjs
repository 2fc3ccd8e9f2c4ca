import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { diskStore } from '../../js/entry/disk.js'
import { entryOf, keyOf, opened, scratch, valueOf } from '../disk/help.mjs'

/** The directory stays within its budget, however little the process rests. */

const maxBytes = 2 << 20
/** A write at once is at most so large. */
const flushBytes = 32 << 10

/** @param {string} path @returns {number} of all files, those of a compaction too */
const sizeOf = path => fs.readdirSync(path).reduce((sum, name) => sum + fs.statSync(join(path, name)).size, 0)

for (const [what, pauseEvery] of [
  ['a loop that never rests', Infinity],
  ['one that rests now and then', 200],
]) {
  test(`${what}: never more than twice the budget, on the way and when it is closed`, async t => {
    const path = scratch(t)
    const store = diskStore({ path, maxBytes, flushBytes })
    const { writeSync } = fs
    let most = 0
    t.mock.method(fs, 'writeSync', (fd, bytes, ...more) => {
      const written = writeSync(fd, bytes, ...more)
      if (bytes.length > 1000) most = Math.max(most, sizeOf(path))
      return written
    })
    for (let i = 0; i < 3000; i++) {
      store.set(keyOf(i), entryOf(String(i).padEnd(10_000, '.')))
      if (i % pauseEvery === pauseEvery - 1) await turn()
    }
    const { compactions } = store.stats()
    assert.ok(compactions > 3, `${compactions} compactions`)
    await store.close()
    assert.ok(most < 2 * maxBytes, `${most} bytes at most`)
    assert.ok(sizeOf(path) < 1.5 * maxBytes, `${sizeOf(path)} bytes at the end`)
    assert.ok(valueOf(opened(t, path), keyOf(2999)).startsWith('2999.'))
  })
}

test('a directory that is too large when it is opened keeps nobody waiting', async t => {
  const path = scratch(t)
  const first = diskStore({ path })
  for (let i = 0; i < 100; i++) first.set(keyOf(i), entryOf('x'.repeat(10_000)))
  await first.close()
  const store = opened(t, path, { maxBytes: 100_000 })
  store.getSync(keyOf(0))
  store.set(keyOf(0), entryOf(0))
  assert.equal(store.stats().compactions, 0)
  for (let i = 0; i < 500 && store.stats().compactions === 0; i++) await sleep(10)
  assert.ok(sizeOf(path) < 110_000)
})
