import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { mime } from '../../js/entry/inline.js'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')

class Socket {
  #secret
  constructor(secret) {
    this.#secret = secret
  }
  reveal() {
    return this.#secret
  }
}

/** Collects garbage until a condition holds; finalizers run between turns. */
async function until(condition, what) {
  for (let i = 0; i < 100; i++) {
    // A turn of its own: what was looked at through a weak reference lives until the turn ends.
    await new Promise(resolve => setTimeout(resolve, 5))
    gc()
    await new Promise(resolve => setTimeout(resolve, 5))
    if (condition()) return
  }
  assert.fail(what)
}

test('what has private state counts by identity', () => {
  const f = mime(socket => socket.reveal())
  const one = new Socket(1)
  assert.equal(f(one), 1)
  assert.equal(f(new Socket(2)), 2)
  assert.equal(f(one), 1)
  assert.equal(f.stats().hits, 1)
})

test('when the object dies its entries go, and their values with them', async () => {
  const f = mime((thing, n) => ({ thing, n }))
  const values = []
  const fill = () => {
    for (let i = 0; i < 100; i++) {
      const socket = new Socket(i)
      // The value refers to the key: held strongly it would keep the socket alive for ever.
      values.push(new WeakRef(f(socket, 1)), new WeakRef(f(socket, 2)))
    }
  }
  fill()
  f('plain', 3)
  assert.equal(f.stats().entries, 201)
  await until(() => f.stats().entries === 1, `${f.stats().entries} entries are left`)
  assert.equal(values.filter(ref => ref.deref()).length, 0)
  assert.equal(f.has('plain', 3), true)
})

test('functions, symbols and this are held weakly too', async () => {
  const f = mime(function (...args) {
    return [this, ...args]
  })
  const fill = () => {
    f(() => 1)
    f.call({}, 1)
    f([{ nested: class {} }])
  }
  fill()
  assert.equal(f.stats().entries, 3)
  await until(() => f.stats().entries === 0, `${f.stats().entries} entries are left`)
})

test('an object that lives keeps its entries', async () => {
  const kept = new Socket(1)
  const f = mime((socket, n) => ({ n, socket }))
  const before = f(kept, 1)
  gc()
  await new Promise(resolve => setTimeout(resolve, 20))
  gc()
  assert.equal(f(kept, 1), before)
  assert.equal(f.peek(kept, 1), before)
  f.invalidate(kept, 1)
  assert.equal(f.has(kept, 1), false)
  f.set([kept, 1], 'set')
  assert.equal(f(kept, 1), 'set')
})

test('an async function with an instance in its key', async () => {
  const f = mime(async socket => socket.reveal())
  const one = new Socket('one')
  assert.deepEqual(await Promise.all([f(one), f(one), f(new Socket('two'))]), ['one', 'one', 'two'])
  assert.equal(await f(one), 'one')
  assert.equal(f.stats().loads, 2)
})

test('evicted values of a living instance are let go', async () => {
  const owner = new Socket(0)
  const f = mime((_owner, n) => ({ n }), { maxEntries: 10 })
  const refs = []
  const fill = () => {
    for (let i = 0; i < 500; i++) refs.push(new WeakRef(f(owner, i)))
  }
  fill()
  await until(() => refs.filter(ref => ref.deref()).length <= 10, 'evicted values are alive')
  assert.equal(f.stats().entries, 10)
})

test('a million short-lived instances leave memory flat', { timeout: 120_000 }, async () => {
  const f = mime(socket => ({ socket }))
  const round = () => {
    for (let i = 0; i < 50_000; i++) f(new Socket(i))
  }
  const settle = async () => {
    for (let i = 0; i < 3; i++) {
      gc()
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    return process.memoryUsage().heapUsed
  }
  for (let i = 0; i < 4; i++) {
    round()
    await settle()
  }
  const before = await settle()
  for (let i = 0; i < 16; i++) {
    round()
    await settle()
  }
  const grown = (await settle()) - before
  assert.ok(grown < 4_000_000, `${grown} bytes grown over 800,000 instances`)
})
