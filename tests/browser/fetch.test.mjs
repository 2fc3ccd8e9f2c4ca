import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { browse, serve } from './harness.mjs'

/** Requests as arguments and Responses as results where `fetch` is a browser's. */

let server
let browser
let page

before(async () => {
  server = await serve()
  browser = await browse()
  page = await browser.context.newPage()
  await page.goto(`${server.origin}/blank`)
  await page.evaluate(async () => {
    await import('/js/entry/inline.js')
    globalThis.response = await import('/js/response.js')
    globalThis.request = await import('/js/request.js')
    globalThis.core = await import('/js/core.js')
    globalThis.key = await import('/js/key.js')
  })
})
after(async () => {
  await browser.end()
  await server.close()
})

describe('Responses', () => {
  test('copies while the body comes and after: bytes, facts, byte readers', async () => {
    const seen = await page.evaluate(async () => {
      const original = await fetch('/js/mime.js')
      const facts = [original.url, original.type, original.status, original.headers.get('content-type')]
      const copies = response.copiesOf(original, 1e6)
      const early = await Promise.all([copies.take().text(), copies.take().clone().text()])
      const { bytes } = await copies.done
      const late = copies.take()
      const reader = copies.take().body.getReader({ mode: 'byob' })
      const { value } = await reader.read(new Uint8Array(6))
      return {
        same: new Set([...early, await late.text()]).size,
        whole: bytes === new TextEncoder().encode(early[0]).length,
        facts: String([late.url, late.type, late.status, late.headers.get('content-type')]) === String(facts),
        start: new TextDecoder().decode(value),
      }
    })
    assert.deepEqual(seen, { same: 1, whole: true, facts: true, start: 'import' })
  })

  test('an opaque one stays opaque, and each copy can be used', async () => {
    const other = server.origin.replace('127.0.0.1', 'localhost')
    const seen = await page.evaluate(async url => {
      const original = await fetch(url, { mode: 'no-cors' })
      const copies = response.copiesOf(original, 1e6)
      const [a, b] = [copies.take(), copies.take()]
      return [a.type, b.type, b.status, a.bodyUsed, (await copies.done).bytes]
    }, `${other}/js/mime.js`)
    assert.deepEqual(seen, ['opaque', 'opaque', 0, false, 0])
  })
})

describe('Requests', () => {
  test('equal ones share a key once their bodies are read; others and unread ones do not', async () => {
    const seen = await page.evaluate(async () => {
      core.start()
      const keyOf = (...args) => {
        const cells = key.writeCall(undefined, args, core.BUFFER_CELLS)
        return { key: String(core.memory.u8.slice(0, cells * 8)), ...key.walked }
      }
      const post = body => new Request('/a', { method: 'POST', body, headers: { 'content-type': 'a/b' } })
      const [a, b, c] = [post('one'), post(new Blob(['one'])), post('two')]
      const { unread } = keyOf(a, b, c)
      const error = await request.readBodies(unread)
      const left = request.withSignal(a, AbortSignal.abort())
      return {
        unread: unread.length,
        error,
        same: keyOf(a).key === keyOf(b).key && keyOf(a).key === keyOf(left).key,
        other: keyOf(a).key !== keyOf(c).key,
        portable: keyOf(a).portable,
        text: [await a.text(), await b.text()],
        again: await request.withSignal(a, AbortSignal.abort()).text().catch(String),
        aborted: [left.signal.aborted, a.signal.aborted],
        credentials:
          keyOf(new Request('/a', { credentials: 'include' })).key !== keyOf(new Request('/a')).key,
      }
    })
    assert.deepEqual(seen, {
      unread: 3,
      error: undefined,
      same: true,
      other: true,
      portable: true,
      text: ['one', 'one'],
      again: 'one',
      aborted: [true, false],
      credentials: true,
    })
  })
})
