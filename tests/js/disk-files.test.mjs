import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { entryOf, filesIn, keyOf, opened, scratch, told, valueOf } from '../disk/help.mjs'

/** How the disk store goes about its files. */

const bytesIn = path =>
  Object.fromEntries(filesIn(path).map(name => [name, fs.readFileSync(join(path, name))]))

test('it only appends: what is replaced or deleted stays where it is, and what is new comes behind', async t => {
  const path = scratch(t)
  const store = opened(t, path)
  for (let i = 0; i < 50; i++) store.set(keyOf(i), entryOf(told(i, 1)))
  await store.flush()
  const [[name, before]] = Object.entries(bytesIn(path))
  for (let i = 0; i < 50; i++) store.set(keyOf(i), entryOf(told(i, 2)))
  store.delete(keyOf(3))
  await store.flush()
  store.clear(keyOf(0).namespace)
  await store.flush()
  const { [name]: after, ...others } = bytesIn(path)
  assert.deepEqual(others, {})
  assert.ok(after.length > before.length)
  assert.ok(after.subarray(0, before.length).equals(before))
})

test('each appends to a file of its own', async t => {
  const path = scratch(t)
  const [one, two] = [opened(t, path), opened(t, path)]
  one.set(keyOf(1), entryOf('one'))
  await one.flush()
  const before = bytesIn(path)
  two.set(keyOf(2), entryOf('two'))
  await two.flush()
  const after = bytesIn(path)
  const [[name, bytes]] = Object.entries(before)
  assert.deepEqual([Object.keys(before).length, Object.keys(after).length], [1, 2])
  assert.ok(after[name].equals(bytes))
})

test('what a call returns is written when the caller is done, by itself', async t => {
  const path = scratch(t)
  const store = opened(t, path, { flushAfter: 5 })
  // The directory is made at the first look.
  store.getSync(keyOf(0))
  const writes = mock.method(fs, 'writeSync')
  t.after(() => mock.restoreAll())
  const f = createMime({ store })(x => x, { name: 'f', version: '1' })
  for (let i = 0; i < 500; i++) f.call(undefined, i)
  assert.deepEqual([writes.mock.callCount(), store.stats().pending], [0, 500])
  const written = new Promise(resolve => store.on('flush', resolve))
  assert.deepEqual(await written, { count: 500 })
  assert.ok(writes.mock.callCount() > 0)
  assert.equal(store.stats().pending, 0)
})

test('at the start the heads tell what there is: a value is read when it is asked for', async t => {
  const path = scratch(t)
  const first = opened(t, path)
  for (let i = 0; i < 200; i++) first.set(keyOf(i), entryOf(told(i, 1, 50_000)))
  await first.flush()
  for (const name of filesIn(path)) {
    const file = join(path, name)
    const bytes = fs.readFileSync(file)
    const at = bytes.indexOf(told(7, 1).slice(0, 20))
    if (at < 0) continue
    bytes[at + 1000] ^= 1
    fs.writeFileSync(file, bytes)
  }
  let read = 0
  const real = fs.readSync
  mock.method(fs, 'readSync', (...args) => {
    const count = real(...args)
    read += count
    return count
  })
  t.after(() => mock.restoreAll())
  const store = opened(t, path)
  await store.ready
  const { entries, bytes, corrupt } = store.stats()
  assert.deepEqual([entries, corrupt], [200, 0])
  assert.ok(bytes > 10_000_000 && read < bytes / 10, `${read} bytes of ${bytes} were read`)
  assert.equal(valueOf(store, keyOf(8)), told(8, 1, 50_000))
  assert.equal(valueOf(store, keyOf(7)), undefined)
  assert.equal(store.stats().corrupt, 1)
})

test('it needs nobody: the package has no dependencies', () => {
  const description = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies'])
    assert.equal(description[kind], undefined)
})

test('names that differ by a mark that readers of text pass over are different names', async t => {
  const path = scratch(t)
  const names = [
    'user',
    '\uFEFFuser',
    '\uFEFF\uFEFFuser',
    'us\uFEFFer',
    '\uFFFEuser',
    '\r\nuser',
    ' user',
    '',
  ]
  const store = opened(t, path)
  for (const name of names) store.set(keyOf('a', name), entryOf(name))
  await store.close()
  const reader = opened(t, path)
  for (const name of names) assert.equal(valueOf(reader, keyOf('a', name)), name)
  reader.delete(keyOf('a', 'user'))
  await reader.close()
  const last = opened(t, path)
  for (const name of names) assert.equal(valueOf(last, keyOf('a', name)), name === 'user' ? undefined : name)
})
