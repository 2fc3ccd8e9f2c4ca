import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BUFFER_CELLS, memory, start } from '../../js/core.js'
import '../../js/entry/inline.js'
import { decodeKey } from '../../js/key/decode.js'
import { diffKeys } from '../../js/key/diff.js'
import { walked, writeCall } from '../../js/key.js'
import { BODY_TIMEOUT, MAX_BODY, readBodies, signalOf, withSignal } from '../../js/request.js'

start()

const URL = 'https://example.org/a'
const post = (body, init = {}) => new Request(URL, { method: 'POST', body, duplex: 'half', ...init })
const stream = source => new ReadableStream(source)
/** A body that gives its chunks and ends, or goes on for ever without them. */
const chunked = (...chunks) =>
  stream({
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk === undefined) controller.close()
      else controller.enqueue(chunk)
    },
  })
const zeros = count => chunked(...Array.from({ length: count }, () => new Uint8Array(2 ** 20)))
const bytes = text => new TextEncoder().encode(text)

/** The key of a call, and the Requests whose bodies it misses. */
function keyOf(...args) {
  const cells = writeCall(undefined, args, BUFFER_CELLS)
  const { portable, unread } = walked
  return { key: Buffer.from(memory.u8.slice(0, cells * 8)), portable, unread }
}

/** The key of a call once its bodies have been read. */
async function keyed(...args) {
  const { unread } = keyOf(...args)
  assert.equal(await readBodies(unread), undefined)
  const { key, portable, unread: rest } = keyOf(...args)
  assert.deepEqual([portable, rest.length], [true, 0])
  return key.toString('hex')
}

async function refusal(request, pattern) {
  const { unread } = keyOf(request)
  assert.deepEqual(unread, [request])
  const error = await readBodies(unread)
  assert.equal(error?.code, 'ERR_UNREADABLE_REQUEST')
  assert.match(error.message, pattern)
  assert.match(error.message, /POST "https:\/\/example\.org\/a"/)
  assert.equal(keyOf(request).portable, false, 'it still goes by identity')
  return error
}

describe('the walk', () => {
  test('names the Requests whose bodies it misses, wherever they stand, and no others', () => {
    const [a, b, c] = [post('a'), post('b'), post('c')]
    const { unread, portable } = keyOf(a, new Request(URL), [{ b }], new Map([['c', c]]))
    assert.deepEqual(unread, [a, b, c])
    assert.equal(portable, false)
    assert.deepEqual(keyOf(new Request(URL)).unread, [])
    assert.deepEqual(keyOf(1).unread, [])
  })

  test('forgets them with an argument that cannot be read', () => {
    const hostile = [post('a'), { get b() { throw new Error('hostile') } }] // biome-ignore format: one line
    const b = post('b')
    assert.deepEqual(keyOf(hostile, b).unread, [b])
    assert.deepEqual(keyOf(1, 2).unread, [])
  })

  test('keeps those of a call apart from those of a call inside it', () => {
    const outer = post('outer')
    const inside = post('inside')
    let seen
    const getter = { get a() { return void (seen = keyOf(inside).unread) } } // biome-ignore format: one line
    assert.deepEqual(keyOf(outer, getter).unread, [outer])
    assert.deepEqual(seen, [inside])
  })

  test('is not fooled by what hides the builtin', async () => {
    const request = Object.defineProperties(new Request(URL, { headers: { a: '1' } }), {
      url: { value: 'https://evil.example/' },
      headers: { value: new Headers() },
      body: { value: 'x' },
    })
    assert.deepEqual(keyOf(request).key, keyOf(new Request(URL, { headers: { a: '1' } })).key)
  })

  test('a Request with a dispatcher of its own is not one without', () => {
    const request = new Request(URL, { dispatcher: { dispatch() {} } })
    const tells = Object.getOwnPropertySymbols(request).some(symbol => request[symbol]?.dispatch)
    assert.equal(keyOf(request).portable, !tells)
  })
})

describe('bodies are read', () => {
  const bodies = {
    'a string': () => 'body',
    bytes: () => bytes('body'),
    'a Blob': () => new Blob(['bo', 'dy']),
    'a stream': () => chunked(bytes('bo'), new Uint8Array(0), bytes('dy')),
    'a stream of bytes': () =>
      stream({
        type: 'bytes',
        start(controller) {
          controller.enqueue(bytes('body'))
          controller.close()
        },
      }),
  }
  const headers = { 'content-type': 'text/plain' }
  for (const [what, body] of Object.entries(bodies)) {
    test(`of ${what}: the key has it, and the function finds it unread`, async () => {
      const request = post(body(), { headers })
      const key = await keyed(request)
      assert.equal(key, await keyed(post('body', { headers })))
      assert.notEqual(key, await keyed(post('bode', { headers })))
      assert.equal(request.bodyUsed, false)
      assert.equal(await request.text(), 'body')
      assert.equal(await keyed(request), key, 'also after the function has read it')
    })
  }

  test('a body of zero bytes, of a megabyte in chunks, of URLSearchParams', async () => {
    assert.equal(await keyed(post('')), await keyed(post('')))
    assert.equal(await keyed(post(zeros(3))), await keyed(post(new Uint8Array(3 * 2 ** 20))))
    assert.notEqual(await keyed(post(zeros(3))), await keyed(post(zeros(2))))
    assert.equal(
      await keyed(post(new URLSearchParams('a=1'))),
      await keyed(post(new URLSearchParams({ a: '1' }))),
    )
  })

  test('several at once, and one of them in two calls at once', async () => {
    const [a, b] = [post('a'), post('b')]
    const [both, one] = await Promise.all([keyed(a, { b }), keyed([a])])
    assert.equal(both, await keyed(post('a'), { b: post('b') }))
    assert.equal(one, await keyed([post('a')]))
    assert.deepEqual([await a.text(), await b.text()], ['a', 'b'])
  })

  test('bytes that the function changes later are not those of the key', async () => {
    const chunk = bytes('body')
    const request = post(chunked(chunk))
    const key = await keyed(request)
    chunk.fill(0)
    for await (const piece of request.body) piece.fill(0)
    assert.equal(await keyed(request), key)
  })

  test('the largest that is read', async () => {
    const request = post(zeros(MAX_BODY / 2 ** 20))
    await keyed(request)
    assert.equal((await request.arrayBuffer()).byteLength, MAX_BODY)
  })
})

describe('bodies that cannot be read say so', () => {
  test('one that was used', async () => {
    const request = post('a')
    await request.text()
    await refusal(request, /has been read before/)
  })

  test('one that is locked; once released it can be read', async () => {
    const request = post('a')
    const reader = request.body.getReader()
    await refusal(request, /someone is reading it/)
    reader.releaseLock()
    await keyed(request)
  })

  test('one that is too large: the function still gets all of it', async () => {
    const request = post(zeros(MAX_BODY / 2 ** 20 + 1))
    await refusal(request, new RegExp(`more than ${MAX_BODY} bytes`))
    assert.equal((await request.arrayBuffer()).byteLength, MAX_BODY + 2 ** 20)
  })

  test('one that does not end: the call waits no longer than the limit, the second one not at all', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let source
    const request = post(stream({ start: controller => (source = controller) }))
    source.enqueue(bytes('a'))
    const asked = refusal(request, new RegExp(`not ended after ${BODY_TIMEOUT} ms`))
    await new Promise(setImmediate)
    t.mock.timers.tick(BODY_TIMEOUT)
    const error = await asked
    assert.equal(await readBodies([request]), error)
    source.enqueue(bytes('b'))
    source.close()
    assert.equal(await request.text(), 'ab')
  })

  test('one that never ends: what the function reads on is not kept for us', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let pulled = 0
    const chunk = 2 ** 16
    const request = post(
      stream({
        async pull(controller) {
          if (pulled++ === 3) await new Promise(resolve => setTimeout(resolve, BODY_TIMEOUT))
          controller.enqueue(new Uint8Array(chunk))
        },
      }),
    )
    const asked = refusal(request, /not ended/)
    await new Promise(setImmediate)
    t.mock.timers.tick(BODY_TIMEOUT)
    await asked
    const reader = request.body.getReader()
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 4000; i++) await reader.read()
    const grown = process.memoryUsage().arrayBuffers - before
    assert.ok(grown < 1000 * chunk, `${grown} bytes`)
    reader.cancel().catch(() => {})
  })

  test('one whose stream fails, and one that gives no bytes', async () => {
    const failure = new Error('no more')
    const error = await refusal(post(stream({ pull: c => c.error(failure) })), /fails when it is read/)
    assert.equal(error.cause, failure)
    await refusal(post(chunked('text')), /other than a Uint8Array/)
  })

  test('one among several', async () => {
    const used = post('a')
    await used.text()
    const { unread } = keyOf(post('b'), used)
    assert.equal((await readBodies(unread)).code, 'ERR_UNREADABLE_REQUEST')
  })
})

describe('signals', () => {
  test('are found in Requests, and in nothing that only looks like one', () => {
    const { signal } = new AbortController()
    const request = new Request(URL, { signal })
    assert.equal(signalOf(request), request.signal)
    const own = Object.defineProperty(new Request(URL), 'signal', { value: 'own' })
    assert.ok(signalOf(own) instanceof AbortSignal)
    class Own extends Request {}
    const others = [new Own(URL), Object.create(Request.prototype), { signal }, null]
    for (const other of [...others, undefined, URL, new Proxy({}, { getPrototypeOf() { throw 1 } })]) // biome-ignore format: one line
      assert.equal(signalOf(other), undefined)
  })

  test('withSignal changes the signal and nothing else', async () => {
    const init = {
      headers: { 'x-a': '1' },
      redirect: 'manual',
      credentials: 'include',
      cache: 'no-store',
      referrer: '',
      referrerPolicy: 'origin',
      integrity: 'sha256-abc',
    }
    for (const given of [
      new Request(URL, init),
      new Request(URL),
      post('body', init),
      post(chunked(bytes('body'))),
    ]) {
      const key = await keyed(given)
      const controller = new AbortController()
      const copy = withSignal(given, controller.signal)
      assert.equal(diffKeys(decodeKey(Buffer.from(key, 'hex')), decodeKey(keyOf(copy).key)), undefined)
      assert.equal(given.bodyUsed, false)
      controller.abort(new Error('left'))
      assert.equal(copy.signal.aborted, true)
      assert.equal(given.signal.aborted, false)
      if (given.body === null) continue
      assert.equal(await withSignal(given, new AbortController().signal).text(), 'body')
      assert.equal(await given.text(), 'body')
      assert.equal(
        await withSignal(given, new AbortController().signal).text(),
        'body',
        'also when it is used',
      )
    }
  })

  test('withSignal of a body that nobody has read leaves it unread', async () => {
    const given = post('body')
    const copy = withSignal(given, new AbortController().signal)
    assert.deepEqual([await copy.text(), await given.text()], ['body', 'body'])
    assert.throws(() => withSignal(given, new AbortController().signal), TypeError)
  })

  test('the first signal no longer reaches the copy', () => {
    const first = new AbortController()
    const copy = withSignal(new Request(URL, { signal: first.signal }), new AbortController().signal)
    first.abort()
    assert.equal(copy.signal.aborted, false)
  })
})
