// Loads that wait for each other while a store is asked, rejections on the short way of a miss, and what came in before the first promise.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'
import { settled } from '../calls/wrapped.mjs'

const run = promisify(execFile)
const cwd = fileURLToPath(new URL('../..', import.meta.url))

const later = ms => new Promise(resolve => setTimeout(resolve, ms))

test('loads that wait for each other are told so where each is looked for in a store first', async () => {
  const store = { ...memoryStore(), getSync: undefined, get: () => later(2) }
  const f = createMime()(async k => void (await f(k === 'a' ? 'b' : 'a')), { name: 'f', version: '1', store })
  const ends = await Promise.allSettled([f('a'), f('b')])
  assert.deepEqual(
    ends.map(({ reason }) => reason.code),
    ['ERR_SELF_AWAIT', 'ERR_SELF_AWAIT'],
  )
})

describe('a rejection of a function that is not async is told of once', () => {
  const ways = {
    'after a call that threw': 'try { f(0) } catch {}',
    'after a call that returned at once': 'f(1)',
  }
  for (const [name, before] of Object.entries(ways)) {
    test(name, async () => {
      const script = `
        import { mime } from './js/entry/inline.js'
        const told = []
        process.on('unhandledRejection', error => told.push(error.message))
        const f = mime(x => {
          if (x === 0) throw new Error('bad')
          return x === 1 ? 1 : new Promise((_, reject) => setTimeout(reject, 2, new Error('no ' + x)))
        })
        ${before}
        f(2)
        f(2)
        f(3)
        f(3).catch(() => {})
        f(4).catch(() => {})
        f(4).catch(() => {})
        setTimeout(() => console.log(told.join()), 100)`
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd })
      assert.equal(stdout.trim(), 'no 2,no 3')
    })
  }
})

describe('what comes in before the first promise', () => {
  test('from a store that was told of it before there was one', async () => {
    const store = memoryStore()
    const make = () => createMime()(id => Promise.resolve(`loaded ${id}`), { name: 'f', version: '1', store })
    const f = make()
    f.set(['a'], 'v')
    await f('b')
    await f.flush()
    const g = make()
    assert.equal(g('a'), 'v')
    await g('x')
    assert.ok(g('a') instanceof Promise)
    assert.equal(await g('a'), 'v')
  })

  test('what has taken its slot since is left alone, and so is all of a function that returns now this and now that', async () => {
    const f = mime(x => (x === 'd' ? Promise.resolve(4) : x))
    f.set(['a'], 1)
    f('b')
    f.invalidate('a')
    f('c')
    await f('d')
    assert.deepEqual([f('c'), f('b')], ['c', 'b'])
    const g = mime(x => Promise.resolve(x))
    g.set(['a'], 1)
    g.set(['b'], 2)
    g.invalidate('a')
    const first = g('c')
    assert.ok(g('b') instanceof Promise)
    assert.equal(await first, 'c')
  })
})

test('who joined a load of a key that was changed has one event', async () => {
  class Key {
    constructor(id) {
      this.id = id
    }
    [mime.key]() {
      return this.id
    }
  }
  const types = []
  const f = mime.batch(async keys => keys.map(({ id }) => `v${id}`), {
    onEvent: ({ type }) => types.push(type),
  })
  const [a, b] = [new Key(1), new Key(1)]
  const calls = [f(a), f(b)]
  a.id = 5
  const [first, second] = await Promise.allSettled(calls)
  assert.equal(first.reason.code, 'ERR_KEY_CHANGED')
  assert.equal(second.value, 'v1')
  const { misses, coalesced } = f.stats()
  assert.deepEqual([types.sort(), misses, coalesced], [['miss', 'miss'], 2, 0])
  await settled(1)
})

test('a function whose name is no text is wrapped', () => {
  for (const value of [undefined, 5, Symbol('s')]) {
    const fn = Object.defineProperty(async x => x, 'name', { value })
    assert.equal(typeof createMime()(fn, { name: 'x', store: memoryStore() }), 'function')
  }
})

test('what an async function finds in a dump is a promise, whoever made the dump', async () => {
  const server = createMime()
  server(id => Promise.resolve(id), { name: 'u', version: '1' }).set([1], 'v')
  const client = createMime()
  const f = client(async () => 'x', { name: 'u', version: '1' })
  client.load(server.dump())
  assert.ok(f(1) instanceof Promise)
  assert.equal(await f(1), 'v')
})
