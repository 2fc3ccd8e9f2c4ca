// What is put in before it shows that a function returns promises: a hit on it is one all the same, from the first promise on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMime, mime } from '../../js/entry/inline.js'
import { settled } from '../calls/wrapped.mjs'

/** Returns a promise, which its syntax does not tell. */
const load = (...args) => Promise.resolve(args.length)

test('set before the first call', async () => {
  class Id {}
  const id = new Id()
  for (const options of [undefined, { ttl: '1m' }, { clone: true }, { maxEntries: 10, tags: ['t'] }]) {
    const f = mime(load, options)
    f.set([1], 'v')
    f.set([id], undefined)
    f.set([3], 'old')
    f.set([3], 'new')
    f.set([4], 'gone')
    f.invalidate(4)
    const first = f(2)
    const hits = [f(1), f(id), f(3), f.peek(1)]
    assert.ok(hits.every(hit => hit instanceof Promise))
    assert.deepEqual(await Promise.all(hits), ['v', undefined, 'new', 'v'])
    assert.equal(await first, 1)
    assert.equal(f.stats().loads, 1)
    const values = []
    f.invalidateIf((_, value) => void values.push(value))
    assert.deepEqual(new Set(values), new Set(['v', undefined, 'new', 1]))
    assert.equal(await f(4), 1)
  }
})

test('also while it is loaded anew, and after a call that failed', async () => {
  const f = mime(x => {
    if (x === 0) throw new Error('0')
    return load(x)
  })
  assert.throws(() => f(0), /0/)
  f.set([1], 'v')
  const loading = f.refresh(1)
  const hit = f(1)
  assert.ok(hit instanceof Promise)
  assert.deepEqual(await Promise.all([hit, loading]), ['v', 1])
})

test('from a dump, and where the first call waits for the body of a Request', async () => {
  const options = { name: 'early', version: '1' }
  const server = createMime()
  const before = server(load, options)
  before.set([1], 'v')
  const client = createMime()
  const f = client(load, options)
  client.load(server.dump())
  f.set([2], 'w')
  const first = f(new Request('http://a.test/', { method: 'POST', body: 'b' }))
  assert.ok(f(1) instanceof Promise)
  assert.deepEqual(await Promise.all([f(1), f(2), first]), ['v', 'w', 1])
})

test('a function that turns out not to be async hands out what was put in', async () => {
  const f = mime(x => x)
  f.set([1], 'v')
  assert.equal(f(2), 2)
  assert.equal(f(1), 'v')
  const mixed = mime(x => (x > 5 ? load(x) : x))
  assert.equal(mixed(1), 1)
  await mixed(6)
  await settled(1)
  assert.equal(mixed(1), 1)
})
