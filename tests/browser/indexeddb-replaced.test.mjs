import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browser, server, sharing, until } from './store-harness.mjs'

/** What a function has in memory and another tab has loaded anew since: the deletion in between is never written, the new entry takes its place. */

sharing()

/** A tab with a function `f` whose results are those of the tab. */
async function open(tab, options = {}, prepare = undefined) {
  const page = await browser.context.newPage()
  if (prepare) await page.addInitScript(prepare)
  await page.goto(`${server.origin}/blank`)
  await page.evaluate(
    async ([tab, options]) => {
      const { indexedDBStore, mime } = await import('/js/entry/inline.js')
      globalThis.mime = mime
      globalThis.store = indexedDBStore(options)
      globalThis.calls = 0
      const load = async () => {
        calls++
        return tab
      }
      globalThis.f = mime(load, { name: 'f', version: '1', store, tags: x => [`tag ${x}`] })
      await f.ready
    },
    [tab, options],
  )
  return page
}

const loaded = page =>
  page.evaluate(async () => {
    const value = await f(1)
    await f.flush()
    return value
  })

describe('what was invalidated and loaded anew elsewhere', { concurrency: 1 }, () => {
  const ways = {
    'by its key': () => f.invalidate(1),
    'by its tag': () => mime.invalidateTags('tag 1'),
    'with everything': () => f.clear(),
  }
  for (const [what, invalidate] of Object.entries(ways)) {
    test(`${what}, while a tab was in the back/forward cache`, async () => {
      const a = await open('a')
      await loaded(a)
      const b = await open('b')
      assert.equal(await loaded(b), 'a')
      await a.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })))
      await b.evaluate(invalidate)
      assert.equal(await loaded(b), 'b')
      await a.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
      await until(a, async () => (await f(1)) === 'b', undefined, 5000)
      assert.equal(await a.evaluate(() => calls), 1)
    })

    test(`${what}, while a tab opened`, async () => {
      const a = await open('a', { flushAfter: 60_000 })
      await loaded(a)
      await a.evaluate(invalidate)
      const b = await open('b')
      assert.equal(await loaded(b), 'a')
      await a.evaluate(() => f.set([1], 'anew'))
      await a.evaluate(() => f.flush())
      await until(b, async () => (await f(1)) === 'anew', undefined, 5000)
      assert.equal(await b.evaluate(() => calls), 0)
    })
  }
})

test('what another tab’s compaction has moved is still in memory', async () => {
  const a = await open('a')
  await loaded(a)
  await a.evaluate(() => {
    globalThis.forgotten = []
    store.on('forgotten', event => forgotten.push(event))
  })
  const b = await open('b')
  await b.evaluate(async () => {
    const compacted = new Promise(resolve => store.on('compact', resolve))
    for (let n = 2; n < 40; n++) {
      await f(n)
      await f.flush()
    }
    await compacted
  })
  // It takes over what is there.
  await a.evaluate(() => store.entries())
  assert.deepEqual(await a.evaluate(() => [forgotten, calls]), [[], 1])
})
