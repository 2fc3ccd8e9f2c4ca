import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { inBrowser, openPage, reload, serving } from './store-harness.mjs'

/** When something is written, and how. */

serving()

/** Waits for a flush that nobody asked for, or says that there was none. */
const flushed = page =>
  page.evaluate(() =>
    Promise.race([new Promise(resolve => store.on('flush', ({ count }) => resolve(count))), sleep(3000)]),
  )

describe('writing', { concurrency: 1 }, () => {
  inBrowser('at a number of entries, without a rest', async browser => {
    const page = await openPage(browser, { flushAfter: 3_600_000, flushEntries: 100 })
    const done = flushed(page)
    await page.evaluate(() => {
      for (let i = 0; i < 99; i++) put(i, i)
    })
    assert.equal(await page.evaluate(() => sleep(100).then(() => store.stats().flushes)), 0)
    await page.evaluate(() => put(99, 99))
    assert.equal(await done, 100)
  })

  inBrowser('at a number of bytes, without a rest', async browser => {
    const page = await openPage(browser, { flushAfter: 3_600_000, flushBytes: 100_000 })
    const done = flushed(page)
    await page.evaluate(() => put(1, 'x'.repeat(50_000)))
    assert.equal(await page.evaluate(() => sleep(100).then(() => store.stats().flushes)), 0)
    await page.evaluate(() => put(2, 'x'.repeat(50_000)))
    assert.equal(await done, 2)
  })

  for (const [what, tell] of Object.entries({
    'the page is hidden': () => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    },
    'the page goes away': () => dispatchEvent(new Event('pagehide')),
  })) {
    inBrowser(`at once, commit included, when ${what}`, async browser => {
      const page = await openPage(browser, { flushAfter: 3_600_000 })
      const done = flushed(page)
      const asked = await page.evaluate(tell => {
        put(1, 1)
        const asked = []
        for (const [of, name] of [
          [IDBObjectStore, 'put'],
          [IDBTransaction, 'commit'],
        ]) {
          const method = of.prototype[name]
          of.prototype[name] = function (...args) {
            asked.push(name)
            return Reflect.apply(method, this, args)
          }
        }
        new Function(`return ${tell}`)()()
        return asked
      }, String(tell))
      assert.deepEqual(asked, ['put', 'put', 'commit'])
      assert.equal(await done, 1)
    })
  }

  inBrowser('one transaction at a time, several segments in each, none above 60 KiB', async browser => {
    const page = await openPage(browser)
    const seen = await page.evaluate(async () => {
      let [running, most, count] = [0, 0, 0]
      const sizes = []
      const { transaction } = IDBDatabase.prototype
      IDBDatabase.prototype.transaction = function (...args) {
        const made = Reflect.apply(transaction, this, args)
        if (args[1] !== 'readwrite') return made
        count++
        most = Math.max(most, ++running)
        made.addEventListener('complete', () => running--)
        return made
      }
      const { put: write } = IDBObjectStore.prototype
      IDBObjectStore.prototype.put = function (value, wanted) {
        sizes.push(value.length)
        return Reflect.apply(write, this, [value, wanted])
      }
      for (let i = 0; i < 6000; i++) {
        put(i, 'x'.repeat(500))
        if (i % 500 === 0) await sleep(0)
      }
      await store.flush()
      return { most, count, largest: Math.max(...sizes), blocks: sizes.length, stats: store.stats() }
    })
    assert.equal(seen.most, 1)
    assert.ok(seen.largest <= 61_440, String(seen.largest))
    assert.ok(seen.blocks >= 4 * seen.count, JSON.stringify(seen))
    assert.deepEqual([seen.stats.written, seen.stats.dropped], [6000, 0])
  })

  inBrowser(
    'what is much to pack gives way to others, and is still whole when the page goes meanwhile',
    async browser => {
      const page = await openPage(browser, { flushAfter: 3_600_000, flushBytes: 1 << 30, flushEntries: 1e6 })
      const turns = await page.evaluate(async () => {
        for (let i = 0; i < 10_000; i++) put(i, 'x'.repeat(1000))
        let turns = 0
        const timer = setInterval(() => turns++)
        const done = store.flush()
        await sleep(1)
        dispatchEvent(new Event('pagehide'))
        await done
        await store.flush()
        clearInterval(timer)
        return turns
      })
      assert.ok(turns >= 1, String(turns))
      await reload(page)
      const stats = await page.evaluate(() => store.stats())
      assert.deepEqual([stats.entries, stats.corrupt], [10_000, 0])
    },
  )

  for (const memoryBytes of [1 << 20, 1]) {
    inBrowser(
      `what is dropped from a full queue brings nothing older back, with ${memoryBytes} bytes of memory`,
      async browser => {
        const options = { maxPendingEntries: 5, flushAfter: 3_600_000, memoryBytes }
        const page = await openPage(browser, options)
        const seen = await page.evaluate(async () => {
          for (let n = 0; n < 20; n++) {
            put(n, `${n} old`)
            if (n % 4 === 3) await store.flush()
          }
          for (let n = 0; n < 10; n++) put(n, `${n} new`)
          await store.flush()
          const { dropped } = store.stats()
          await store.close()
          return { dropped, events: events.filter(({ name }) => name === 'drop').length }
        })
        assert.deepEqual([seen.dropped, seen.events > 0], [5, true])
        const values = async () => {
          await reload(page, options)
          return page.evaluate(async () => {
            const values = []
            // One after the other: memory has room for one.
            for (let n = 0; n < 20; n++) values.push(await read(n))
            return values
          })
        }
        const expected = Array.from({ length: 20 }, (_, n) => `${n} ${n < 10 ? 'new' : 'old'}`)
        const left = expected.map((value, n) => (n < 5 ? undefined : value))
        // Twice: a start looks for what is dead.
        for (const _ of [1, 2]) assert.deepEqual(await values(), left)
      },
    )
  }
})
