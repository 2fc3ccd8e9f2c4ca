import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import '../../js/entry/inline.js'
import { copiesOf, isResponse } from '../../js/response.js'
import { answer, copies, filled, large, MAX } from '../http/answers.mjs'

/** Copies of what a real server answers, and of Responses made by hand. */

let get
let server

before(async () => {
  server = await answer()
  get = server.get
})
after(() => server.close())

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
      assert.deepEqual([copy.redirected, copy.url], [true, `${server.origin}json`])
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
      new Request(server.origin),
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
