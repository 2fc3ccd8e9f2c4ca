import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'
import { browse, serve } from './harness.mjs'

/** A dump made in Node, in the HTML of a page, and back: the two runtimes have the same keys and values. */

let server
let browser

before(async () => {
  server = await serve()
  browser = await browse()
})
after(async () => {
  await browser.end()
  await server.close()
})

const OPTIONS = { name: 'user', version: '1', ttl: '5m', tags: ['users'] }
const value = {
  at: new Date(5),
  map: new Map([['</script>', 1n]]),
  bytes: new Uint8Array([1, 2]),
  none: undefined,
}

test('what Node dumps a page has before its script wraps anything, and Node takes back what the page dumps', async () => {
  const mime = createMime()
  await mime(async () => value, OPTIONS)('</script>', { a: [new Date(0)] })
  const page = await browser.context.newPage()
  await page.goto(`${server.origin}/blank`)
  await page.setContent(`<script type="application/json" id="cache">${JSON.stringify(mime.dump())}</script>`)
  const there = await page.evaluate(async options => {
    const { createMime } = await import('/js/entry/inline.js')
    const mime = createMime()
    const report = mime.load(JSON.parse(document.getElementById('cache').textContent))
    const user = mime(async () => 'called', options)
    const { at, map, bytes, none } = await user('</script>', { a: [new Date(0)] })
    const types = [at.getTime(), map.get('</script>') === 1n, bytes instanceof Uint8Array, none]
    await user(2)
    return {
      report,
      types,
      left: user.explain('</script>', { a: [new Date(0)] }).entry.timeLeft,
      dump: `${mime.dump()}`,
    }
  }, OPTIONS)
  assert.equal(there.report.waiting, 1)
  assert.deepEqual(there.types, [5, true, true, undefined])
  assert.ok(there.left > 200_000 && there.left <= 300_000, `${there.left}`)

  const back = createMime()
  const user = back(async () => 'called here', OPTIONS)
  assert.equal(back.load(there.dump).entries, 2)
  assert.deepEqual(await user('</script>', { a: [new Date(0)] }), value)
  assert.equal(await user(2), 'called')
})
