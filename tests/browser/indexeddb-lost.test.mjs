import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { inBrowser, openPage, reload, server, serving, start, until } from './store-harness.mjs'

serving()

/** A browser that is still deleting may refuse one write more, which is said and counted. */
function putAfter(page) {
  return until(page, async () => {
    const { errors } = store.stats()
    put(2, 'after')
    await store.flush()
    return store.stats().errors === errors
  })
}

/** The database, or the room for it, goes away under the store. */
describe('indexedDBStore without its database', { concurrency: 1 }, () => {
  inBrowser('opens again when the database was deleted under it', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      put(1, 'before')
      await store.flush()
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('my-mimic')
        request.onsuccess = resolve
        request.onerror = reject
      })
      put(2, 'after')
      await store.flush()
    })
    await reload(page)
    assert.deepEqual(await page.evaluate(async () => [await read(1), await read(2)]), [undefined, 'after'])
  })

  inBrowser(
    'opens again where the browser refuses that for a moment, being about to delete',
    async browser => {
      const page = await openPage(browser)
      const errors = await page.evaluate(async () => {
        put(1, 'before')
        await store.flush()
        await new Promise(resolve => (indexedDB.deleteDatabase('my-mimic').onsuccess = resolve))
        const { open } = IDBFactory.prototype
        let refusals = 4
        IDBFactory.prototype.open = function (...args) {
          if (refusals-- > 0) throw new DOMException('The connection was closed.', 'AbortError')
          return Reflect.apply(open, this, args)
        }
        put(2, 'after')
        await store.flush()
        return store.stats().errors
      })
      assert.equal(errors, 0)
      await reload(page)
      assert.equal(await page.evaluate(() => read(2)), 'after')
    },
  )

  inBrowser('opens again when site data was cleared', async browser => {
    const page = await openPage(browser)
    await page.evaluate(() => {
      put(1, 'before')
      return store.flush()
    })
    const cdp = await browser.context.newCDPSession(page)
    await cdp.send('Storage.clearDataForOrigin', { origin: server.origin, storageTypes: 'indexeddb' })
    await putAfter(page)
    await reload(page)
    assert.equal(await page.evaluate(() => read(2)), 'after')
  })

  inBrowser('says so when the browser says that it has thrown the database away', async browser => {
    const corrupt = page =>
      page.evaluate(() => [store.stats().corrupt, events.filter(({ name }) => name === 'corrupt')])
    const page = await openPage(browser)
    assert.deepEqual(await corrupt(page), [0, []], 'a database that is simply new')
    // No browser does it when told to: its own event, but with what Chromium says there.
    await page.evaluate(async () => {
      await new Promise(resolve => (indexedDB.deleteDatabase('my-mimic').onsuccess = resolve))
      Object.defineProperties(IDBVersionChangeEvent.prototype, {
        dataLoss: { value: 'total' },
        dataLossMessage: { value: 'IndexedDB (database was corrupt): checksum mismatch' },
      })
      put(2, 'after')
      await store.flush()
    })
    const [count, [event]] = await corrupt(page)
    assert.deepEqual([count, event.code, event.count], [1, 'ERR_STORE_CORRUPT', 1])
    assert.match(event.cause, /thrown the database 'my-mimic' away.*checksum mismatch/)
    assert.equal(await page.evaluate(() => read(2)), 'after')
  })

  inBrowser('site data cleared in the middle of writes: no write hangs, and it goes on', async browser => {
    const page = await openPage(browser)
    const cdp = await browser.context.newCDPSession(page)
    for (let round = 0; round < 20; round++) {
      const clearing = cdp.send('Storage.clearDataForOrigin', {
        origin: server.origin,
        storageTypes: 'indexeddb',
      })
      const took = await page.evaluate(async () => {
        const start = performance.now()
        put(1, 'meanwhile')
        await store.flush()
        return performance.now() - start
      })
      assert.ok(took < 5000, `a flush took ${took} ms`)
      await clearing
    }
    await putAfter(page)
    await reload(page)
    assert.equal(await page.evaluate(() => read(2)), 'after')
  })

  inBrowser('over quota: an event, nothing thrown, and it works again when there is room', async browser => {
    const page = await browser.context.newPage()
    await page.goto(`${server.origin}/blank`)
    const cdp = await browser.context.newCDPSession(page)
    // Before the first write: Chromium remembers for half a minute that there was room.
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: server.origin, quotaSize: 200_000 })
    // A budget of its own, or a tenth of the quota would be what the second is too large for.
    await start(page, { maxBytes: 1_000_000 })
    await page.evaluate(() => {
      put(1, 'first')
      return store.flush()
    })
    const full = await page.evaluate(async () => {
      put(2, 'x'.repeat(500_000))
      await store.flush()
      return [store.stats(), events.filter(({ name }) => name !== 'flush' && name !== 'evict')]
    })
    assert.equal(full[0].available, 0)
    assert.equal(full[0].quotaEvictions, 1)
    assert.deepEqual(
      full[1].map(event => [event.name, event.code, event.cause.split(':')[0]]),
      [
        ['error', 'ERR_STORE_QUOTA', 'QuotaExceededError'],
        ['drop', 'ERR_STORE_WRITE', 'QuotaExceededError'],
      ],
    )
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: server.origin })
    await page.evaluate(() => {
      put(3, 'again')
      return store.flush()
    })
    assert.equal(await page.evaluate(() => store.stats().available), 1)
    await reload(page)
    assert.deepEqual(await page.evaluate(async () => [await read(2), await read(3)]), [undefined, 'again'])
  })

  inBrowser('over quota: the oldest segments make room', async browser => {
    const page = await browser.context.newPage()
    await page.goto(`${server.origin}/blank`)
    await start(page)
    const stats = await page.evaluate(async () => {
      for (let i = 1; i <= 8; i++) {
        put(i, i)
        await store.flush()
      }
      fillDisk()
      put(9, 9)
      await store.flush()
      return store.stats()
    })
    assert.deepEqual([stats.quotaEvictions, stats.available, stats.dropped], [2, 1, 0])
    await reload(page)
    assert.deepEqual(await page.evaluate(async () => [await read(2), await read(3), await read(9)]), [
      undefined,
      3,
      9,
    ])
  })

  const broken = {
    absent: () => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }),
    'throwing when read': () =>
      Object.defineProperty(globalThis, 'indexedDB', {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      }),
    'failing to open': () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('denied', 'UnknownError')
      }
    },
    'never opening': () => {
      IDBFactory.prototype.open = () =>
        Object.create(IDBOpenDBRequest.prototype, {
          onsuccess: { writable: true },
          onerror: { writable: true },
          onupgradeneeded: { writable: true },
        })
    },
  }
  for (const [how, prepare] of Object.entries(broken)) {
    inBrowser(`works in memory and says so once when IndexedDB is ${how}`, async browser => {
      const page = await openPage(browser, { openTimeout: 200 }, prepare)
      const got = await page.evaluate(async () => {
        put(1, 'memory')
        await store.flush()
        put(2, 'more')
        await store.flush()
        return [
          await read(1),
          await read(2),
          store.stats().available,
          events.filter(event => event.name === 'unavailable').length,
        ]
      })
      assert.deepEqual(got.slice(0, 3), ['memory', 'more', 0])
      // The event may come before the test listens, the warning cannot be missed.
      assert.equal(page.warnings.length, 1, String(page.warnings))
    })
  }
})
