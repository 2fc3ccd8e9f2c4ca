import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskStore } from '../../js/entry/disk.js'
import { entryOf, filesIn, keyOf, opened, others, scratch, told, valueOf } from '../disk/help.mjs'

/** What the disk store does with files that have become too many, too large, or mostly dead. */

const a = keyOf('a')

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
