// What is refused, told of or taken for granted when a function is wrapped.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'

test('a third argument is refused: options beside a ttl would be lost in silence', () => {
  assert.throws(() => mime(x => x, '5m', { maxEntries: 5 }), {
    code: 'ERR_INVALID_ARGUMENT',
    message: /\{ ttl/,
  })
})

test('a clock may be a function that has a now(), as Date is', () => {
  const f = mime(x => x, { clock: Date, ttl: '1h' })
  assert.deepEqual([f(1), f(1), f.stats().hits], [1, 1, 1])
})

test('functions of one factory that share what a store has: said once, and not where each has a name', t => {
  t.mock.method(console, 'warn', () => {})
  const said = () => console.warn.mock.calls.filter(call => /ERR_NAMESAKE/.test(call.arguments[0])).length
  const own = createMime({ store: memoryStore() })
  const client = (base, options) => own(function get(path) { return base + path }, options) // biome-ignore format: one line
  const [one] = [client('a', { name: 'a' }), client('b', { name: 'b' })]
  assert.equal(said(), 0)
  const all = [client('c'), client('d'), client('e')]
  assert.equal(said(), 1)
  const fn = x => x
  const twice = [createMime({ store: memoryStore() })(fn), createMime({ store: memoryStore() })(fn)]
  assert.deepEqual([said(), all.length, twice.length, one('x')], [1, 3, 2, 'ax'])
})

test('a method of the global object is called on it', () => {
  globalThis.mimedOfGlobal = mime(function () { return this }) // biome-ignore format: one line
  assert.equal(globalThis.mimedOfGlobal(), globalThis)
  const { mimedOfGlobal } = globalThis
  assert.equal(mimedOfGlobal(), undefined)
  delete globalThis.mimedOfGlobal
})
