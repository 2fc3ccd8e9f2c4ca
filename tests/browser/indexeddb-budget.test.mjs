import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { inBrowser, openPage, reload, serving } from './store-harness.mjs'

/** What is dead is reclaimed, and our own budget holds. */

serving()

/** Bytes in the database. */
const stored = page =>
  page.evaluate(() =>
    raw(['heads', 'bodies'], 'readonly', (stores, done) => {
      let sum = 0
      for (const store of stores) {
        store.getAll().onsuccess = ({ target }) => {
          for (const block of target.result) sum += block.length
          done(sum)
        }
      }
    }),
  )

describe('compaction', { concurrency: 1 }, () => {
  inBrowser('dead entries are reclaimed, in one transaction under a lock', async browser => {
    const page = await openPage(browser)
    const asked = await page.evaluate(async () => {
      const write = async (from, to, round) => {
        for (let i = from; i < to; i++) put(i, `${i} ${round} ${'x'.repeat(2000)}`)
        await store.flush()
      }
      await write(0, 1000, 'a')
      const asked = []
      const { request } = LockManager.prototype
      LockManager.prototype.request = function (name, ...rest) {
        asked.push(name)
        return Reflect.apply(request, this, [name, ...rest])
      }
      // Nine of ten go, in all segments.
      for (let i = 0; i < 1000; i++) if (i % 10) store.delete(key(i))
      const compacted = new Promise(resolve => store.on('compact', resolve))
      const { transaction } = IDBDatabase.prototype
      IDBDatabase.prototype.transaction = function (names, mode, ...rest) {
        if (mode === 'readwrite') asked.push('write')
        return Reflect.apply(transaction, this, [names, mode, ...rest])
      }
      await store.flush()
      await compacted
      return asked
    })
    assert.deepEqual(asked, ['write', 'my-mimic compaction my-mimic', 'write'])
    const size = await stored(page)
    assert.ok(size < 400_000, `${size} bytes`)
    const stats = await page.evaluate(() => store.stats())
    assert.deepEqual([stats.compactions, stats.entries, stats.bytes], [1, 100, size])
    assert.ok(stats.reclaimed > 1_000_000, JSON.stringify(stats))
    await reload(page)
    const values = await page.evaluate(async () => {
      const found = []
      for (let i = 0; i < 1000; i++) if ((await read(i)) !== undefined) found.push(i)
      return [found, (await read(990)).slice(0, 5), store.stats().corrupt]
    })
    assert.deepEqual(values, [Array.from({ length: 100 }, (_, i) => i * 10), '990 a', 0])
  })

  inBrowser('many small segments become few, and another tab finds what it knew elsewhere', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      put(1000, 'of the other tab')
      await store.flush()
    })
    const other = await openPage(browser, { hydrateBytes: 0 })
    const [before, after] = await page.evaluate(async () => {
      const compacted = new Promise(resolve => store.on('compact', resolve))
      for (let i = 0; i < 40; i++) {
        put(i, `value ${i}`)
        await store.flush()
      }
      const before = (await segments()).length
      await compacted
      return [before, (await segments()).length]
    })
    assert.ok(before >= 40 && after <= 3, `${before} segments, then ${after}`)
    // It has read nothing yet, and the segment that it knows is gone.
    assert.equal(await other.evaluate(() => read(1000)), 'of the other tab')
    assert.equal(await other.evaluate(() => read(39)), 'value 39')
    await reload(page)
    assert.deepEqual(
      await page.evaluate(async () => [await read(0), await read(39), store.stats().entries]),
      ['value 0', 'value 39', 41],
    )
  })

  inBrowser('what is deleted or cleared while it is being compacted stays away', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      for (let i = 0; i < 40; i++) {
        put(i, `value ${i}`)
        put(i, `value ${i}`, Infinity, 'g\0v1')
        await store.flush()
      }
      // The compaction reads, and then writes: in between.
      const compacting = new Promise(resolve => {
        const { get } = IDBObjectStore.prototype
        IDBObjectStore.prototype.get = function (wanted) {
          IDBObjectStore.prototype.get = get
          resolve()
          return Reflect.apply(get, this, [wanted])
        }
      })
      const compacted = new Promise(resolve => store.on('compact', resolve))
      await compacting
      store.delete(key(1))
      store.clear('g\0v1')
      put(2, 'newer')
      await compacted
      await store.flush()
    })
    await reload(page)
    const values = () =>
      page.evaluate(async () => [await read(0), await read(1), await read(2), await read(3, 'g\0v1')])
    assert.deepEqual(await values(), ['value 0', undefined, 'newer', undefined])
    // Another compaction forgets no deletion that something still needs.
    await page.evaluate(async () => {
      const compacted = new Promise(resolve => store.on('compact', resolve))
      for (let i = 100; i < 140; i++) {
        put(i, i)
        await store.flush()
      }
      await compacted
    })
    await reload(page)
    assert.deepEqual(await values(), ['value 0', undefined, 'newer', undefined])
  })
})

describe('two tabs', { concurrency: 1 }, () => {
  inBrowser('that compact at once lose nothing and bring nothing back', async browser => {
    const tabs = [await openPage(browser), await openPage(browser)]
    await Promise.all(
      tabs.map((page, tab) =>
        page.evaluate(async tab => {
          const compacted = new Promise(resolve => store.on('compact', resolve))
          for (let round = 0; round < 3; round++) {
            for (let n = 0; n < 40; n++) {
              put(1000 * tab + n, `${n} of round ${round}`)
              if (n % 4 === 3) store.delete(key(1000 * tab + n - 1))
              await store.flush()
            }
            await sleep(300)
          }
          // Who did not get the lock does nothing.
          await Promise.race([compacted, sleep(3000)])
        }, tab),
      ),
    )
    const compactions = await Promise.all(tabs.map(page => page.evaluate(() => store.stats().compactions)))
    assert.ok(compactions[0] + compactions[1] >= 1, String(compactions))
    const fresh = await openPage(browser, { hydrateBytes: 0 })
    const wrong = await fresh.evaluate(async () => {
      const wrong = []
      for (const tab of [0, 1000]) {
        for (let n = 0; n < 40; n++) {
          const expected = n % 4 === 2 ? undefined : `${n} of round 2`
          const value = await read(tab + n)
          if (value !== expected) wrong.push([tab + n, value])
        }
      }
      return [wrong, store.stats().corrupt]
    })
    assert.deepEqual(wrong, [[], 0])
  })
})

describe('the budget', { concurrency: 1 }, () => {
  inBrowser('holds at every write; the oldest go, are counted and told of', async browser => {
    const page = await openPage(browser, { maxBytes: 500_000 })
    for (let round = 0; round < 8; round++) {
      await page.evaluate(async round => {
        for (let i = 0; i < 100; i++) put(round * 100 + i, 'x'.repeat(2000))
        await store.flush()
      }, round)
      const size = await stored(page)
      assert.ok(size <= 500_000, `round ${round}: ${size} bytes`)
    }
    const [stats, events, oldest, newest] = await page.evaluate(async () => [
      store.stats(),
      events.filter(({ name }) => name === 'evict'),
      await read(0),
      (await read(799)).length,
    ])
    assert.equal(stats.evicted, 800 - stats.entries)
    assert.equal(
      events.reduce((sum, { count }) => sum + count, 0),
      stats.evicted,
    )
    assert.ok(stats.entries >= 150, JSON.stringify(stats))
    assert.deepEqual([oldest, newest], [undefined, 2000])
    await reload(page)
    assert.deepEqual(await page.evaluate(async () => [await read(0), (await read(799)).length]), [
      undefined,
      2000,
    ])
  })

  inBrowser(
    'is one for each transaction: what is too large for it is dropped, and nothing goes for that',
    async browser => {
      const page = await openPage(browser, { maxBytes: 200_000 })
      const [stats, found] = await page.evaluate(async () => {
        put(1, 'small')
        put(2, 'is replaced')
        await store.flush()
        put(2, 'x'.repeat(250_000))
        await store.flush()
        return [store.stats(), events.filter(({ name }) => name === 'drop')]
      })
      assert.deepEqual([stats.dropped, stats.evicted, stats.errors], [1, 0, 0])
      assert.deepEqual(
        found.map(({ code, count }) => [code, count]),
        [['ERR_STORE_FULL', 1]],
      )
      await reload(page, { maxBytes: 50_000 })
      assert.deepEqual(await page.evaluate(async () => [await read(1), await read(2)]), ['small', undefined])
      await page.evaluate(() => {
        for (let i = 0; i < 100; i++) put(100 + i, 'x'.repeat(1000))
        return store.flush()
      })
      const size = await stored(page)
      assert.ok(size <= 50_000, `${size} bytes`)
      await reload(page)
      const left = await page.evaluate(async () => {
        const found = []
        for (let i = 0; i < 100; i++) if ((await read(100 + i)) !== undefined) found.push(i)
        return found
      })
      assert.ok(left.length >= 40 && left.at(-1) === 99 && left[0] === 100 - left.length, String(left))
    },
  )

  inBrowser('is one for all tabs together', async browser => {
    const options = { maxBytes: 2_000_000 }
    const tabs = []
    for (let n = 0; n < 4; n++) tabs.push(await openPage(browser, options))
    for (let round = 0; round < 30; round++)
      for (const [tab, page] of tabs.entries())
        await page.evaluate(
          n => {
            put(n, 'x'.repeat(50_000))
            return store.flush()
          },
          tab * 1000 + round,
        )
    const size = await stored(tabs[0])
    assert.ok(size <= 2_000_000 && size > 1_500_000, `${size} bytes`)
    const evicted = await Promise.all(tabs.map(page => page.evaluate(() => store.stats().evicted)))
    assert.ok(evicted.reduce((sum, n) => sum + n) >= 80, String(evicted))
  })

  inBrowser('takes no deletion before what another tab has stored, and this one not seen', async browser => {
    const options = { maxBytes: 300_000 }
    const page = await openPage(browser, options)
    const other = await openPage(browser, options)
    await other.evaluate(async () => {
      put(1, 'deleted')
      await store.flush()
    })
    await page.evaluate(async () => {
      store.delete(key(1))
      await store.flush()
      for (let i = 0; i < 6; i++) {
        put(100 + i, 'x'.repeat(70_000))
        await store.flush()
      }
    })
    const size = await stored(page)
    assert.ok(size <= 300_000, `${size} bytes`)
    const fresh = await openPage(browser, options)
    assert.equal(await fresh.evaluate(() => read(1)), undefined)
  })

  inBrowser(
    'leaves nothing of a value in parts, nor does its deadline, that counts as damaged',
    async browser => {
      const options = { maxBytes: 300_000 }
      const page = await openPage(browser, options)
      await page.evaluate(async () => {
        put(0, 'a'.repeat(100_000))
        put(1, 'x'.repeat(80_000))
        await store.flush()
        for (let i = 10; i < 14; i++) {
          put(i, 'y'.repeat(30_000))
          await store.flush()
        }
        put(2, 'z'.repeat(61_500), 100)
        put(3, 'beside the end of that')
        await store.flush()
        await sleep(120)
      })
      for (let pages = 0; pages < 3; pages++) {
        await reload(page, options)
        assert.deepEqual(
          await page.evaluate(async () => [
            await read(2),
            await read(3),
            store.stats().corrupt,
            events.length,
          ]),
          [undefined, 'beside the end of that', 0, 0],
        )
      }
    },
  )

  inBrowser('what has expired goes before what is older', async browser => {
    const page = await openPage(browser, { maxBytes: 300_000 })
    await page.evaluate(async () => {
      const write = async (from, ttl) => {
        for (let i = 0; i < 50; i++) put(from + i, 'x'.repeat(2000), ttl)
        await store.flush()
      }
      await write(0, Infinity)
      await write(100, 20)
      await sleep(40)
      await write(200, Infinity)
    })
    const got = await page.evaluate(async () => [
      (await read(0)).length,
      await read(100),
      (await read(200)).length,
    ])
    assert.deepEqual(got, [2000, undefined, 2000])
  })

  inBrowser('is a tenth of the quota where that is less than 64 MB', async browser => {
    const page = await openPage(browser)
    const { maxBytes } = await page.evaluate(() => store.stats())
    const { quota } = await page.evaluate(() => navigator.storage.estimate())
    assert.equal(maxBytes, Math.min(64e6, quota / 10))
    const small = await page.evaluate(async () => {
      StorageManager.prototype.estimate = async () => ({ quota: 20_000_000, usage: 0 })
      await store.close()
      await open_()
      return store.stats().maxBytes
    })
    assert.equal(small, 2_000_000)
  })
})
