import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskStore } from '../../js/entry/disk.js'
import { createMime } from '../../js/entry/inline.js'
import { Locks } from '../../js/stores/disk/locks.js'
import { scratch } from './help.mjs'

/** Locks that cannot be given back for a while, as in a process that is out of descriptors. */

const { signal } = new AbortController()

/** @param {import('node:test').TestContext} t */
function place(t) {
  const path = scratch(t)
  const causes = []
  const first = new Locks(path, cause => causes.push(cause.code))
  const second = new Locks(path)
  t.after(() => first.leave())
  t.after(() => second.leave())
  return { path, causes, first, second }
}

/** @param {import('node:test').TestContext} t @returns how often one was to be opened */
function noneOpens(t) {
  const { mock } = t.mock.method(fs, 'readFileSync', () => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
  })
  return () => mock.callCount()
}

/** No file can be opened while it is called. @template T @param {import('node:test').TestContext} t @param {() => T} use @returns {T} */
function without(t, use) {
  noneOpens(t)
  try {
    return use()
  } finally {
    t.mock.restoreAll()
  }
}

test('that throws nothing and is told once, and the same process has the lock again at once', async t => {
  const { causes, first } = place(t)
  const release = await first.lock('x', signal)
  without(t, release)
  without(t, release)
  assert.deepEqual(causes, ['EMFILE'])
  const again = await first.lock('x', signal)
  assert.equal(typeof again, 'function')
  await sleep(1200)
  assert.ok(fs.existsSync(join(first.path, 'x')), 'what is ours again stays')
  again()
  assert.ok(!fs.existsSync(join(first.path, 'x')))
})

test('it is given back later, and whoever waits has it then', async t => {
  const { first, second } = place(t)
  without(t, await first.lock('x', signal))
  assert.equal(await second.lock('x', AbortSignal.timeout(5000)), undefined)
  assert.equal(typeof (await second.lock('x', signal)), 'function')
})

test('who leaves throws nothing either, and leaves nothing behind', async t => {
  const { path, causes, first } = place(t)
  await first.lock('x', signal)
  without(t, () => first.leave())
  assert.deepEqual(causes, ['EMFILE', 'EMFILE'])
  await sleep(1200)
  assert.deepEqual(fs.readdirSync(path), [])
})

test('a load that ends there has its result; the next one does not wait, and the store can be closed', async t => {
  const store = diskStore({ path: scratch(t) })
  const codes = []
  store.on('error', ({ code }) => codes.push(code))
  let loads = 0
  const load = createMime({ store, singleFlight: 'machine', lockTimeout: '20s', ttl: '1ms' })(
    async () => ++loads,
    { name: 'f', version: '1' },
  )
  assert.equal(await load(), 1)
  const tries = noneOpens(t)
  // The lock goes back behind the caller.
  await sleep(50)
  assert.ok(tries() > 0)
  assert.deepEqual(codes, ['ERR_STORE_LOCK'])
  t.mock.restoreAll()
  const before = performance.now()
  assert.equal(await load(), 2)
  assert.ok(performance.now() - before < 5000)
  noneOpens(t)
  await store.close()
})
