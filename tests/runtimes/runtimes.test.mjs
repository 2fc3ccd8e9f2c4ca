import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { browse, serve } from '../browser/harness.mjs'
import { ensureNewestNode, findBun, findDeno, findWorkerd, scratch } from './binaries.mjs'
import { openFirefox } from './firefox.mjs'
import { run, within } from './process.mjs'
import { openWebkit } from './webkit.mjs'
import { exerciseWorkerd } from './workerd.mjs'

/** The same call gives the same bytes and the same digest in every runtime. */

const { vectors, damaged } = JSON.parse(
  readFileSync(new URL('../vectors/keys.json', import.meta.url), 'utf8'),
)
const CLI = fileURLToPath(new URL('cli.mjs', import.meta.url))
/** Vectors that need nothing a runtime may lack; the file has as many at least. */
const FLOOR = 115
const CHECKS = damaged.length + 8
const PAGE = '/tests/runtimes/page.js'

/**
 * @param {import('node:test').TestContext} t
 * @param {import('./vectors.js').Outcome} outcome
 * @param {string[]} mayLack
 */
function judge(t, outcome, mayLack) {
  const { ran, skipped, wrong, checks } = outcome
  t.diagnostic(`${ran} of ${vectors.length} vectors, ${checks} other checks`)
  for (const { name, lacks } of skipped) t.diagnostic(`not run, there is no ${lacks}: ${name}`)
  assert.equal(wrong.length, 0, wrong.join('\n'))
  assert.deepEqual(
    [...new Set(skipped.map(({ lacks }) => lacks))].filter(lacks => !mayLack.includes(lacks)),
    [],
  )
  assert.equal(ran + skipped.length, vectors.length)
  assert.ok(ran >= FLOOR, `${ran} vectors ran`)
  assert.equal(checks, CHECKS)
}

/** @param {string} program @param {string[]} args @param {Record<string, string>} [env] */
async function inProgram(program, args, env) {
  const output = await run(program, [...args, CLI], { env })
  return JSON.parse(output.trim().split('\n').at(-1) ?? '')
}

/** @param {import('node:test').TestContext} t @param {import('./webkit.mjs').Page} page @param {string} origin @param {string[]} mayLack */
async function inPage(t, page, origin, mayLack) {
  await page.goto(`${origin}/blank`)
  const first = await page.ask(PAGE, 'store')
  assert.deepEqual([first.calls, first.storeHits], [1, 0])
  await page.reload()
  assert.deepEqual(await page.ask(PAGE, 'store'), { calls: 0, storeHits: 1, value: first.value })
  await page.reload()
  judge(t, await page.ask(PAGE, 'vectors'), mayLack)
}

/** @returns {Promise<import('./webkit.mjs').Page>} */
async function openChromium() {
  const browser = await browse()
  const page = browser.context.pages()[0]
  return {
    goto: async url => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    ask: (module, name) =>
      within(
        `${name} in Chromium`,
        page.evaluate(async ([module, name]) => (await import(module))[name](), [module, name]),
        60_000,
      ),
    end: () => browser.end(),
  }
}

describe('the golden vectors', { concurrency: 1 }, () => {
  before(() => mkdir(scratch, { recursive: true }))

  test('in this Node', { timeout: 60_000 }, async t => {
    judge(t, await inProgram(process.execPath, []), ['Temporal', 'Float16Array'])
  })

  test('in the newest Node, which lacks nothing', { timeout: 180_000 }, async t => {
    judge(t, await inProgram(await ensureNewestNode(), []), [])
  })

  test('in Deno', { timeout: 60_000 }, async t => {
    const args = ['run', '--quiet', '--no-lock', '--no-remote', '--no-npm', '--allow-read']
    const env = { DENO_DIR: join(scratch, 'deno'), DENO_NO_UPDATE_CHECK: '1' }
    judge(t, await inProgram(findDeno(), args, env), [])
  })

  test('in Bun', { timeout: 60_000 }, async t => {
    judge(t, await inProgram(findBun(), ['run', '--no-install']), ['Temporal'])
  })

  test('in workerd', { timeout: 60_000 }, async t => {
    judge(t, await exerciseWorkerd(findWorkerd()), ['Temporal', 'Buffer'])
  })
})

describe('the golden vectors and the store', { concurrency: 1 }, () => {
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server
  before(async () => (server = await serve()))
  after(() => server.close())

  // The machine's own, of any version.
  const mayLack = ['Buffer', 'Temporal', 'Float16Array']
  /** @type {[name: string, open: () => Promise<import('./webkit.mjs').Page>][]} */
  const browsers = [
    ['Chromium', openChromium],
    ['Firefox', openFirefox],
    ['WebKit', openWebkit],
  ]
  for (const [name, open] of browsers) {
    test(`in ${name}`, { timeout: 300_000 }, async t => {
      const page = await open()
      try {
        await inPage(t, page, server.origin, mayLack)
      } finally {
        await page.end()
      }
    })
  }
})
