/** Pages with an open IndexedDB store, for the tests of it. */

import { after, before, it } from 'node:test'
import { browse, serve } from './harness.mjs'

/** @type {Awaited<ReturnType<typeof serve>>} */
export let server

/** Serves the repository to the tests of this file. */
export function serving() {
  before(async () => (server = await serve()))
  after(() => server.close())
}

/** A page with an open store. */
export async function openPage(browser, options = {}, prepare = undefined) {
  const page = await browser.context.newPage()
  page.warnings = []
  page.on('console', message => message.type() === 'warning' && page.warnings.push(message.text()))
  if (prepare) await page.addInitScript(prepare)
  await page.goto(`${server.origin}/blank`)
  await start(page, options)
  return page
}

export async function start(page, options = {}) {
  await page.evaluate(async options => {
    await import('/tests/browser/store-page.js')
    await open_(options)
  }, options)
}

export async function reload(page, options = {}) {
  await page.reload()
  await start(page, options)
}

/** A test with a browser of its own. */
export function inBrowser(name, run, timeout = 60_000) {
  it(name, { timeout }, async () => {
    const browser = await browse()
    try {
      await run(browser)
    } finally {
      await browser.end()
    }
  })
}
