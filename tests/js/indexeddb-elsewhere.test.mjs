import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import '../../js/entry/inline.js'
import { encodeKeyed } from '../../js/stores/entry.js'
import { Catalog } from '../../js/stores/indexeddb/catalog.js'
import { Doubts } from '../../js/stores/indexeddb/doubts.js'
import { Elsewhere } from '../../js/stores/indexeddb/elsewhere.js'
import { ENTRY, Row } from '../../js/stores/indexeddb/rows.js'

/** What a tab makes of what others say, and which entries go by their tags, beside a database that answers when the test says so. */

const digest = n => String(n).padStart(32, '0')

function rig() {
  const catalog = new Catalog(() => {})
  const asked = { looks: 0, reads: [], forgotten: [], gone: [], cleared: [], told: 0 }
  let open
  const indexed = new Promise(resolve => (open = resolve))
  const persisted = {
    catalog,
    isIndexed: true,
    isHopeless: false,
    isBehind: false,
    held: { bytes: 1 },
    counter: () => 10,
    canLook: true,
    catchUp: async () => {
      asked.looks++
      persisted.isBehind = false
      return persisted.canLook
    },
    wroteElsewhere: () => (persisted.isBehind = true),
    readAll: segments => new Promise(done => asked.reads.push({ segments, done })),
    vouches: () => true,
  }
  const forget = row => {
    asked.forgotten.push(+row.digest)
    catalog.remove(row)
  }
  const voice = { events: { emit: () => asked.told++ } }
  const clear = namespace => asked.cleared.push(namespace)
  const doubts = new Doubts(persisted, voice, {
    forget,
    clear,
    gone: (row, counter) => {
      if (row.isEntry) asked.gone.push(+row.digest)
      elsewhere.gone(row, counter)
    },
  })
  const elsewhere = new Elsewhere(persisted, doubts, voice, indexed, forget)
  /** An entry, written at a counter or not at all. */
  const put = (n, counter, tag = 't', namespace = 'f', storedAt = 1) => {
    const row = new Row(catalog.space(namespace), digest(n), ENTRY, storedAt, Infinity)
    row.piece_ = encodeKeyed(Uint8Array.of(n), { value: n, storedAt: 1, deadline: Infinity, tags: [tag] })
    if (counter === undefined) row.fill(row.piece_)
    catalog.put(row)
    if (counter !== undefined) move(row, counter)
    return row
  }
  const move = (row, counter) => {
    catalog.unplace(row)
    catalog.place(row, catalog.know([counter, 'w', 0], 100), 0, 0, 10)
  }
  /** Its bytes come. */
  const arrive = row => {
    row.fill(row.piece_)
    doubts.arrived([row])
  }
  const there = (...ns) => ns.filter(n => catalog.find('f', digest(n)) !== undefined)
  return { catalog, persisted, asked, doubts, elsewhere, put, move, arrive, there, open }
}

const turns = async () => {
  for (let i = 0; i < 20; i++) await null
}

describe('a deletion in another tab', () => {
  for (const [what, message] of Object.entries({
    'of keys': { type: 'deleted', namespace: 'f', digests: [1, 2, 3, 4].map(digest) },
    'of a function': { type: 'cleared', namespace: 'f' },
  })) {
    test(`${what}: what was written before it is hidden, what only we have is deleted, the rest stays`, () => {
      const { asked, elsewhere, put, there } = rig()
      put(1, 10)
      put(2, 11)
      put(3, undefined)
      elsewhere.hear({ ...message, counter: 10 })
      assert.deepEqual([there(1, 2, 3), asked.forgotten], [[2], [3]])
    })

    test(`${what}: also what is taken over later, and not what was set here since`, () => {
      const { asked, elsewhere, put, there } = rig()
      elsewhere.hear({ ...message, counter: 10 })
      put(1, 9)
      put(2, 11)
      put(3, undefined)
      elsewhere.tookOver()
      assert.deepEqual(there(1, 2, 3), [2, 3])
      put(4, 10)
      elsewhere.tookOver()
      assert.deepEqual([there(2, 3, 4), asked.forgotten], [[2, 3], []])
    })

    test(`${what}: another version that does not say when means all there is`, () => {
      for (const counter of [undefined, 'x', NaN]) {
        const { elsewhere, put, there } = rig()
        put(1, 10)
        elsewhere.hear({ ...message, counter })
        assert.deepEqual(there(1), [])
      }
    })
  }
})

describe('what is heard while the database is opened', () => {
  const messages = {
    'a key': { type: 'deleted', namespace: 'f', digests: [1, 2, 3, 4].map(digest) },
    'a function': { type: 'cleared', namespace: 'f' },
    'a tag': { type: 'tags', namespace: 'f', patterns: ['t'] },
  }
  for (const [what, message] of Object.entries(messages)) {
    test(`${what}: hides what is found, and deletes what was set before, not what was set since`, async () => {
      const { arrive, asked, doubts, elsewhere, open, persisted, put, there } = rig()
      persisted.isIndexed = false
      put(1, undefined)
      elsewhere.hear({ ...message, counter: 10 })
      put(2, undefined)
      const found = [put(3, 10), put(4, 11)]
      persisted.isIndexed = true
      open()
      await turns()
      for (const row of found) if (row.isEntry) arrive(row)
      for (const { done } of asked.reads) done()
      await doubts.settled()
      assert.deepEqual([there(1, 2, 3, 4), asked.forgotten, asked.told], [[2, 4], [1], 1])
    })
  }
})

describe('what another tab has written is looked at', () => {
  const run = (prepare, ms = 5000) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { asked, elsewhere, persisted } = rig()
      for (let i = 0; i < 3; i++) elsewhere.hear({ type: 'wrote', counter: i })
      prepare({ elsewhere, persisted })
      mock.timers.tick(ms)
      return asked.looks
    } finally {
      mock.timers.reset()
    }
  }

  test('once for all that it wrote in a second, by itself', () => {
    assert.equal(
      run(() => {}, 900),
      0,
    )
    assert.equal(
      run(() => {}),
      1,
    )
  })

  test('not where somebody has looked meanwhile, nothing is held, or all is closed', () => {
    assert.equal(
      run(({ persisted }) => (persisted.isBehind = false)),
      0,
    )
    assert.equal(
      run(({ persisted }) => (persisted.held.bytes = 0)),
      0,
    )
    assert.equal(
      run(({ elsewhere }) => elsewhere.close()),
      0,
    )
  })

  test('once something is held', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { asked, elsewhere, persisted } = rig()
      persisted.held.bytes = 0
      elsewhere.hear({ type: 'wrote', counter: 1 })
      mock.timers.tick(5000)
      persisted.held.bytes = 1
      elsewhere.lookSoon()
      mock.timers.tick(5000)
      assert.equal(asked.looks, 1)
    } finally {
      mock.timers.reset()
    }
  })
})

describe('tags of what is not in memory', () => {
  const matches = tag => tag === 't'

  test('what comes to be asked while others are read is read after them', async () => {
    const { asked, arrive, doubts, put } = rig()
    const [f, g, meant] = [put(1, 1, 'other'), put(2, 2, 'other', 'g'), put(3, 3, 't', 'g')]
    doubts.heard('f', matches, 10)
    doubts.heard('g', matches, 10)
    arrive(f)
    asked.reads[0].done()
    await turns()
    assert.deepEqual(
      asked.reads[1].segments.map(({ key }) => key[0]),
      [2, 3],
    )
    arrive(g)
    arrive(meant)
    asked.reads[1].done()
    await doubts.settled()
    assert.deepEqual([asked.forgotten, asked.gone], [[], [3]])
  })

  test('what could not be read goes as well, but not what a compaction has moved meanwhile', async () => {
    const { asked, arrive, catalog, doubts, move, put } = rig()
    const [lost, moved, copied] = [put(1, 1), put(2, 2, 'other'), put(3, 3, 'other')]
    doubts.invalidate('f', matches)
    await turns()
    move(moved, 4)
    catalog.remove(copied)
    const copy = put(3, 5, 't')
    asked.reads[0].done()
    await turns()
    assert.deepEqual(asked.forgotten, [1])
    arrive(moved)
    arrive(copy)
    asked.reads[1].done()
    await doubts.settled()
    assert.deepEqual([asked.forgotten, lost.counts, moved.counts], [[1, 3], false, true])
  })

  test('a page that leaves clears what it could not ask for itself, and nothing for another tab', async () => {
    const { doubts, put } = rig()
    put(1, 1)
    put(2, 2, 't', 'g')
    doubts.heard('g', matches, 10)
    assert.deepEqual([...doubts.leave()], [])
    doubts.invalidate('f', matches)
    assert.deepEqual([...doubts.leave()], ['f'])
  })

  test('what is taken over goes by what came first, whatever the clocks said', async () => {
    const { arrive, asked, doubts, put, there } = rig()
    doubts.invalidate('f', matches)
    const later = Date.now() + 5000
    const [before, after] = [put(1, 10, 't', 'f', later), put(2, 11, 't', 'f', later)]
    put(3, undefined, 't', 'f', 1)
    await turns()
    arrive(before)
    arrive(after)
    asked.reads[0].done()
    await doubts.settled()
    assert.deepEqual([there(1, 2, 3), asked.forgotten], [[2, 3], [1]])
  })

  test('what could not be looked for cannot be asked: everything of the function goes', async () => {
    const { asked, doubts, persisted } = rig()
    doubts.invalidate('f', matches)
    await doubts.settled()
    assert.deepEqual(asked.cleared, [])
    persisted.canLook = false
    doubts.invalidate('f', matches)
    doubts.heard('g', matches, 10)
    await doubts.settled()
    assert.deepEqual(asked.cleared, ['f'])
  })

  test('it is deleted when it is known that nobody has stored it anew', async () => {
    const { asked, catalog, doubts, put, there } = rig()
    const row = put(1, 1)
    row.fill(row.piece_)
    put(2, undefined)
    doubts.invalidate('f', matches)
    assert.deepEqual([there(1, 2), asked.forgotten], [[], [2]])
    // Another tab's, without the tag.
    catalog.remove(row)
    put(1, 2, 'other')
    await turns()
    assert.deepEqual([there(1), asked.forgotten], [[1], [2]])
  })
})
