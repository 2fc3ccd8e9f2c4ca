/** The page of `npm run www`, for the tests of it. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { serveWww } from '../../scripts/www.js'
import { browse } from './harness.mjs'

/** @type {import('node:http').Server} */
let server
export let port = 0

/** Serves the page to the tests of this file. */
export function servingPage() {
  before(async () => {
    server = await serveWww()
    port = /** @type {import('node:net').AddressInfo} */ (server.address()).port
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
}

/** A page with its errors and warnings. */
export async function visit(browser, size = { width: 1280, height: 900 }) {
  const page = await browser.context.newPage()
  page.complaints = []
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text())
  })
  page.on('pageerror', error => page.complaints.push(String(error)))
  await page.setViewportSize(size)
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.waitForSelector('[data-ready]')
  return page
}

/** Calls with these arguments and says what became of it. */
export async function call(page, text, button = '#call') {
  await page.fill('#args', text)
  await page.click(button)
  await page.waitForFunction(() => {
    const verdict = document.getElementById('verdict')
    return verdict?.textContent && !verdict.classList.contains('waiting')
  })
  return page.textContent('#verdict')
}

/** A test with a browser of its own that ends without a complaint. */
export function onPage(name, use, size = undefined) {
  it(name, { timeout: 120_000 }, async () => {
    const browser = await browse()
    try {
      const page = await visit(browser, size)
      await use(page, browser)
      assert.deepEqual(page.complaints, [])
    } finally {
      await browser.end()
    }
  })
}
