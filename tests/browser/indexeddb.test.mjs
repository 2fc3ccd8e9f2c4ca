import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { browse } from './harness.mjs'
import { inBrowser, openPage, reload, serving } from './store-harness.mjs'

serving()

describe('indexedDBStore in Chromium', { concurrency: 1 }, () => {
  inBrowser('survives a reload, with its types, for sync and async readers', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      put(1, new Map([['a', new Set([1n, -0])]]))
      put(2, undefined)
      put(3, 'g', Infinity, 'g\0v1')
      await store.flush()
    })
    await reload(page)
    const got = await page.evaluate(async () => {
      const map = await read(1)
      return {
        map: map instanceof Map && map.get('a').has(1n),
        entry: 'value' in store.getSync(key(2)),
        other: [store.getSync(key(3)), store.getSync(key(3, 'g\0v1')).value],
        miss: store.getSync(key(9)),
        stats: store.stats(),
      }
    })
    assert.deepEqual([got.map, got.entry, got.other, got.miss], [true, true, [undefined, 'g'], undefined])
    assert.equal(got.stats.entries, 3)
    assert.equal(got.stats.corrupt, 0)
  })

  inBrowser('survives a restart of the browser', async browser => {
    const page = await openPage(browser)
    await page.evaluate(() => {
      put(1, 'kept')
      return store.flush()
    })
    await browser.close()
    const again = await browse(browser.profile)
    const second = await openPage(again)
    assert.equal(await second.evaluate(() => read(1)), 'kept')
    await again.close()
  })

  inBrowser('a name that nothing can be stored under keeps nothing else from being stored', async browser => {
    const page = await openPage(browser)
    const written = await page.evaluate(async () => {
      const bad = '\ud800\0v1'
      put(1, 'refused', Infinity, bad)
      store.delete(key(1, bad))
      store.clear(bad)
      put(2, 'kept')
      await store.flush()
      return [store.stats().written, store.stats().pending, await read(1, bad)]
    })
    assert.deepEqual(written, [1, 0, undefined])
    await reload(page)
    assert.equal(await page.evaluate(() => read(2)), 'kept')
  })

  inBrowser('the digest selects, the key bytes decide', async browser => {
    const page = await openPage(browser)
    await page.evaluate(() => {
      put(1, 'mine')
      return store.flush()
    })
    await reload(page)
    const other = await page.evaluate(() => store.getSync({ ...key(2), digest: key(1).digest }))
    assert.equal(other, undefined)
    assert.equal(await page.evaluate(() => read(1)), 'mine')
  })

  inBrowser('expired entries do not survive, and their segment is deleted', async browser => {
    const page = await openPage(browser)
    await page.evaluate(() => {
      put(1, 'short', 30)
      return store.flush()
    })
    await page.evaluate(() => {
      put(2, 'long', 60_000)
      return store.flush()
    })
    await page.waitForTimeout(50)
    assert.equal(await page.evaluate(() => read(1)), undefined)
    await reload(page)
    assert.deepEqual(await page.evaluate(async () => [await read(1), await read(2)]), [undefined, 'long'])
    await page.waitForFunction(async () => (await segments()).length === 1)
  })

  inBrowser('a clock that went back does not prolong a life', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      const storedAt = Date.now() + 3_600_000
      store.set(key(1), { value: 'future', storedAt, deadline: storedAt + 10_000 })
      await store.flush()
    })
    await reload(page)
    const lives = await page.evaluate(async () => {
      const left = () => store.getSync(key(1)).deadline - Date.now()
      const first = left()
      await new Promise(resolve => setTimeout(resolve, 30))
      return [first, left(), store.getSync(key(1)).ttl]
    })
    assert.ok(lives[0] <= 10_000 && lives[1] <= lives[0] - 25, String(lives))
    assert.equal(lives[2], 10_000)
  })

  inBrowser('writes by itself after a rest, the last write of each key only', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      for (let i = 0; i < 100; i++) put(1, i)
      await new Promise(resolve => store.on('flush', resolve))
    })
    const stats = await page.evaluate(() => store.stats())
    assert.deepEqual([stats.written, stats.flushes, stats.pending], [1, 1, 0])
    await reload(page)
    assert.equal(await page.evaluate(() => read(1)), 99)
  })

  inBrowser('flush acknowledges what is durable, also in groups and at once', async browser => {
    const page = await openPage(browser)
    const stats = await page.evaluate(async () => {
      for (let i = 0; i < 5000; i++) put(i, 'x'.repeat(100))
      await Promise.all([store.flush(), store.flush()])
      return store.stats()
    })
    assert.deepEqual([stats.written, stats.pending, stats.dropped], [5000, 0, 0])
    // Another connection sees it all, without this one's help.
    const other = await openPage(browser)
    assert.equal(await other.evaluate(() => store.stats().entries), 5000)
  })

  // How often that is so is counted in `tests/browser-faults/close.test.mjs`: now and then the browser is faster.
  inBrowser(
    'what was set right before the page went away is kept, all of it or once nothing',
    async browser => {
      for (let round = 0; round < 6; round++) {
        const page = await openPage(browser, { flushAfter: 3_600_000 })
        await page.evaluate(round => {
          for (let i = 0; i < 100; i++) put(1000 * round + i, 'x'.repeat(1000))
        }, round)
        if (round % 2) await page.goto('about:blank')
        const closed = page.waitForEvent('close')
        await page.close({ runBeforeUnload: true })
        await closed
      }
      const page = await openPage(browser)
      const entries = await page.evaluate(() => store.stats().entries)
      assert.ok(entries === 600 || entries === 500, `${entries} of 600`)
    },
  )

  inBrowser('a damaged byte of a body loses that record only, and is counted', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      for (let i = 0; i < 10; i++) put(i, `value ${i}`)
      await store.flush()
      await raw(['bodies'], 'readwrite', ([bodies]) => {
        bodies.openCursor().onsuccess = ({ target }) => {
          const body = target.result.value
          body[body.length - 1] ^= 4
          target.result.update(body)
        }
      })
    })
    await reload(page)
    const got = await page.evaluate(async () => [
      await read(9),
      await read(8),
      store.stats().corrupt,
      store.stats().entries,
    ])
    assert.deepEqual(got, [undefined, 'value 8', 1, 9])
  })

  inBrowser('a damaged head loses its segment, an unknown version is left alone', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      for (let i = 0; i < 3; i++) {
        put(i, i)
        await store.flush()
      }
      await raw(['heads'], 'readwrite', ([heads]) => {
        let n = 0
        heads.openCursor().onsuccess = ({ target }) => {
          if (!target.result) return
          const head = target.result.value
          if (n === 0) head[40] ^= 1
          if (n === 1) head[4] = 2
          target.result.update(head)
          n++
          target.result.continue()
        }
      })
    })
    await reload(page)
    const got = await page.evaluate(async () => [await read(0), await read(1), await read(2), store.stats()])
    assert.deepEqual(got.slice(0, 3), [undefined, undefined, 2])
    assert.deepEqual([got[3].corrupt, got[3].foreign], [1, 1])
    await page.waitForFunction(async () => (await segments()).length === 2)
  })

  inBrowser('a big value survives in parts of at most 60 KiB', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      put(
        1,
        Uint8Array.from({ length: 300 * 1024 }, (_, i) => i % 251),
      )
      await store.flush()
    })
    const sizes = await page.evaluate(() =>
      raw(['bodies'], 'readonly', ([bodies], done) => {
        bodies.getAll().onsuccess = ({ target }) => done(target.result.map(body => body.length))
      }),
    )
    assert.ok(sizes.length >= 5 && Math.max(...sizes) <= 61_440, String(sizes))
    await reload(page)
    const whole = await page.evaluate(async () => {
      const value = await read(1)
      return value.length === 300 * 1024 && value.every((byte, i) => byte === i % 251)
    })
    assert.equal(whole, true)
  })

  inBrowser('delete and clear hold after a reload, and before the store is ready', async browser => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      for (const n of [1, 2]) put(n, 'f')
      for (const n of [1, 2]) put(n, 'g', Infinity, 'g\0v1')
      await store.flush()
      store.delete(key(1))
      store.clear('g\0v1')
      put(2, 'after', Infinity, 'g\0v1')
      await store.flush()
    })
    await reload(page)
    const got = () =>
      page.evaluate(async () => [
        await read(1),
        await read(2),
        await read(1, 'g\0v1'),
        await read(2, 'g\0v1'),
      ])
    assert.deepEqual(await got(), [undefined, 'f', undefined, 'after'])
    await page.reload()
    await page.evaluate(async () => {
      await import('/tests/browser/store-page.js')
      const opened = open_()
      store.delete(key(2))
      put(1, 'early')
      await opened
    })
    assert.deepEqual(await got(), ['early', undefined, undefined, 'after'])
    await page.evaluate(() => store.flush())
    await reload(page)
    assert.deepEqual(await got(), ['early', undefined, undefined, 'after'])
  })

  inBrowser('two tabs that write do not harm each other', async browser => {
    const [a, b] = [await openPage(browser), await openPage(browser)]
    const write = (page, from) =>
      page.evaluate(async from => {
        for (let round = 0; round < 20; round++) {
          for (let i = 0; i < 50; i++) put(from + round * 50 + i, from)
          put(1, 'x'.repeat(200_000) + from)
          await store.flush()
        }
      }, from)
    await Promise.all([write(a, 10_000), write(b, 20_000)])
    await reload(a)
    const got = await a.evaluate(async () => [
      store.stats(),
      (await read(1)).length,
      await read(10_000),
      await read(20_999),
    ])
    assert.deepEqual([got[0].entries, got[0].corrupt, ...got.slice(1)], [2001, 0, 200_005, 10_000, 20_000])
  })

  inBrowser(
    'a value or a name it cannot hold is refused, counted, and warned of once a namespace',
    async browser => {
      const page = await openPage(browser)
      await page.evaluate(async () => {
        put(1, 'old')
        put(1, () => {})
        put(2, { f: () => {} })
        put(3, 'fine')
        put(4, 'name', Infinity, '\uD800\0v1')
        // As Vue and MobX have them: the browser's own clone refuses it.
        put(5, new Proxy({ a: [1] }, {}))
        await store.flush()
      })
      const [stats, events] = await page.evaluate(() => [store.stats(), events])
      assert.deepEqual([stats.refused, stats.entries], [3, 2])
      assert.equal(events.filter(event => event.name === 'refused').length, 3)
      assert.equal(page.warnings.length, 2, String(page.warnings))
      await reload(page)
      const after = await page.evaluate(async () => [await read(1), await read(3), await read(5)])
      assert.deepEqual(after, [undefined, 'fine', { a: [1] }])
    },
  )

  inBrowser('the queue is bounded: the oldest are dropped and counted, deletions are not', async browser => {
    const page = await openPage(browser)
    await page.evaluate(() => {
      put(1, 'old')
      return store.flush()
    })
    await page.evaluate(async () => {
      await store.close()
      await open_({ maxPendingEntries: 10, flushAfter: 10_000 })
      store.delete(key(1))
      put(1, 'new')
      for (let i = 100; i < 130; i++) put(i, i)
      await store.flush()
    })
    const stats = await page.evaluate(() => store.stats())
    assert.ok(stats.dropped >= 21 && stats.pending === 0, JSON.stringify(stats))
    await reload(page)
    assert.deepEqual(await page.evaluate(async () => [await read(1), await read(129)]), [undefined, 129])
  })

  inBrowser('works in a worker', async browser => {
    const page = await openPage(browser)
    const inWorker = () =>
      page.evaluate(() => {
        const code = `
          self.window = self
          await import('${location.origin}/tests/browser/store-page.js')
          await open_()
          const found = await read(1)
          put(1, 'from a worker')
          await store.flush()
          postMessage(found ?? null)`
        const url = URL.createObjectURL(
          new Blob([code.replaceAll("from '/", `from '${location.origin}/`)], { type: 'text/javascript' }),
        )
        const worker = new Worker(url, { type: 'module' })
        return new Promise((resolve, reject) => {
          worker.onmessage = event => resolve(event.data)
          worker.onerror = event => reject(new Error(event.message))
        })
      })
    assert.deepEqual([await inWorker(), await inWorker()], [null, 'from a worker'])
  })

  inBrowser('what is longer than a timer waits as long as one can', async browser => {
    const page = await openPage(browser, { flushAfter: 2 ** 31, openTimeout: Number.MAX_SAFE_INTEGER })
    const stats = await page.evaluate(async () => {
      put(1, 'later')
      await sleep(300)
      const { available, pending } = store.stats()
      await store.flush()
      return [available, pending, store.stats().written]
    })
    assert.deepEqual(stats, [1, 1, 1])
  })

  inBrowser('options are checked', async browser => {
    const page = await openPage(browser)
    const codes = await page.evaluate(async () => {
      const { indexedDBStore } = await import('/js/stores/indexeddb.js')
      return [
        { nmae: 'x' },
        { name: '' },
        { name: 1 },
        { flushAfter: -1 },
        { maxBytes: NaN },
        { openTimeout: '1' },
      ].map(options => {
        try {
          indexedDBStore(options)
        } catch (error) {
          return error instanceof TypeError || error instanceof RangeError ? error.code : error
        }
      })
    })
    const invalid = 'ERR_INVALID_OPTION'
    assert.deepEqual(codes, ['ERR_UNKNOWN_OPTION', invalid, invalid, invalid, invalid, invalid])
  })
})
