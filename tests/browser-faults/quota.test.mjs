import assert from 'node:assert/strict'
import { inBrowser, reload, server, serving, start, until } from '../browser/store-harness.mjs'

/** Deleting frees nothing for seconds: what the budget allows may still be more than the quota. */

serving()

inBrowser(
  'a budget below the quota, and more written than the quota is: what is not freed in time costs a write, and it goes on',
  async browser => {
    const page = await browser.context.newPage()
    await page.goto(`${server.origin}/blank`)
    const cdp = await browser.context.newCDPSession(page)
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: server.origin, quotaSize: 20_000_000 })
    await start(page, { maxBytes: 2_000_000 })
    const stats = await page.evaluate(async () => {
      for (let round = 0; round < 40; round++) {
        // So that the browser cannot make them smaller than they are.
        for (let n = 0; n < 16; n++) put(round * 16 + n, crypto.getRandomValues(new Uint8Array(50_000)))
        await store.flush()
      }
      return store.stats()
    })
    assert.ok(stats.bytes <= 2_000_000 && stats.evicted > 100, JSON.stringify(stats))
    assert.deepEqual([stats.written + stats.dropped, stats.corrupt], [640, 0])
    assert.ok(stats.written >= 160, JSON.stringify(stats))
    await until(page, async () => {
      put(1000, 'when there is room')
      await store.flush()
      return store.stats().available === 1
    })
    await reload(page)
    const after = await page.evaluate(async () => [await read(1000), store.stats().corrupt])
    assert.deepEqual(after, ['when there is room', 0])
  },
)
