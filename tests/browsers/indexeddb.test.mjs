import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { storeChecks } from '../../js/entry/testing-store.js'
import { openFirefox } from '../runtimes/firefox.mjs'
import { openWebkit } from '../runtimes/webkit.mjs'
import { go, MODULE, recovers, reload, serving, start, until } from './harness.mjs'

/** The IndexedDB store in real pages of Firefox and WebKit: what `tests/browser` shows in Chromium, as far as their drivers go. */

/** @typedef {import('../runtimes/webkit.mjs').Page} Page */

const CLOSES = Number(process.env.MIMIC_CLOSES ?? 6)

serving()

/** The loads of all tabs. @param {number} delay */
async function counting(delay) {
  /** @type {Map<string, number>} */
  const loads = new Map()
  const backend = createServer((request, response) => {
    const key = new URL(request.url ?? '', 'http://x').searchParams.get('key') ?? ''
    loads.set(key, (loads.get(key) ?? 0) + 1)
    setTimeout(
      () => response.writeHead(200, { 'access-control-allow-origin': '*' }).end(`value ${key}`),
      delay,
    ).unref()
  })
  await new Promise(resolve => backend.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (backend.address())
  return {
    loads,
    url: `http://127.0.0.1:${port}/`,
    close: () => backend.closeAllConnections() ?? backend.close(),
  }
}

/** @type {Record<string, () => Promise<Page>>} */
const BROWSERS = { Firefox: openFirefox, WebKit: openWebkit }

/**
 * How many of the pages that go with something unwritten have to have kept it. What is written then is told to commit, which Firefox honours when
 * the page is loaded again and about every second time when its tab is closed, and WebKit never.
 * @type {Record<string, Record<string, number>>}
 */
const KEPT = {
  Firefox: { 'loaded again': 0.9, closed: 0 },
  WebKit: { 'loaded again': 0, closed: 0 },
}

for (const [name, open] of Object.entries(BROWSERS)) {
  describe(`IndexedDB in ${name}`, { concurrency: 1 }, () => {
    /** @type {Page} */
    let page
    /** @type {Page[]} */
    let others = []
    before(async () => (page = await open()))
    after(() => page.end())
    afterEach(async () => {
      for (const other of others) await other.close()
      others = []
    })

    /** Another tab. */
    const tab = async () => {
      const other = await page.tab()
      others.push(other)
      return go(other)
    }

    test('survives a reload, with every type', async () => {
      await start(page)
      await page.ask(MODULE, 'storeEverything')
      await reload(page)
      assert.deepEqual(await page.ask(MODULE, 'checkEverything'), [])
      // Read when it is asked for, too.
      await reload(page, { hydrateBytes: 0 })
      assert.deepEqual(await page.ask(MODULE, 'checkEverything'), [])
    })

    test('the budget holds at every write, the oldest go', async () => {
      await start(page, { maxBytes: 500_000 })
      const { most, evicted, oldest, newest } = await page.ask(MODULE, 'fillBeyondBudget')
      assert.ok(most > 300_000 && most <= 500_000, `${most} bytes`)
      assert.ok(evicted > 0)
      assert.deepEqual([oldest ?? null, newest], [null, 2000])
    })

    test('many small segments become few', async () => {
      await start(page)
      assert.ok((await page.ask(MODULE, 'compact')) <= 3)
      await reload(page)
      assert.deepEqual(await page.ask(MODULE, 'values', [0, 39]), ['value 0', 'value 39'])
    })

    test('damaged bytes are a miss and a counter, never a value', async () => {
      await start(page)
      await page.ask(MODULE, 'damage')
      await reload(page)
      const values = await page.ask(MODULE, 'values', [...Array(10).keys()])
      for (const [n, value] of values.entries()) assert.equal(value ?? `value ${n}`, `value ${n}`)
      assert.ok(values.filter(value => typeof value === 'string').length >= 5, String(values))
      assert.ok((await page.ask(MODULE, 'stats')).corrupt >= 3)
    })

    test('two tabs: an invalidation in one is honoured in the other', async () => {
      await go(page)
      const other = await tab()
      await page.ask(MODULE, 'define', { tab: 'a' })
      await other.ask(MODULE, 'define', { tab: 'b' })
      await page.ask(MODULE, 'call', 1)
      await page.ask(MODULE, 'flush')
      assert.deepEqual(await until(() => other.ask(MODULE, 'call', 1)), { value: '1 of a', calls: 0 })
      await page.ask(MODULE, 'invalidate', 1)
      await until(async () => !(await other.ask(MODULE, 'has', 1)))
      await page.ask(MODULE, 'flush')
      assert.deepEqual(await other.ask(MODULE, 'call', 1), { value: '1 of b', calls: 1 })
    })

    test("singleFlight: 'origin': 3 tabs × 10 cold keys are exactly 10 loads", async () => {
      const { loads, url, close } = await counting(100)
      try {
        await go(page)
        const tabs = [page, await tab(), await tab()]
        for (const tab of tabs) await tab.ask(MODULE, 'define', { url, singleFlight: 'origin' })
        for (const tab of tabs) await tab.ask(MODULE, 'beginCalls', 10)
        const expected = { value: Array.from({ length: 10 }, (_, i) => `value ${i}`) }
        for (const tab of tabs) assert.deepEqual(await until(() => tab.ask(MODULE, 'isDone')), expected)
        assert.deepEqual([...loads.values()], new Array(10).fill(1))
      } finally {
        close()
      }
    })

    test('a tab that is closed in the middle of its load frees the others', async () => {
      const { loads, url, close } = await counting(3_600_000)
      try {
        await go(page)
        const other = await page.tab()
        await go(other)
        await other.ask(MODULE, 'define', { url, singleFlight: 'origin' })
        await other.ask(MODULE, 'beginCalls', 1)
        await until(async () => loads.has('0'))
        await page.ask(MODULE, 'define', { tab: 'the other', singleFlight: 'origin' })
        await page.ask(MODULE, 'beginCalls', 1)
        await sleep(200)
        assert.equal(await page.ask(MODULE, 'isDone'), false)
        await other.close()
        assert.deepEqual(await until(() => page.ask(MODULE, 'isDone')), { value: ['0 of the other'] })
      } finally {
        close()
      }
    })

    test('dedicated, shared and service workers read and write', async () => {
      await start(page)
      const answers = await page.ask(MODULE, 'inWorkers', ['dedicated', 'shared', 'service'])
      assert.deepEqual(answers, ['of the page', 'of the page', 'of the page'])
      await reload(page)
      assert.deepEqual(await page.ask(MODULE, 'values', [1, 2, 3]), [
        'of worker 1',
        'of worker 2',
        'of worker 3',
      ])
    })

    test('a higher version of the database does not wait for us; we go on in memory', async () => {
      await start(page)
      await page.ask(MODULE, 'write', [1], 'before')
      const other = await tab()
      const state = await other.ask(MODULE, 'request', 'open', 'my-mimic', 2)
      assert.deepEqual(state, { blocked: false, done: true, error: null })
      await page.ask(MODULE, 'write', [2], 'in memory')
      assert.deepEqual(await page.ask(MODULE, 'values', [1, 2]), ['1 before', '2 in memory'])
      assert.equal((await page.ask(MODULE, 'stats')).available, 0)
      assert.match((await page.ask(MODULE, 'said', 'error'))[0].cause, /^VersionError/)
      await other.ask(MODULE, 'disconnect')
      await other.ask(MODULE, 'request', 'deleteDatabase', 'my-mimic')
      await recovers(page, 3)
    })

    test('an open that is blocked by others does not hang: memory, an event, and later recovery', async () => {
      await go(page)
      const holder = await tab()
      await holder.ask(MODULE, 'request', 'open', 'my-mimic', 1)
      const deleter = await tab()
      assert.equal((await deleter.ask(MODULE, 'request', 'deleteDatabase', 'my-mimic')).blocked, true)
      await page.ask(MODULE, 'start', { openTimeout: 300 })
      await page.ask(MODULE, 'write', [1], 'in memory')
      assert.deepEqual(await page.ask(MODULE, 'values', [1]), ['1 in memory'])
      const [{ code, cause }] = await page.ask(MODULE, 'said', 'unavailable')
      assert.equal(code, 'ERR_STORE_UNAVAILABLE')
      assert.match(cause, /within 300 ms/)
      await holder.ask(MODULE, 'disconnect')
      await until(async () => (await deleter.ask(MODULE, 'requested')).done)
      await recovers(page, 2)
    })

    test('deleted from another tab, in the middle of writing too: nobody waits for us, and it goes on', async () => {
      await start(page)
      const other = await tab()
      await other.ask(MODULE, 'listen')
      await page.ask(MODULE, 'beginWriting', 'deleted')
      for (let n = 0; n < 5; n++) {
        const before = await until(async () => (await other.ask(MODULE, 'heard')) + 1)
        await other.ask(MODULE, 'request', 'deleteDatabase', 'my-mimic')
        await until(async () => (await other.ask(MODULE, 'requested')).done)
        await until(async () => (await other.ask(MODULE, 'heard')) >= before)
      }
      assert.equal((await page.ask(MODULE, 'stats')).corrupt, 0)
      await recovers(page, 5000)
      const { wrong, corrupt } = await page.ask(MODULE, 'checkRound', 'deleted', 100)
      assert.deepEqual([wrong, corrupt], [0, 0])
    })

    test('site data cleared while it is open: it goes on', async () => {
      await start(page)
      for (let n = 0; n < 5; n++) {
        await page.ask(MODULE, 'write', [n], 'before')
        await page.ask(MODULE, 'clearSiteData')
        await recovers(page, 100 + n)
        assert.equal((await page.ask(MODULE, 'values', [n]))[0] ?? null, null, 'nothing was cleared')
      }
    })

    for (const how of ['absent', 'throws']) {
      test(`works in memory and says so once when IndexedDB is ${how}`, async () => {
        await go(page)
        await page.ask(MODULE, 'takeAway', how)
        await page.ask(MODULE, 'start')
        for (const n of [1, 2]) await page.ask(MODULE, 'write', [n], 'in memory')
        assert.deepEqual(await page.ask(MODULE, 'values', [1, 2]), ['1 in memory', '2 in memory'])
        assert.equal((await page.ask(MODULE, 'stats')).available, 0)
        assert.ok((await page.ask(MODULE, 'said', 'unavailable')).length <= 1)
      })
    }

    test('a clock that was ten years ahead: nothing lives longer than its ttl from when it is seen', async () => {
      await go(page)
      await page.ask(MODULE, 'setClock', 10 * 365 * 86_400_000)
      await page.ask(MODULE, 'start')
      await page.ask(MODULE, 'putFor', 1, 60_000)
      await reload(page)
      const seen = await page.ask(MODULE, 'left', 1)
      assert.ok(seen <= 60_000 && seen > 0, String(seen))
      await page.ask(MODULE, 'write', [2], 'flushed')
      await page.reload()
      await page.ask(MODULE, 'setClock', 60_000)
      await page.ask(MODULE, 'start')
      assert.equal(await page.ask(MODULE, 'left', 1), null)
    })

    for (const [way, share] of Object.entries(KEPT[name])) {
      test(`240 KB unwritten and the page is ${way}: never a part is there afterwards`, async t => {
        const options = { hydrateBytes: 0, flushAfter: 3_600_000 }
        for (let round = 0; round < CLOSES; round++) {
          const other = await page.tab()
          await start(other, options)
          await other.ask(MODULE, 'fill', round)
          if (way === 'loaded again') await other.reload()
          await other.close()
        }
        await start(page, options)
        let whole = 0
        for (let round = 0; round < CLOSES; round++) {
          let found = await page.ask(MODULE, 'filled', round)
          // A browser may still be committing what a page that is gone has issued, and we come to know of it in the middle of reading.
          for (let again = 0; again < 5 && found.count % 240 > 0; again++) {
            t.diagnostic(`${found.count} of 240 at first: ${found.which}`)
            await start(page, options)
            found = await page.ask(MODULE, 'filled', round)
          }
          const { count, wrong, corrupt } = found
          assert.deepEqual([wrong, corrupt, count % 240], [0, 0, 0])
          if (count === 240) whole++
        }
        t.diagnostic(`${whole} of ${CLOSES} are there, all of each`)
        assert.ok(whole >= share * CLOSES, `${whole} of ${CLOSES}`)
      })
    }

    describe('the suite of stores', { concurrency: 1 }, () => {
      let isThere = false
      const options = { name: 'indexedDBStore', open() {}, sync: true, tags: true, persists: true }
      for (const check of storeChecks(options)) {
        test(check.name, async () => {
          // Each check has databases of its own, so one page does for all.
          if (!isThere) await go(page)
          isThere = true
          assert.equal(await page.ask(MODULE, 'check', check.name), '')
        })
      }
    })
  })
}
