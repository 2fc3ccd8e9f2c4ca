import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openFirefox } from '../runtimes/firefox.mjs'
import { openWebkit } from '../runtimes/webkit.mjs'
import { MODULE, recovers, reload, serving, start, until } from './harness.mjs'

/** What needs a browser of its own: kills, private windows, a quota. */

/** @typedef {import('../runtimes/webkit.mjs').Page} Page */

const KILLS = Number(process.env.MIMIC_KILLS ?? 5)

serving()

// WebKit's driver ends its session with any process of it.
describe('Firefox that is killed while it writes', { concurrency: 1 }, () => {
  /** @param {Map<string, number>} acknowledged rounds and their last acknowledged entries @param {Page} page */
  async function checkAll(page, acknowledged) {
    for (const [round, last] of acknowledged) {
      assert.deepEqual(await page.ask(MODULE, 'checkRound', round, last), {
        missing: 0,
        wrong: 0,
        corrupt: 0,
      })
    }
    const sum = [...acknowledged.values()].reduce((a, b) => a + b, 0)
    assert.ok(sum > 5 * KILLS, `only ${sum} were acknowledged`)
  }

  test(`${KILLS} times: nothing that was acknowledged is lost, nothing is torn`, async () => {
    const acknowledged = new Map()
    let page = await openFirefox()
    try {
      for (let n = 0; n < KILLS; n++) {
        const round = `kill ${n}`
        await start(page)
        await page.ask(MODULE, 'listen')
        const writer = await page.tab()
        await start(writer)
        await writer.ask(MODULE, 'beginWriting', round)
        const last = await until(async () => {
          const heard = await page.ask(MODULE, 'heard')
          return heard > 10 && heard
        })
        await sleep(Math.random() * 300)
        await page.kill()
        acknowledged.set(round, last)
        page = await openFirefox({ profile: page.profile })
      }
      await start(page)
      await checkAll(page, acknowledged)
    } finally {
      await page.end()
    }
  })
})

describe('private windows', { concurrency: 1 }, () => {
  /** @param {Page} page */
  async function works(page) {
    await start(page)
    await page.ask(MODULE, 'storeEverything')
    assert.equal((await page.ask(MODULE, 'stats')).available, 1)
    await reload(page)
    assert.deepEqual(await page.ask(MODULE, 'checkEverything'), [])
  }

  test('of Firefox: it works while it is open, and nothing is left', async () => {
    const options = { prefs: { 'browser.privatebrowsing.autostart': true } }
    const first = await openFirefox(options)
    try {
      await works(first)
      await first.quit()
    } catch (error) {
      await first.end()
      throw error
    }
    const second = await openFirefox({ ...options, profile: first.profile })
    try {
      await start(second)
      assert.equal((await second.ask(MODULE, 'stats')).entries, 0)
    } finally {
      await second.end()
    }
  })

  // The windows that its driver opens are all private.
  test('of WebKit: the same', async () => {
    for (const _ of ['first', 'second']) {
      const page = await openWebkit()
      try {
        await start(page)
        assert.equal((await page.ask(MODULE, 'stats')).entries, 0)
        await works(page)
      } finally {
        await page.end()
      }
    }
  })
})

test('Firefox over its quota: events with codes, right answers, and it persists again when there is room', async () => {
  // A group of sites may have a fifth of this many kilobytes, and 10 MB at least.
  const page = await openFirefox({ prefs: { 'dom.quotaManager.temporaryStorage.fixedLimit': 20_000 } })
  try {
    await start(page, { maxBytes: 60_000_000 })
    const full = await page.ask(MODULE, 'overfill')
    assert.ok(full.quotaEvictions > 0, JSON.stringify(full))
    assert.deepEqual([full.wrong, full.corrupt], [0, 0])
    assert.ok(full.right > 100, JSON.stringify(full))
    await recovers(page, 1000)
  } finally {
    await page.end()
  }
})
