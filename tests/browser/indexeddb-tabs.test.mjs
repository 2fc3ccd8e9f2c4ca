import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { browse, serve } from './harness.mjs'

/** One database in many tabs and workers, through what a page sees. */

let server
let browser

before(async () => {
  server = await serve()
})
after(() => server.close())
beforeEach(async () => {
  browser = await browse()
})
afterEach(() => browser.end())

/** A tab with a function `f` of the given options. */
async function open(options = {}, path = '/blank') {
  const page = await browser.context.newPage()
  await page.goto(`${server.origin}${path}`)
  await define(page, options)
  return page
}

function define(page, options = {}) {
  return page.evaluate(async options => {
    const { mime, indexedDBStore } = await import('/js/entry/inline.js')
    globalThis.calls = 0
    globalThis.store ??= indexedDBStore()
    globalThis.lib = { mime }
    const load = async x => {
      calls++
      return `${x} of ${options.tab ?? 'a tab'}`
    }
    if (options.tags) options.tags = x => [`tag ${x}`]
    const { tab, ...rest } = options
    globalThis.f = mime(load, { name: 'f', version: '1', store, ...rest })
    await f.ready
  }, options)
}

/** Whether the tab calls the function again for 1 within so many milliseconds. */
const forgetsWithin = (page, ms) =>
  page.evaluate(async ms => {
    const until = performance.now() + ms
    while (performance.now() < until) {
      if (!f.has(1)) return true
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    return false
  }, ms)

describe('an invalidation in one tab is honoured in the others within 100 ms', () => {
  const ways = {
    'of a key': () => f.invalidate(1),
    'of everything': () => f.clear(),
    'of a tag': () => lib.mime.invalidateTags('tag 1'),
    'of a prefix': () => lib.mime.invalidateTags('tag*'),
    'by a predicate': () => f.invalidateIf(([x]) => x === 1),
  }
  for (const [what, invalidate] of Object.entries(ways)) {
    test(what, async () => {
      const a = await open({ tags: true, tab: 'a' })
      const b = await open({ tags: true, tab: 'b' })
      assert.equal(await a.evaluate(() => f(1)), '1 of a')
      await a.evaluate(() => f.flush())
      // B has it in memory, of its own making or as A's.
      await b.evaluate(() => f(1))
      assert.equal(await b.evaluate(() => f.has(1)), true)
      // B's own, which A knows nothing of.
      await b.evaluate(() => f(2))
      const forgot = forgetsWithin(b, 100)
      await a.evaluate(invalidate)
      assert.equal(await forgot, true)
      await b.evaluate(() => f.flush())
      assert.equal(await b.evaluate(() => f(1)), '1 of b')
    })
  }

  test('also by a tag that only the other tab’s unwritten result has', async () => {
    const a = await open({ tags: true, tab: 'a' })
    const b = await open({ tags: true, tab: 'b' })
    await b.evaluate(() => f(1))
    const forgot = forgetsWithin(b, 100)
    await a.evaluate(() => lib.mime.invalidateTags('tag 1'))
    assert.equal(await forgot, true)
    await b.evaluate(() => f.flush())
    await b.reload()
    await define(b, { tags: true, tab: 'b' })
    await b.evaluate(() => f(1))
    assert.equal(await b.evaluate(() => calls), 1)
  })

  test('what runs meanwhile is not stored', async () => {
    const a = await open({ tab: 'a' })
    const b = await open({ tab: 'b' })
    await b.evaluate(() => {
      globalThis.g = lib.mime(() => new Promise(resolve => (globalThis.finish = resolve)), { name: 'f', version: '1', store }) // biome-ignore format: one line
      globalThis.running = g(1)
    })
    await a.evaluate(() => f.invalidate(1))
    await b.waitForTimeout(100)
    await b.evaluate(async () => {
      finish('old')
      await running
    })
    assert.equal(await b.evaluate(() => g.has(1)), false)
  })
})

describe('a tab that stood still', () => {
  test('and heard nothing of an invalidation, catches up when it is shown again', async () => {
    const a = await open({ tab: 'a' })
    const b = await browser.context.newPage()
    await b.addInitScript(() => delete globalThis.BroadcastChannel)
    await b.goto(`${server.origin}/blank`)
    await define(b, { tab: 'b' })
    await b.evaluate(async () => {
      await f(1)
      await f(2)
      await f.flush()
    })
    await a.evaluate(async () => {
      f.invalidate(1)
      await f.flush()
    })
    assert.equal(await forgetsWithin(b, 100), false)
    const forgot = forgetsWithin(b, 1000)
    await b.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
    assert.equal(await forgot, true)
    assert.equal(await b.evaluate(() => f.has(2)), true)
  })

  test('in the back/forward cache: the same in earnest', { timeout: 30_000 }, async () => {
    const kept = await browse(undefined, { ignoreDefaultArgs: ['--disable-back-forward-cache'] })
    try {
      const open = async tab => {
        const page = await kept.context.newPage()
        await page.goto(`${server.origin}/blank`)
        await define(page, { tab })
        return page
      }
      const [a, b] = [await open('a'), await open('b')]
      await b.evaluate(async () => {
        await f(1)
        await f(2)
        await f.flush()
        addEventListener('pageshow', ({ persisted }) => (globalThis.persisted = persisted))
      })
      await b.goto(`${server.origin}/blank?elsewhere`)
      await a.evaluate(async () => {
        f.invalidate(1)
        await f.flush()
      })
      // No load follows, for which `goBack` would wait.
      await b.evaluate(() => setTimeout(() => history.back()))
      const isCaughtUp = () => b.evaluate(() => globalThis.persisted === true && !f.has(1)).catch(() => false)
      while (!(await isCaughtUp())) await new Promise(resolve => setTimeout(resolve, 50))
      assert.deepEqual(await b.evaluate(() => [f.has(2), calls]), [true, 2])
    } finally {
      await kept.end()
    }
  })

  test('finds what another tab has stored since', async () => {
    const a = await open({ tab: 'a' })
    const b = await open({ tab: 'b' })
    await a.evaluate(async () => {
      await f(5)
      await f.flush()
    })
    await b.waitForTimeout(50)
    assert.deepEqual(await b.evaluate(async () => [await f(5), calls]), ['5 of a', 0])
  })
})

describe("singleFlight: 'origin'", { timeout: 120_000 }, () => {
  /** Counts loads over all tabs: the function fetches. */
  async function counting(delay) {
    const loads = new Map()
    const backend = createServer((request, response) => {
      const key = new URL(request.url, 'http://x').searchParams.get('key')
      loads.set(key, (loads.get(key) ?? 0) + 1)
      setTimeout(() => {
        response.writeHead(200, { 'access-control-allow-origin': '*' }).end(`value ${key}`)
      }, delay).unref()
    })
    await new Promise(resolve => backend.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${backend.address().port}/`
    return { loads, url, close: () => backend.closeAllConnections() ?? backend.close() }
  }

  const wrap = async ({ url, options = {} }) => {
    const { mime, indexedDBStore } = await import('/js/entry/inline.js')
    globalThis.store ??= indexedDBStore()
    const load = async key => (await fetch(`${url}?key=${key}`)).text()
    globalThis.shared = mime(load, {
      name: 'shared',
      version: '1',
      singleFlight: 'origin',
      store,
      ...options,
    })
  }

  test('4 tabs × 30 cold keys are exactly 30 loads', async () => {
    const { loads, url, close } = await counting(30)
    try {
      const tabs = await Promise.all(Array.from({ length: 4 }, () => open()))
      await Promise.all(tabs.map(tab => tab.evaluate(wrap, { url })))
      const results = await Promise.all(
        tabs.map(tab =>
          tab.evaluate(async () => Promise.all(Array.from({ length: 30 }, (_, key) => shared(key)))),
        ),
      )
      assert.deepEqual([...loads.values()], new Array(30).fill(1))
      for (const values of results) assert.deepEqual(values, results[0])
      assert.equal(results[0][29], 'value 29')
    } finally {
      close()
    }
  })

  test('a tab that is killed in the middle of its load frees the others', async () => {
    const { loads, url, close } = await counting(3_600_000)
    try {
      const [killed, other] = [await open(), await open()]
      await killed.evaluate(wrap, { url })
      await killed.evaluate(() => void shared(1).catch(() => {}))
      while (!loads.has('1')) await new Promise(resolve => setTimeout(resolve, 10))
      await other.evaluate(async () => {
        const { mime } = await import('/js/entry/inline.js')
        const options = { name: 'shared', version: '1', singleFlight: 'origin', store }
        globalThis.shared = mime(async () => 'mine', options)
        globalThis.waiting = shared(1)
      })
      const early = await other.evaluate(() => Promise.race([waiting, new Promise(r => setTimeout(r, 200, 'still waiting'))])) // biome-ignore format: one line
      assert.equal(early, 'still waiting')
      const crash = await browser.context.newCDPSession(killed)
      crash.send('Page.crash').catch(() => {})
      assert.equal(await other.evaluate(() => waiting), 'mine')
    } finally {
      close()
    }
  })

  test('a tab that goes elsewhere in the middle of its load frees the others, back/forward cache or not', async () => {
    const kept = await browse(undefined, { ignoreDefaultArgs: ['--disable-back-forward-cache'] })
    try {
      const open = async isSlow => {
        const page = await kept.context.newPage()
        await page.goto(`${server.origin}/blank`)
        await page.evaluate(async isSlow => {
          const { mime, indexedDBStore } = await import('/js/entry/inline.js')
          const load = async () => {
            globalThis.began = true
            return isSlow ? new Promise(() => {}) : 'of the other'
          }
          globalThis.f = mime(load, {
            name: 'f',
            version: '1',
            singleFlight: 'origin',
            store: indexedDBStore(),
          })
        }, isSlow)
        return page
      }
      const [gone, other] = [await open(true), await open(false)]
      await gone.evaluate(() => void f(1).catch(() => {}))
      await gone.waitForFunction(() => globalThis.began)
      await gone.goto(`${server.origin}/blank?elsewhere`)
      assert.equal(await other.evaluate(() => f(1)), 'of the other')
    } finally {
      await kept.end()
    }
  })

  test('page, dedicated, shared and service worker: one load', async () => {
    const { loads, url, close } = await counting(50)
    const source = `
      import { indexedDBStore, mime } from '${server.origin}/js/entry/inline.js'
      const load = async key => (await fetch('${url}?key=' + key)).text()
      const shared = mime(load, { name: 'shared', version: '1', singleFlight: 'origin', store: indexedDBStore() })
      const answer = async port => port.postMessage(await shared('w').catch(String))
      addEventListener('message', event => answer(event.ports[0] ?? self))
      addEventListener('connect', event => answer(event.ports[0]))`
    try {
      const page = await browser.context.newPage()
      server.scripts.set('/worker.js', source)
      await page.goto(`${server.origin}/blank`)
      await page.evaluate(wrap, { url })
      const values = await page.evaluate(async () => {
        const inDedicated = new Promise(resolve => {
          const worker = new Worker('/worker.js', { type: 'module' })
          worker.onmessage = ({ data }) => resolve(data)
          worker.postMessage('')
        })
        const inShared = new Promise(resolve => {
          const { port } = new SharedWorker('/worker.js', { type: 'module' })
          port.onmessage = ({ data }) => resolve(data)
        })
        return Promise.all([shared('w'), inDedicated, inShared])
      })
      assert.deepEqual(values, new Array(3).fill('value w'))
      assert.deepEqual([...loads.entries()], [['w', 1]])
      // A service worker comes later, and finds it in the database.
      const inService = await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.register('/worker.js', {
          type: 'module',
          scope: '/',
        })
        const worker = registration.installing ?? registration.waiting ?? registration.active
        const { port1, port2 } = new MessageChannel()
        const answer = new Promise(resolve => (port1.onmessage = ({ data }) => resolve(data)))
        worker.postMessage('', [port2])
        return answer
      })
      assert.equal(inService, 'value w')
      assert.equal(loads.get('w'), 1)
    } finally {
      close()
    }
  })
})

describe('what another tab has stored since this one looked', () => {
  const ofB = tab => tab.evaluate(() => f(2).then(value => f.flush().then(() => value)))
  const there = tab => tab.evaluate(() => f(2))

  test('goes by its tag, for the tab that invalidates and for those after it', async () => {
    const a = await open({ tags: true, tab: 'a' })
    const b = await open({ tags: true, tab: 'b' })
    assert.equal(await ofB(b), '2 of b')
    await b.close()
    const after = await a.evaluate(() => {
      lib.mime.invalidateTags('tag 2')
      return f(2)
    })
    assert.equal(after, '2 of a')
    await a.evaluate(() => f.flush())
    await a.reload()
    await define(a, { tags: true, tab: 'later' })
    assert.equal(await there(a), '2 of a')
  })

  test('is not taken over when its deletion is heard first', async () => {
    const a = await open({ tab: 'a' })
    const b = await open({ tab: 'b' })
    assert.equal(await ofB(a), '2 of a')
    const read = b.evaluate(async () => {
      await new Promise(resolve => {
        const channel = new BroadcastChannel('my-mimic my-mimic')
        channel.onmessage = ({ data }) => data.type === 'deleted' && resolve()
      })
      await new Promise(resolve => setTimeout(resolve, 20))
      return f(2)
    })
    await a.evaluate(() => new Promise(resolve => setTimeout(resolve, 50)))
    await a.evaluate(() => void f.invalidate(2))
    assert.equal(await read, '2 of b')
  })

  test('goes with forget(), also as the first thing a page does', async () => {
    const a = await open({ tab: 'a' })
    assert.equal(await ofB(a), '2 of a')
    await a.reload()
    await a.evaluate(async () => {
      const { indexedDBStore } = await import('/js/entry/inline.js')
      const store = indexedDBStore()
      store.forget()
      await store.close()
    })
    await define(a, { tab: 'later' })
    assert.equal(await there(a), '2 of later')
  })

  test('goes when what is set in its place cannot be stored', async () => {
    const a = await open({ tab: 'a' })
    assert.equal(await ofB(a), '2 of a')
    await a.reload()
    await a.evaluate(async () => {
      const { createMime, indexedDBStore } = await import('/js/entry/inline.js')
      globalThis.store = indexedDBStore()
      const f = createMime()(async x => x, { name: 'f', version: '1', store })
      f.set([2], () => {})
      await f.flush()
      await store.close()
      globalThis.store = undefined
    })
    await define(a, { tab: 'later' })
    assert.equal(await there(a), '2 of later')
  })
})
