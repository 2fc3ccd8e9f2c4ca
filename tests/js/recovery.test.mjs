import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { faults } from '../../js/core.js'
import { hash, mime } from '../../js/entry/inline.js'

afterEach(() => faults.hash(0))

test('a trap in the core empties the cache, says so once, and everything goes on', async () => {
  let calls = 0
  const events = []
  const f = mime(x => ++calls && x, { onEvent: event => events.push(event) })
  f(1)
  f(1)
  assert.equal(calls, 1)
  faults.trap()
  assert.deepEqual(
    events.map(event => [event.type, event.error instanceof WebAssembly.RuntimeError]),
    [
      ['miss', false],
      ['hit', false],
      ['trap', true],
    ],
  )
  assert.equal(f.has(1), false)
  assert.equal(f(1), 1)
  assert.equal(f(1), 1)
  assert.equal(calls, 2)
  assert.equal(f.stats().traps, 1)
})

test('a core that something left without being noted is found out by the next call', () => {
  const events = []
  const f = mime(x => ({ x }), { onEvent: ({ type, error }) => events.push([type, error?.code]) })
  f(1)
  const before = events.length
  faults.trapUnnoted()
  assert.deepEqual(f(2), { x: 2 })
  assert.deepEqual(events.slice(before), [
    ['trap', 'ERR_WASM_TRAP'],
    ['miss', undefined],
  ])
  assert.equal(f(2), f(2))
  assert.equal(f(1), f(1))
  const { entries, traps, pending, loads } = f.stats()
  assert.deepEqual({ entries, traps, pending, loads }, { entries: 2, traps: 1, pending: 0, loads: 4 })
})

test('a load that was running when the core trapped answers its callers and stores nothing under another key', async () => {
  let open
  const gate = new Promise(resolve => (open = resolve))
  const f = mime(async x => (x === 'slow' ? gate : x))
  const slow = f('slow')
  faults.trap()
  assert.equal(await f('other'), 'other')
  open('late')
  assert.equal(await slow, 'late')
  assert.equal(await f('other'), 'other')
  assert.equal(f.has('slow'), false)
})

test('the stack ending anywhere in a call gives a RangeError or a right answer, never a wrong one', () => {
  const f = mime(x => ({ x }))
  let checked = 0
  const dive = depth => {
    try {
      dive(depth + 1)
    } catch {
      // As the stack unwinds, calls happen at every distance from its end.
    }
    try {
      const key = depth % 50
      assert.deepEqual(f(key), { x: key })
      checked++
    } catch (error) {
      if (error.code === 'ERR_ASSERTION') throw error
    }
  }
  dive(0)
  assert.ok(checked > 100)
  for (let key = 0; key < 50; key++) assert.deepEqual(f(key), { x: key })
})

test('the stack ending anywhere in a digest gives its error or the right digest, never that of another key', () => {
  const digest = hash('abc')
  const seen = new Set()
  let right = 0
  const dive = () => {
    try {
      dive()
    } catch {}
    try {
      const found = hash('abc')
      if (found === digest) right++
      else seen.add(found)
    } catch (error) {
      seen.add(error?.name)
    }
  }
  for (let i = 0; i < 5; i++) dive()
  assert.ok(right > 100)
  assert.deepEqual([...seen], ['RangeError'])
})

for (const [mode, what] of [
  [1, '0'],
  [2, 'all ones'],
]) {
  // biome-ignore format: one line
  test(`with a hash that is always ${what} every answer is right`, () => {
    faults.hash(mode)
    const f = mime((...args) => JSON.stringify(args), { maxEntries: 200 })
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 300; i++) {
        assert.equal(f(i, `s${i}`, { i }), JSON.stringify([i, `s${i}`, { i }]))
        if (i % 7 === 0) f.invalidate(i - 3, `s${i - 3}`, { i: i - 3 })
      }
    }
    assert.equal(f.stats().entries, 200)
  })
}

test('memory that grows under the views of the key buffer harms nothing', () => {
  const f = mime((a, b) => a + b, { maxEntries: 300_000 })
  for (let i = 0; i < 200_000; i++)
    assert.equal(f(`key ${i} `, 'x'.repeat(i % 40)), `key ${i} ${'x'.repeat(i % 40)}`)
  for (let i = 0; i < 200_000; i += 97)
    assert.equal(f.peek(`key ${i} `, 'x'.repeat(i % 40)), `key ${i} ${'x'.repeat(i % 40)}`)
})
