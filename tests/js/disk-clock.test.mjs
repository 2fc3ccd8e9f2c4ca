import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { diskStore } from '../../js/entry/disk.js'
import { directoryAt } from '../../js/cli/look.js'
import { bytesOf, Catalog } from '../../js/stores/disk/catalog.js'
import { DataFile } from '../../js/stores/disk/file.js'
import { appendTo, segmentsOf } from '../../js/stores/disk/pack.js'
import { joined } from '../../js/stores/piece.js'
import { deleted } from '../../js/stores/queue.js'
import { encodeEntry } from '../../js/stores/entry.js'
import { entryOf, keyOf, opened, scratch, told, valueOf } from '../disk/help.mjs'

/** What the disk store makes of clocks that were wrong, and of records that have the same stamp. */

const HOUR = 3_600_000
const a = keyOf('a')
const b = keyOf('b')

/** The clock, from now on. @param {import('node:test').TestContext} t @param {number} ahead milliseconds */
function setClock(t, ahead) {
  t.mock.restoreAll()
  const real = Date.now
  t.mock.method(Date, 'now', () => real() + ahead)
}

/** What writes an entry with a stamp of its own. @param {string} path @param {object} item */
function written(path, item) {
  const { directory } = directoryAt(path)
  directory.open()
  directory.write([item])
  directory.close()
}

/** @param {import('../../js/stores/store.js').StoreKey} key @param {object} entry */
function itemOf({ namespace, digest, bytes }, { value, storedAt, deadline, stamp, ...more }) {
  const piece = joined(bytes, encodeEntry({ value, ...more }))
  return { kind: 'entry', namespace, digest, piece, storedAt, deadline, hides: false, stamp }
}

describe('the first that a store is told, after the clock was set back', () => {
  for (const [what, act, expected] of [
    ['set', store => store.set(a, entryOf('new')), 'new'],
    ['delete', store => store.delete(a), undefined],
    ['clear', store => store.clear(a.namespace), undefined],
    ['tags', store => store.invalidateTags(a.namespace, tag => tag === 'red'), undefined],
    [
      'a value that it refuses',
      store =>
        store.set(
          a,
          entryOf(() => {}),
        ),
      undefined,
    ],
  ]) {
    test(`${what}: what was there does not come back`, async t => {
      t.mock.method(console, 'warn', () => {})
      const path = scratch(t)
      setClock(t, HOUR)
      const first = diskStore({ path })
      first.set(a, entryOf('old', Infinity, { tags: ['red'] }))
      await first.close()
      setClock(t, 0)
      t.mock.method(console, 'warn', () => {})
      const second = diskStore({ path })
      act(second)
      await second.close()
      assert.equal(valueOf(opened(t, path), a), expected)
    })
  }

  test('what replaces something that could not be read yet hides it, also when it is dropped', async t => {
    t.mock.method(console, 'warn', () => {})
    const path = join(scratch(t), 'cache')
    const first = diskStore({ path })
    for (const key of [a, b]) first.set(key, entryOf('old'))
    await first.close()
    fs.renameSync(path, `${path} away`)
    fs.writeFileSync(path, 'in the way')
    const second = opened(t, path)
    second.set(a, entryOf('new'))
    second.set(
      b,
      entryOf(() => {}),
    )
    await second.flush()
    fs.rmSync(path)
    fs.renameSync(`${path} away`, path)
    // Until it is tried again.
    setClock(t, 2000)
    await second.flush()
    const third = opened(t, path)
    assert.deepEqual([valueOf(third, a), valueOf(third, b)], [undefined, undefined])
  })
})

describe('an entry whose clock was ahead', () => {
  const TTL = 15_000

  /** Its directory, written an hour ahead. */
  async function ahead(t, more) {
    const path = scratch(t)
    setClock(t, HOUR)
    const store = diskStore({ path })
    store.set(a, entryOf('ahead', TTL, more))
    await store.close()
    setClock(t, 0)
    return path
  }

  test('lives once, however many processes read it', async t => {
    const path = await ahead(t)
    for (const [later, left] of [
      [0, TTL],
      [5000, 10_000],
      [10_000, 5000],
      [15_500, 0],
    ]) {
      // biome-ignore format: one line
      setClock(t, later)
      const store = diskStore({ path })
      const entry = store.getSync(a)
      assert.equal(entry?.value, left > 0 ? 'ahead' : undefined, `after ${later} ms`)
      if (left > 0) assert.ok(entry.deadline - Date.now() <= left, `after ${later} ms`)
      await store.close()
    }
  })

  for (const tags of [undefined, ['red']]) {
    test(`stays a promise, ${tags ? 'and keeps its tags' : 'without tags'}`, async t => {
      const path = await ahead(t, { isAsync: true, tags })
      for (let reads = 0; reads < 3; reads++) {
        const store = diskStore({ path })
        // Written, and then waiting.
        for (let times = 0; times < 2; times++) assert.equal(store.getSync(a).isAsync, true)
        await store.close()
      }
      const store = opened(t, path)
      store.invalidateTags(a.namespace, tag => tag === 'blue')
      assert.equal(valueOf(store, a), 'ahead')
      store.invalidateTags(a.namespace, tag => tag === 'red')
      assert.equal(valueOf(store, a), tags ? undefined : 'ahead')
    })
  }

  test('has not waited since it was stored, so it stays', async t => {
    const path = scratch(t)
    const now = Date.now()
    written(path, itemOf(a, { value: 1, storedAt: now + HOUR, deadline: now + 2 * HOUR, stamp: now - HOUR }))
    for (let reads = 0; reads < 3; reads++) {
      const store = opened(t, path)
      assert.equal(valueOf(store, a), 1)
      await store.close()
      assert.deepEqual([store.stats().dropped, store.said], [0, []])
    }
  })
})

/** @template T @param {T[]} items @returns {T[][]} */
const orders = items =>
  items.length < 2
    ? [items]
    : items.flatMap((item, i) => orders(items.filter((_, j) => j !== i)).map(rest => [item, ...rest]))

test('of records with one stamp the same one counts in whatever order they are read, and stays when another goes', t => {
  const path = scratch(t)
  const now = Date.now()
  const times = { deadline: now + HOUR, stamp: now }
  const early = itemOf(a, { ...times, value: told('a', 1, 150_000), storedAt: now - 1 })
  const late = itemOf(a, { ...times, value: told('a', 1, 150_000), storedAt: now })
  const gone = { ...deleted(a.namespace, a.digest, now), stamp: now }
  let files = 0
  for (const items of [
    [late, late],
    [early, late],
    [early, late, late],
    [early, gone],
    [gone, gone],
    [late, gone, early],
  ]) {
    // biome-ignore format: one line
    const expected = items.includes(gone) ? undefined : items.includes(early) ? now - 1 : now
    for (const order of orders(items)) {
      const catalog = new Catalog()
      const check = () => {
        const row = catalog.find(a.namespace, a.digest)
        const { frame, i } = catalog.place(row ?? 0)
        assert.equal(row === undefined ? undefined : frame.head.storedAt(i), expected)
        const live = expected === undefined ? [0, 0] : [1, bytesOf({ frame, i })]
        assert.deepEqual([catalog.entries, catalog.liveBytes], live)
      }
      const made = order.map(item => {
        const file = DataFile.create(join(path, `${files++}.log`), 'x')
        t.after(() => file.close())
        for (const frame of appendTo(file, segmentsOf([item]))) catalog.add(frame)
        return file
      })
      check()
      // A copy was read later: the first may go.
      if (order[0] === order.at(-1)) {
        catalog.drop(made[0])
        check()
      }
    }
  }
})
