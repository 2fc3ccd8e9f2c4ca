import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { copiesOf } from '../../js/response.js'

/** A real server whose answers are of every kind, and Responses made by hand. */

const LARGE = 20 * 2 ** 20
export const filled = size => Buffer.from({ length: size }, (_, i) => i % 251)
export const large = Buffer.alloc(LARGE, filled(251 * 64))

/** Answers that are still being sent, by path. @type {Map<string, import('node:http').ServerResponse>} */
export const open = new Map()
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

/** @returns {Promise<{ origin: string, get(path: string, init?: RequestInit): Promise<Response>, close(): void }>} */
export async function answer() {
  const server = createServer((request, response) => {
    const path = request.url.slice(1)
    ;(routes[path] ?? routes.slow)(response, path)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${server.address().port}/`
  return {
    origin,
    get: (path, init) => fetch(origin + path, init),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export const MAX = 64 * 2 ** 20

export async function copies(response, maxBytes = MAX) {
  const made = copiesOf(await response, maxBytes)
  assert.ok(made, 'it can be copied')
  return made
}

/** A body whose chunks come when the test says so. */
export function manual(init) {
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
