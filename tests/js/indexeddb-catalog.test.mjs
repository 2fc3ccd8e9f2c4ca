import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import '../../js/entry/inline.js'
import { persistence } from '../../js/core.js'
import { Catalog } from '../../js/stores/indexeddb/catalog.js'
import { ENTRY, Row } from '../../js/stores/indexeddb/rows.js'
import { isLive, oldest, sort, tooMuch } from '../../js/stores/indexeddb/tidy.js'
import { joined } from '../../js/stores/piece.js'
import { cleared, deleted } from '../../js/stores/queue.js'
import { indexHeads, packItems } from '../../js/stores/segments.js'
import { Random } from '../property/random.mjs'

/** Which record counts for each key, whatever order the segments come in, and which segments nobody needs. */

const glue = persistence()
const digest = n => String(n).padStart(32, '0')

function entry(namespace, n, value, deadline = Infinity) {
  const key = Uint8Array.of(n)
  return { kind: 'entry', namespace, digest: digest(n), piece: joined(key, value), storedAt: 1, deadline, hides: false } // biome-ignore format: one line
}

/** What a transaction writes. */
function segmentsOf(items, counter) {
  const blocks = packItems(glue, items)
  const segments = []
  for (let n = 0; n < blocks.length / 2; n++) segments.push({ key: [counter, 'w', n], head: blocks[2 * n] })
  return segments
}

function catalogOf(segments) {
  const catalog = new Catalog(() => {})
  for (const part of segments) {
    const heads = part.map(({ head }) => head)
    catalog.add(
      part.map(({ key }) => key),
      heads,
      indexHeads(glue, heads),
    )
  }
  return catalog
}

/** Namespace, key and the segment of each entry that counts. */
function live(catalog, now) {
  const found = []
  for (const { name, rows } of catalog.spaces) {
    for (const row of rows.values()) {
      if (isLive(row, now))
        found.push(`${name} ${+row.digest} ${row.segments.map(({ id }) => id).join(' + ')}`)
    }
  }
  return found.sort()
}

/** A history of transactions, and what is left of it by the letter. */
function history(random) {
  const transactions = []
  let left = new Map()
  for (let counter = 1; counter <= 1 + random.int(12); counter++) {
    const items = []
    for (let n = random.int(4); n >= 0; n--) {
      const name = ['f', 'g'][random.int(2)]
      const which = random.int(4)
      const id = `${name} ${which}`
      const kind = random.int(16)
      if (kind === 0) {
        items.push(cleared(name, 1))
        left = new Map([...left].filter(([other]) => !other.startsWith(name)))
      } else if (kind === 1) {
        items.push(deleted(name, digest(which), 1))
        left.delete(id)
      } else {
        const deadline = random.oneIn(2) ? Infinity : random.int(30)
        const value = new Uint8Array(kind === 2 ? 70_000 : 3)
        items.push(entry(name, which, value, deadline))
        left.set(id, { counter, deadline })
      }
    }
    transactions.push(segmentsOf(items, counter))
  }
  const at = now =>
    [...left]
      .filter(([, { deadline }]) => deadline > now)
      .map(([id, { counter }]) => `${id} ${counter}`)
      .sort()
  return { transactions, at }
}

/** Without the segment's number in its transaction. */
const brief = found => found.map(text => text.split(',', 1)[0])

describe('the catalog of a database', () => {
  test('comes to the same whatever order transactions come in', () => {
    const random = new Random(11)
    for (let round = 0; round < 400; round++) {
      const { transactions, at } = history(random)
      const shuffled = [...transactions]
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = random.int(i + 1)
        ;[shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]]
      }
      for (const now of [0, 10, 40]) {
        assert.deepEqual(brief(live(catalogOf([transactions.flat()]), now)), at(now))
        assert.deepEqual(brief(live(catalogOf(shuffled), now)), at(now))
      }
    }
  })

  test('without the segments that it calls dead, everything is as before, now and later', () => {
    const random = new Random(12)
    let gone = 0
    for (let round = 0; round < 400; round++) {
      const all = history(random).transactions.flat()
      const catalog = catalogOf([all])
      const dead = new Set(sort(catalog, 10).dead.map(({ id }) => id))
      gone += dead.size
      const kept = all.filter(({ key }) => !dead.has(String(key)))
      for (const now of [10, 20, 40])
        assert.deepEqual(live(catalogOf([kept]), now), live(catalogOf([all]), now))
      const before = live(catalog, 10)
      for (const segment of [...catalog.segments.values()]) if (dead.has(segment.id)) catalog.drop(segment)
      assert.deepEqual(live(catalog, 10), before)
    }
    assert.ok(gone > 200, `${gone} were dead`)
  })

  test('sums up what there is', () => {
    const random = new Random(13)
    for (let round = 0; round < 200; round++) {
      const { transactions } = history(random)
      const catalog = catalogOf(transactions)
      let [entries, liveBytes] = [0, 0]
      for (const { rows } of catalog.spaces) {
        for (const row of rows.values()) {
          if (!row.isEntry) continue
          entries++
          for (const { length } of row.places) liveBytes += 64 + length
        }
      }
      assert.deepEqual([catalog.entries, catalog.liveBytes], [entries, liveBytes])
    }
  })

  test('a value whose parts are not all there is lost, and hides the older one', () => {
    const whole = segmentsOf([entry('f', 1, new Uint8Array(200_000))], 2)
    const older = segmentsOf([entry('f', 1, new Uint8Array(3))], 1)
    for (let missing = 0; missing < whole.length; missing++) {
      const found = [...older, ...whole.filter((_, n) => n !== missing)]
      const catalog = new Catalog(() => {})
      const heads = found.map(({ head }) => head)
      const { torn } = catalog.add(
        found.map(({ key }) => key),
        heads,
        indexHeads(glue, heads),
      )
      assert.deepEqual([live(catalog, 0), catalog.entries], [[], 0], `part ${missing}`)
      assert.equal(torn, 1, `part ${missing}`)
    }
  })

  test('what is left of a value that has expired is no damage', () => {
    const now = Date.now()
    for (const [deadline, expected] of [
      [now - 1000, 0],
      [now + 60_000, 1],
    ]) {
      const [, ...rest] = segmentsOf([entry('f', 1, new Uint8Array(200_000), deadline)], 1)
      const catalog = new Catalog(() => {})
      const heads = rest.map(({ head }) => head)
      const { torn } = catalog.add(
        rest.map(({ key }) => key),
        heads,
        indexHeads(glue, heads),
      )
      assert.deepEqual([torn, catalog.entries, live(catalog, 0)], [expected, 0, []])
    }
  })

  test('the parts of a value go together when room is made', () => {
    const random = new Random(7)
    for (let round = 0; round < 200; round++) {
      const items = []
      for (let n = 0; n < 8; n++) items.push(entry('f', n, new Uint8Array(random.int(200_000))))
      const all = [segmentsOf(items.slice(0, 4), 1), segmentsOf(items.slice(4), 2)]
      const catalog = catalogOf(all)
      const { bytes } = catalog
      const gone =
        round % 2 === 0
          ? tooMuch(catalog, 0, Math.ceil(bytes * (random.int(100) / 100)), 0)
          : oldest(catalog.inOrder(), bytes * (random.int(100) / 100))
      const ids = new Set(gone.map(({ id }) => id))
      const left = new Catalog(() => {})
      for (const part of all) {
        const staying = part.filter(({ key }) => !ids.has(String(key)))
        const heads = staying.map(({ head }) => head)
        const { torn } = left.add(
          staying.map(({ key }) => key),
          heads,
          indexHeads(glue, heads),
        )
        assert.equal(torn, 0, `round ${round}`)
      }
    }
  })

  test('damaged heads and those of another version are told apart', () => {
    const [{ key, head }] = segmentsOf([entry('f', 1, new Uint8Array(3))], 1)
    const damaged = head.slice()
    damaged[30] ^= 1
    const foreign = head.slice()
    foreign[4] = 2
    const heads = [damaged, foreign, head]
    const keys = [[1, 'a', 0], [2, 'a', 0], key] // biome-ignore format: one line
    const catalog = new Catalog(() => {})
    const found = catalog.add(keys, heads, indexHeads(glue, heads))
    assert.deepEqual([found.damaged, found.foreign, catalog.entries], [[keys[0]], 1, 1])
  })

  describe('is told of what goes, by a deletion or for something newer', () => {
    const value = new Uint8Array(3)
    const late = (n, storedAt) => ({ ...entry('f', n, value), storedAt })
    const ways = {
      'a deletion': [[2, 'w', 0], deleted('f', digest(1), 2), [1]],
      'a newer entry': [[2, 'w', 0], late(1, 2), [1]],
      'a newer entry, which a compaction has moved': [[2, 'w', 0, 1], late(1, 2), [1]],
      'the same entry, which a compaction has moved': [[1, 'w', 0, 1], late(1, 1), []],
      'an older entry': [[0, 'w', 0], late(1, 0), []],
      'the entry of another key': [[2, 'w', 0], late(2, 2), []],
      'instead of one that has expired': [[2, 'w', 0], late(3, 2), []],
    }
    for (const [what, [key, item, expected]] of Object.entries(ways)) {
      test(what, () => {
        const catalog = catalogOf([segmentsOf([entry('f', 1, value), entry('f', 3, value, 5)], 1)])
        const [{ head }] = segmentsOf([item], 2)
        const told = []
        catalog.add([key], [head], indexHeads(glue, [head]), (_, digest) => told.push(+digest))
        assert.deepEqual(told, expected)
      })
    }
  })

  test('what will not be written stands where it was dropped, or where its deletion is written', () => {
    const value = new Uint8Array(3)
    const drops = {
      'dropped at 5': row => (row.dropped = { key: [5, '~', 0] }),
      'hidden at 5': (row, catalog) => catalog.veil(row, catalog.know([5, 'w', 0], 100)),
      'still to be written': () => {},
    }
    const items = {
      entry: entry('f', 1, value),
      deletion: deleted('f', digest(1), 9),
      clear: cleared('f', 9),
    }
    for (const [how, drop] of Object.entries(drops)) {
      for (const [what, item] of Object.entries(items)) {
        for (const counter of [4, 6]) {
          const catalog = new Catalog(() => {})
          const row = new Row(catalog.space('f'), digest(1), ENTRY, 2, Infinity)
          catalog.put(row)
          drop(row, catalog)
          const [{ key, head }] = segmentsOf([item], counter)
          catalog.add([key], [head], indexHeads(glue, [head]))
          const expected = counter < 5 || how === 'still to be written'
          assert.equal(row.counts, expected, `${how}, ${what} at ${counter}`)
        }
      }
    }
  })

  test('the deletion of what a dropped entry has replaced stays as long as that does', () => {
    const catalog = catalogOf([segmentsOf([entry('f', 1, new Uint8Array(3)), entry('f', 2, new Uint8Array(3))], 1)]) // biome-ignore format: one line
    const row = new Row(catalog.space('f'), digest(1), ENTRY, 2, Infinity)
    assert.equal(catalog.put(row), true)
    const segment = catalog.know([2, 'w', 0], 100)
    catalog.veil(row, segment)
    const ids = () => sort(catalog, 5).dead.map(({ id }) => id)
    assert.deepEqual(ids(), [])
    // Also when memory has it no more.
    catalog.remove(row)
    assert.deepEqual(ids(), [])
    catalog.remove(catalog.find('f', digest(2)))
    assert.deepEqual(ids(), ['1,w,0', '2,w,0'])
  })

  for (const [what, replace, write] of [
    [
      'a value',
      catalog => {
        const row = new Row(catalog.space('f'), digest(1), ENTRY, 3, Infinity)
        catalog.put(row)
        return row
      },
      (catalog, row, segment) => catalog.place(row, segment, 0, 0, 3),
    ],
    [
      'the deletion of the whole function',
      catalog => catalog.clear('f'),
      (catalog, mark, segment) => catalog.mark(mark, segment),
    ],
  ])
    test(`a deletion stays until ${what} that replaces it is written`, () => {
      const old = segmentsOf([entry('f', 1, new Uint8Array(3)), entry('g', 1, new Uint8Array(3))], 1)
      const catalog = catalogOf([old, segmentsOf([deleted('f', digest(1), 2)], 2)])
      const ids = () => sort(catalog, 5).dead.map(({ id }) => id)
      assert.deepEqual(ids(), [])
      const one = replace(catalog)
      assert.deepEqual(ids(), [])
      write(catalog, one, catalog.know([3, 'w', 0], 100))
      assert.deepEqual(ids(), ['2,w,0'])
    })
})
