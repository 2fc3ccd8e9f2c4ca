import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browser, openPage, reload, server, sharing, start } from './store-harness.mjs'

/** Places where nothing is kept, or not for long: private windows, pages without an origin. */

sharing()

test('a private window: works while it is open, sees nothing of the others, and leaves nothing', async () => {
  const page = await openPage(browser)
  await page.evaluate(() => {
    put(1, 'of the normal window')
    return store.flush()
  })
  const open = async () => {
    const context = await browser.context.browser().newContext()
    return { context, page: await openPage({ context }) }
  }
  const first = await open()
  const types = await first.page.evaluate(async () => {
    const before = await read(1)
    put(1, new Map([['a', new Set([1n])]]))
    put(2, 'x'.repeat(200_000))
    await store.flush()
    return [before, store.stats().available]
  })
  assert.deepEqual(types, [undefined, 1])
  await reload(first.page)
  const got = await first.page.evaluate(async () => [
    (await read(1)).get('a').has(1n),
    (await read(2)).length,
  ])
  assert.deepEqual(got, [true, 200_000])
  // Two tabs of it are as two tabs are.
  const tab = await openPage(first)
  assert.equal(await tab.evaluate(() => store.stats().entries), 2)
  await first.context.close()
  const second = await open()
  const left = await second.page.evaluate(async () => [await read(1), await read(2), store.stats().entries])
  assert.deepEqual(left, [undefined, undefined, 0])
  await second.context.close()
  await reload(page)
  assert.equal(await page.evaluate(() => read(1)), 'of the normal window')
})

/** A page with the same scripts whose origin is nobody's: IndexedDB, Web Locks and channels of others are refused to it. */
async function openSandboxed() {
  const page = await browser.context.newPage()
  page.warnings = []
  page.faults = []
  page.on('console', message => message.type() === 'warning' && page.warnings.push(message.text()))
  page.on('pageerror', error => page.faults.push(String(error)))
  await page.route('**/*', async route => {
    const response = await route.fetch()
    const headers = { ...response.headers(), 'access-control-allow-origin': '*' }
    if (route.request().isNavigationRequest()) headers['content-security-policy'] = 'sandbox allow-scripts'
    await route.fulfill({ response, headers })
  })
  await page.goto(`${server.origin}/blank`)
  return page
}

test('a page without an origin: the browser refuses IndexedDB, so memory only, said once', async () => {
  const page = await openSandboxed()
  await start(page)
  const got = await page.evaluate(async () => {
    const error = await new Promise(resolve => {
      try {
        indexedDB.open('x').onerror = ({ target }) => resolve(target.error.name)
      } catch (error) {
        resolve(error.name)
      }
    })
    put(1, 'in memory')
    await store.flush()
    put(2, 'too')
    await store.flush()
    store.delete(key(2))
    store.clear('g\0v1')
    const locked = await store.lock(key(1), new AbortController().signal).then(() => 'locked', String)
    return { error, values: [await read(1), await read(2)], stats: store.stats(), locked }
  })
  assert.equal(got.error, 'SecurityError')
  assert.deepEqual(got.values, ['in memory', undefined])
  assert.equal(got.stats.available, 0)
  assert.match(got.locked, /Error/)
  assert.equal(page.warnings.length, 1, String(page.warnings))
  assert.deepEqual(page.faults, [])
})

test('there too: functions with a store, and with a lock of the origin, answer from memory', async () => {
  const page = await openSandboxed()
  const got = await page.evaluate(async () => {
    const { mime, indexedDBStore } = await import('/js/entry/inline.js')
    const store = indexedDBStore()
    let calls = 0
    const f = mime(async x => `${x} ${++calls}`, { name: 'f', version: '1', store })
    const shared = mime(async x => `${x} ${++calls}`, {
      name: 'g',
      version: '1',
      store,
      singleFlight: 'origin',
    })
    const sync = mime(x => `${x} ${++calls}`, { name: 'h', version: '1', store })
    await f.ready
    return [await f('f'), await f('f'), await shared('g'), await shared('g'), sync('h'), sync('h')]
  })
  assert.deepEqual(got, ['f 1', 'f 1', 'g 2', 'g 2', 'h 3', 'h 3'])
  assert.equal(page.warnings.length, 1, String(page.warnings))
  assert.deepEqual(page.faults, [])
})
