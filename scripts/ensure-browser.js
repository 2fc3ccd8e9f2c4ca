// Where the browsers of the tests are. Each function returns a path, installing what is missing if it may.
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ensureTool } from './ensure-tool.js'

export const ensureChromium = () =>
  ensureTool({
    name: 'Chromium',
    variable: 'CHROMIUM',
    candidates: [
      '/usr/bin/chromium',
      '/usr/bin/google-chrome',
      'chromium',
      'chromium-browser',
      'google-chrome-stable',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      ...playwrightCache(),
    ],
    packages: ['chromium'],
  })

export const ensureFirefox = () =>
  ensureTool({
    name: 'Firefox',
    variable: 'FIREFOX',
    candidates: [
      '/usr/bin/firefox-esr',
      'firefox',
      'firefox-esr',
      '/Applications/Firefox.app/Contents/MacOS/firefox',
    ],
    packages: ['firefox-esr'],
  })

/** The WebDriver of WebKitGTK, to be started under xvfb-run. */
export const ensureWebkit = () => {
  ensureTool({
    name: 'xvfb-run',
    variable: 'XVFB_RUN',
    candidates: ['xvfb-run'],
    packages: ['xvfb', 'xauth'],
  })
  return ensureTool({
    name: 'WebKitWebDriver',
    variable: 'WEBKIT_DRIVER',
    candidates: ['WebKitWebDriver'],
    packages: ['webkit2gtk-driver', 'xvfb', 'xauth'],
  })
}

/** Browsers that playwright downloaded for another project. */
function playwrightCache() {
  const cache =
    process.platform === 'darwin'
      ? join(homedir(), 'Library/Caches/ms-playwright')
      : join(homedir(), '.cache/ms-playwright')
  let builds
  try {
    builds = readdirSync(cache).filter(name => /^chromium-\d+$/.test(name))
  } catch {
    return []
  }
  const inside = [
    'chrome-linux/chrome',
    'chrome-linux64/chrome',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
  ]
  return builds.flatMap(build => inside.map(path => join(cache, build, path)))
}
