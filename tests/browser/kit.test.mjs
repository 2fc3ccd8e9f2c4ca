import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { browse, serve } from './harness.mjs'

/** `mime.batch` and the test kit in a real Chromium, which has neither `process` nor files. */

let server
let browser
let page

before(async () => {
  server = await serve()
  browser = await browse()
  page = await browser.context.newPage()
  await page.goto(`${server.origin}/blank`)
})
after(async () => {
  await browser.end()
  await server.close()
})

test('the calls of a tick, promise jobs included, are one batch', async () => {
  const calls = await page.evaluate(async () => {
    const { mime } = await import('/js/entry/inline.js')
    const calls = []
    const f = mime.batch(async keys => {
      calls.push(keys)
      return keys
    })
    const later = async () => {
      for (let i = 0; i < 20; i++) await undefined
      return f(2)
    }
    await Promise.all([f(1), later()])
    await Promise.all([f(3), f(4), f(1)])
    return calls
  })
  assert.deepEqual(calls, [
    [1, 2],
    [3, 4],
  ])
})

test('the kit can be imported and used; recorded says that there are no files', async () => {
  const outcome = await page.evaluate(async () => {
    const { mime } = await import('/js/entry/inline.js')
    const { counted, expectCalls, expectHit, expectMiss, recorded, virtualClock } = await import(
      '/js/entry/testing.js'
    )
    const clock = virtualClock()
    const f = mime(
      counted(x => x),
      { ttl: '5m', clock },
    )
    f(1)
    expectHit(f, 1)
    clock.advance('5m')
    expectMiss(f, 1)
    expectCalls(f, 1)
    try {
      recorded(f, { file: 'x.json', name: 'f' })
    } catch (error) {
      return error.code
    }
  })
  assert.equal(outcome, 'ERR_NO_FILES')
})
