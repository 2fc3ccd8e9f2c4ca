import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browse } from '../browser/harness.mjs'
import { inBrowser, openPage, serving } from '../browser/store-harness.mjs'

/** Pages that are closed with 240 KB unwritten: nearly always all of it is there afterwards, and never a part. */

serving()

const TRIALS = Number(process.env.MIMIC_CLOSES ?? 15)
const ENTRIES = 240
/** Nothing but the page's end makes it write. */
const OPTIONS = { hydrateBytes: 0, flushAfter: 3_600_000 }

/** Sets everything, and then in the same task does something to the page. */
const fill = (page, round, then = '') =>
  page.evaluate(
    ([round, entries, then]) => {
      for (let i = 0; i < entries; i++)
        put(i, `${i} of ${round} `.padEnd(1000, 'z'), Infinity, `${round}\0v1`)
      // biome-ignore lint/security/noGlobalEval: a page's own end is one of three statements
      eval(then)
    },
    [round, ENTRIES, then],
  )

/** Waits until it is there no more. */
const closed = page => page.isClosed() || new Promise(resolve => page.once('close', resolve))

/** @type {Record<string, (page: any, round: number) => Promise<unknown>>} */
const WAYS = {
  'the tab is closed': async (page, round) => {
    await fill(page, round)
    await page.close()
  },
  'the tab is closed by its user': async (page, round) => {
    await fill(page, round)
    await page.close({ runBeforeUnload: true })
    await closed(page)
  },
  'it closes itself': async (page, round) => {
    const popup = page.waitForEvent('popup')
    await page.evaluate(() => void open(location.href))
    const opened = await popup
    await opened.waitForLoadState()
    await opened.evaluate(async options => {
      await import('/tests/browser/store-page.js')
      await open_(options)
    }, OPTIONS)
    // Its answer may not come any more.
    await Promise.allSettled([fill(opened, round, 'window.close()'), closed(opened)])
  },
  'it is loaded again': async (page, round) => {
    const loaded = page.waitForEvent('load')
    await fill(page, round, 'location.reload()').catch(() => {})
    await loaded
  },
  'it goes elsewhere': async (page, round) => {
    await fill(page, round)
    await page.goto('about:blank')
  },
}

/** How much of each round is there, on a page of its own. */
async function survivors(browser, rounds) {
  const page = await openPage(browser, OPTIONS)
  const found = await page.evaluate(
    async ([rounds, entries]) => {
      const counts = []
      for (const round of rounds) {
        let count = 0
        for (let i = 0; i < entries; i++) {
          const value = await read(i, `${round}\0v1`)
          if (value === `${i} of ${round} `.padEnd(1000, 'z')) count++
          else if (value !== undefined) throw new Error(`${i} of ${round} is ${value}`)
        }
        counts.push(count)
      }
      return { counts, corrupt: store.stats().corrupt }
    },
    [rounds, ENTRIES],
  )
  await page.close()
  assert.equal(found.corrupt, 0)
  return found.counts
}

/** @param {import('node:test').TestContext | undefined} t @param {number[]} counts */
function judge(counts) {
  assert.deepEqual(
    counts.filter(count => count !== 0 && count !== ENTRIES),
    [],
    'torn',
  )
  const whole = counts.filter(count => count === ENTRIES).length
  assert.ok(whole >= 0.9 * counts.length, `${whole} of ${counts.length} survived`)
}

for (const [way, end] of Object.entries(WAYS)) {
  inBrowser(
    `240 KB unwritten, and ${way}`,
    async browser => {
      const rounds = Array.from({ length: TRIALS }, (_, round) => round)
      for (const round of rounds) {
        const page = await openPage(browser, OPTIONS)
        await end(page, round)
        if (!page.isClosed()) await page.close()
      }
      judge(await survivors(browser, rounds))
    },
    60_000 + TRIALS * 10_000,
  )
}

test('240 KB unwritten, and the browser is closed', { timeout: 60_000 + TRIALS * 10_000 }, async () => {
  let browser = await browse()
  const { profile } = browser
  try {
    const rounds = Array.from({ length: Math.ceil(TRIALS / 2) }, (_, round) => round)
    for (const round of rounds) {
      const page = await openPage(browser, OPTIONS)
      await fill(page, round)
      await browser.close()
      browser = await browse(profile)
    }
    judge(await survivors(browser, rounds))
  } finally {
    await browser.end()
  }
})
