import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { counted, manual, settled } from '../calls/wrapped.mjs'

/** mime(fetch, …) against a real server. */

const clock = manual()
const mime = createMime({ clock })
const boom = new Error('boom')

/** What the server was asked, and answers that are still being sent. */
const asked = []
const open = []
let server
let origin

before(async () => {
  server = createServer((request, response) => {
    const chunks = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url, 'http://localhost')
      asked.push(`${request.method} ${pathname} ${Buffer.concat(chunks)}`)
      response.on('close', () => {
        response.wasCut = !response.writableFinished
      })
      if (pathname === '/held') {
        open.push(response)
        return
      }
      if (pathname === '/slow') {
        open.push(response)
        response.writeHead(200)
        response.write('begun ')
        return
      }
      response.writeHead(Number(searchParams.get('status') ?? 200), { 'x-count': asked.length })
      response.end(
        searchParams.has('size') ? Buffer.alloc(Number(searchParams.get('size')), 'x') : `${asked.length}`,
      )
    })
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${server.address().port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

/** What was asked while `run` ran. */
async function asking(run) {
  asked.length = 0
  await run()
  return asked.splice(0)
}

async function until(check) {
  for (let i = 0; i < 500 && !check(); i++) await new Promise(resolve => setTimeout(resolve, 2))
  assert.ok(check(), 'it never comes to that')
}

const texts = responses => Promise.all(responses.map(async response => (await response).text()))

describe('mime(fetch)', () => {
  test('one request; every caller reads its own body, at once and later', async () => {
    const get = mime(fetch, '5m')
    const seen = await asking(async () => {
      assert.deepEqual(new Set(await texts([get(`${origin}/a`), get(`${origin}/a`)])), new Set(['1']))
      const late = await get(`${origin}/a`)
      assert.deepEqual([await late.text(), late.status, late.headers.get('x-count')], ['1', 200, '1'])
      assert.equal(late.url, `${origin}/a`)
    })
    assert.deepEqual(seen, ['GET /a '])
    clock.time += 300_000
    assert.equal((await asking(() => get(`${origin}/a`))).length, 1)
  })

  test('a URL and a text are two arguments; options count, their signal does not', async () => {
    const get = mime(fetch, '5m')
    const seen = await asking(async () => {
      for (const method of ['GET', 'HEAD', 'GET']) await get(`${origin}/b`, { method, signal: new AbortController().signal }) // biome-ignore format: one line
      await get(`${origin}/b`, { method: 'GET' })
    })
    assert.deepEqual(seen, ['GET /b ', 'HEAD /b '])
  })

  test('ttl by the status, tags by the Response, invalidateIf, invalidate, set', async () => {
    const get = mime(fetch, {
      ttl: response => (response.ok ? '1h' : 0),
      tags: (_args, response) => [`status:${response.status}`],
    })
    const [good, bad] = [`${origin}/c`, `${origin}/c?status=500`]
    const seen = await asking(async () => {
      for (const url of [good, bad, good, bad]) await (await get(url)).text()
    })
    assert.equal(seen.length, 3)
    assert.equal(mime.invalidateTags('status:200'), 1)
    await get(good)
    assert.equal(
      get.invalidateIf(([url], response) => url === good && response.status === 200),
      1,
    )
    await get(good)
    assert.equal(get.invalidate(good), true)
    get.set([good], new Response('set', { status: 201 }))
    assert.deepEqual(await texts([get(good), get(good)]), ['set', 'set'])
  })

  test('staleWhileRevalidate and refresh hand out Responses that can be read', async () => {
    const get = mime(fetch, { ttl: '1s', staleWhileRevalidate: '1h' })
    const url = `${origin}/d`
    asked.length = 0
    assert.equal(await (await get(url)).text(), '1')
    clock.time += 1500
    assert.deepEqual(await texts([get(url), get(url)]), ['1', '1'])
    await until(() => asked.length === 2)
    await until(() => get.stats().pending === 0)
    assert.equal(await (await get(url)).text(), '2')
    assert.deepEqual(await texts([get.refresh(url), get(url)]), ['3', '2'])
    assert.equal(await (await get(url)).text(), '3')
  })

  test('staleIfError: the server is gone', async () => {
    let down = false
    const get = mime(async url => (down ? Promise.reject(boom) : fetch(url)), {
      ttl: '1s',
      staleIfError: '1h',
    })
    const first = await (await get(`${origin}/e`)).text()
    clock.time += 1500
    down = true
    assert.deepEqual(await texts([get(`${origin}/e`), get(`${origin}/e`)]), [first, first])
  })

  test('maxBytes: large bodies count when they are there, too large ones are passed on', async t => {
    t.mock.method(console, 'warn', () => {})
    const get = mime(fetch, { maxBytes: '50KB' })
    const url = size => `${origin}/f?size=${size}`
    for (const size of [20_000, 20_001]) await (await get(url(size))).text()
    await settled()
    assert.ok(get.stats().bytes > 40_000 && get.stats().bytes <= 50_000)
    await (await get(url(20_002))).text()
    await settled()
    assert.ok(get.stats().bytes <= 50_000)
    assert.equal(get.stats().entries, 2)
    assert.equal((await (await get(url(60_000))).text()).length, 60_000)
    await settled()
    assert.equal(get.has(url(60_000)), false)
    assert.equal(console.warn.mock.callCount(), 1)
  })

  test('sizeOf is believed for Responses too', async () => {
    const get = mime(fetch, { sizeOf: () => 7, maxBytes: '50KB' })
    await (await get(`${origin}/g?size=40000`)).text().catch(() => {})
    await settled()
    assert.equal(get.stats().entries, 1)
    assert.ok(get.stats().bytes < 1000)
  })

  test('a body that breaks off: its readers get the error, the entry goes, the next call asks again', async () => {
    const errors = []
    const get = mime(fetch, { onEvent: event => event.type === 'error' && errors.push(event) })
    const url = `${origin}/slow`
    const two = await Promise.all([get(url), get(url)])
    assert.equal(get.has(url), true)
    open.pop().destroy()
    for (const response of two) await assert.rejects(response.text())
    await until(() => !get.has(url))
    assert.equal(errors.length, 1)
    const again = get(url)
    await until(() => open.length === 1)
    open.pop().end('and ended')
    assert.deepEqual(await texts([again, get(url)]), ['begun and ended', 'begun and ended'])
  })

  test('a body that ends while its entry is loaded anew touches nothing else', async () => {
    const get = mime(fetch)
    for (let i = 0; i < 20; i++) await get(`${origin}/h${i}`)
    const url = `${origin}/slow`
    await get(url)
    const [begun] = open.splice(0)
    const refreshed = get.refresh(url)
    await until(() => open.length === 1)
    begun.end()
    await settled(20)
    open.pop().end('anew')
    assert.equal(await (await refreshed).text(), 'begun anew')
    for (let i = 0; i < 20; i++) assert.equal((await get(`${origin}/h${i}`)).status, 200)
    assert.equal(get.stats().loads, 22)
  })

  test('and counts when that load fails', async () => {
    let down = false
    const get = mime(async url => (down ? settled(20).then(() => Promise.reject(boom)) : fetch(url)))
    const url = `${origin}/slow`
    const response = await get(url)
    down = true
    const refreshed = get.refresh(url)
    open.pop().end('x'.repeat(5000))
    await response.text()
    await assert.rejects(refreshed, boom)
    assert.ok(get.stats().bytes > 5000)
    assert.equal((await (await get(url)).text()).length, 5006)
  })

  test('one of two callers aborts: at once and alone; the other reads all', async () => {
    const get = mime(fetch)
    const url = `${origin}/slow`
    const [one, two] = [new AbortController(), new AbortController()]
    const calls = [one, two].map(({ signal }) => get(url, { signal }))
    one.abort(boom)
    await assert.rejects(calls[0], error => error === boom)
    const response = await calls[1]
    open.pop().end('and ended')
    assert.equal(await response.text(), 'begun and ended')
    two.abort()
    const { signal } = new AbortController()
    assert.equal(await (await get(url, { signal })).text(), 'begun and ended')
  })

  test('all abort: the request ends', async () => {
    const seen = []
    const get = mime(async (url, { signal }) => {
      seen.push(signal)
      return fetch(url, { signal })
    })
    const [one, two] = [new AbortController(), new AbortController()]
    const calls = [one, two].map(({ signal }) => get(`${origin}/never`, { signal }))
    one.abort(boom)
    two.abort(boom)
    for (const call of calls) await assert.rejects(call, error => error === boom)
    assert.equal(seen[0].aborted, true)
    assert.equal(get.stats().pending, 0)
  })

  test('a store is not given Responses, which it would hand out read; said once', async t => {
    t.mock.method(console, 'warn', () => {})
    const store = memoryStore()
    const get = createMime({ store, maxEntries: 1, version: '1' })(fetch)
    for (const path of ['i', 'j', 'i', 'j'])
      assert.match(await (await get(`${origin}/${path}`)).text(), /^\d+$/)
    assert.equal(store.stats().entries, 0)
    assert.equal(console.warn.mock.callCount(), 1)
    assert.match(console.warn.mock.calls[0].arguments[0], /ERR_NOT_PERSISTED/)
    get.set([`${origin}/k`], new Response('set'))
    assert.equal(store.stats().entries, 0)
  })
})

describe('Requests', () => {
  const post = (path, body, init) => new Request(`${origin}${path}`, { method: 'POST', body, ...init })

  test('count by method, URL, headers and body, however they are made', async () => {
    const get = mime(fetch)
    const seen = await asking(async () => {
      for (const body of ['x', 'y', 'x']) await get(post('/l', body))
      await get(
        post('/l', new TextEncoder().encode('x'), {
          headers: { 'content-type': 'text/plain;charset=UTF-8' },
        }),
      )
      await get(post('/l', 'x', { headers: { 'x-a': '1' } }))
      await Promise.all([get(post('/m', 'z')), get(post('/m', 'z'))])
      await get(new Request(`${origin}/l`))
      await get(new Request(`${origin}/l`))
    })
    assert.deepEqual(seen, ['POST /l x', 'POST /l y', 'POST /l x', 'POST /m z', 'GET /l '])
  })

  test('the first two calls of all share one request', async () => {
    const get = mime(fetch)
    const seen = await asking(async () => {
      const both = await Promise.all([get(post('/first', 'x')), get(post('/first', 'x'))])
      assert.deepEqual(await texts(both), await texts([get(post('/first', 'x')), get(post('/first', 'x'))]))
    })
    assert.deepEqual(seen, ['POST /first x'])
  })

  test('their own signals: each leaves alone', async () => {
    const get = mime(fetch)
    const one = new AbortController()
    const calls = [
      get(new Request(`${origin}/held`, { signal: one.signal })),
      get(new Request(`${origin}/held`)),
    ]
    await until(() => open.length === 1)
    one.abort(boom)
    await assert.rejects(calls[0], error => error === boom || error.name === 'AbortError')
    open.pop().end('ended')
    assert.equal(await (await calls[1]).text(), 'ended')
  })

  test('who aborts while the body is read leaves at once, and nothing is called', async t => {
    t.mock.method(console, 'warn', () => {})
    const fn = counted(async () => 'v')
    const f = mime(async request => fn(request))
    const one = new AbortController()
    let end
    const body = new ReadableStream({
      start(source) {
        end = () => source.close()
      },
    })
    const call = f(post('/p', body, { duplex: 'half', signal: one.signal }))
    await settled()
    one.abort(boom)
    let left
    call.catch(reason => (left = reason))
    await settled()
    assert.equal(left, boom)
    end()
    await settled(10)
    assert.deepEqual([fn.calls, f.stats().pending], [0, 0])
  })

  test('a body that was read: not cached, said once; the caller gets what fetch says', async t => {
    t.mock.method(console, 'warn', () => {})
    const fn = counted(async request => request.bodyUsed)
    const f = mime(async request => fn(request))
    const used = post('/n', 'x')
    await used.text()
    assert.deepEqual([await f(used), await f(used), fn.calls], [true, true, 2])
    assert.equal(console.warn.mock.callCount(), 1)
    assert.deepEqual([f.stats().entries, f.stats().pending], [0, 0])
  })

  test('a sync function cannot wait for a body: not cached, said once', t => {
    t.mock.method(console, 'warn', () => {})
    const f = mime(counted(request => request.method))
    assert.deepEqual([f(post('/o', 'x')), f(post('/o', 'x'))], ['POST', 'POST'])
    assert.equal(console.warn.mock.callCount(), 1)
    assert.deepEqual([f.stats().entries, f.stats().pending], [0, 0])
  })
})
