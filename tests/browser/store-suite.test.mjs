import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { storeChecks } from '../../js/entry/testing-store.js'
import { browse, serve } from './harness.mjs'

/** The conformance suite of stores in a real Chromium: `indexedDBStore`, and a storage of unstorage over localStorage. */

let server
let browser
let page

before(async () => {
  server = await serve()
  browser = await browse()
  page = await browser.context.newPage()
  await page.goto(`${server.origin}/blank`)
  await page.evaluate(async () => {
    const { indexedDBStore, storeChecks, fromUnstorage } = await import('/tests/browser/store-suite-page.js')
    /** As the drivers of unstorage have it. */
    const local = place => ({
      getItem: async key => localStorage.getItem(place + key),
      setItem: async (key, text) => localStorage.setItem(place + key, text),
      removeItem: async key => localStorage.removeItem(place + key),
      getKeys: async base =>
        Object.keys(localStorage)
          .filter(key => key.startsWith(place + base))
          .map(key => key.slice(place.length)),
    })
    const forgetLocal = place => {
      for (const key of Object.keys(localStorage)) if (key.startsWith(place)) localStorage.removeItem(key)
    }
    const subjects = {
      indexedDBStore: {
        open: place => indexedDBStore({ name: place }),
        remove: place => void indexedDB.deleteDatabase(place),
        sync: true,
      },
      localStorage: {
        open: (place, wrap) => fromUnstorage(wrap(local(place)), { timeout: '300ms' }),
        remove: forgetLocal,
      },
    }
    window.checks = {}
    for (const [name, subject] of Object.entries(subjects)) {
      for (const check of storeChecks({ ...subject, name, tags: true, persists: true })) {
        window.checks[check.name] = check.run
      }
    }
  })
})
after(async () => {
  await browser.end()
  await server.close()
})

for (const [name, sync] of [
  ['indexedDBStore', true],
  ['localStorage', false],
]) {
  describe(name, () => {
    const named = storeChecks({ name, open() {}, sync, tags: true, persists: true })
    for (const check of named) {
      test(check.name, async () => {
        const failure = await page.evaluate(name => window.checks[name]().then(() => '', error => `${error}`), check.name) // biome-ignore format: one line
        assert.equal(failure, '')
      })
    }
  })
}
