import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browser, openPage, reload, server, sharing, until } from '../browser/store-harness.mjs'

/** Two versions of a page side by side on one origin: an older and a newer format of segments, of messages, of results. */

sharing()

/**
 * Makes a page one of the next format: what it writes has the next version, and it knows no other. Both are exchanged on the way to and from the
 * database, so everything else of it is as it is.
 */
const NEWER = () => {
  const exchanged = value => {
    const isHead = value instanceof Uint8Array && String.fromCharCode(...value.subarray(0, 4)) === 'MIMG'
    if (!isHead || (value[4] !== 1 && value[4] !== 2)) return value
    const other = value.slice()
    other[4] = 3 - value[4]
    return other
  }
  const { put } = IDBObjectStore.prototype
  IDBObjectStore.prototype.put = function (value, ...rest) {
    return Reflect.apply(put, this, [exchanged(value), ...rest])
  }
  const { get } = Object.getOwnPropertyDescriptor(IDBRequest.prototype, 'result')
  Object.defineProperty(IDBRequest.prototype, 'result', {
    get() {
      const result = Reflect.apply(get, this, [])
      return Array.isArray(result) ? result.map(exchanged) : exchanged(result)
    },
  })
}

/** How many segments of versions 1 and 2 there are, as a page of version 1 sees them. */
const counted = page =>
  page.evaluate(() =>
    raw(['heads'], 'readonly', ([heads], done) => {
      heads.getAll().onsuccess = ({ target }) => {
        const versions = target.result.map(head => head[4])
        done([versions.filter(n => n === 1).length, versions.filter(n => n === 2).length])
      }
    }),
  )

describe('two formats of segments', { concurrency: 1 }, () => {
  test('both write, read, delete and reload: each keeps its own, and counts the other’s', async () => {
    const [older, newer] = [await openPage(browser), await openPage(browser, {}, NEWER)]
    for (let round = 0; round < 3; round++) {
      for (const [page, who] of [
        [older, 'older'],
        [newer, 'newer'],
      ]) {
        const got = await page.evaluate(
          async ([round, who]) => {
            for (let n = 0; n < 20; n++) put(100 * round + n, `${n} ${round} ${who}`)
            await store.flush()
            const values = []
            for (let i = 0; i <= round; i++) values.push(await read(100 * i + 7))
            return values
          },
          [round, who],
        )
        assert.deepEqual(
          got,
          Array.from({ length: round + 1 }, (_, i) => `7 ${i} ${who}`),
        )
        await reload(page)
        const stats = await page.evaluate(() => store.stats())
        assert.deepEqual([stats.entries, stats.corrupt, stats.errors], [20 * (round + 1), 0, 0])
        assert.equal(stats.foreign, who === 'older' ? round : round + 1)
      }
      assert.deepEqual(await counted(older), [round + 1, round + 1])
    }
  })

  test('the older one’s compaction and budget leave the newer one’s segments alone', async () => {
    const newer = await openPage(browser, {}, NEWER)
    await newer.evaluate(async () => {
      for (let n = 0; n < 5; n++) {
        put(n, `newer ${n}`)
        await store.flush()
      }
    })
    const older = await openPage(browser, { maxBytes: 400_000 })
    await older.evaluate(async () => {
      const compacted = new Promise(resolve => store.on('compact', resolve))
      for (let n = 0; n < 40; n++) {
        put(n, `older ${n}`)
        await store.flush()
      }
      await compacted
    })
    const [ours, theirs] = await counted(older)
    assert.ok(ours < 10, `${ours} segments after a compaction`)
    assert.equal(theirs, 5)
    await older.evaluate(async () => {
      for (let n = 100; n < 500; n++) {
        put(n, 'x'.repeat(2000))
        // More than the budget in one go would not be written at all.
        if (n % 50 === 49) await store.flush()
      }
      store.clear('f\0v1')
      await store.flush()
    })
    assert.ok((await older.evaluate(() => store.stats().evicted)) > 0)
    assert.equal((await counted(older))[1], 5)
    await reload(newer)
    const values = await newer.evaluate(() => Promise.all([0, 1, 2, 3, 4].map(n => read(n))))
    assert.deepEqual(values, ['newer 0', 'newer 1', 'newer 2', 'newer 3', 'newer 4'])
  })

  test('over quota the older one makes room of its own', async () => {
    const newer = await openPage(browser, {}, NEWER)
    await newer.evaluate(() => {
      put(1, 'newer')
      return store.flush()
    })
    const older = await openPage(browser)
    const stats = await older.evaluate(async () => {
      for (let n = 0; n < 4; n++) {
        put(n, n)
        await store.flush()
      }
      fillDisk()
      put(9, 9)
      await store.flush()
      return store.stats()
    })
    assert.deepEqual([stats.quotaEvictions, stats.available], [1, 1])
    assert.deepEqual(await counted(older), [4, 1])
    await reload(newer)
    assert.equal(await newer.evaluate(() => read(1)), 'newer')
  })
})

describe('what is said between tabs', { concurrency: 1 }, () => {
  test('an invalidation reaches the other version; what it does not know, or is nothing, does no harm', async () => {
    const [older, newer] = [await openPage(browser), await openPage(browser, {}, NEWER)]
    const faults = []
    older.on('pageerror', error => faults.push(String(error)))
    for (const page of [older, newer]) {
      await page.evaluate(async () => {
        for (const n of [1, 2]) put(n, 'kept')
        await store.flush()
      })
    }
    await newer.evaluate(() => {
      const channel = new BroadcastChannel('my-mimic my-mimic')
      const { namespace, digest } = key(1)
      const strange = [
        null,
        undefined,
        'text',
        7,
        [],
        {},
        { type: 'of version 9', namespace, digests: [digest] },
      ]
      for (const message of strange) channel.postMessage(message)
      for (const counter of [undefined, 'x', NaN, Infinity, 1e300])
        channel.postMessage({ type: 'wrote', counter })
      store.delete(key(2))
    })
    await until(older, async () => (await read(2)) === undefined)
    assert.equal(await older.evaluate(() => read(1)), 'kept')
    // Two writes, at places of their own.
    await older.evaluate(async () => {
      for (const n of [3, 4]) {
        put(n, n)
        await store.flush()
      }
    })
    await reload(older)
    const got = await older.evaluate(() => Promise.all([1, 3, 4].map(n => read(n))))
    assert.deepEqual([got, faults], [['kept', 3, 4], []])
  })
})

test('a value of a version that is not known: a miss and a counter, and it is written anew', async () => {
  const page = await openPage(browser)
  // A newer codec in today's segments: the first byte of what is kept is the codec's version.
  await page.evaluate(async () => {
    const { packItems } = await import('/js/stores/segments.js')
    const { joined } = await import('/js/stores/piece.js')
    const { persistence } = await import('/js/core.js')
    const { namespace, digest, bytes } = key(1)
    const value = new Uint8Array([2, 4])
    const item = { id: '', kind: 'entry', namespace, digest, piece: joined(bytes, value), storedAt: Date.now(), deadline: Infinity, hides: false } // biome-ignore format: one line
    const [head, body] = packItems(persistence(), [item])
    await raw(['heads', 'bodies'], 'readwrite', ([heads, bodies]) => {
      // Asked once: a millisecond later it is the key of another segment.
      const at = [Date.now(), 'newer', 0]
      heads.put(head, at)
      bodies.put(body, at)
    })
  })
  await reload(page)
  const got = await page.evaluate(async () => {
    const before = await read(1)
    const { corrupt } = store.stats()
    put(1, 'anew')
    await store.flush()
    return [before, corrupt]
  })
  assert.deepEqual(got, [undefined, 1])
  await reload(page)
  assert.equal(await page.evaluate(() => read(1)), 'anew')
})

test('two versions of a function: each reads its own results', async () => {
  const define = async (page, version) =>
    page.evaluate(async version => {
      const { mime, indexedDBStore } = await import('/js/entry/inline.js')
      globalThis.calls = 0
      globalThis.store ??= indexedDBStore()
      globalThis.f = mime(async x => `${x} of ${version} ${++calls}`, { name: 'f', version, store })
      await f.ready
    }, version)
  const pages = []
  for (const version of ['1', '2']) {
    const page = await browser.context.newPage()
    await page.goto(`${server.origin}/blank`)
    await define(page, version)
    await page.evaluate(async () => {
      await f(1)
      await f.flush()
    })
    pages.push([page, version])
  }
  for (const [page, version] of pages) {
    await page.reload()
    await define(page, version)
    assert.deepEqual(await page.evaluate(async () => [await f(1), calls]), [`1 of ${version} 1`, 0])
  }
})
