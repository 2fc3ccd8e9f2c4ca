// A real Redis behind a real Keyv as a store.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromKeyv } from '../../js/entry/adapters.js'
import { createMime } from '../../js/entry/inline.js'
import { testStore } from '../../js/entry/testing-store.js'
import { keyvBehaviours } from './behaviours.mjs'
import { Server } from './server.mjs'

const server = new Server()
before(() => server.start())
after(() => server.end())

const timeout = '1500ms'

describe('the conformance suite', () => {
  const open = (place, wrap) => fromKeyv(wrap(server.connect(place)), { timeout })
  const remove = place => server.disconnect(place)
  testStore({ name: 'fromKeyv(Redis)', open, remove, tags: true, persists: true, patience: 60_000, test })
})

keyvBehaviours('Redis', namespace => server.connect(namespace), { timeout: '30s' })

const stores = new Set()

/** @param {import('node:test').TestContext} t @param {string} name @param {object} [options] of KeyvRedis */
function storeFor(t, name, options) {
  const keyv = server.connect(name, options)
  if (options) keyv.namespace = undefined
  const store = fromKeyv(keyv, { timeout })
  stores.add(store)
  t.after(async () => {
    // One that tidies up would connect again.
    for (const store of stores) await store.close()
    stores.clear()
    await server.disconnect(name)
  })
  return { keyv, store }
}

/** A function, what it was called for, and its verbs. As a method it would have a `this`, which counts. */
function counted(store, options) {
  const calls = []
  const load = async n => {
    calls.push(n)
    return new Map([[n, BigInt(n)]])
  }
  const f = createMime({ store })(load, { name: 'load', version: '1', ...options })
  return { f, load: n => f(n), calls }
}

test('the ttl is handed on', async t => {
  const { keyv, store } = storeFor(t, 'ttl')
  const { f, load } = counted(store, { ttl: ([[n]]) => (n === 1 ? '90s' : null) })
  await load(1)
  await load(2)
  await f.flush()
  const client = await keyv.store.getClient()
  const names = await client.keys('*ttl*mimic*')
  const lives = await Promise.all(names.map(name => client.pTTL(name)))
  assert.equal(lives.length, 2)
  assert.deepEqual(lives.sort((a, b) => a - b).map(life => (life < 0 ? 'for ever' : Math.ceil(life / 1000))), ['for ever', 90]) // biome-ignore format: one line
})

test('a Redis that is slow is passed by, one that is killed is counted, and one that is back is used', async t => {
  const { keyv, store } = storeFor(t, 'killed')
  const first = counted(store)
  await first.load(1)
  await first.f.flush()

  const client = await keyv.store.getClient()
  await client.sendCommand(['CLIENT', 'PAUSE', '400'])
  const slow = counted(store, { storeTimeout: '50ms' })
  const began = performance.now()
  assert.deepEqual(await slow.load(1), new Map([[1, 1n]]))
  assert.ok(performance.now() - began < 300, 'it waited for Redis')
  assert.deepEqual(slow.calls, [1])
  await sleep(500)

  await server.kill()
  const errors = []
  store.on('error', ({ code }) => errors.push(code))
  const alone = counted(store)
  assert.deepEqual(await alone.load(1), new Map([[1, 1n]]))
  assert.deepEqual(await alone.load(3), new Map([[3, 3n]]))
  await alone.f.flush()
  assert.deepEqual(alone.calls, [1, 3])
  assert.ok(errors.length > 0 && store.stats().errors > 0, 'it says nothing')

  await server.start()
  await sleep(500)
  const again = counted(store)
  await again.load(4)
  await again.f.flush()
  const last = counted(store)
  assert.deepEqual(await last.load(4), new Map([[4, 4n]]))
  assert.deepEqual(last.calls, [])
})

test('what one process clears another one notices', async t => {
  const one = storeFor(t, 'two')
  const other = storeFor(t, 'two')
  const first = counted(one.store)
  await first.load(1)
  await first.f.flush()
  const second = counted(other.store)
  await second.load(1)
  assert.deepEqual(second.calls, [])
  first.f.clear()
  await first.f.flush()
  await sleep(1100)
  const third = counted(other.store)
  await third.load(1)
  assert.deepEqual(third.calls, [1])
})

for (const [i, namespace] of ['', 'odd', 'a[b]', 'a*b', 'a?b', 'a\\b', '{t}:x', 'mimic'].entries()) {
  const name = `tagged-${i}`
  test(`invalidation by tag and clear() in the namespace "${namespace}", beside what others keep`, async t => {
    const { keyv, store } = storeFor(t, namespace)
    const client = await keyv.store.getClient()
    await client.sendCommand(['SET', `another ${namespace}`, 'plain text'])
    await client.sendCommand(['SET', `${namespace}::another`, 'plain text'])
    const first = counted(store, { tags: ([n]) => [`t${n}`], name })
    for (const n of [1, 2]) await first.load(n)
    await first.f.flush()
    const { store: other } = storeFor(t, namespace)
    other.invalidateTags(`${name}\u00001`, tag => tag === 't1')
    await other.flush()
    const second = counted(other, { name })
    for (const n of [1, 2]) await second.load(n)
    await second.f.flush()
    assert.deepEqual(second.calls, [1])
    second.f.clear()
    await second.f.flush()
    const left = async () => (await client.keys(`*mimic:${name}-*`)).filter(name => /:[0-9a-f]{32}$/.test(name)) // biome-ignore format: one line
    while ((await left()).length > 0) await sleep(5)
    assert.equal(await client.get(`${namespace}::another`), 'plain text')
    assert.equal(other.stats().errors + store.stats().errors, 0)
  })
}

test('where Redis does not list what there is, a tag takes everything', async t => {
  const open = () => storeFor(t, 'separated', { keyPrefixSeparator: ':' }).store
  const first = counted(open(), { tags: ([n]) => [`t${n}`], name: 'separated' })
  for (const n of [1, 2]) await first.load(n)
  await first.f.flush()
  const store = open()
  store.invalidateTags('separated\u00001', tag => tag === 't1')
  await store.flush()
  const last = counted(open(), { name: 'separated' })
  for (const n of [1, 2]) await last.load(n)
  assert.deepEqual(last.calls, [1, 2])
})

test('clear() through one Keyv takes nothing of another’s, though it sees all there is', async t => {
  const one = storeFor(t, 'one of two')
  const first = counted(one.store, { name: 'seen' })
  await first.load(1)
  await first.f.flush()
  const { keyv, store } = storeFor(t, 'all', { noNamespaceAffectsAll: true })
  const all = counted(store, { name: 'seen' })
  await all.load(1)
  await all.f.flush()
  all.f.clear()
  await all.f.flush()
  const client = await keyv.store.getClient()
  const left = async () => (await client.keys('*mimic:seen*')).filter(name => !name.endsWith(':generation'))
  while ((await left()).length > 1) await sleep(5)
  await sleep(50)
  assert.equal((await left()).length, 1)
})

test('after close() nothing connects again', async t => {
  const { keyv, store } = storeFor(t, 'closed')
  const { f, load } = counted(store)
  await Promise.all(Array.from({ length: 500 }, (_, n) => load(n)))
  await f.flush()
  f.clear()
  await store.close()
  await keyv.disconnect()
  await sleep(100)
  assert.equal(keyv.store.client.isOpen, false)
})

test('a Redis that is full: what could not be replaced goes', async t => {
  const { keyv, store } = storeFor(t, 'full')
  const client = await keyv.store.getClient()
  const first = counted(store)
  await first.load(1)
  await first.f.flush()
  const { store: other } = storeFor(t, 'full')
  await client.sendCommand(['CONFIG', 'SET', 'maxmemory', '1'])
  try {
    const second = counted(other)
    second.f.set([1], 'new')
    await second.f.flush()
    assert.equal(other.stats().dropped, 1)
    await second.f.flush()
  } finally {
    await client.sendCommand(['CONFIG', 'SET', 'maxmemory', '0'])
  }
  const last = counted(storeFor(t, 'full').store)
  await last.load(1)
  assert.deepEqual(last.calls, [1])
})

test('nothing of the Keyv but its own is touched', async t => {
  const { keyv, store } = storeFor(t, 'shared')
  await keyv.set('mine', { a: 1 })
  const { f, load } = counted(store, { tags: () => ['x'] })
  await load(1)
  store.invalidateTags('load\u00001', () => true)
  f.clear()
  await f.flush()
  assert.deepEqual(await keyv.get('mine'), { a: 1 })
})
