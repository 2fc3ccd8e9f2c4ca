import assert from 'node:assert/strict'
import { test } from 'node:test'
import { persistence } from '../../js/core.js'
import '../../js/entry/inline.js'
import { Batch, batchesOf } from '../../js/stores/indexeddb/batch.js'
import { joined } from '../../js/stores/piece.js'
import { indexHeads } from '../../js/stores/segments.js'
import { inSlices, SLICE_MS } from '../../js/stores/indexeddb/slices.js'

/** How long the main thread is held is decided by a clock that the tests have in their hands. */

/** The thread is to be had again after this, milliseconds. */
const LIMIT = 8

/** A clock that goes on by what a step takes; `slices` are the times the thread was held for. */
function host() {
  const slices = []
  let time = 1000
  return {
    slices,
    works(ms) {
      time += ms
      slices[slices.length - 1] += ms
    },
    stopwatch: () => time,
    async turn() {
      slices.push(0)
    },
  }
}

const item = (n, length) => ({
  kind: 'entry',
  namespace: 'f',
  digest: String(n).padStart(32, '0'),
  piece: joined(Uint8Array.of(n), new Uint8Array(length)),
  storedAt: 1,
  deadline: Infinity,
  hides: false,
})

test('no step begins when half of 8 ms are over, whatever steps take', async () => {
  for (const took of [0.1, 1, 2.5, 3.9]) {
    const clock = host()
    let left = 100
    const step = () => {
      clock.works(took)
      return --left > 0
    }
    await inSlices(step, clock)
    assert.equal(left, 0)
    assert.ok(
      clock.slices.every(held => held < LIMIT && held < SLICE_MS + took),
      `${took}: ${clock.slices}`,
    )
    // And it gives way no more often than it has to.
    assert.ok(
      clock.slices.slice(0, -1).every(held => held >= SLICE_MS),
      `${took}: ${clock.slices}`,
    )
  }
})

test('what is nothing to do, or fails, ends in its first slice', async () => {
  const clock = host()
  await inSlices(() => false, clock)
  const failure = new Error('no')
  await assert.rejects(
    inSlices(() => {
      throw failure
    }, clock),
    error => error === failure,
  )
  assert.equal(clock.slices.length, 2)
})

test('a batch is packed in slices of few bytes and few entries', async () => {
  for (const [count, length] of [
    [5000, 1],
    [3000, 300],
    [60, 50_000],
    [3, 1_000_000],
  ]) {
    const items = Array.from({ length: count }, (_, n) => item(n, length))
    const batch = new Batch(items)
    const packed = []
    // Each slice is one step.
    const clock = {
      time: 0,
      stopwatch: () => (clock.time += SLICE_MS),
      turn: async () => void packed.push(batch.bytes),
    }
    await batch.pack(clock)
    packed.push(batch.bytes)
    assert.ok(batch.isPacked)
    const steps = packed.map((bytes, n) => bytes - (packed[n - 1] ?? 0))
    const most = Math.max(2 * 61_440 + 950 * 64, length) + 8192
    assert.ok(
      steps.every(bytes => bytes <= most),
      `${count} of ${length}: ${steps}`,
    )
    assert.ok(steps.length >= Math.min(count, (count * length) / most), `${steps}`)
  }
})

for (const length of [220, 499, 7000, 25_000])
  test(`what is much is written in transactions of half a megabyte, in whole segments: entries of ${length} bytes`, () =>
    whole(length))

function whole(length) {
  const items = Array.from({ length: Math.ceil(4e6 / length) }, (_, n) => item(n, length))
  const batches = batchesOf(items)
  assert.deepEqual(
    batches.flatMap(batch => batch.items),
    items,
  )
  for (const [n, batch] of batches.entries()) {
    batch.packNow()
    assert.ok(batch.bytes < 750_000, String(batch.bytes))
    if (n === batches.length - 1) continue
    const bodies = batch.blocks.filter((_, i) => i % 2 === 1)
    // Not one more fits into any of them.
    assert.ok(
      bodies.length === 8 && bodies.every(body => body.length + length + 1 > 61_440),
      `${bodies.map(b => b.length)}`,
    )
  }
}

test('where each record is, parts included', () => {
  const items = [item(0, 10), item(1, 150_000), item(2, 61_438), item(3, 61_440), item(4, 0)]
  const batch = new Batch(items)
  batch.packNow()
  const found = []
  batch.places((target, segment, i, at, length) =>
    found.push([items.indexOf(target), segment, i, length, at]),
  )
  const block = 61_440
  assert.deepEqual(
    found.map(([n, , , length]) => [n, length]),
    [
      [0, 11],
      [1, block],
      [1, block],
      [1, 150_001 - 2 * block],
      [2, 61_439],
      [3, block],
      [3, 1],
      [4, 1],
    ],
  )
  assert.deepEqual(
    items.map(({ parts }) => parts),
    [1, 3, 1, 2, 1],
  )
  const table = []
  const { records } = indexHeads(persistence(), batch.heads)
  for (const [head, its] of records.entries())
    for (let i = 0; i < its.length; i++) table.push([head, i, its.bytes(i), its.at(i).offset])
  // The same as the heads say.
  assert.deepEqual(
    found.map(([, ...place]) => place),
    table,
  )
})
