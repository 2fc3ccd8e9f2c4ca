import assert from 'node:assert/strict'
import { createMime } from '../../js/entry/inline.js'

const mime = createMime({ maxEntries: 100_000 })

/** A memoized function that returns a new record of what it was called with. */
export function recorder(options) {
  const f = mime(function (...args) {
    f.runs++
    return { args }
  }, options)
  f.runs = 0
  return f
}

/** Whether calls still work as they should. */
export function assertSound(f = recorder()) {
  const word = `sound ${Math.random()}`
  const first = f(word, { b: [1, new Map([[1, word]])], a: 'x'.repeat(70_000) })
  assert.equal(f(word, { a: 'x'.repeat(70_000), b: [1, new Map([[1, word]])] }), first)
  assert.notEqual(f(word, { a: 'x'.repeat(70_000), b: [1, new Map([[2, word]])] }), first)
  assert.notEqual(f(`${word}!`, { a: 'x'.repeat(70_000), b: [1, new Map([[1, word]])] }), first)
}

/** The function is called, with these very arguments, and called again for none of the others. */
export function assertDistinct(...values) {
  const f = recorder()
  const records = values.map(value => {
    const record = f(value)
    assert.ok(Object.is(record.args[0], value), 'the original argument')
    return record
  })
  assert.equal(new Set(records).size, values.length, 'different arguments never share')
  assertSound(f)
}

/** These all count as the same call. */
export function assertSame(...values) {
  const f = recorder()
  const [first, ...rest] = values.map(value => f(value))
  for (const record of rest) assert.equal(record, first)
  assert.equal(f.runs, 1)
  assertSound(f)
}

/** Each goes by identity: it hits itself and nothing else. */
export function assertByIdentity(make) {
  const [a, b] = [make(), make()]
  const f = recorder()
  assert.equal(f(a).args[0], a)
  assert.equal(f(a), f(a))
  assert.notEqual(f(b), f(a))
  assert.equal(f.runs, 2)
  assertSound(f)
}
