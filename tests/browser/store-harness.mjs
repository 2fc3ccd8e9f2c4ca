/** Pages with an open IndexedDB store, for the tests of it. */

import { after, afterEach, before, beforeEach, it } from 'node:test'
import { browse, serve } from './harness.mjs'

/** @type {Awaited<ReturnType<typeof serve>>} */
export let server

/** Serves the repository to the tests of this file. */
export function serving() {
  before(async () => (server = await serve()))
  after(() => server.close())
}

/** The browser of a file whose tests share one. @type {Awaited<ReturnType<typeof browse>>} */
export let browser

/** One browser for the tests of this file, and an origin for each of them, so that none finds what another has stored. */
export function sharing() {
  before(async () => (browser = await browse()))
  after(() => browser.end())
  beforeEach(async () => (server = await serve()))
  afterEach(async () => {
    for (const page of browser.context.pages().slice(1)) await page.close()
    await server.close()
  })
}

/** Waits until a question to a page has the answer true. */
export async function until(page, question, argument = undefined, limit = 20_000) {
  const end = Date.now() + limit
  while (!(await page.evaluate(question, argument))) {
    if (Date.now() > end) throw new Error(`not within ${limit} ms: ${question}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
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
