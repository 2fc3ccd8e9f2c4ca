import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskStore } from '../../js/entry/disk.js'
import { compact } from '../../js/stores/disk/compaction.js'
import { look } from '../../js/cli/look.js'
import { DataFile } from '../../js/stores/disk/file.js'
import { headerLength } from '../../js/stores/disk/frame.js'
import { entryOf, keyOf, opened, scratch, told } from '../disk/help.mjs'

/** A value of several frames, met while its writer has written some of them. */

const key = keyOf('long')
const value = told('long', 1, 150_000)

/** What a store writes for it, and where the frames behind the first begin. */
async function written(t) {
  const path = scratch(t)
  const store = diskStore({ path })
  store.set(key, entryOf(value))
  await store.close()
  const [name] = fs.readdirSync(path).filter(name => name.endsWith('.log'))
  const file = DataFile.open(join(path, name), 'x')
  file.refresh()
  const starts = file.frames
    .slice(1)
    .map(({ head, at }) => at - head.bytes.length - headerLength(head.records))
  file.close()
  assert.ok(starts.length >= 2)
  return { bytes: fs.readFileSync(join(path, name)), starts }
}

test('is a miss and no damage, and there when the rest is', async t => {
  const { bytes, starts } = await written(t)
  for (const end of starts.flatMap(start => [start, start + 1, start + 5000])) {
    const path = scratch(t)
    const file = join(path, 'other-1.log')
    fs.writeFileSync(file, bytes.subarray(0, end))
    const store = opened(t, path)
    assert.equal(store.getSync(key), undefined)
    assert.deepEqual([store.stats().corrupt, store.said], [0, []])
    fs.appendFileSync(file, bytes.subarray(end))
    await sleep(550)
    assert.equal(store.getSync(key)?.value, value)
    assert.deepEqual([store.stats().corrupt, store.said], [0, []])
  }
})

test('hides nothing once it is compacted: its writer writes it again, with the same stamp', async t => {
  const { bytes, starts } = await written(t)
  const path = scratch(t)
  await diskStore({ path }).flush()
  fs.writeFileSync(join(path, 'other-1.log'), bytes.subarray(0, starts[0]))
  const store = opened(t, path)
  store.set(keyOf('short'), entryOf('short'))
  await store.flush()
  const directory = look(path)
  const steps = compact(directory, { maxBytes: Infinity, fsync: false }, Date.now())
  while (!steps.next().done);
  assert.equal(directory.corrupt, 0)
  directory.close()
  fs.writeFileSync(join(path, 'other-2.log'), bytes)
  await sleep(550)
  assert.deepEqual([store.getSync(key)?.value, store.getSync(keyOf('short'))?.value], [value, 'short'])
})
