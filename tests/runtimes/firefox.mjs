/** A real Firefox over WebDriver BiDi. */

import { once } from 'node:events'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer from 'puppeteer-core'
import { signalGroup, within } from './process.mjs'

const STEP = 60_000

/**
 * @typedef {import('./webkit.mjs').Page & { profile: string, kill: () => Promise<void>, quit: () => Promise<void> }} FirefoxPage after `kill` (by SIGKILL) and `quit` the profile stays
 *
 * @param {{ profile?: string, prefs?: Record<string, unknown> }} [options] the profile: of one that was killed
 * @returns {Promise<FirefoxPage>}
 */
export async function openFirefox({ profile, prefs = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'mimic-firefox-'))
  // Under a new name: puppeteer tidies up in the old one when Firefox has ended.
  if (profile) await rename(profile, folder)
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
    const isRunning = child !== null && child.exitCode === null && child.signalCode === null
    const ended = isRunning ? once(child, 'exit') : undefined
    signalGroup(child?.pid, 'SIGKILL')
    await ended
  }
  const quit = async () => {
    try {
      await within('closing Firefox', browser.close(), 10_000)
    } catch {
      // It is ended below.
    }
    await kill()
  }
  const end = () => quit().then(removeProfile)
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
    quit,
    end,
  })
  try {
    return pageOf(await within('a page of Firefox', browser.newPage(), STEP))
  } catch (error) {
    await end()
    throw error
  }
}
