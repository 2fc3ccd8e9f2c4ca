/** A real Firefox over WebDriver BiDi. */

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer from 'puppeteer-core'
import { signalGroup, within } from './process.mjs'

const STEP = 60_000

/**
 * @typedef {import('./webkit.mjs').Page & { profile: string }} FirefoxPage
 *
 * @param {{ profile?: string, prefs?: Record<string, unknown> }} [options] the profile: of one that was killed
 * @returns {Promise<FirefoxPage>}
 */
export async function openFirefox({ profile, prefs = {} } = {}) {
  const folder = profile ?? (await mkdtemp(join(tmpdir(), 'mimic-firefox-')))
  const removeProfile = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  let browser
  try {
    browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
      userDataDir: folder,
      extraPrefsFirefox: prefs,
      headless: true,
      timeout: STEP,
      protocolTimeout: STEP,
    })
  } catch (error) {
    await removeProfile()
    throw error
  }
  const child = browser.process()
  /** The profile stays. */
  const kill = async () => {
    const ended = child && child.exitCode === null ? once(child, 'exit') : undefined
    signalGroup(child?.pid, 'SIGKILL')
    await ended
  }
  const end = async () => {
    try {
      await within('closing Firefox', browser.close(), 10_000)
    } catch {
      // It is ended below.
    }
    signalGroup(child?.pid, 'SIGKILL')
    await removeProfile()
  }
  /** @param {import('puppeteer-core').Page} page @returns {FirefoxPage} */
  const pageOf = page => ({
    profile: folder,
    goto: async url => void (await page.goto(url, { timeout: STEP })),
    reload: async () => void (await page.reload({ timeout: STEP })),
    ask: (module, name, ...args) =>
      within(
        `${name} in Firefox`,
        page.evaluate(
          async (module, name, args) => (await import(new URL(module, location.href).href))[name](...args),
          module,
          name,
          args,
        ),
        STEP,
      ),
    tab: async () => pageOf(await within('a tab of Firefox', browser.newPage(), STEP)),
    close: () => page.close(),
    kill,
    end,
  })
  try {
    return pageOf(await within('a page of Firefox', browser.newPage(), STEP))
  } catch (error) {
    await end()
    throw error
  }
}
