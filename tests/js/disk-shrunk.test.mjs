import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { directoryAt, look } from '../../js/cli/look.js'
import { joined } from '../../js/stores/piece.js'
import { entryOf, filesIn, keyOf, opened, scratch, told, valueOf } from '../disk/help.mjs'

/** A file that others write to becomes shorter than it was when it was read. */

const KEYS = [0, 1, 2]

test('cut off anywhere by somebody: what is left is read, and what its writer goes on with', async t => {
  const source = scratch(t)
  const first = opened(t, source)
  for (const i of [...KEYS, 3]) {
    first.set(keyOf(i), entryOf(told(i, 1)))
    await first.flush()
  }
  const [name] = filesIn(source)
  const whole = fs.readFileSync(join(source, name))
  const starts = [...whole.toString('latin1').matchAll(/MIMF/g)].map(({ index }) => index)
  const end = /** @type {number} */ (starts.pop())
  assert.equal(starts.length, KEYS.length)
  const rounds = [0, 31, ...starts.flatMap(start => [start, start + 1, start + 60])].map(length => {
    const path = scratch(t)
    const file = join(path, name)
    fs.writeFileSync(file, whole.subarray(0, end))
    const reader = opened(t, path)
    for (const i of KEYS) assert.equal(valueOf(reader, keyOf(i)), told(i, 1))
    fs.truncateSync(file, length)
    return { path, file, length, reader, left: starts.filter((_, i) => (starts[i + 1] ?? end) <= length).length } // biome-ignore format: one line
  })
  await sleep(550)
  for (const { length, reader, left } of rounds) {
    for (const i of KEYS) assert.equal(valueOf(reader, keyOf(i)), i < left ? told(i, 1) : undefined, `${length} bytes, entry ${i}`) // biome-ignore format: one line
  }
  // Its writer knows nothing of it.
  for (const { file } of rounds) {
    const fd = fs.openSync(file, 'r+')
    fs.writeSync(fd, whole, end, whole.length - end, end)
    fs.closeSync(fd)
  }
  await sleep(550)
  for (const { length, reader } of rounds) {
    if (length > 31) assert.equal(valueOf(reader, keyOf(3)), told(3, 1), `${length} bytes`)
    assert.deepEqual([reader.stats().foreign, reader.said.filter(({ name }) => name === 'error')], [0, []])
  }
})

test('a write that failed and was taken back while others looked: they read what its writer does next', t => {
  const path = scratch(t)
  const writer = directoryAt(path)
  writer.directory.open()
  const reader = look(path)
  /** @param {number} i @param {number} length */
  const itemOf = (i, length) => {
    const { namespace, digest, bytes } = keyOf(i)
    const piece = joined(bytes, new Uint8Array(length))
    return { kind: 'entry', namespace, digest, piece, storedAt: 0, deadline: Infinity, hides: false, stamp: writer.stamps.next() } // biome-ignore format: one line
  }
  const has = i => {
    const { namespace, digest } = keyOf(i)
    return reader.catalog.find(namespace, digest) !== undefined
  }
  for (const before of [[], [itemOf(0, 100)]]) {
    if (before.length > 0) writer.directory.write(before)
    reader.scan()
    const { writeSync, ftruncateSync } = fs
    let calls = 0
    t.mock.method(fs, 'writeSync', (fd, bytes, from, length, at) => {
      if (length < 1000) return writeSync(fd, bytes, from, length, at)
      if (calls++ > 0) throw Object.assign(new Error('input/output'), { code: 'EIO' })
      return writeSync(fd, bytes, from, length - 1000, at)
    })
    t.mock.method(fs, 'ftruncateSync', (fd, length) => {
      reader.scan()
      assert.ok(has(1), 'its first frames were whole')
      ftruncateSync(fd, length)
    })
    assert.throws(() => writer.directory.write([1, 2, 3].map(i => itemOf(i, 40_000))), { code: 'EIO' })
    t.mock.restoreAll()
    // So much that where the reader was is in the middle of something.
    writer.directory.write([4, 5, 6].map(i => itemOf(i, 50_000)))
    for (let scans = 0; scans < 3; scans++) reader.scan()
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(has), [
      before.length > 0,
      false,
      false,
      false,
      true,
      true,
      true,
    ])
    assert.deepEqual([reader.corrupt, reader.strange.size], [0, 0])
  }
})
