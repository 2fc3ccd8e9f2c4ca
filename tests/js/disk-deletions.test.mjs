import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { diskStore } from '../../js/entry/disk.js'
import { directoryAt, look } from '../../js/cli/look.js'
import { compact, GRACE } from '../../js/stores/disk/compaction.js'
import { cleared, deleted, WriteQueue } from '../../js/stores/queue.js'
import { entryOf, filesIn, keyOf, opened, others, scratch, told, valueOf } from '../disk/help.mjs'

/** Deletions on disk: for how long they hide what, and what room they take. */

const a = keyOf('a')
const { namespace } = a

/** @param {import('../../js/cli/look.js').Directory} directory @param {number} [now] @param {number} [maxBytes] */
function compacted(directory, now = Date.now(), maxBytes = Infinity) {
  const steps = compact(directory, { maxBytes, fsync: false }, now)
  let step = steps.next()
  while (!step.done) step = steps.next()
  assert.notEqual(step.value, undefined)
}

/** @param {string} path @returns {number} */
const sizeOf = path => filesIn(path).reduce((sum, name) => sum + fs.statSync(join(path, name)).size, 0)

/** So many keys that nobody ever stored. @param {string} path @param {number} count */
function deletedIn(path, count, now = Date.now()) {
  const { directory } = directoryAt(path)
  directory.open()
  const items = Array.from({ length: count }, (_, i) => ({ ...deleted(namespace, keyOf(i).digest, now), stamp: now + i / 1024 })) // biome-ignore format: one line
  directory.write(items)
  directory.close()
}

for (const [what, remove] of [
  ['delete', store => store.delete(a)],
  ['clear', store => store.clear(namespace)],
]) {
  for (const times of [1, 2, 3]) {
    test(`${what}: an older write that comes late stays hidden, after ${times} compactions by others, then one of its own`, async t => {
      const path = scratch(t)
      const late = opened(t, path, { flushAfter: 60_000 })
      late.set(a, entryOf('old'))
      await new Promise(resolve => setTimeout(resolve, 5))
      const store = diskStore({ path })
      remove(store)
      await store.close()
      const own = look(path)
      for (let i = 0; i < times; i++) {
        compacted(look(path))
        // A file that is gone has to be missing twice.
        for (let scans = 0; scans < 3; scans++) own.scan()
      }
      await late.flush()
      own.scan()
      assert.equal(own.catalog.find(namespace, a.digest), undefined)
      compacted(own)
      assert.equal(look(path).catalog.find(namespace, a.digest), undefined)
    })
  }
}

test('they go when nobody can have anything older, and not before', t => {
  const path = scratch(t)
  const now = Date.now()
  deletedIn(path, 5000, now)
  const before = sizeOf(path)
  compacted(look(path), now + GRACE / 2)
  assert.ok(sizeOf(path) > before / 2)
  compacted(look(path), now + GRACE + 1000)
  assert.ok(sizeOf(path) < 100, `${sizeOf(path)} bytes`)
})

describe('of keys that nobody stored', () => {
  for (const [what, prepare] of [
    ['a directory', () => {}],
    ['one with a file that cannot be read', path => fs.writeFileSync(join(path, 'other-1.log'), Buffer.from('4d494d4402'.padEnd(80, '0'), 'hex'))], // biome-ignore format: one line
  ]) {
    test(`they leave ${what} within its budget, and hide what they hid`, async t => {
      const path = scratch(t)
      prepare(path)
      const late = opened(t, path, { flushAfter: 60_000 })
      for (let i = 0; i < 20_000; i += 1000) late.set(keyOf(i), entryOf('old'))
      await new Promise(resolve => setTimeout(resolve, 5))
      const maxBytes = 300_000
      deletedIn(path, 20_000)
      const store = diskStore({ path })
      store.set(a, entryOf('newer'))
      await store.close()
      compacted(look(path), Date.now(), maxBytes)
      assert.ok(sizeOf(path) <= maxBytes, `${sizeOf(path)} bytes`)
      await late.flush()
      const reader = opened(t, path)
      for (let i = 0; i < 20_000; i += 1000) assert.equal(reader.getSync(keyOf(i)), undefined)
      assert.equal(valueOf(reader, a), 'newer')
    })
  }

  test('and a store that has to keep them does not compact for them again and again', async t => {
    const store = opened(t, scratch(t))
    for (let i = 0; i < 20_000; i++) store.delete(keyOf(i))
    await store.flush()
    const compactions = async times => {
      for (let i = 0; i < times; i++) {
        store.set(a, entryOf(i))
        await store.flush()
        await new Promise(resolve => setTimeout(resolve, 1050))
      }
      return store.stats().compactions
    }
    assert.deepEqual([await compactions(1), await compactions(2)], [1, 1])
  })
})

describe('more than there is room for wait as those of whole namespaces', () => {
  test('each as new as the newest it stands for', () => {
    const queue = new WriteQueue(10, 1 << 20)
    const item = (digest, stamp) => ({ ...deleted(namespace, digest, 0), stamp })
    queue.push({ ...cleared('g', 0), stamp: 1 })
    queue.push({ ...item('x', 5), namespace: 'g' })
    // Not in the order of their stamps: what was dropped comes behind.
    for (const stamp of [3, 9, 4, 6, 8, 2, 7, 5, 1]) queue.push(item(String(stamp), stamp))
    assert.deepEqual(queue.take().map(({ kind, namespace, stamp }) => [kind, namespace, stamp]), [['cleared', 'g', 5], ['cleared', namespace, 9]]) // biome-ignore format: one line
  })

  test('what was stored behind them is there after a restart', async t => {
    const path = scratch(t)
    const store = diskStore({ path, maxPendingEntries: 10 })
    for (let i = 0; i < 11; i++) store.set(keyOf(i), entryOf('old'))
    await store.flush()
    for (let i = 0; i < 11; i++) store.delete(keyOf(i))
    for (let i = 5; i < 8; i++) store.set(keyOf(i), entryOf('new'))
    await store.close()
    const reader = opened(t, path)
    for (let i = 0; i < 11; i++) assert.equal(valueOf(reader, keyOf(i)), i >= 5 && i < 8 ? 'new' : undefined)
  })
})

test('of a name that no file can have keeps nothing else from being written', async t => {
  const path = scratch(t)
  const store = diskStore({ path })
  for (const name of ['x'.repeat(100_000), '\ud800']) {
    store.delete(keyOf(1, name))
    store.clear(name)
  }
  store.set(a, entryOf('kept'))
  await store.close()
  assert.equal(valueOf(opened(t, path), a), 'kept')
})

test('a full disk, and ended between any two of the files that make room: nothing deleted comes back', async t => {
  const path = scratch(t)
  const [deleter, other] = [opened(t, path), opened(t, path)]
  for (const [writer, key] of [
    [deleter, keyOf('first')],
    [other, a],
    [deleter, keyOf('between')],
  ]) {
    // biome-ignore format: one line
    writer.set(key, entryOf(told(key.digest, 1)))
    await writer.flush()
  }
  await others()
  assert.notEqual(deleter.getSync(a), undefined)
  deleter.delete(a)
  await deleter.flush()
  const directory = look(path)
  const { rmSync } = fs
  let removed = 0
  t.mock.method(fs, 'rmSync', (file, options) => {
    rmSync(file, options)
    removed++
    assert.equal(look(path).catalog.find(namespace, a.digest), undefined)
  })
  directory.shed()
  t.mock.restoreAll()
  assert.equal(removed, 2)
})

describe('what another process wrote since the last look does not come back for a value', () => {
  const bounds = { maxPendingBytes: 100_000 }
  const large = 'x'.repeat(200_000)

  /** Two stores; the one knows nothing of what the other one has written. */
  async function behind(t) {
    const path = scratch(t)
    const one = opened(t, path, bounds)
    one.set(keyOf('mine'), entryOf(1))
    await one.flush()
    const two = opened(t, path)
    two.set(a, entryOf('old'))
    await two.flush()
    // By the clock alone it is newer.
    await new Promise(resolve => setTimeout(resolve, 5))
    return { path, one }
  }

  for (const [what, value, name] of [
    ['that cannot be stored', () => {}, 'refused'],
    ['that is dropped', large, 'drop'],
  ]) {
    test(what, async t => {
      const { path, one } = await behind(t)
      one.set(a, entryOf(value))
      assert.deepEqual(one.said.map(event => event.name), [name]) // biome-ignore format: one line
      await one.flush()
      assert.equal(valueOf(opened(t, path), a), undefined)
      await others()
      assert.equal(valueOf(one, a), undefined)
      assert.equal(valueOf(one, keyOf('mine')), 1)
    })
  }

  test('that is dropped because the disk takes nothing', async t => {
    const { path, one } = await behind(t)
    one.set(a, entryOf('new'))
    const write = t.mock.method(fs, 'writeSync', () => {
      throw Object.assign(new Error('no'), { code: 'EIO' })
    })
    await one.flush()
    assert.deepEqual(one.said.map(event => event.name), ['error', 'drop']) // biome-ignore format: one line
    write.mock.restore()
    await one.flush()
    assert.equal(valueOf(opened(t, path), a), undefined)
  })

  test('that is dropped where the directory cannot be listed', async t => {
    const { path, one } = await behind(t)
    const listing = t.mock.method(fs, 'readdirSync', () => {
      throw Object.assign(new Error('no'), { code: 'EMFILE' })
    })
    one.set(a, entryOf(large))
    listing.mock.restore()
    await one.flush()
    assert.equal(valueOf(opened(t, path), a), undefined)
  })

  test('and what it writes afterwards, or nobody wrote, is not touched', async t => {
    const { path, one } = await behind(t)
    one.set(keyOf('nobody’s'), entryOf(large))
    one.set(a, entryOf('x'.repeat(90_000)))
    await new Promise(resolve => setTimeout(resolve, 5))
    const other = opened(t, path)
    other.set(a, entryOf('newer'))
    await other.flush()
    one.set(keyOf('more'), entryOf('y'.repeat(90_000)))
    await one.flush()
    assert.equal(one.stats().dropped, 2)
    const reader = opened(t, path)
    assert.equal(valueOf(reader, a), 'newer')
    assert.equal(look(path).catalog.space(namespace).rows.size, 3)
  })
})
