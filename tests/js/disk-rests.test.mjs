import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskStore } from '../../js/entry/disk.js'
import { entryOf, keyOf, opened, scratch, valueOf } from '../disk/help.mjs'

/** For how long the disk store rests, whatever it is told and whatever the clock does. */

const a = keyOf('a')
const b = keyOf('b')

/** The clock is set back by an hour. @param {import('node:test').TestContext} t */
function setBack(t) {
  const real = Date.now
  t.mock.method(Date, 'now', () => real() - 3_600_000)
}

describe('what waits', () => {
  for (const flushAfter of [600_000, 2 ** 40]) {
    test(`is written before it is too old to be, with a flushAfter of ${flushAfter}`, async t => {
      t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() })
      const path = scratch(t)
      const store = opened(t, path, { flushAfter })
      store.set(a, entryOf(1))
      t.mock.timers.tick(1000)
      assert.equal(opened(t, path).getSync(a), undefined)
      for (let seconds = 0; seconds < 600; seconds++) t.mock.timers.tick(1000)
      assert.deepEqual(store.said, [])
      assert.equal(valueOf(opened(t, path), a), 1)
    })
  }

  test('and a number that is none is refused, with what may be', () => {
    const bad = { code: 'ERR_INVALID_OPTION', name: 'MimicRangeError' }
    assert.throws(() => diskStore({ path: 'x', flushAfter: -1 }), { ...bad, message: /from 0; got -1/ })
    assert.throws(() => diskStore({ path: 'x', flushBytes: 0 }), { ...bad, message: /from 1; got 0/ })
    assert.throws(() => diskStore({ path: 'x', maxbytes: 1 }), { name: 'MimicTypeError' })
  })
})

describe('a clock that is set back by an hour', () => {
  test('does not keep a directory out that can be used again', async t => {
    t.mock.method(console, 'warn', () => {})
    const path = join(scratch(t), 'cache')
    fs.writeFileSync(path, 'in the way')
    const store = opened(t, path)
    await store.ready
    store.set(a, entryOf(1))
    await store.flush()
    assert.equal(store.stats().available, 0)
    fs.rmSync(path)
    setBack(t)
    store.set(b, entryOf(2))
    await store.flush()
    assert.equal(valueOf(opened(t, path), b), 2)
  })

  test('does not keep a directory from being compacted', async t => {
    const store = opened(t, scratch(t), { maxBytes: 500_000 })
    const compacted = async (/** @type {number} */ times) => {
      for (let i = 0; i < 40; i++) store.set(keyOf(`${times} ${i}`), entryOf('x'.repeat(20_000)))
      await store.flush()
      for (let i = 0; i < 500 && store.stats().compactions < times; i++) await sleep(10)
      assert.equal(store.stats().compactions, times)
      assert.ok(store.stats().bytes <= 500_000, `${store.stats().bytes} bytes`)
    }
    await compacted(1)
    setBack(t)
    await compacted(2)
  })

  test('does not keep locks away that can be had again', async t => {
    const path = scratch(t)
    const store = opened(t, path)
    fs.writeFileSync(join(path, 'locks'), 'in the way')
    const { signal } = new AbortController()
    await assert.rejects(store.lock(a, signal), { code: 'ERR_STORE_LOCK' })
    fs.rmSync(join(path, 'locks'))
    setBack(t)
    const release = await store.lock(a, signal)
    assert.equal(fs.readdirSync(join(path, 'locks')).length, 2, 'who has it, and what')
    release()
  })
})
