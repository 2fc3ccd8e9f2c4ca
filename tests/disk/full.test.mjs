import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { child, ended, entryOf, isTold, keyOf, opened, scratch, told } from './help.mjs'

/**
 * Real file systems that are full or may not be written to: a small tmpfs, which takes a user who may mount. Where nobody may, the rest of these tests runs and
 * this is skipped with a reason; tests/js/disk-unusable.test.mjs has the same by errors put in.
 */

/** @param {import('node:test').TestContext} t @param {string} size @returns {string | undefined} */
function mounted(t, size) {
  const path = fs.mkdtempSync(join(tmpdir(), 'mimic-disk-'))
  t.after(() => {
    spawnSync('umount', ['-l', path])
    fs.rmSync(path, { recursive: true, force: true })
  })
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])
  if (status !== 0) {
    t.skip(`no tmpfs can be mounted here: ${stderr ?? 'no mount'}`)
    return undefined
  }
  return path
}

test('a full disk: the oldest go, every result is right, and it works again', {
  timeout: 60_000,
}, async t => {
  const mount = mounted(t, '512k')
  if (mount === undefined) return
  const path = join(mount, 'cache')
  const store = opened(t, path)
  for (let i = 0; i < 3000; i++) {
    store.set(keyOf(i), entryOf(told(i, 1, 500)))
    if (i % 100 === 99) await store.flush()
  }
  assert.ok(store.stats().evicted > 0)
  assert.equal(store.getSync(keyOf(2999))?.value, told(2999, 1, 500), 'the newest are there')
  assert.equal(store.getSync(keyOf(0)), undefined)
  // Somebody else takes all that is left.
  const other = fs.openSync(join(mount, 'other'), 'w')
  fs.rmSync(path, { recursive: true })
  const fill = () => { for (;;) fs.writeSync(other, Buffer.alloc(4096)) } // biome-ignore format: one line
  for (let i = 0; i < 100; i++) {
    assert.throws(fill, { code: 'ENOSPC' })
    store.set(keyOf(i), entryOf(told(i, 2, 500)))
    await store.flush()
  }
  assert.ok(store.said.some(({ name, code }) => name === 'error' && code === 'ERR_STORE_QUOTA'))
  const late = opened(t, join(mount, 'late'))
  assert.throws(fill, { code: 'ENOSPC' })
  late.set(keyOf(1), entryOf(1))
  await late.flush()
  assert.ok(late.said.some(({ name }) => name === 'drop'))
  assert.equal(late.stats().available, 0)
  fs.closeSync(other)
  fs.rmSync(join(mount, 'other'))
  store.set(keyOf('again'), entryOf('again'))
  await store.flush()
  assert.equal(opened(t, path).getSync(keyOf('again'))?.value, 'again')
  const last = opened(t, path)
  for (let i = 0; i < 3000; i++) {
    const entry = last.getSync(keyOf(i))
    assert.ok(entry === undefined || isTold(i, entry.value))
  }
  assert.equal(last.stats().corrupt, 0)
})

test('a disk that becomes full during a compaction keeps what there is', { timeout: 60_000 }, async t => {
  const mount = mounted(t, '3m')
  if (mount === undefined) return
  const path = join(mount, 'cache')
  const first = opened(t, path)
  for (let i = 0; i < 2000; i++) first.set(keyOf(i), entryOf(told(i, 1, 700)))
  await first.close()
  const store = opened(t, path, { maxBytes: 1_700_000 })
  store.getSync(keyOf(0))
  const end = Date.now() + 10_000
  while (!store.said.some(({ code }) => code === 'ERR_STORE_WRITE') && store.stats().compactions === 0 && Date.now() < end) await sleep(20) // biome-ignore format: one line
  let found = 0
  for (let i = 0; i < 2000; i++) {
    const entry = store.getSync(keyOf(i))
    if (entry === undefined) continue
    found++
    assert.ok(isTold(i, entry.value))
  }
  assert.ok(found > 1000, `${found} entries are left`)
  assert.deepEqual(
    fs.readdirSync(path).filter(name => /tmp|lock/.test(name)),
    [],
  )
})

test('a file system that is mounted to read only', { timeout: 60_000 }, async t => {
  const path = mounted(t, '1m')
  if (path === undefined) return
  const first = opened(t, path)
  first.set(keyOf('here'), entryOf('here'))
  await first.close()
  assert.equal(spawnSync('mount', ['-o', 'remount,ro', path]).status, 0)
  const store = opened(t, path)
  assert.equal(store.getSync(keyOf('here'))?.value, 'here')
  store.set(keyOf('more'), entryOf('more'))
  await store.flush()
  assert.deepEqual(store.said.map(({ name, code, cause }) => [name, code, cause?.code]), [
    ['error', 'ERR_STORE_WRITE', 'EROFS'],
    ['drop', 'ERR_STORE_WRITE', 'EROFS'],
  ]) // biome-ignore format: one a line
})

test('a directory whose owner forbids it', { timeout: 60_000 }, async t => {
  const path = scratch(t)
  const first = opened(t, path)
  first.set(keyOf('here'), entryOf(told('here', 1)))
  await first.close()
  const uid = process.getuid?.()
  if (uid === undefined) return t.skip('there are no owners here')
  // Root may everything, so somebody else asks.
  for (const name of fs.readdirSync(path)) fs.chmodSync(join(path, name), 0o444)
  for (const [mode, expected] of [
    [0o555, ['here', 'error ERR_STORE_WRITE', 'drop ERR_STORE_WRITE']],
    [0, ['nothing', 'unavailable ERR_STORE_UNAVAILABLE', 'drop ERR_STORE_WRITE']],
  ]) {
    // biome-ignore format: one line
    fs.chmodSync(path, /** @type {number} */ (mode))
    const asker = child(t, './ask.mjs', [path, String(uid === 0 ? 65534 : uid)], { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] }) // biome-ignore format: one line
    const answer = new Promise(resolve => asker.once('message', resolve))
    assert.equal(await ended(asker), 0)
    assert.deepEqual(await answer, expected)
  }
  fs.chmodSync(path, 0o755)
})
