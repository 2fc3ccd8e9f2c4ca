import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import '../../js/entry/inline.js'
import { answer, copies, filled, manual, open } from '../http/answers.mjs'

/** Copies of Responses whose bodies are still coming, fail or are not kept. */

let get
let server

before(async () => {
  server = await answer()
  get = server.get
})
after(() => server.close())

const wait = ms => new Promise(resolve => setTimeout(resolve, ms))
const settled = () => new Promise(setImmediate)

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
