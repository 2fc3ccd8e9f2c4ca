import assert from 'node:assert/strict'
import { test } from 'node:test'
import '../../js/entry/inline.js'
import { joined } from '../../js/stores/piece.js'
import { Writer } from '../../js/stores/indexeddb/writer.js'

/** What is much goes in several transactions: in which order, and what becomes of the others when one fails or the page leaves. */

const OPTIONS = {
  flushAfter: 3_600_000,
  flushEntries: 1e9,
  flushBytes: 1e12,
  maxPendingEntries: 1e6,
  maxPendingBytes: 1e9,
}

const item = (n, { length = 100_000, hides = false, storedAt = 1 } = {}) => ({
  kind: 'entry',
  namespace: 'f',
  digest: String(n).padStart(32, '0'),
  piece: joined(Uint8Array.of(n), new Uint8Array(length)),
  storedAt,
  deadline: Infinity,
  hides,
})

/** A writer to a database that answers when it is told to. */
function opened(t, maxBytes = 64e6) {
  const seen = { issued: [], written: 0, dropped: 0, errors: [] }
  const target = {
    open: async () => {},
    room: async () => {},
    isOpen: () => true,
    maxBytes: () => maxBytes,
    write: batch =>
      new Promise((resolve, reject) => {
        seen.issued.push({ batch, resolve, reject })
      }),
    written: count => (seen.written += count),
    error: code => seen.errors.push(code),
    dropped: count => (seen.dropped += count),
    unwritten: () => {},
  }
  const writer = new Writer(OPTIONS, target, Promise.resolve())
  t.after(() => writer.stop())
  /** Everything that can happen before the database answers. */
  const settled = async () => {
    for (let turns = 0; turns < 30; turns++) await new Promise(resolve => setTimeout(resolve))
  }
  return { writer, seen, settled }
}

const names = ({ batch }) =>
  batch.items.map(({ digest, kind }) => (kind === 'entry' ? `${+digest}` : `not ${+digest}`))

test('one transaction at a time, and the next is packed meanwhile', async t => {
  const { writer, seen, settled } = opened(t)
  for (let n = 0; n < 10; n++) writer.add(item(n))
  const done = writer.flush()
  for (let n = 0; n < 3; n++) {
    await settled()
    assert.equal(seen.issued.length, n + 1)
    seen.issued[n].resolve()
    // No task passes until the next one is issued.
    for (let jobs = 0; jobs < 50; jobs++) await undefined
    assert.equal(seen.issued.length, Math.min(3, n + 2))
  }
  await done
  assert.deepEqual(seen.issued.flatMap(names), ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  assert.deepEqual([seen.written, seen.issued.length], [10, 3])
})

test('those behind one that failed wait on, newer ones in their place; only what hides something is remembered of it', async t => {
  const { writer, seen, settled } = opened(t)
  for (let n = 0; n < 10; n++) writer.add(item(n, { hides: n === 1 }))
  const done = writer.flush()
  await settled()
  writer.add(item(9, { storedAt: 2 }))
  writer.add(item(2, { storedAt: 2 }))
  seen.issued[0].reject(new Error('no'))
  await done
  assert.deepEqual([seen.issued.length, seen.errors, seen.dropped], [1, ['ERR_STORE_WRITE'], 4])
  const again = writer.flush()
  for (let n = 1; n < 3; n++) {
    await settled()
    seen.issued[n]?.resolve()
  }
  await again
  assert.deepEqual(seen.issued.slice(1).flatMap(names), ['not 1', '4', '5', '6', '7', '8', '9', '2'])
  const last = seen.issued
    .flatMap(({ batch }) => batch.items)
    .filter(({ digest }) => +digest === 9)
    .at(-1)
  assert.equal(last.storedAt, 2)
})

test('a page that leaves issues all that is ahead, once and in order, and then what waits', async t => {
  const { writer, seen, settled } = opened(t)
  for (let n = 0; n < 10; n++) writer.add(item(n))
  const done = writer.flush()
  await settled()
  writer.add(item(10))
  writer.leave()
  assert.deepEqual(
    seen.issued.flatMap(names),
    Array.from({ length: 11 }, (_, n) => String(n)),
  )
  // One of those that were issued fails: those behind it are written all the same.
  for (const [n, { resolve, reject }] of seen.issued.entries()) {
    if (n === 1) reject(new Error('no'))
    else resolve()
  }
  await done
  await writer.flush()
  assert.deepEqual([seen.written, seen.errors.length, seen.issued.length], [7, 1, 4])
})

test('room is made before, but a page that leaves does not wait for it', async t => {
  const { writer, seen, settled } = opened(t)
  /** @type {(value?: unknown) => void} */
  let made = () => {}
  writer.target.room = ({ bytes }) => {
    assert.ok(bytes > 100_000)
    return new Promise(resolve => (made = resolve))
  }
  writer.add(item(1))
  const first = writer.flush()
  await settled()
  assert.equal(seen.issued.length, 0)
  made()
  await settled()
  assert.deepEqual(seen.issued.flatMap(names), ['1'])
  seen.issued[0].resolve()
  await first
  writer.add(item(2))
  const second = writer.flush()
  await settled()
  writer.leave()
  assert.deepEqual(seen.issued.flatMap(names), ['1', '2'])
  made()
  await settled()
  seen.issued[1].resolve()
  await second
  assert.deepEqual([seen.issued.length, seen.written], [2, 2])
})

for (const order of ['first', 'last'])
  test(`what a page that leaves has written is not deleted by the older write that fails ${order}`, async t => {
    const { writer, seen, settled } = opened(t)
    writer.add(item(1, { hides: true }))
    writer.add(item(2, { hides: true }))
    writer.add({ ...item(3), kind: 'deleted', hides: true })
    const done = writer.flush()
    await settled()
    writer.add(item(1, { hides: true, storedAt: 2 }))
    writer.leave()
    writer.add(item(3, { hides: true, storedAt: 2 }))
    writer.leave()
    const [older, ...newer] = seen.issued
    if (order === 'first') older.reject(new Error('no'))
    for (const { resolve } of newer) resolve()
    await settled()
    if (order === 'last') older.reject(new Error('no'))
    await done
    assert.equal(seen.dropped, 2)
    const again = writer.flush()
    await settled()
    seen.issued.at(-1).resolve()
    await again
    assert.deepEqual(seen.issued.map(names), [['not 3', '1', '2'], ['1'], ['3'], ['not 2']])
  })

test('when the newer one fails as well, it is remembered that both are gone', async t => {
  const { writer, seen, settled } = opened(t)
  writer.add(item(1, { hides: true }))
  const done = writer.flush()
  await settled()
  writer.add(item(1, { hides: true, storedAt: 2 }))
  writer.leave()
  for (const { reject } of seen.issued) reject(new Error('no'))
  await done
  assert.deepEqual([writer.queue.take().map(({ kind }) => kind), seen.dropped], [['deleted'], 2])
})

test('what the database has no room for is dropped, the newest that fit are written', async t => {
  for (const how of ['flush', 'leave']) {
    const { writer, seen, settled } = opened(t, 300_000)
    for (let n = 0; n < 5; n++) writer.add(item(n, { hides: n === 1 }))
    // Nothing else goes for what can never be there; another tab may have stored something smaller in its place.
    writer.add(item(5, { length: 300_000 }))
    const done = writer[how]()
    await settled()
    assert.deepEqual(seen.issued.flatMap(names), ['not 1', '3', '4', 'not 5'], how)
    assert.equal(seen.dropped, 4)
    assert.ok(seen.issued.every(({ batch }) => batch.bytes <= 300_000))
    for (const { resolve } of seen.issued) resolve()
    await done
  }
})

test('what comes while the store is being closed is counted', async t => {
  const { writer, seen, settled } = opened(t)
  for (let n = 0; n < 6; n++) writer.add(item(n))
  writer.flush()
  await settled()
  writer.add(item(6))
  writer.add({ ...item(7), kind: 'deleted' })
  writer.stop()
  assert.deepEqual([seen.issued.flatMap(names), seen.dropped], [['0', '1', '2', '3'], 3])
  seen.issued[0].resolve()
  await settled()
  assert.equal(seen.issued.length, 1)
})

/** Firefox tells a page that it leaves also between two turns of a loop that runs. @param {() => void} read is called whenever one of these is read */
function watched(n, read) {
  const its = item(n)
  for (const name of ['newer', 'piece', 'namespace']) {
    let value = its[name]
    Object.defineProperty(its, name, {
      get() {
        read()
        return value
      },
      set: to => (value = to),
    })
  }
  return its
}

for (const [how, begin] of Object.entries({
  'while it leaves': async writer => writer.leave(),
  'while it packs': async (writer, settled) => {
    writer.flush()
    await settled()
  },
})) {
  test(`a page that is told ${how} that it leaves writes each thing once, and all of one transaction`, async t => {
    for (let at = 0, isReached = true; isReached; at++) {
      isReached = false
      let reads = Number.NaN
      const { writer, seen, settled } = opened(t)
      for (let n = 0; n < 4; n++) {
        writer.add(
          watched(n, () => {
            if (reads++ !== at) return
            isReached = true
            reads = Number.NaN
            writer.leave()
          }),
        )
      }
      reads = 0
      await begin(writer, settled)
      reads = Number.NaN
      for (let n = 0; n < seen.issued.length; n++) {
        seen.issued[n].resolve()
        await settled()
      }
      assert.deepEqual(seen.issued.flatMap(names), ['0', '1', '2', '3'], `read ${at}`)
      for (const { batch } of seen.issued) {
        let places = 0
        batch.places(() => places++)
        // 100 KB are two records.
        assert.equal(places, 2 * batch.items.length, `read ${at}`)
      }
      if (how === 'while it leaves') assert.equal(seen.issued.length, 1, `read ${at}`)
      assert.equal(seen.written, 4, `read ${at}`)
    }
  })
}
