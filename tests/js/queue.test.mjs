import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joined } from '../../js/stores/piece.js'
import { cleared, deleted, WriteQueue } from '../../js/stores/queue.js'
import { Random } from '../property/random.mjs'

/** What waits is bounded, and whatever is dropped, nothing older comes back: a twin that forgets nothing says what the newest of each key is. */

const NAMESPACES = ['f', 'g']
const KEYS = 6
const digestOf = n => String(n).padStart(32, '0')
const idOf = ({ namespace, digest }) => digest + namespace

function entry(namespace, n, version, hides) {
  const piece = joined(Uint8Array.of(n), new Uint8Array(1 + (version % 7)))
  const digest = digestOf(n)
  return { kind: 'entry', namespace, digest, piece, storedAt: version, deadline: Infinity, hides } // biome-ignore format: one line
}

/** What a backend has: the version of each key. */
class Backend {
  has = new Map()

  write(items) {
    for (const item of items) {
      const { kind, namespace, storedAt } = item
      const id = idOf(item)
      if (kind === 'entry') this.has.set(id, storedAt)
      else if (kind === 'deleted') this.has.delete(id)
      else for (const other of [...this.has.keys()]) if (other.endsWith(namespace)) this.has.delete(other)
    }
  }
}

/** @param {number} seed */
function run(seed) {
  const random = new Random(seed)
  const [maxEntries, maxBytes] = [1 + random.int(6), 4 + random.int(40)]
  const hidden = []
  let swept = 0
  const queue = new WriteQueue(maxEntries, maxBytes, {
    dropped: item => {
      if (item.hides) hidden.push(idOf(item))
    },
    cleared: () => void swept++,
  })
  const backend = new Backend()
  const newest = new Map()
  let dropped = 0
  for (let version = 1; version < 120; version++) {
    const namespace = NAMESPACES[random.int(2)]
    const n = random.int(KEYS)
    const digest = digestOf(n)
    const id = idOf({ namespace, digest })
    const action = random.int(20)
    if (action < 12) {
      newest.set(id, version)
      dropped += queue.push(entry(namespace, n, version, backend.has.has(id)))
    } else if (action < 15) {
      newest.delete(id)
      dropped += queue.push(deleted(namespace, digest, version))
    } else if (action === 15) {
      for (let other = 0; other < KEYS; other++) newest.delete(idOf({ namespace, digest: digestOf(other) }))
      dropped += queue.push(cleared(namespace, version))
    } else if (action < 18) {
      backend.write(queue.take())
    } else if (action === 18) {
      // A page that leaves writes beside what is on its way, which then fails.
      const items = queue.take()
      const hides = backend.has.has(id) || items.some(item => idOf(item) === id)
      newest.set(id, version)
      dropped += queue.push(entry(namespace, n, version, hides))
      const sent = queue.take()
      backend.write(sent)
      dropped += queue.restore(items, [], sent)
      // The deletion of a whole namespace takes what was sent with it.
      if (items.some(item => item.kind === 'cleared' && item.namespace === namespace)) swept++
      const left = queue.take()
      const isDeleted = left.some(item => item.kind === 'deleted' && idOf(item) === id)
      assert.ok(!isDeleted, `seed ${seed}: what is newer would be deleted`)
      for (const item of left) queue.push(item)
    } else {
      // Some are written, one fails, and those behind it were not tried.
      const items = queue.take()
      const done = random.int(items.length + 1)
      backend.write(items.slice(0, done))
      const hides = backend.has.has(id) || items.some(item => idOf(item) === id)
      const meanwhile = entry(namespace, n, version, hides)
      newest.set(id, version)
      dropped += queue.push(meanwhile)
      dropped += queue.restore(items.slice(done, done + 1), items.slice(done + 1))
    }
    const items = queue.take()
    const entries = items.filter(({ kind }) => kind === 'entry')
    const bytes = entries.reduce((sum, { piece }) => sum + piece.length, 0)
    assert.ok(entries.length <= maxEntries && bytes <= maxBytes, `seed ${seed}: ${entries.length}, ${bytes}`)
    // A whole namespace may be one more each.
    assert.ok(items.length - entries.length <= maxEntries + NAMESPACES.length, `seed ${seed}`)
    assert.equal(new Set(items.map(item => item.kind + idOf(item))).size, items.length)
    for (const item of items) queue.push(item)
    assert.equal(queue.bytes, bytes)
    assert.equal(queue.size, items.length)
    // Were all of it written now, nothing old would be read.
    const then = new Backend()
    then.has = new Map(backend.has)
    then.write(items)
    for (const [other, there] of then.has) assert.equal(there, newest.get(other), `seed ${seed}: ${other}`)
    if (dropped + swept === 0) assert.equal(then.has.size, newest.size, `seed ${seed}`)
  }
  return { dropped, hidden: hidden.length, swept }
}

test('whatever is dropped, fails or is cleared: the newest write of a key is read, or none', () => {
  let [dropped, hidden, swept] = [0, 0, 0]
  for (let seed = 1; seed <= 3000; seed++) {
    const found = run(seed)
    dropped += found.dropped
    hidden += found.hidden
    swept += found.swept
  }
  assert.ok(dropped > 10_000 && hidden > 1000 && swept > 1000, `${dropped} dropped, ${hidden} hid something, ${swept} swept`) // biome-ignore format: one line
})

test('one entry too many drops one, however many hide something', () => {
  const queue = new WriteQueue(100, Infinity)
  for (let n = 0; n < 150; n++) assert.equal(queue.push(entry('f', n, n, true)), n < 100 ? 0 : 1)
  const items = queue.take()
  assert.deepEqual(items.map(({ kind }) => kind).filter(kind => kind === 'deleted').length, 50)
  assert.deepEqual(
    items.slice(50).map(({ digest }) => digest),
    Array.from({ length: 100 }, (_, n) => digestOf(n + 50)),
  )
})

test('too many deletions become one of the whole namespace, which spares what is newer', () => {
  const marks = []
  const owner = { dropped: () => {}, cleared: namespace => marks.push(namespace) }
  const queue = new WriteQueue(3, Infinity, owner)
  for (let n = 0; n < 3; n++) queue.push(deleted('f', digestOf(n), 1))
  queue.push(entry('f', 9, 2, false))
  queue.push(deleted('f', digestOf(4), 3))
  assert.deepEqual(marks, ['f'])
  const [clear, left, ...rest] = queue.take()
  assert.deepEqual([clear.kind, clear.namespace, clear.target, left.digest, rest], ['cleared', 'f', 1, digestOf(9), []]) // biome-ignore format: one line
})

test('a deletion in the place of a dropped entry is as old as that, and has its target', () => {
  const queue = new WriteQueue(1, Infinity)
  const target = {}
  queue.push({ ...entry('f', 1, 1, true), stamp: 7, target })
  queue.push({ ...entry('f', 2, 2, false), stamp: 8 })
  const [{ kind, stamp, target: kept }] = queue.take()
  assert.deepEqual([kind, stamp, kept === target], ['deleted', 7, true])
})
