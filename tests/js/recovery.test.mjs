import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { faults } from '../../js/core.js'
import { createMime, hash, mime } from '../../js/entry/inline.js'
import { nothing, Tally } from '../../js/stats.js'

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

describe('what was counted before a recovery', () => {
  const counted = ({ hits, misses, stale, coalesced }) => ({ hits, misses, stale, coalesced })
  const calls = stats => Object.values(counted(stats)).reduce((sum, one) => sum + one)

  test('stays as stats() said it, and is counted on from there', () => {
    const own = createMime()
    const f = own(x => x, { maxEntries: 2 })
    for (const x of [1, 2, 3, 3, 3]) f(x)
    const before = f.stats()
    faults.trap()
    for (const stats of [f.stats(), own.stats()]) {
      assert.deepEqual(counted(stats), { hits: 2, misses: 3, stale: 0, coalesced: 0 })
      assert.deepEqual(stats.removals, before.removals)
      assert.deepEqual([stats.hitRatio, stats.recent.calls, stats.entries, stats.traps], [0.4, 5, 0, 1])
    }
    f(1)
    f(1)
    assert.deepEqual(counted(f.stats()), { hits: 3, misses: 4, stale: 0, coalesced: 0 })
    assert.equal(f.stats().recent.calls, 7)
    faults.trap()
    faults.trap()
    assert.deepEqual(counted(own.stats()), { hits: 3, misses: 4, stale: 0, coalesced: 0 })
    f.stats().removals.size = 100
    faults.trap()
    assert.equal(f.stats().removals.size, 1)
  })

  test('is never below 0, though JavaScript knew better how calls were answered', async () => {
    let time = 0
    const own = createMime({ clock: { now: () => time } })
    const f = own(async x => x, { ttl: 1, staleWhileRevalidate: 100 })
    const alone = own(async x => x, { singleFlight: false })
    await f(1)
    for (let i = 0; i < 5; i++) {
      time += 1500
      await f(1)
      await new Promise(resolve => setImmediate(resolve))
    }
    await Promise.all([alone(1), alone(1), alone(1)])
    faults.trap()
    for (const stats of [f.stats(), alone.stats(), own.stats()]) {
      for (const [name, count] of Object.entries(counted(stats))) assert.ok(count >= 0, `${count} ${name}`)
      assert.ok(stats.hitRatio >= 0 && stats.hitRatio <= 1 && stats.recent.hitRatio >= 0)
      assert.ok(calls(stats) <= 9)
    }
    const before = f.stats()
    await f(2)
    await f(2)
    assert.deepEqual(counted(f.stats()), {
      ...counted(before),
      hits: before.hits + 1,
      misses: before.misses + 1,
    })
  })

  test('a call whose first answer is lost counts as what it was in the end, and takes nothing from others', () => {
    const tally = new Tally('f')
    tally.counts({ ...nothing(), hits: 4, coalesced: 1 })
    tally.restart()
    tally.corrections.move('coalesced', 'stale')
    tally.corrections.move('coalesced', 'stale')
    const core = { ...nothing() }
    assert.deepEqual(counted(tally.counts(core)), { hits: 4, misses: 0, stale: 2, coalesced: 0 })
    core.coalesced = 1
    assert.deepEqual(counted(tally.counts(core)), { hits: 4, misses: 0, stale: 2, coalesced: 1 })
    // Its index is collected, and nobody told of the recovery.
    tally.corrections.move('hits', 'stale')
    assert.deepEqual(counted(tally.counts(undefined)), { hits: 4, misses: 0, stale: 2, coalesced: 1 })
  })
})

test('a core that was left unnoted says nothing of an entry that is set: no value is told of that did not leave', () => {
  const own = createMime({ maxBytes: 3000 })
  const told = []
  const fs = [0, 1].map(() => own(x => ({ x, text: 'x'.repeat(100) }), { maxEntries: 3 }))
  for (const f of fs) f.on('remove', ({ value }) => told.push(value?.x))
  for (let x = 0; x < 4; x++) fs[0].set([x], { x })
  assert.equal(told.length, 1)
  faults.trapUnnoted()
  fs[1].set([5], { x: 5 })
  assert.equal(told.length, 1)
  assert.equal(fs[0].stats().traps, 1)
  fs[1].set([6], { x: 6 })
  assert.deepEqual([fs[1].has(6), fs[1].stats().entries], [true, 1])
})
