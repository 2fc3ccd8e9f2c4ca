import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import '../../js/entry/inline.js'
import { persistence } from '../../js/core.js'
import { Catalog } from '../../js/stores/indexeddb/catalog.js'
import { ENTRY, Row } from '../../js/stores/indexeddb/rows.js'
import { sort } from '../../js/stores/indexeddb/tidy.js'
import { joined } from '../../js/stores/piece.js'
import { cleared, deleted } from '../../js/stores/queue.js'
import { indexHeads, packItems } from '../../js/stores/segments.js'
import { Random } from '../property/random.mjs'

/** Records that nobody has asked for are numbers: nobody may see that, whatever happens to them. */

const glue = persistence()
let writers = 0
const NAMES = ['f', 'g']
/** Some that are alike in their first digits, and some in their last. */
const digest = n => {
  const digits = n.toString(16).padStart(32, '0')
  return n % 2 ? digits : [...digits].reverse().join('')
}

function entry(namespace, n, deadline, size = 3) {
  const piece = joined(Uint8Array.of(n), new Uint8Array(size).fill(n))
  return { kind: 'entry', namespace, digest: digest(n), piece, storedAt: 1, deadline, hides: false } // biome-ignore format: one line
}

/** Takes segments in, in an order of its own. */
function found(items, counter) {
  const blocks = packItems(glue, items)
  const heads = blocks.filter((_, i) => i % 2 === 0)
  return { keys: heads.map((_, n) => [counter, `w${writers++}`, n]), heads }
}

/** The same catalog twice: in one of them nothing ever sleeps. */
class Twins {
  constructor() {
    this.left = [[], []]
    this.both = this.left.map(left => new Catalog(one => left.push(one)))
  }

  do(action) {
    const answers = this.both.map((catalog, n) => {
      const answer = action(catalog)
      if (n === 1) for (const space of catalog.spaces) space.rows.size
      return answer
    })
    assert.deepEqual(answers[0], answers[1])
    return answers[0]
  }

  validate() {
    const now = 10
    this.do(({ entries, bytes, liveBytes }) => [entries, bytes, liveBytes])
    this.do(catalog => {
      const { dead, staying } = sort(catalog, now)
      return [dead, [...staying]].map(segments => segments.map(({ id, liveBytes }) => [id, liveBytes]))
    })
    const [lazy, eager] = this.both
    const asleep = [...lazy.segments.values()].reduce((sum, { sleepers }) => sum + sleepers, 0)
    const awake = [...lazy.spaces].reduce(
      (sum, space) => sum + [...space.awake.values()].filter(({ isEntry }) => isEntry).length,
      0,
    )
    assert.equal(asleep + awake, eager.entries)
    return asleep
  }
}

/** What somebody who looks at everything sees of a row. */
const seen = row =>
  row && [row.space.name, row.digest, row.isEntry, row.keyLength, row.length, row.storedAt, row.deadline, row.segments.map(({ id }) => id), row.places.map(({ i, at, length }) => [i, at, length]), (row.hidden ?? []).map(({ id }) => id).sort()] // biome-ignore format: one line

function step(random, twins, counter) {
  const name = random.pick(NAMES)
  const which = random.int(24)
  const kind = random.int(12)
  if (kind < 4) {
    const items = Array.from({ length: 1 + random.int(12) }, () => {
      const n = random.int(24)
      const namespace = random.pick(NAMES)
      if (random.oneIn(10)) return deleted(namespace, digest(n), 1)
      if (random.oneIn(40)) return cleared(namespace, 1)
      return entry(namespace, n, random.oneIn(3) ? random.int(20) : Infinity, random.oneIn(30) ? 70_000 : 3)
    })
    const { keys, heads } = found(items, random.oneIn(4) ? counter - random.int(counter) - 0.5 : counter)
    const told = []
    twins.do(catalog => {
      const all = catalog.add(keys, heads, indexHeads(glue, heads), (...what) => told.push(what))
      return [all.damaged, all.foreign, all.torn, all.added.map(segment => segment.id), told.splice(0)]
    })
  } else if (kind < 7) twins.do(catalog => seen(catalog.find(name, digest(which))))
  else if (kind === 7) {
    twins.do(catalog => catalog.put(new Row(catalog.space(name), digest(which), ENTRY, counter, Infinity)))
  } else if (kind === 8) {
    const lost = random.oneIn(2)
    twins.do(catalog => {
      const row = catalog.find(name, digest(which))
      if (row !== undefined) lost ? catalog.lose(row) : catalog.remove(row)
    })
  } else if (kind === 9) {
    const at = random.int(100)
    twins.do(catalog => {
      const all = catalog.inOrder()
      return all.length === 0 ? 0 : catalog.drop(all[at % all.length])
    })
  } else if (kind === 10 && random.oneIn(4)) twins.do(catalog => void catalog.clear(name))
  else {
    const at = random.int(100)
    twins.do(catalog => {
      const all = catalog.inOrder()
      return all.length === 0 ? [] : all[at % all.length].rows.filter(row => row !== undefined).map(seen)
    })
  }
}

describe('what sleeps in the catalog', () => {
  test('is as if it were awake, after every step of any walk', () => {
    const random = new Random(21)
    let slept = 0
    for (let round = 0; round < 300; round++) {
      const twins = new Twins()
      for (let counter = 1; counter <= 40; counter++) {
        step(random, twins, counter)
        slept += twins.validate()
      }
      twins.do(catalog => [...catalog.spaces].flatMap(({ rows }) => [...rows.values()].map(seen).sort()))
    }
    assert.ok(slept > 5000, `only ${slept} slept`)
  })

  test('is found in every segment and by nothing else than its digest', () => {
    const catalog = new Catalog(() => {})
    const items = Array.from({ length: 5000 }, (_, n) => entry('f', n + 1, Infinity))
    const { keys, heads } = found(items, 1)
    catalog.add(keys, heads, indexHeads(glue, heads))
    assert.equal(catalog.entries, 5000)
    assert.equal(
      [...catalog.segments.values()].reduce((sum, { sleepers }) => sum + sleepers, 0),
      5000,
    )
    for (const other of ['0'.repeat(32), 'z'.repeat(32), '', digest(5001), digest(15).toUpperCase()])
      assert.equal(catalog.find('f', other), undefined, other)
    assert.equal(catalog.find('g', digest(1)), undefined)
    const order = new Random(22).shuffled(items.map(({ digest }) => digest))
    for (const one of order) assert.equal(catalog.find('f', one)?.digest, one)
    for (const one of order) assert.equal(catalog.find('f', one)?.digest, one)
    assert.equal(catalog.entries, 5000)
    for (const segment of catalog.segments.values()) assert.equal(segment.sleepers, 0)
  })
})
