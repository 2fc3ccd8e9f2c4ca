import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { inBrowser, openPage, reload, serving } from './store-harness.mjs'

/** What is read when: the index at the start, values by segment at their first hit. */

serving()

/** A page whose store has 2,000 entries of about 200 bytes, some 8 segments, and reads them only when asked. */
async function filled(browser, options = { hydrateBytes: 0 }, length = 200) {
  const page = await openPage(browser, options)
  await page.evaluate(async length => {
    for (let i = 0; i < 2000; i++) put(i, `${i} ${'x'.repeat(length)}`)
    await store.flush()
  }, length)
  await reload(page, options)
  return page
}

describe('reading', { concurrency: 1 }, () => {
  inBrowser('a store that is not small: only the index is read at the start', async browser => {
    const page = await filled(browser)
    const [asked, stats] = await page.evaluate(async () => {
      await store.close()
      const asked = watchDatabase()
      await open_({ hydrateBytes: 0 })
      await sleep(50)
      return [asked, store.stats()]
    })
    assert.deepEqual([...new Set(asked)], ['get heads'])
    assert.equal(asked.length, stats.segments, 'each once')
    assert.deepEqual([stats.entries, stats.heldBytes], [2000, 0])
    assert.ok(stats.segments >= 5, JSON.stringify(stats))
  })

  inBrowser('the first hit reads its segment, once, and with it its neighbours', async browser => {
    const page = await filled(browser)
    const got = await page.evaluate(async () => {
      const asked = watchDatabase()
      const cold = store.getSync(key(1000))
      const values = await Promise.all([read(1000), read(1001), read(1000)])
      const neighbour = store.getSync(key(1002))?.value
      const far = store.getSync(key(0))
      return { cold, values: values.map(value => value.split(' ')[0]), neighbour, far, asked }
    })
    assert.deepEqual(got.values, ['1000', '1001', '1000'])
    assert.equal(got.neighbour.split(' ')[0], '1002')
    assert.deepEqual([got.cold, got.far], [undefined, undefined])
    // The sync readers asked for their segments too.
    assert.deepEqual(got.asked.sort(), ['get bodies', 'get bodies', 'get heads', 'get heads'])
  })

  inBrowser('cold keys of one turn are read in one transaction', async browser => {
    const page = await filled(browser)
    const transactions = await page.evaluate(async () => {
      let count = 0
      const { transaction } = IDBDatabase.prototype
      IDBDatabase.prototype.transaction = function (...args) {
        count++
        return Reflect.apply(transaction, this, args)
      }
      await Promise.all(Array.from({ length: 20 }, (_, i) => read(i * 100)))
      return count
    })
    assert.equal(transactions, 1)
  })

  inBrowser('a small store is read whole before ready', async browser => {
    const page = await filled(browser, {})
    const [hit, held] = await page.evaluate(() => [store.getSync(key(7))?.value, store.stats().heldBytes])
    assert.equal(hit?.split(' ')[0], '7')
    assert.ok(held > 400_000, String(held))
  })

  for (const [hydrateBytes, order] of [
    [1 << 30, 'bodies are asked for while the heads are taken in'],
    // More than all entries are, and less than so many full segments would be.
    [9 << 20, 'bodies are asked for when the heads have said that they are few'],
  ])
    inBrowser(
      `each block of a store that is read whole is read once, by its key: ${order}`,
      async browser => {
        const page = await openPage(browser)
        const got = await page.evaluate(async hydrateBytes => {
          for (let i = 0; i < 150; i++) put(i, String(i).padEnd(50_000, '.'))
          await store.flush()
          await store.close()
          const asked = watchDatabase()
          await open_({ hydrateBytes })
          const { entries, segments } = store.stats()
          const isWrong = (_, i) => store.getSync(key(i))?.value !== String(i).padEnd(50_000, '.')
          return {
            asked,
            entries,
            segments,
            wrong: Array.from({ length: 150 }, isWrong).filter(Boolean).length,
          }
        }, hydrateBytes)
        assert.deepEqual([got.entries, got.segments, got.wrong], [150, 150, 0])
        const count = what => got.asked.filter(one => one === what).length
        assert.deepEqual(['getAll heads', 'get heads', 'get bodies'].map(count), [0, 150, 150])
      },
    )

  inBrowser('bodies that were asked for too early and did not come are asked for again', async browser => {
    const page = await openPage(browser)
    const got = await page.evaluate(async () => {
      for (let i = 0; i < 20; i++) put(i, String(i).padEnd(50_000, '.'))
      await store.flush()
      await store.close()
      const { get } = IDBObjectStore.prototype
      let failed = 0
      IDBObjectStore.prototype.get = function (key) {
        if (this.name === 'bodies' && failed++ === 0) throw new DOMException('played', 'UnknownError')
        return Reflect.apply(get, this, [key])
      }
      await open_({ hydrateBytes: 1 << 30 })
      const isThere = (_, i) => store.getSync(key(i))?.value === String(i).padEnd(50_000, '.')
      return { failed, there: Array.from({ length: 20 }, isThere).filter(Boolean).length }
    })
    assert.deepEqual(got, { failed: 21, there: 20 })
  })

  inBrowser('what is in memory is compared with what was written when it is first used', async browser => {
    const page = await filled(browser, {})
    await page.evaluate(() =>
      raw(['bodies'], 'readwrite', ([bodies]) => {
        bodies.openCursor().onsuccess = ({ target: { result: cursor } }) => {
          const body = cursor.value
          body[100] ^= 1
          cursor.update(body)
        }
      }),
    )
    await reload(page, {})
    const { before, held, values, after, isHeld } = await page.evaluate(() => {
      const { corrupt: before, heldBytes: held } = store.stats()
      const values = Array.from({ length: 2000 }, (_, i) => store.getSync(key(i))?.value)
      const wrong = (value, i) => value !== undefined && value !== `${i} ${'x'.repeat(200)}`
      const { corrupt, heldBytes } = store.stats()
      const missing = values.flatMap((value, i) => (value === undefined ? [i] : []))
      return {
        before,
        held,
        values: [values.filter(wrong).length, missing],
        after: corrupt,
        isHeld: heldBytes,
      }
    })
    assert.deepEqual([before, values, after], [0, [0, [0]], 1])
    // The heads are needed no more.
    assert.ok(isHeld < held && isHeld > 400_000, `${held}, then ${isHeld}`)
  })

  inBrowser('what cannot be vouched for goes with what has its tag', async browser => {
    const page = await openPage(browser)
    const left = await page.evaluate(async () => {
      const storedAt = Date.now()
      for (let i = 0; i < 10; i++)
        store.set(key(i), { value: i, storedAt, deadline: Infinity, tags: [i < 5 ? 'low' : 'high'] })
      await store.flush()
      await store.close()
      await raw(['bodies'], 'readwrite', ([bodies]) => {
        bodies.openCursor().onsuccess = ({ target: { result: cursor } }) => {
          const body = cursor.value
          // The name of a tag: as damaged it would be another one.
          body[body.indexOf('h'.charCodeAt(0))] ^= 1
          cursor.update(body)
        }
      })
      await open_({})
      store.invalidateTags(key(0).namespace, tag => tag === 'high')
      return Array.from({ length: 10 }, (_, i) => store.getSync(key(i))?.value ?? null)
    })
    assert.deepEqual(left, [0, 1, 2, 3, 4, null, null, null, null, null])
  })

  inBrowser(
    'while the index is taken in, nothing old is served that something newer deletes',
    async browser => {
      const page = await openPage(browser)
      await page.evaluate(async () => {
        put(0, 'old')
        await store.flush()
        // They make reading the index take many turns.
        for (let i = 1; i <= 15_000; i++) put(i, i)
        await store.flush()
        store.delete(key(0))
        await store.flush()
        await store.close()
      })
      const seen = await page.evaluate(async () => {
        const opened = open_({ hydrateBytes: 0 }).then(() => 'ready')
        const seen = []
        let asked = 0
        while ((await Promise.race([opened, sleep(0)])) !== 'ready') {
          asked++
          const value = store.getSync(key(0))?.value
          if (value !== undefined) seen.push(value)
        }
        return { seen, asked, entries: store.stats().entries }
      })
      assert.deepEqual([seen.seen, seen.entries], [[], 15_000])
      assert.ok(seen.asked > 2, String(seen.asked))
    },
  )

  inBrowser('an async reader waits for its key, not for the rest of the store', async browser => {
    const page = await filled(browser, { hydrateBytes: 0 }, 2000)
    const order = await page.evaluate(async () => {
      await store.close()
      const order = []
      // What reads everything takes many transactions; this one needs the first two.
      const opened = open_({ hydrateBytes: 1 << 30 }).then(() => order.push('ready'))
      await read(1999).then(value => order.push(value.split(' ')[0]))
      await opened
      return order
    })
    assert.deepEqual(order, ['1999', 'ready'])
  })

  inBrowser('a database slower than storeTimeout is passed by', async browser => {
    const page = await filled(browser)
    const seen = await page.evaluate(async () => {
      const { mime, indexedDBStore } = await import('/js/entry/inline.js')
      const define = store =>
        mime(async x => x * 2, { name: 'slow', version: '1', store, storeTimeout: '60ms' })
      const first = define(indexedDBStore({ hydrateBytes: 0 }))
      await first(21)
      await first.flush()
      const second = define(indexedDBStore({ hydrateBytes: 0 }))
      await second.ready
      // From now on no read is answered.
      IDBObjectStore.prototype.get = () => Object.create(IDBRequest.prototype, { onsuccess: { writable: true }, onerror: { writable: true } }) // biome-ignore format: one line
      const began = performance.now()
      const value = await second(21)
      return { value, took: performance.now() - began, loads: second.stats().loads }
    })
    assert.deepEqual([seen.value, seen.loads], [42, 1])
    assert.ok(seen.took >= 50 && seen.took < 3000, String(seen.took))
  })

  inBrowser(
    'a sync function computes what is cold, hits what is there, and is never made async',
    async browser => {
      const page = await filled(browser)
      const wrap = () =>
        page.evaluate(async () => {
          const { mime, indexedDBStore } = await import('/js/entry/inline.js')
          globalThis.calls = 0
          const store = indexedDBStore({ hydrateBytes: 0 })
          globalThis.double = mime(x => ++calls && x * 2, { name: 'double', version: '1', store })
          await double.ready
        })
      await wrap()
      await page.evaluate(async () => {
        for (let i = 0; i < 10; i++) double(i)
        await double.flush()
      })
      await page.reload()
      await wrap()
      const seen = await page.evaluate(async () => {
        const cold = double(1)
        await sleep_(200)
        return [cold, calls, double(2), calls]
        function sleep_(ms) {
          return new Promise(resolve => setTimeout(resolve, ms))
        }
      })
      // The miss brought the segment in.
      assert.deepEqual(seen, [2, 1, 4, 1])
    },
  )

  inBrowser('tags reach what is not in memory, and spare the others', async browser => {
    const page = await openPage(browser, { hydrateBytes: 0 })
    const set = () =>
      page.evaluate(async () => {
        const storedAt = Date.now()
        for (let i = 0; i < 500; i++) {
          store.set(key(i), { value: i, storedAt, deadline: Infinity, tags: [i % 2 ? 'odd' : 'even'] })
        }
        await store.flush()
      })
    await set()
    await reload(page, { hydrateBytes: 0 })
    const now = await page.evaluate(async () => {
      store.invalidateTags('f\0v1', tag => tag === 'odd')
      return [await read(1), await read(2)]
    })
    assert.deepEqual(now, [undefined, 2])
    await page.evaluate(() => store.flush())
    assert.equal(await page.evaluate(() => store.stats().entries), 250)
    await reload(page, { hydrateBytes: 0 })
    assert.deepEqual(await page.evaluate(async () => [await read(3), await read(4)]), [undefined, 4])
  })

  inBrowser(
    'tags that could not be asked for before the page went away: all of the function goes',
    async browser => {
      const page = await openPage(browser)
      await page.evaluate(async () => {
        store.set(key(1), { value: 1, storedAt: Date.now(), deadline: Infinity, tags: ['a'] })
        await store.flush()
      })
      await reload(page, { hydrateBytes: 0 })
      await page.evaluate(() => {
        store.invalidateTags('f\0v1', tag => tag === 'a')
        dispatchEvent(new Event('pagehide'))
      })
      await reload(page)
      assert.equal(await page.evaluate(() => read(1)), undefined)
    },
  )

  inBrowser(
    'tags reach what memory has let go of before it was written, and spare the others',
    async browser => {
      const options = { memoryBytes: 3000, flushAfter: 3_600_000 }
      const page = await openPage(browser, options)
      const stats = await page.evaluate(async () => {
        const storedAt = Date.now()
        for (const [n, tag] of ['odd', 'even', 'odd', 'even'].entries()) {
          store.set(key(n), { value: 'x'.repeat(2000), storedAt, deadline: Infinity, tags: [tag] })
        }
        store.invalidateTags('f\0v1', tag => tag === 'odd')
        await store.flush()
        const { entries, dropped, corrupt } = store.stats()
        return [entries, dropped, corrupt]
      })
      assert.deepEqual(stats, [2, 0, 0])
      await reload(page, options)
      const found = await page.evaluate(async () => {
        const found = []
        for (let n = 0; n < 4; n++) if ((await read(n)) !== undefined) found.push(n)
        return found
      })
      assert.deepEqual(found, [1, 3])
    },
  )

  inBrowser(
    'a value in parts is read where memory has room for it, and for nothing beside it',
    async browser => {
      const page = await openPage(browser)
      await page.evaluate(async () => {
        put(1, 'x'.repeat(70_000))
        put(2, 'small')
        await store.flush()
      })
      for (const memoryBytes of [75_000, 60_000]) {
        await reload(page, { memoryBytes })
        const found = await page.evaluate(async () => {
          const one = async () => [(await read(1))?.length, await read(2)]
          return [await one(), await one(), (await Promise.all([read(1), read(2)]))[0]?.length]
        })
        assert.deepEqual(found, [[70_000, 'small'], [70_000, 'small'], 70_000])
      }
    },
  )

  inBrowser('what memory has no room for is read again', async browser => {
    const page = await filled(browser, { hydrateBytes: 0, memoryBytes: 100_000 })
    const got = await page.evaluate(async () => {
      const values = []
      for (let i = 0; i < 2000; i += 50) values.push((await read(i))?.split(' ')[0])
      return [values, (await read(0)).split(' ')[0], store.stats()]
    })
    assert.deepEqual(
      got[0],
      Array.from({ length: 40 }, (_, i) => String(i * 50)),
    )
    assert.equal(got[1], '0')
    assert.ok(got[2].heldBytes <= 100_000 && got[2].entries === 2000, JSON.stringify(got[2]))
  })
})
