import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { browse, serve } from './harness.mjs'

/** `mime` with IndexedDB in a real Chromium, through what a page sees. */

let server
let browser
let page

before(async () => {
  server = await serve()
})
after(() => server.close())
beforeEach(async () => {
  browser = await browse()
  page = await open()
})
afterEach(() => browser.end())

/** A page with the package in `lib` and the functions under test, which count their calls in `calls`. */
async function open() {
  const fresh = await browser.context.newPage()
  await fresh.goto(`${server.origin}/blank`)
  await setUp(fresh)
  return fresh
}

async function setUp(target) {
  await target.evaluate(async () => {
    globalThis.lib = await import('/js/entry/inline.js')
    globalThis.calls = 0
    globalThis.wrap = (options = {}) => {
      const { mime, indexedDBStore } = globalThis.lib
      const load = async (...args) => {
        globalThis.calls++
        return { args, at: new Date(0), set: new Set(args), none: undefined }
      }
      return mime(load, { name: 'load', version: '1', store: indexedDBStore(), ...options })
    }
    globalThis.wrapSync = (options = {}) => {
      const { mime, indexedDBStore } = globalThis.lib
      return mime(x => ++globalThis.calls && x * 2, {
        name: 'double',
        version: '1',
        store: indexedDBStore(),
        ...options,
      })
    }
  })
}

async function reload() {
  await page.reload()
  await setUp(page)
}

describe('results survive', () => {
  test('a reload, with their types', async () => {
    await page.evaluate(async () => {
      const f = wrap({ ttl: '1h' })
      await f(1, { b: 2 })
      await f.flush()
    })
    await reload()
    const kept = await page.evaluate(async () => {
      const f = wrap({ ttl: '1h' })
      const value = await f(1, { b: 2 })
      return {
        calls,
        stats: f.stats(),
        types: [value.at instanceof Date, value.set instanceof Set, 'none' in value, value.args[1].b],
      }
    })
    assert.equal(kept.calls, 0)
    assert.equal(kept.stats.storeHits, 1)
    assert.deepEqual(kept.types, [true, true, true, 2])
  })

  test('a restart of the browser', async () => {
    await page.evaluate(async () => {
      const f = wrap({ ttl: '1h' })
      await f('restart')
      await f.flush()
    })
    const { profile } = browser
    await browser.close()
    browser = await browse(profile)
    page = await open()
    assert.equal(await page.evaluate(async () => (await wrap({ ttl: '1h' })('restart')) && calls), 0)
  })

  test('closing the page right after the call: what was not flushed yet is written as the page goes', async () => {
    await page.evaluate(async () => {
      const f = wrap({ ttl: '1h' })
      await f.ready
      for (let i = 0; i < 20; i++) await f('closing', i)
    })
    await page.close()
    page = await open()
    const calls = await page.evaluate(async () => {
      const f = wrap({ ttl: '1h' })
      for (let i = 0; i < 20; i++) await f('closing', i)
      return calls
    })
    assert.equal(calls, 0)
  })

  test('a sync function hits what has been read, and is never made async', async () => {
    await page.evaluate(async () => {
      const f = wrapSync()
      f(21)
      await f.flush()
    })
    await reload()
    const seen = await page.evaluate(async () => {
      const f = wrapSync()
      const early = f(4)
      await f.ready
      return { early, late: f(21), calls }
    })
    assert.deepEqual(seen, { early: 8, late: 42, calls: 1 })
  })

  test('a function that returns promises without being async hits with a promise', async () => {
    const define = () => {
      const { mime, indexedDBStore } = globalThis.lib
      globalThis.plain = mime(x => ++globalThis.calls && Promise.resolve(x), {
        name: 'plain',
        version: '1',
        store: indexedDBStore(),
      })
    }
    await page.evaluate(define)
    await page.evaluate(async () => {
      await plain(5)
      await plain.flush()
    })
    await reload()
    await page.evaluate(define)
    const seen = await page.evaluate(async () => {
      await plain.ready
      const hit = plain(5)
      return { promise: hit instanceof Promise, value: await hit, calls }
    })
    assert.deepEqual(seen, { promise: true, value: 5, calls: 0 })
  })
})

describe('results do not survive', () => {
  test('an invalidation of one of their tags; the others do', async () => {
    const tags = () =>
      page.evaluate(() => {
        globalThis.f = wrap({ tags: ([id]) => [`user:${id}`, 'user'] })
        return f.ready
      })
    await tags()
    await page.evaluate(async () => {
      for (const id of [1, 2, 3]) await f(id)
      await f.flush()
    })
    await reload()
    await tags()
    // Not one of them is in the function's memory yet.
    await page.evaluate(async () => {
      lib.mime.invalidateTags('user:1')
      await f.flush()
    })
    await reload()
    await tags()
    const made = await page.evaluate(async () => {
      for (const id of [1, 2, 3]) await f(id)
      return calls
    })
    assert.equal(made, 1)
    await page.evaluate(async () => {
      lib.mime.invalidateTags('us*')
      await f.flush()
    })
    await reload()
    await tags()
    assert.equal(await page.evaluate(async () => (await f(2)) && (await f(3)) && calls), 2)
  })

  test('their ttl', async () => {
    await page.evaluate(async () => {
      const f = wrap({ ttl: '300ms' })
      await f('short')
      await f.flush()
    })
    await page.waitForTimeout(400)
    await reload()
    assert.equal(await page.evaluate(async () => (await wrap({ ttl: '300ms' })('short')) && calls), 1)
  })

  test('an invalidation, a clear, another version, another name', async () => {
    await page.evaluate(async () => {
      const f = wrap()
      for (const key of ['gone', 'kept']) await f(key)
      await f.flush()
      f.invalidate('gone')
      await f.flush()
    })
    await reload()
    const loads = await page.evaluate(async () => {
      for (const key of ['kept', 'gone']) await wrap()(key)
      return calls
    })
    assert.equal(loads, 1)
    assert.equal(await page.evaluate(async () => (await wrap({ version: '2' })('kept')) && calls), 2)
    assert.equal(await page.evaluate(async () => (await wrap({ name: 'other' })('kept')) && calls), 3)
    await page.evaluate(async () => {
      const f = wrap()
      await f.ready
      f.clear()
      await f.flush()
    })
    await reload()
    assert.equal(await page.evaluate(async () => (await wrap()('kept')) && calls), 1)
  })

  test('arguments that go by identity are cached in memory and not persisted', async () => {
    await page.evaluate(async () => {
      const f = wrap()
      class Socket {}
      const socket = new Socket()
      await f(socket).catch(() => {})
      await f(socket).catch(() => {})
      await f(5)
      await f.flush()
      globalThis.seen = { calls, sets: f.stats() }
    })
    assert.equal(await page.evaluate('calls'), 2)
  })
})

describe('failures', () => {
  test('without IndexedDB everything works in memory', async () => {
    const seen = await page.evaluate(async () => {
      Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true })
      const f = wrap({ ttl: '1h' })
      const values = [await f(1), await f(1)]
      await f.ready
      await f.flush()
      return { same: values[0] === values[1], calls }
    })
    assert.deepEqual(seen, { same: true, calls: 1 })
  })

  test('a store that hangs is passed by after storeTimeout; that is an event, as one that throws is', async () => {
    const seen = await page.evaluate(async () => {
      const never = new Promise(() => {})
      const base = { ready: never, set() {}, delete() {}, clear() {}, flush: async () => {} }
      const { mime } = globalThis.lib
      const events = []
      const onEvent = ({ type }) => type === 'error' && events.push(type)
      const options = { name: 'f', storeTimeout: '50ms', onEvent }
      const hangs = mime(async x => x, { ...options, store: { ...base, get: () => never } })
      const throws = mime(async x => x, { ...options, store: { ...base, get() { throw new Error('x') }, set() { throw new Error('y') } } }) // biome-ignore format: one line
      const rejects = mime(async x => x, {
        ...options,
        store: { ...base, get: () => Promise.reject(new Error('z')) },
      })
      return { values: [await hangs(1), await throws(2), await rejects(3)], events }
    })
    assert.deepEqual(seen.values, [1, 2, 3])
    assert.deepEqual(seen.events, ['error', 'error', 'error', 'error'])
  })

  test('a Content-Security-Policy without wasm-unsafe-eval gives a coded error that says so', async () => {
    const strict = await browser.context.newPage()
    await strict.route('**/strict', route =>
      route.fulfill({
        contentType: 'text/html',
        headers: { 'content-security-policy': "script-src 'self' 'unsafe-inline'" },
        body: `<!doctype html><script type=module>
          import { mime } from '/js/entry/inline.js'
          try { mime(x => x) } catch (error) { document.title = error.code + ' ' + error.message }
        </script>`,
      }),
    )
    await strict.goto(`${server.origin}/strict`)
    await strict.waitForFunction(() => document.title !== '')
    const title = await strict.title()
    assert.ok(title.startsWith('ERR_WASM_BLOCKED'), title)
    assert.ok(title.includes('wasm-unsafe-eval'))
  })
})
