/** What the tests of Firefox and WebKit share. */

import assert from 'node:assert/strict'
import { afterEach, beforeEach } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '../browser/harness.mjs'

/** @typedef {import('../runtimes/webkit.mjs').Page} Page */

export const MODULE = '/tests/browsers/page.js'

/** @type {Awaited<ReturnType<typeof serve>>} */
export let server

/** An origin for each test of the file, so that none finds what another has stored. */
export function serving() {
  beforeEach(async () => {
    server = await serve()
  })
  afterEach(() => server.close())
}

/** Asks until the answer is one. @param {() => Promise<any>} question */
export async function until(question, limit = 30_000) {
  const end = Date.now() + limit
  for (;;) {
    const answer = await question()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`not within ${limit} ms: ${question}`)
    await sleep(50)
  }
}

/** A tab without a store. @param {Page} page */
export async function go(page) {
  await page.goto(`${server.origin}/blank`)
  return page
}

/** @param {Page} page @param {object} [options] */
export async function start(page, options = {}) {
  await go(page)
  await page.ask(MODULE, 'start', options)
}

/** @param {Page} page @param {object} [options] */
export async function reload(page, options = {}) {
  await page.reload()
  await page.ask(MODULE, 'start', options)
}

/** Writes until it can be written again. @param {Page} page @param {number} n */
export async function recovers(page, n) {
  await until(() => page.ask(MODULE, 'persists', n))
  await reload(page)
  assert.deepEqual(await page.ask(MODULE, 'values', [n]), [`${n} again`])
}
