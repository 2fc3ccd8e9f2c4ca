import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import '../../js/entry/inline.js'
import { copiesOf, isResponse } from '../../js/response.js'

/** Copies of what a real server answers, and of Responses made by hand. */

const LARGE = 20 * 2 ** 20
const filled = size => Buffer.from({ length: size }, (_, i) => i % 251)
const large = Buffer.alloc(LARGE, filled(251 * 64))
const wait = ms => new Promise(resolve => setTimeout(resolve, ms))
const settled = () => new Promise(setImmediate)

/** Answers that are still being sent, by path. @type {Map<string, import('node:http').ServerResponse>} */
const open = new Map()
/** @type {Record<string, (response: import('node:http').ServerResponse, path: string) => void>} */
const routes = {
  empty: response => response.end(),
  one: response => response.end('x'),
  middle: response => response.end(filled(100_000)),
  large: response => response.end(large),
  json: response =>
    response.writeHead(201, 'Made', { 'content-type': 'application/json', 'x-a': '1' }).end('{"a":1}'),
  cookies: response => response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end('c'),
  gzip: response =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('zipped '.repeat(1000))),
  none: response => response.writeHead(204).end(),
  same: response => response.writeHead(304, { etag: '"1"' }).end(),
  moved: response => response.writeHead(302, { location: '/json' }).end(),
  missing: response => response.writeHead(404, 'Nowhere').end('no'),
  events: response => {
    open.set('events', response.writeHead(200, { 'content-type': 'text/event-stream' }))
    response.flushHeaders()
  },
  slow: (response, path) => {
    open.set(path, response)
    response.flushHeaders()
  },
}

let origin
let server

before(async () => {
  server = createServer((request, response) => {
    const path = request.url.slice(1)
    ;(routes[path] ?? routes.slow)(response, path)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${server.address().port}/`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

const MAX = 64 * 2 ** 20
const get = (path, init) => fetch(origin + path, init)

async function copies(response, maxBytes = MAX) {
  const made = copiesOf(await response, maxBytes)
  assert.ok(made, 'it can be copied')
  return made
}

/** A body whose chunks come when the test says so. */
function manual(init) {
  let source
  let cancelled
  const stream = new ReadableStream({
    start: controller => void (source = controller),
    cancel: reason => void (cancelled = { reason }),
  })
  return {
    response: new Response(stream, init),
    give: text => source.enqueue(Buffer.from(text)),
    end: () => source.close(),
    fail: error => source.error(error),
    cancelled: () => cancelled,
  }
}

describe('each caller has a Response of its own', () => {
  for (const [path, body] of [
    ['empty', Buffer.alloc(0)],
    ['one', Buffer.from('x')],
    ['middle', filled(100_000)],
    ['large', large],
  ]) {
    test(`${body.length} bytes, read at once and later`, async () => {
      const made = await copies(get(path))
      const early = [made.take(), made.take(), made.take()]
      for (const bytes of await Promise.all(early.map(copy => copy.arrayBuffer())))
        assert.ok(body.equals(Buffer.from(bytes)))
      assert.deepEqual(await made.done, { bytes: body.length })
      const late = [made.take(), made.take()]
      for (const copy of late) assert.ok(body.equals(Buffer.from(await copy.arrayBuffer())))
      assert.equal(made.take().bodyUsed, false)
    })
  }

  test('text, json, bytes, blob and streams, side by side, while it comes and when it is there', async () => {
    const made = await copies(get('json'))
    for (let round = 0; round < 2; round++) {
      const [a, b, c, d, e] = Array.from({ length: 5 }, () => made.take())
      const stream = async () => {
        const pieces = []
        for await (const piece of d.body) pieces.push(piece)
        return Buffer.concat(pieces).toString()
      }
      const byob = async () => {
        const reader = e.body.getReader({ mode: 'byob' })
        let text = ''
        for (;;) {
          const { value, done } = await reader.read(new Uint8Array(3))
          if (done) return text
          text += Buffer.from(value)
        }
      }
      const read = [a.text(), b.json(), c.blob().then(blob => blob.text()), stream(), byob()]
      assert.deepEqual(await Promise.all(read), ['{"a":1}', { a: 1 }, '{"a":1}', '{"a":1}', '{"a":1}'])
      await made.done
    }
  })

  test('its status, text, headers, url and type', async () => {
    const original = await get('json')
    const { url, type } = original
    const made = await copies(original)
    for (let round = 0; round < 2; round++) {
      for (const copy of [made.take(), made.take().clone(), made.take().clone().clone()]) {
        assert.ok(copy instanceof Response)
        assert.deepEqual(
          [copy.status, copy.statusText, copy.ok, copy.url, copy.type, copy.redirected],
          [201, 'Made', true, url, type, false],
        )
        assert.equal(copy.headers.get('x-a'), '1')
        assert.deepEqual(await copy.json(), { a: 1 })
      }
      await made.done
    }
  })

  test('a redirect shows where it ended', async () => {
    const made = await copies(get('moved'))
    for (const copy of [made.take(), made.take()]) {
      assert.deepEqual([copy.redirected, copy.url], [true, `${origin}json`])
    }
    const manual = await copies(get('moved', { redirect: 'manual' }))
    assert.equal(manual.take().status, 302)
  })

  test('an error of the server is a Response too', async () => {
    const copy = (await copies(get('missing'))).take()
    assert.deepEqual([copy.status, copy.ok, await copy.text()], [404, false, 'no'])
  })

  test('several cookies stay several', async () => {
    assert.deepEqual((await copies(get('cookies'))).take().headers.getSetCookie(), ['a=1', 'b=2'])
  })

  test('gzip is undone once', async () => {
    const made = await copies(get('gzip'))
    const early = made.take()
    assert.equal(await early.text(), 'zipped '.repeat(1000))
    assert.deepEqual(await made.done, { bytes: 7000 })
    assert.equal(early.headers.get('content-encoding'), 'gzip')
    assert.equal(await made.take().text(), 'zipped '.repeat(1000))
  })

  test('without a body: 204, 304, HEAD', async () => {
    for (const [path, init, status] of [
      ['none', {}, 204],
      ['same', {}, 304],
      ['middle', { method: 'HEAD' }, 200],
    ]) {
      const made = await copies(get(path, init))
      assert.deepEqual(await made.done, { bytes: 0 })
      for (const copy of [made.take(), made.take()]) {
        assert.deepEqual([copy.status, copy.body, await copy.text()], [status, null, ''])
      }
    }
    assert.equal((await copies(get('same'))).take().headers.get('etag'), '"1"')
    const empty = await copies(new Response(''))
    await empty.done
    assert.notEqual(empty.take().body, null, 'an empty body is none the less one')
  })

  test('Response.error()', async () => {
    const made = await copies(Response.error())
    assert.deepEqual([made.take().type, made.take().status, await made.done], ['error', 0, { bytes: 0 }])
  })

  test('changed headers and bytes are nobody else’s', async () => {
    const original = new Response('body', { headers: { a: '1' } })
    const made = await copies(original)
    original.headers.set('a', 'original')
    for (let round = 0; round < 2; round++) {
      const [one, other] = [made.take(), made.take()]
      one.headers.set('a', '2')
      new Uint8Array(await one.arrayBuffer()).fill(0)
      for await (const piece of made.take().body) piece.fill(0)
      assert.equal(other.headers.get('a'), '1')
      assert.equal(await other.text(), 'body')
      await made.done
    }
  })

  test('a source that uses its buffer again, or gives empty chunks', async () => {
    const buffer = Buffer.from('a')
    const chunks = ['a', '', 'b', 'c']
    const stream = new ReadableStream(
      {
        pull(controller) {
          const text = chunks.shift()
          if (text === undefined) return controller.close()
          if (text !== '') buffer.write(text)
          controller.enqueue(text === '' ? new Uint8Array(0) : buffer)
        },
      },
      { highWaterMark: 0 },
    )
    const made = await copies(new Response(stream))
    const early = made.take()
    assert.deepEqual(await made.done, { bytes: 3 })
    assert.deepEqual([await early.text(), await made.take().text()], ['abc', 'abc'])
  })

  test('hits do not make a chain: each copies from the bytes', async () => {
    let clones = 0
    const { clone } = Response.prototype
    Response.prototype.clone = function () {
      clones++
      return clone.call(this)
    }
    try {
      const made = await copies(new Response('body'))
      for (let i = 0; i < 1000; i++) made.take()
      await made.done
      for (let i = 0; i < 1000; i++) assert.equal(await made.take().text(), 'body')
      assert.equal(clones, 0)
    } finally {
      Response.prototype.clone = clone
    }
  })
})

describe('a body that is still coming', () => {
  test('is read as it comes, also by those who join in its middle', async () => {
    const made = await copies(get('slow/joined'))
    const response = open.get('slow/joined')
    const reader = made.take().body.getReader()
    response.write('one ')
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'one ')
    const joined = made.take()
    response.end('two')
    assert.equal(await joined.text(), 'one two')
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'two')
    assert.equal((await reader.read()).done, true)
    assert.deepEqual(await made.done, { bytes: 7 })
  })

  test('comes to its end when the first caller cancels, and when nobody reads', async () => {
    const body = manual()
    const made = await copies(body.response)
    await made.take().body.cancel('enough')
    made.take()
    for (let i = 0; i < 100; i++) body.give('chunk')
    body.end()
    assert.deepEqual(await made.done, { bytes: 500 })
    assert.equal(await made.take().text(), 'chunk'.repeat(100))
    assert.equal(body.cancelled(), undefined)
  })

  test('that is cut off fails for everyone, with one error, and says so', async () => {
    const made = await copies(get('slow/cut'))
    const response = open.get('slow/cut')
    const early = [made.take(), made.take()]
    response.write('some')
    await wait(20)
    response.destroy()
    const { error } = await made.done
    assert.ok(error instanceof Error)
    for (const copy of [...early, made.take()]) await assert.rejects(copy.text(), thrown => thrown === error)
  })

  test('that gives no bytes fails', async () => {
    const stream = new ReadableStream({ pull: c => c.enqueue('text') })
    const made = await copies(new Response(stream))
    const copy = made.take()
    assert.ok((await made.done).error instanceof TypeError)
    await assert.rejects(copy.text(), TypeError)
  })

  test('a signal ends its own copy and no other', async () => {
    const body = manual()
    const made = await copies(body.response)
    const controller = new AbortController()
    const [mine, other] = [made.take(controller.signal), made.take()]
    body.give('a')
    const text = mine.text()
    await settled()
    controller.abort(new Error('left'))
    await assert.rejects(text, { message: 'left' })
    await assert.rejects(made.take(controller.signal).text(), { message: 'left' })
    body.give('b')
    body.end()
    assert.equal(await other.text(), 'ab')
    assert.deepEqual(await made.done, { bytes: 2 })
    assert.equal(await made.take(controller.signal).text(), 'ab', 'what is all there needs no waiting')
  })
})

describe('a body that is not kept', () => {
  const why = 'ERR_RESPONSE_NOT_KEPT'

  test('an event stream: said at once, passed on, cancelled with its last reader', async () => {
    const made = await copies(get('events'))
    assert.equal((await made.done).error.code, why)
    const [a, b] = [made.take().body.getReader(), made.take().body.getReader()]
    const response = open.get('events')
    const closed = new Promise(resolve => response.on('close', resolve))
    response.write('data: 1\n\n')
    for (const reader of [a, b]) {
      assert.equal(Buffer.from((await reader.read()).value).toString(), 'data: 1\n\n')
    }
    await a.cancel()
    response.write('data: 2\n\n')
    assert.equal(Buffer.from((await b.read()).value).toString(), 'data: 2\n\n')
    await b.cancel()
    await closed
  })

  test('one larger than the limit: known by its length or when it is passed; callers get all of it', async () => {
    for (const path of ['middle', 'slow/large']) {
      const made = await copies(get(path), 50_000)
      if (path !== 'middle') open.get(path).end(filled(100_000))
      const early = made.take()
      assert.equal((await made.done).error.code, why)
      const late = made.take()
      for (const copy of [early, late])
        assert.ok(filled(100_000).equals(Buffer.from(await copy.arrayBuffer())))
    }
  })

  test('of just the limit is kept', async () => {
    assert.deepEqual(await (await copies(new Response('12345'), 5)).done, { bytes: 5 })
    assert.equal((await (await copies(new Response('123456'), 5)).done).error.code, why)
  })

  test('past the limit it is read no faster than its readers ask', async () => {
    let given = 0
    const stream = new ReadableStream({ pull: c => c.enqueue(new Uint8Array(1000).fill(++given)) })
    const made = await copies(new Response(stream), 5000)
    const reader = made.take().body.getReader()
    await made.done
    const before = given
    for (let i = 0; i < 20; i++) await settled()
    assert.equal(given, before)
    for (let i = 0; i < 100; i++) await reader.read()
    assert.ok(given >= 100 && given < 104, `${given} chunks`)
    await reader.cancel()
  })

  test('when the entry goes, those who have a copy read on, and the last to leave cancels', async () => {
    const body = manual()
    const made = await copies(body.response)
    const [a, b] = [made.take(), made.take().body.getReader()]
    body.give('a')
    made.release()
    body.give('b')
    assert.equal(Buffer.from((await b.read()).value).toString(), 'a')
    await b.cancel('enough')
    assert.equal(body.cancelled(), undefined)
    const reader = a.body.getReader()
    await reader.read()
    await reader.cancel('enough too')
    assert.deepEqual(body.cancelled(), { reason: 'enough too' })
    assert.equal((await made.done).error.code, why)
  })

  test('when the entry goes and everybody has left, it is cancelled at once; when nobody has come yet, it is not', async () => {
    const left = manual()
    const made = await copies(left.response)
    await made.take().body.cancel()
    made.release()
    assert.ok(left.cancelled())

    const waited = manual()
    const early = await copies(waited.response)
    early.release()
    const copy = early.take()
    waited.give('a')
    waited.end()
    assert.equal(await copy.text(), 'a')
    assert.equal(waited.cancelled(), undefined)
  })

  test('release does nothing to what is all there', async () => {
    const made = await copies(new Response('body'))
    const copy = made.take()
    await made.done
    made.release()
    assert.deepEqual([await copy.text(), await made.take().text()], ['body', 'body'])
  })
})

describe('what can be copied', () => {
  test('not a Response whose body is used or locked', async () => {
    const used = new Response('a')
    await used.text()
    const locked = new Response('a')
    locked.body.getReader()
    assert.equal(copiesOf(used, MAX), undefined)
    assert.equal(copiesOf(locked, MAX), undefined)
  })

  test('a Response is told from what is none', () => {
    assert.ok(isResponse(new Response()))
    const hostile = new Proxy({}, { get() { throw new Error('hostile') } }) // biome-ignore format: one line
    for (const other of [
      new Request(origin),
      new Headers(),
      {},
      null,
      undefined,
      'a',
      { status: 200 },
      hostile,
    ])
      assert.equal(isResponse(other), false)
  })

  test('one that hides what it is, and one of a subclass', async () => {
    const hidden = Object.defineProperties(new Response('body', { status: 202 }), {
      status: { value: 200 },
      body: { value: null },
    })
    const copy = (await copies(hidden)).take()
    assert.deepEqual([copy.status, await copy.text()], [202, 'body'])
    class Own extends Response {
      constructor() {
        super('own', { status: 203 })
      }
    }
    const own = (await copies(new Own())).take()
    assert.deepEqual([own.status, await own.text()], [203, 'own'])
  })

  test('one of a polyfill, with the polyfill’s constructor', async () => {
    class Polyfill {
      #inner
      constructor(body, init) {
        this.#inner = new Response(body, init)
      }
      get status() { return this.#inner.status } // biome-ignore format: one line
      get statusText() { return this.#inner.statusText } // biome-ignore format: one line
      get headers() { return this.#inner.headers } // biome-ignore format: one line
      get body() { return this.#inner.body } // biome-ignore format: one line
      get bodyUsed() { return this.#inner.bodyUsed } // biome-ignore format: one line
      text() { return this.#inner.text() } // biome-ignore format: one line
      clone() {}
    }
    const given = new Polyfill('body', { status: 202, headers: { a: '1' } })
    assert.ok(isResponse(given))
    const made = await copies(given)
    for (const copy of [made.take(), made.take()]) {
      assert.ok(copy instanceof Polyfill)
      assert.deepEqual([copy.status, copy.headers.get('a'), await copy.text()], [202, '1', 'body'])
    }
    const pipe = { pipe() {}, on() {} }
    const old = Object.defineProperty(new Polyfill('body', {}), 'body', { value: pipe })
    assert.equal(copiesOf(old, MAX), undefined, 'a stream of Node cannot be followed')
  })
})
