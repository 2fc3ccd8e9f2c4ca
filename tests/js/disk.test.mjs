import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { diskStore } from '../../js/entry/disk.js'
import { createMime } from '../../js/entry/inline.js'
import { entryOf, heard, keyOf, opened, scratch, told } from '../disk/help.mjs'

/** The disk store in one process, on real files. */

const a = keyOf('a')
const b = keyOf('b')
const valueOf = (store, key) => store.getSync(key)?.value
/** Only what others wrote after a look is not there yet. */
const others = () => sleep(550)
const filesIn = path => fs.readdirSync(path).filter(name => /\.(log|seg)$/.test(name))

describe('what was written', () => {
  test('is read at once, after a flush, and by the next store', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    first.set(a, entryOf(told('a', 1)))
    assert.equal(valueOf(first, a), told('a', 1))
    await first.flush()
    assert.equal(valueOf(first, a), told('a', 1))
    const second = opened(t, path)
    assert.equal(valueOf(second, a), told('a', 1), 'without waiting for anything')
    assert.equal(valueOf(second, b), undefined)
    assert.deepEqual([...first.said, ...second.said], [])
  })

  test('comes back with its types, promise, times and tags', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    const value = { at: new Date(5), map: new Map([[1n, new Set([-0, NaN])]]), bytes: new Uint8Array([1, 2]) }
    const entry = {
      value,
      storedAt: Date.now() - 1000,
      deadline: Date.now() + 60_000,
      isAsync: true,
      tags: ['x'],
    }
    first.set(a, entry)
    await first.flush()
    const { value: read, storedAt, deadline, ttl, isAsync } = opened(t, path).getSync(a)
    assert.deepEqual(read, value)
    assert.deepEqual([storedAt, deadline, isAsync], [entry.storedAt, entry.deadline, true])
    assert.equal(ttl, deadline - storedAt)
  })

  test('may be larger than a segment, and empty', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    const values = [1, 59_000, 60_000, 61_000, 200_000, 3_000_000].map(length => told('a', 1, length))
    for (const [i, value] of [...values, '', undefined].entries()) first.set(keyOf(i), entryOf(value))
    first.set(keyOf('long', 'g'), entryOf('behind'))
    await first.flush()
    const second = opened(t, path)
    for (const [i, value] of values.entries()) assert.ok(valueOf(second, keyOf(i)) === value, `value ${i}`)
    assert.deepEqual([valueOf(second, keyOf(6)), second.getSync(keyOf(7)).value], ['', undefined])
    assert.equal(valueOf(second, keyOf('long', 'g')), 'behind')
    assert.equal(second.stats().entries, values.length + 3)
  })

  test('is not given to a key with the same digest', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    first.set(a, entryOf(1))
    const forged = [
      { ...a, bytes: b.bytes },
      { ...a, bytes: a.bytes.subarray(8) },
    ]
    for (const key of forged) assert.equal(first.getSync(key), undefined)
    await first.flush()
    for (const key of forged) assert.equal(first.getSync(key), undefined)
    assert.equal(valueOf(first, a), 1)
  })

  test('is what a sync function hits after a restart, and what an async one gets a promise of', async t => {
    const path = scratch(t)
    let calls = 0
    const start = () => {
      const mime = createMime({ store: opened(t, pathToFileURL(path)), ttl: '1h', version: '1' })
      return {
        square: mime(n => ++calls && n * n, { name: 'square' }),
        later: mime(async n => ++calls && n + 1, { name: 'later' }),
      }
    }
    const { square, later } = start()
    assert.deepEqual([square(3), await later(3), calls], [9, 4, 2])
    await square.flush()
    await later.flush()
    const { square: again, later: laterAgain } = start()
    assert.equal(again(3), 9)
    const promise = laterAgain(3)
    assert.ok(promise instanceof Promise)
    assert.deepEqual([await promise, calls], [4, 2])
  })

  test('and cannot be held is refused, and what it replaces is gone', async t => {
    const store = opened(t, scratch(t))
    mock.method(console, 'warn', () => {})
    t.after(() => mock.restoreAll())
    store.set(a, entryOf(1))
    await store.flush()
    store.set(
      a,
      entryOf(() => {}),
    )
    assert.equal(store.getSync(a), undefined)
    store.set({ ...b, namespace: 'x'.repeat(5000) }, entryOf(1))
    assert.deepEqual(store.said.map(({ name, code }) => [name, code]), [['refused', 'ERR_VALUE_UNSUPPORTED'], ['refused', 'ERR_STORE_REFUSED']]) // biome-ignore format: one line
  })
})

describe('time', () => {
  test('an entry ends at its deadline, waiting or written', async t => {
    const store = opened(t, scratch(t))
    store.set(a, entryOf(1, 40))
    assert.equal(valueOf(store, a), 1)
    store.set(b, entryOf(1, -1))
    assert.equal(store.getSync(b), undefined)
    await store.flush()
    assert.equal(store.getSync(b), undefined)
    await sleep(60)
    assert.equal(store.getSync(a), undefined)
  })

  test('a wrong clock makes nothing immortal', async t => {
    const path = scratch(t)
    const store = opened(t, path)
    const storedAt = Date.now() + 1e9
    store.set(a, { value: 1, storedAt, deadline: storedAt + 50 })
    await store.flush()
    const second = opened(t, path)
    assert.ok(second.getSync(a).deadline <= Date.now() + 51)
    await sleep(60)
    assert.equal(second.getSync(a), undefined)
  })

  test('what expired does not bring back what it replaced', async t => {
    const path = scratch(t)
    const [first, second] = [opened(t, path), opened(t, path)]
    first.set(a, entryOf('old'))
    await first.flush()
    second.set(a, entryOf('new', 20))
    await second.flush()
    await sleep(30)
    assert.equal(opened(t, path).getSync(a), undefined)
  })
})

describe('deletions', () => {
  for (const [name, remove] of [
    ['delete', store => store.delete(a)],
    ['clear', store => store.clear(a.namespace)],
    ['tags', store => store.invalidateTags(a.namespace, tag => tag === 'red')],
  ]) {
    test(`${name}: survives a restart, and concerns what others wrote`, async t => {
      const path = scratch(t)
      const [first, second] = [opened(t, path), opened(t, path)]
      first.set(a, entryOf(1, Infinity, { tags: ['red'] }))
      first.set(keyOf('a', 'other'), entryOf(2, Infinity, { tags: ['red'] }))
      await first.flush()
      await others()
      assert.equal(valueOf(second, a), 1)
      remove(second)
      assert.equal(second.getSync(a), undefined, 'waiting')
      await second.flush()
      assert.equal(second.getSync(a), undefined)
      assert.equal(opened(t, path).getSync(a), undefined)
      await others()
      assert.equal(first.getSync(a), undefined, 'where it was written')
      first.set(a, entryOf(3))
      await first.flush()
      for (const store of [first, opened(t, path)]) {
        assert.equal(valueOf(store, a), 3)
        assert.equal(valueOf(store, keyOf('a', 'other')), 2)
      }
    })

    test(`${name}: an older write that comes later stays hidden`, async t => {
      const path = scratch(t)
      const late = opened(t, path, { flushAfter: 60_000 })
      const first = opened(t, path)
      first.set(a, entryOf(0, Infinity, { tags: ['red'] }))
      await first.flush()
      if (name !== 'tags') late.set(a, entryOf(1))
      await sleep(5)
      remove(first)
      await first.flush()
      await late.flush()
      assert.equal(opened(t, path).getSync(a), undefined)
    })
  }

  test('tags: only what has one of them', async t => {
    const store = opened(t, scratch(t))
    store.set(a, entryOf(1, Infinity, { tags: ['red', 'blue'] }))
    store.set(b, entryOf(2, Infinity, { tags: ['green'] }))
    store.set(keyOf('c'), entryOf(3))
    store.invalidateTags(a.namespace, tag => tag === 'blue')
    assert.deepEqual(
      [a, b, keyOf('c')].map(key => valueOf(store, key)),
      [undefined, 2, 3],
    )
  })

  test('who has seen a write comes after it, whatever his clock says', async t => {
    const path = scratch(t)
    const first = opened(t, path)
    const real = Date.now
    mock.method(Date, 'now', () => real() + 1e8)
    first.set(a, entryOf('future'))
    await first.flush()
    mock.restoreAll()
    const second = opened(t, path)
    assert.equal(valueOf(second, a), 'future')
    second.set(a, entryOf('now'))
    await second.flush()
    assert.equal(valueOf(opened(t, path), a), 'now')
  })
})

describe('compaction', () => {
  /** Waits for what runs behind. */
  async function until(what, is) {
    for (let i = 0; i < 500; i++) {
      if (is()) return
      await sleep(10)
    }
    assert.fail(what)
  }

  test('what was replaced goes, what counts stays, for other stores too', async t => {
    const path = scratch(t)
    const [store, other] = [opened(t, path), opened(t, path)]
    other.set(keyOf('other'), entryOf('kept'))
    other.set(keyOf('large'), entryOf(told('large', 1, 150_000), Infinity, { tags: ['red'] }))
    other.delete(keyOf('gone'))
    await other.flush()
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 500; i++)
        store.set(keyOf(i), entryOf(told(i, round), i % 5 === 0 && round === 11 ? 1 : Infinity))
      await store.flush()
    }
    await until('no compaction', () => store.stats().compactions > 0)
    await sleep(1100)
    store.set(keyOf('more'), entryOf(1))
    await store.flush()
    assert.ok(store.stats().bytes < 600_000, `${store.stats().bytes} bytes`)
    for (const reader of [store, other, opened(t, path)]) {
      await others()
      reader.getSync(a)
      await others()
      for (let i = 0; i < 500; i++)
        assert.equal(valueOf(reader, keyOf(i)), i % 5 === 0 ? undefined : told(i, 11))
      assert.equal(valueOf(reader, keyOf('other')), 'kept')
      assert.equal(valueOf(reader, keyOf('large')), told('large', 1, 150_000))
      assert.equal(reader.stats().corrupt, 0)
    }
    other.invalidateTags(a.namespace, tag => tag === 'red')
    assert.equal(other.getSync(keyOf('large')), undefined)
    other.set(keyOf('other'), entryOf('newer'))
    await other.flush()
    assert.equal(valueOf(opened(t, path), keyOf('other')), 'newer', 'in a file that nobody compacted away')
  })

  test('the byte budget holds: the oldest go', async t => {
    const path = scratch(t)
    const store = opened(t, path, { maxBytes: 500_000 })
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 100; i++) store.set(keyOf(round * 100 + i), entryOf(told(i, round)))
      await store.flush()
      await sleep(100)
    }
    await until('no compaction', () => store.stats().bytes < 500_000)
    assert.ok(store.stats().evicted > 0)
    assert.equal(store.getSync(keyOf(0)), undefined)
    assert.equal(valueOf(store, keyOf(2999)), told(99, 29))
  })

  test('many small files become one, at once when they are too many', async t => {
    const path = scratch(t)
    for (let i = 0; i < 70; i++) {
      const store = diskStore({ path })
      store.set(keyOf(i), entryOf(told(i, 1)))
      await store.close()
    }
    const past = new Date(Date.now() - 60_000)
    for (const name of filesIn(path)) fs.utimesSync(join(path, name), past, past)
    const store = opened(t, path)
    for (let i = 0; i < 70; i++) assert.equal(valueOf(store, keyOf(i)), told(i, 1))
    assert.equal(filesIn(path).length, 1)
    assert.deepEqual(store.said, [])
  })

  test('a lock that nobody renews is taken over, another is left alone, and what a killed compaction left goes', async t => {
    const path = scratch(t)
    const lock = join(path, 'compact.lock')
    fs.writeFileSync(lock, '1 x\n')
    fs.writeFileSync(join(path, 'abc-def.tmp'), 'half')
    const store = opened(t, path, { maxBytes: 100_000 })
    const write = async round => {
      for (let i = 0; i < 400; i++) store.set(keyOf(i), entryOf(told(i, round)))
      await store.flush()
      await sleep(1100)
    }
    await write(1)
    assert.equal(store.stats().compactions, 0)
    const past = new Date(Date.now() - 60_000)
    fs.utimesSync(lock, past, past)
    await write(2)
    assert.ok(store.stats().compactions > 0)
    assert.deepEqual(
      fs.readdirSync(path).filter(name => /lock|tmp/.test(name)),
      [],
    )
  })
})

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

describe('where it does not work', () => {
  /** A function's calls go on. */
  async function works(t, store) {
    mock.method(console, 'warn', () => {})
    t.after(() => mock.restoreAll())
    const f = createMime()(n => n + 1, { store, name: 'f', version: '1' })
    assert.deepEqual([f(1), f(1), f.stats().loads], [2, 2, 1])
    await f.flush()
    return console.warn.mock.callCount()
  }

  test('a path that is a file, or below one', async t => {
    const path = join(scratch(t), 'file')
    fs.writeFileSync(path, 'mine')
    for (const where of [path, join(path, 'below')]) {
      const store = opened(t, where)
      assert.equal(await works(t, store), 1)
      assert.deepEqual([store.said[0].name, store.said[0].code], ['unavailable', 'ERR_STORE_UNAVAILABLE'])
      assert.equal(store.stats().available, 0)
      mock.restoreAll()
    }
    assert.equal(fs.readFileSync(path, 'utf8'), 'mine')
  })

  test('a directory of a later version', async t => {
    const path = scratch(t)
    fs.writeFileSync(join(path, 'format'), '2\n')
    const store = opened(t, path)
    assert.equal(await works(t, store), 1)
    assert.equal(store.said[0].code, 'ERR_STORE_VERSION')
    assert.deepEqual(fs.readdirSync(path), ['format'])
  })

  test('removed files and directories are made anew', async t => {
    const path = join(scratch(t), 'deep', 'er')
    const store = opened(t, path)
    store.set(a, entryOf(1))
    await store.flush()
    fs.rmSync(path, { recursive: true })
    store.set(b, entryOf(2))
    await store.flush()
    assert.deepEqual(store.said, [])
    const second = opened(t, path)
    assert.deepEqual([valueOf(second, a), valueOf(second, b)], [undefined, 2])
  })

  test('a full disk: the oldest go, then nothing is written until it works again', async t => {
    const path = scratch(t)
    const store = opened(t, path)
    store.set(a, entryOf('kept'))
    await store.flush()
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    mock.method(fs, 'writeSync', () => { throw full }) // biome-ignore format: one line
    t.after(() => mock.restoreAll())
    store.set(b, entryOf('lost'))
    store.delete(keyOf('c'))
    await store.flush()
    assert.deepEqual(store.said.map(({ name, code }) => [name, code]), [['error', 'ERR_STORE_QUOTA'], ['drop', 'ERR_STORE_WRITE']]) // biome-ignore format: one line
    assert.equal(store.stats().pending, 1, 'the deletion waits')
    assert.equal(store.getSync(a), undefined, 'the oldest made room')
    mock.restoreAll()
    store.set(b, entryOf('again'))
    await store.flush()
    assert.equal(valueOf(opened(t, path), b), 'again')
  })

  test('half a write is taken back', async t => {
    const path = scratch(t)
    const store = opened(t, path)
    store.set(a, entryOf('kept'))
    await store.flush()
    const real = fs.writeSync
    mock.method(fs, 'writeSync', (fd, bytes, from, length, at) => {
      if (length < 100) throw Object.assign(new Error('input/output'), { code: 'EIO' })
      return real(fd, bytes, from, length - 50, at)
    })
    t.after(() => mock.restoreAll())
    store.set(b, entryOf('lost'))
    await store.flush()
    mock.restoreAll()
    store.set(keyOf('c'), entryOf('behind'))
    await store.flush()
    const second = opened(t, path)
    assert.deepEqual(
      [a, b, keyOf('c')].map(key => valueOf(second, key)),
      ['kept', undefined, 'behind'],
    )
    assert.equal(second.stats().corrupt, 0)
  })
})

test('a loop that never rests is written on the way', t => {
  const store = opened(t, scratch(t))
  for (let i = 0; i < 30_000; i++) store.set(keyOf(i), entryOf(i))
  assert.equal(store.stats().dropped, 0)
  assert.ok(store.stats().written > 20_000)
})

test('fsync: flush waits for the disk', async t => {
  const store = opened(t, scratch(t), { fsync: true })
  const fsync = mock.method(fs, 'fsync')
  t.after(() => mock.restoreAll())
  store.set(a, entryOf(1))
  await store.flush()
  assert.equal(fsync.mock.callCount(), 2, 'the file and its name')
})

test('options are checked by name', () => {
  for (const [options, code] of [
    [undefined, 'ERR_INVALID_OPTION'],
    [{}, 'ERR_INVALID_OPTION'],
    [{ path: '' }, 'ERR_INVALID_OPTION'],
    [{ path: new URL('https://example.org') }, 'ERR_INVALID_OPTION'],
    [{ path: 'x', maxBytes: 0 }, 'ERR_INVALID_OPTION'],
    [{ path: 'x', fsync: 1 }, 'ERR_INVALID_OPTION'],
    [{ path: 'x', maxbytes: 1 }, 'ERR_UNKNOWN_OPTION'],
  ]) {
    assert.throws(() => diskStore(options), { code }, JSON.stringify(options))
  }
})

test('a closed store answers nothing and takes nothing', async t => {
  const path = scratch(t)
  const store = diskStore({ path })
  const said = heard(store)
  store.set(a, entryOf(1))
  await store.close()
  store.set(b, entryOf(1))
  assert.deepEqual([store.getSync(a), store.getSync(b), said], [undefined, undefined, []])
  assert.equal(valueOf(opened(t, path), a), 1)
  await store.close()
})
