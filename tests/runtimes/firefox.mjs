/** A real Firefox over WebDriver BiDi. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer from 'puppeteer-core'
import { signalGroup, within } from './process.mjs'

const STEP = 60_000

/** @returns {Promise<import('./webkit.mjs').Page>} */
export async function openFirefox() {
  const profile = await mkdtemp(join(tmpdir(), 'mimic-firefox-'))
  const removeProfile = () => rm(profile, { recursive: true, force: true, maxRetries: 5 })
  let browser
  try {
    browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
      userDataDir: profile,
      headless: true,
      timeout: STEP,
      protocolTimeout: STEP,
    })
  } catch (error) {
    await removeProfile()
    throw error
  }
  const pid = browser.process()?.pid
  const end = async () => {
    try {
      await within('closing Firefox', browser.close(), 10_000)
    } catch {
      // It is ended below.
    }
    signalGroup(pid, 'SIGKILL')
    await removeProfile()
  }
  try {
    const page = await within('a page of Firefox', browser.newPage(), STEP)
    return {
      goto: async url => void (await page.goto(url, { timeout: STEP })),
      reload: async () => void (await page.reload({ timeout: STEP })),
      ask: (module, name) =>
        within(
          `${name} in Firefox`,
          page.evaluate(
            async (module, name) => (await import(new URL(module, location.href).href))[name](),
            module,
            name,
          ),
          STEP,
        ),
      end,
    }
  } catch (error) {
    await end()
    throw error
  }
}
