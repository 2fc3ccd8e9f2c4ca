import assert from 'node:assert/strict'
import { test } from 'node:test'
import '../../js/entry/inline.js'
import { persistence } from '../../js/core.js'
import { joined } from '../../js/stores/piece.js'
import { cleared, deleted } from '../../js/stores/queue.js'
import { cellsOf } from '../../js/stores/records.js'
import { indexHeads, packItems } from '../../js/stores/segments.js'
import { Random } from '../property/random.mjs'

/** A head is read where it lies: each field of each record is what was packed. */

const glue = persistence()
const random = new Random(7)
const digest = () => Array.from({ length: 16 }, () => random.int(256).toString(16).padStart(2, '0')).join('')

function entry(namespace, keyLength, valueLength, storedAt, deadline) {
  const piece = joined(new Uint8Array(keyLength).fill(1), new Uint8Array(valueLength).fill(2))
  return { kind: 'entry', namespace, digest: digest(), piece, storedAt, deadline }
}

/** @param {{ kind: string, piece: { length: number, keyLength: number } }} item @returns what its head says */
const said = ({ namespace, digest, kind, piece, storedAt, deadline }, offset) => ({
  namespace,
  digest,
  kind: { entry: 0, deleted: 1, cleared: 2 }[kind],
  part: 0,
  parts: 1,
  whole: 0,
  offset,
  keyLength: piece.keyLength,
  valueLength: piece.length - piece.keyLength,
  storedAt,
  deadline,
})

test('records are what was packed, wherever the head lies', () => {
  const items = []
  for (let n = 0; n < 400; n++) {
    const namespace = random.pick(['f', 'größer\0' + '2', 'g'.repeat(500)])
    if (random.oneIn(12)) items.push(deleted(namespace, digest(), n + 0.5))
    else if (random.oneIn(30)) items.push(cleared(namespace, n))
    else items.push(entry(namespace, random.int(40), random.int(300), 1.7e12 + n, random.pick([Infinity, 1.8e12 + n]))) // biome-ignore format: one line
  }
  const blocks = packItems(glue, items)
  const heads = blocks.filter((_, n) => n % 2 === 0)
  const moved = heads.map(head => {
    const larger = new Uint8Array(head.length + 16)
    larger.set(head, 3)
    return larger.subarray(3, 3 + head.length)
  })
  for (const some of [heads, moved]) {
    const { bodies, records } = indexHeads(glue, some)
    let n = 0
    records.forEach((its, segment) => {
      let offset = 0
      for (let i = 0; i < its.length; i++, n++) {
        const expected = said(items[n], offset)
        offset += items[n].piece.length
        assert.deepEqual(its.at(i), expected)
        assert.equal(its.digest(i), items[n].digest)
        assert.equal(its.bytes(i), items[n].piece.length)
        assert.deepEqual(cellsOfText(items[n].digest), [...its.cells.subarray(16 * i, 16 * i + 4)])
        assert.equal(its.isTaken(i), false)
        its.take(i)
        assert.equal(its.isTaken(i), true)
      }
      assert.equal(bodies[segment], offset)
    })
    assert.equal(n, items.length)
  }
})

test('of a value in parts each part says which it is', () => {
  const blocks = packItems(glue, [entry('f', 10, 150_000, 5, 9)])
  const { records } = indexHeads(glue, blocks.filter((_, n) => n % 2 === 0)) // biome-ignore format: one line
  const all = records.flatMap(its => Array.from({ length: its.length }, (_, i) => its.at(i)))
  assert.deepEqual(
    all.map(({ kind, part, parts }) => [kind, part, parts]),
    [[4, 0, 3], [4, 1, 3], [4, 2, 3]], // biome-ignore format: one line
  )
  assert.equal(new Set(all.map(({ whole }) => whole)).size, 1)
  assert.notEqual(all[0].whole, 0)
})

test('a head that is not whole has no records', () => {
  const [head] = packItems(glue, [entry('f', 1, 1, 1, 2)])
  const flipped = head.slice()
  flipped[30] ^= 1
  const foreign = head.slice()
  foreign[4]++
  const { bodies, records } = indexHeads(glue, [flipped, head, foreign, head.subarray(1)])
  assert.deepEqual([...bodies], [-1, 2, -2, -1])
  assert.deepEqual(
    records.map(its => its?.length),
    [undefined, 1, undefined, undefined],
  )
})

function cellsOfText(text) {
  const cells = new Uint32Array(4)
  cellsOf(text, cells)
  return [...cells]
}
