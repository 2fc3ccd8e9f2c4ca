import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browser, openPage, reload, sharing } from './store-harness.mjs'

/** One database in a page and in workers of each kind. */

sharing()

test('workers of each kind read what the page has written, and the page what they have', async () => {
  const page = await openPage(browser)
  const kinds = ['dedicated', 'shared', 'service']
  const answers = await page.evaluate(
    async kinds => (await import('/tests/browsers/page.js')).inWorkers(kinds),
    kinds,
  )
  assert.deepEqual(answers, new Array(3).fill('of the page'))
  await reload(page)
  const values = await page.evaluate(() => Promise.all([1, 2, 3].map(n => read(n))))
  assert.deepEqual(values, ['of worker 1', 'of worker 2', 'of worker 3'])
})
