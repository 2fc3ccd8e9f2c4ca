import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { diskStore } from '../../js/entry/disk.js'
import { look } from '../../js/cli/look.js'
import { compact } from '../../js/stores/disk/compaction.js'
import { entryOf, filesIn, keyOf, opened, scratch, told, valueOf } from '../disk/help.mjs'

/** Files that are not what the disk store wrote. */

const a = keyOf('a')
const b = keyOf('b')

describe('damage', () => {
  /** @param {(bytes: Buffer) => Buffer | void} damage */
  async function damaged(t, damage) {
    const path = scratch(t)
    const first = diskStore({ path })
    for (let i = 0; i < 5; i++) {
      first.set(keyOf(i), entryOf(told(i, 1)))
      await first.flush()
    }
    await first.close()
    const file = join(path, filesIn(path)[0])
    const bytes = fs.readFileSync(file)
    fs.writeFileSync(file, damage(bytes) ?? bytes)
    const store = opened(t, path)
    const read = [0, 1, 2, 3, 4].map(i => valueOf(store, keyOf(i)))
    for (const [i, value] of read.entries()) assert.ok(value === undefined || value === told(i, 1))
    return { store, count: read.filter(value => value !== undefined).length, path }
  }

  test('a torn tail is cut, and written behind', async t => {
    const { store, count, path } = await damaged(t, bytes => bytes.subarray(0, bytes.length - 10))
    assert.deepEqual([count, store.stats().corrupt, store.said], [4, 0, []])
    store.set(keyOf(4), entryOf(told(4, 2)))
    await store.flush()
    assert.equal(valueOf(opened(t, path), keyOf(4)), told(4, 2))
  })

  test('a frame, a head or a value that is damaged is counted, and said once', async t => {
    const frame = bytes => bytes.indexOf('MIMF', 500)
    for (const at of [
      bytes => frame(bytes) + 2,
      bytes => frame(bytes) + 20,
      // The digest of a record.
      bytes => frame(bytes) + 83,
      bytes => frame(bytes) + 100,
      bytes => frame(bytes) + 350,
    ]) {
      const { store, count } = await damaged(t, bytes => void (bytes[at(bytes)] ^= 8))
      assert.equal(count, 4)
      assert.equal(store.stats().corrupt, 1)
      assert.deepEqual(store.said.map(({ name, code, count }) => [name, code, count]), [['corrupt', 'ERR_STORE_CORRUPT', 1]]) // biome-ignore format: one line
    }
  })

  test('whatever lengths a frame says, what stands behind it is found, and the damage counted', async t => {
    /** Where the frames begin. @param {Buffer} bytes */
    const starts = bytes => [0, 1, 2, 3, 4].reduce((all, _) => [...all, bytes.indexOf('MIMF', (all.at(-1) ?? 0) + 1)], []) // biome-ignore format: one line
    t.mock.method(console, 'warn', () => {})
    for (const frame of [0, 2, 4]) {
      for (let bit = 0; bit < 96; bit++) {
        const { store, count } = await damaged(t, bytes => {
          bytes[starts(bytes)[frame] + 8 + (bit >> 3)] ^= 1 << (bit & 7)
        })
        assert.deepEqual([count, store.stats().corrupt], [4, 1], `frame ${frame}, bit ${bit}`)
        await store.close()
      }
    }
  })

  test('a header that was cut off anywhere is no damage', async t => {
    for (const length of [1, 31, 32, 39, 40, 47]) {
      const { store, count } = await damaged(t, bytes =>
        bytes.subarray(0, bytes.lastIndexOf('MIMF') + length),
      )
      assert.deepEqual([count, store.stats().corrupt], [4, 0], `${length} bytes`)
    }
  })

  test('a file that has no whole header goes with a compaction when nobody is at it, others do not', async t => {
    const { path, store } = await damaged(t, () => {})
    const whole = fs.readFileSync(join(path, filesIn(path)[0]))
    /** @type {[string, Buffer, boolean][]} */
    const files = [['npm-debug', Buffer.from('what npm has to say, and more than a header of it'), false]]
    for (const length of [0, 3, 31]) files.push([`short-${length}`, whole.subarray(0, length), true])
    for (const at of [0, 3, 8, 23, 24, 31]) {
      const bytes = Buffer.from(whole)
      bytes[at] ^= 1
      files.push([`flipped-${at}`, bytes, true])
    }
    files.push(['zeros-1', Buffer.alloc(4096), true])
    files.push(['later-1', Buffer.from(whole).fill(2, 4, 5), false])
    const past = new Date(Date.now() - 3_600_000)
    for (const [name, bytes] of files) {
      for (const [id, time] of [
        [name, past],
        [`${name}new`, new Date()],
      ]) {
        // biome-ignore format: one line
        fs.writeFileSync(join(path, `${id}.log`), bytes)
        fs.utimesSync(join(path, `${id}.log`), time, time)
      }
    }
    const steps = compact(look(path), { maxBytes: Infinity, fsync: false }, Date.now())
    while (!steps.next().done);
    for (const [name, , goes] of files) {
      assert.equal(fs.existsSync(join(path, `${name}.log`)), !goes, name)
      assert.ok(fs.existsSync(join(path, `${name}new.log`)), name)
    }
    await store.close()
    const reader = opened(t, path)
    for (let i = 0; i < 5; i++) assert.equal(valueOf(reader, keyOf(i)), told(i, 1))
  })

  test('a file that is none, or of a later version, is left alone', async t => {
    const { store, count, path } = await damaged(t, bytes => void (bytes[0] ^= 1))
    assert.deepEqual([count, store.stats().corrupt], [0, 1])
    const later = await damaged(t, bytes => void (bytes[4] = 2))
    assert.deepEqual([later.count, later.store.stats().foreign], [0, 1])
    assert.deepEqual(later.store.said.map(({ code, cause }) => [code, cause.code]), [['ERR_STORE_READ', 'ERR_STORE_VERSION']]) // biome-ignore format: one line
    assert.equal(filesIn(path).length, 1)
  })

  test('a frame inside a value is none', async t => {
    const path = scratch(t)
    const donorPath = scratch(t)
    const donor = opened(t, donorPath)
    donor.set(a, entryOf('forged'))
    await donor.flush()
    const forged = fs.readFileSync(join(donorPath, filesIn(donorPath)[0])).subarray(32)
    const first = diskStore({ path })
    first.set(b, entryOf(new Uint8Array(forged)))
    await first.close()
    const own = join(path, filesIn(path)[0])
    const bytes = fs.readFileSync(own)
    assert.ok(bytes.includes(forged))
    bytes[40] ^= 1
    fs.writeFileSync(own, bytes)
    assert.equal(opened(t, path).getSync(a), undefined)
  })
})
