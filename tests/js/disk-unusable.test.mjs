import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, mock, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { entryOf, keyOf, opened, scratch, valueOf } from '../disk/help.mjs'

/** Directories that the disk store cannot use, or not any more. */

const a = keyOf('a')
const b = keyOf('b')

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

  test('a name that is too long, or no text, is said once, in short, and with what to do', async t => {
    mock.method(console, 'warn', () => {})
    t.after(() => mock.restoreAll())
    const store = opened(t, scratch(t))
    for (const name of ['x'.repeat(100_000), '\ud800']) {
      const f = createMime({ version: '1', store })(n => n, { name })
      assert.deepEqual([f(1), f(2), f(1)], [1, 2, 1])
    }
    const said = console.warn.mock.calls.map(({ arguments: [text] }) => text)
    assert.equal(said.length, 2)
    for (const text of said) assert.match(text, /^.{100,400}: give it another one by the option name\)$/)
    assert.equal(store.said.length, 4)
    for (const { name, code } of store.said) assert.deepEqual([name, code], ['refused', 'ERR_STORE_REFUSED'])
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

  test('what could not be written does not bring back what it replaces', async t => {
    const path = scratch(t)
    const store = opened(t, path)
    for (const key of [a, b]) store.set(key, entryOf('old'))
    await store.flush()
    const broken = Object.assign(new Error('input/output error'), { code: 'EIO' })
    mock.method(fs, 'writeSync', () => { throw broken }) // biome-ignore format: one line
    t.after(() => mock.restoreAll())
    store.set(a, entryOf('new'))
    await store.flush()
    assert.deepEqual([valueOf(store, a), valueOf(store, b)], [undefined, 'old'])
    mock.restoreAll()
    await store.flush()
    const next = opened(t, path)
    assert.deepEqual([valueOf(next, a), valueOf(next, b)], [undefined, 'old'])
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
