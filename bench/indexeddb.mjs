// npm run bench:indexeddb: 100,000 entries of 200 bytes written, read again and looked for in a headless Chromium, beside IndexedDB itself,
// idb-keyval, localforage and dexie, and how long the main thread is held. In rounds, each with a new profile on a disk and one after the other in
// it; medians, and ratios within a round, since what else the machine does touches all of a round. What was written is read again in another
// page and compared before a time counts.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { browse, serve } from '../tests/browser/harness.mjs'
import { median, report } from './indexeddb/report.mjs'
import { traced } from './indexeddb/tasks.mjs'

const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 100_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
/** Of those that take minutes: what they do with these is taken for all. */
const SAMPLE = Number(process.env.BENCH_SAMPLE ?? 3000)
/** Part of the names of those that are compared; ours and IndexedDB itself always are. */
const ONLY = process.env.BENCH_ONLY ?? ''
const FOLDER = process.env.BENCH_FOLDER ?? tmpdir()
const COLD_READS = 300
/** More entries than a segment has. */
const SEGMENT = 300
/** What a browser does when it has started. */
const START_MS = 3000
/** What the page before has left to do, or a browser in its first moments: it takes turns from whoever comes next, the faster the more. */
const SETTLE_MS = 500
const TMPFS = 0x01021994
const VERBOSE = process.env.BENCH_VERBOSE !== undefined

/** Clocks are exact only in a page that nobody else has a hand in. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

const ALWAYS = ['mimic', 'calls', 'raw']
const SLOW = ['set', 'localforage']
const IDS = [...ALWAYS, 'setmany', 'dexie', ...SLOW]
const chosen = IDS.filter(id => ALWAYS.includes(id) || id.includes(ONLY))

if (statfsSync(FOLDER).type === TMPFS) {
  console.error(`${FOLDER} is memory: BENCH_FOLDER names a folder on a disk`)
  process.exit(1)
}

/** @typedef {Awaited<ReturnType<typeof browse>>} Browser */

const server = await serve(ISOLATED)

/**
 * Uses functions of `indexeddb/page.js` in a page of its own.
 * @template T
 * @param {Browser} browser
 * @param {string} id whose origin
 * @param {(page: import('playwright-core').Page, call: (name: string, ...args: unknown[]) => Promise<any>) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function inPage(browser, id, use) {
  const page = await browser.context.newPage()
  try {
    await page.goto(`${server.origin.replace('127.0.0.1', `${id}.localhost`)}/blank`)
    // What it imports is there before anything is timed.
    await page.evaluate(async () =>
      Object.assign(globalThis, { bench: await import('/bench/indexeddb/page.js') }),
    )
    await page.waitForTimeout(SETTLE_MS)
    return await use(page, (name, ...args) =>
      page.evaluate(([name, args]) => /** @type {any} */ (globalThis).bench[name](...args), [name, args]),
    )
  } finally {
    await page.close()
  }
}

/** @param {string} id */
const countOf = id => (SLOW.includes(id) ? Math.min(SAMPLE, ENTRIES) : ENTRIES)

/** A browser that has just started is busy with itself, and nobody is always first. @param {number} n @returns {string[]} */
const inTurn = n => [...chosen.slice(n % chosen.length), ...chosen.slice(0, n % chosen.length)]

/** Everything once. @param {string} profile @param {number} n which round */
async function round(profile, n) {
  /** @type {Record<string, any>} */
  const result = { perSecond: {}, whole: {}, restarted: {}, cold: {}, blocks: {} }
  let browser = await browse(profile)
  version = browser.context.browser()?.version() ?? 'unknown'
  const run = (/** @type {string} */ id, /** @type {string} */ name, /** @type {unknown[]} */ ...args) =>
    inPage(browser, id, (_, call) => call(name, ...args))
  const blocks = (/** @type {string} */ id, /** @type {string} */ name, /** @type {unknown} */ argument) =>
    inPage(browser, id, async (page, call) => {
      const { result, cpu, own } = await traced(page, () => call(name, argument))
      return { ...result, cpu, own }
    })
  const started = async (/** @type {string} */ id, /** @type {string} */ name) => {
    await browser.close()
    browser = await browse(profile)
    return run(id, name, ENTRIES)
  }
  try {
    await inPage(browser, 'nobody', page => page.waitForTimeout(START_MS))
    for (const id of inTurn(n)) {
      const count = countOf(id)
      const took = await run(id, 'written', id, count)
      await run(id, 'checked', id, count)
      result.perSecond[id] = (count * 1000) / took
      if (VERBOSE) console.error(`${id}: ${Math.round(result.perSecond[id])}/s`)
    }
    result.whole.raw = await run('raw', 'rawWhole', ENTRIES)
    result.whole.index = await run('mimic', 'indexed', ENTRIES)
    result.whole.hydrated = await run('mimic', 'hydrated', ENTRIES)
    for (const id of chosen)
      if (id === 'setmany' || id === 'dexie') result.whole[id] = await run(id, 'readWhole', id, ENTRIES)
    const reads = Math.min(COLD_READS, Math.ceil(ENTRIES / SEGMENT))
    for (const id of chosen) result.cold[id] = median(await run(id, 'coldReads', id, countOf(id), reads))
    result.blocks.nothing = await blocks('blocks', 'idleBlocks', 1000)
    result.blocks.writing = await blocks('blocks', 'writingBlocks', ENTRIES)
    result.blocks.rawWriting = await blocks('rawblocks', 'rawWritingBlocks', Math.ceil(ENTRIES / 10))
    result.blocks.index = await blocks('mimic', 'openingBlocks', false)
    result.blocks.hydrated = await blocks('mimic', 'openingBlocks', true)
    result.blocks.rawOpening = await blocks('raw', 'rawOpeningBlocks', ENTRIES)
    result.restarted.raw = await started('raw', 'rawWhole')
    result.restarted.index = await started('mimic', 'indexed')
    result.restarted.hydrated = await started('mimic', 'hydrated')
    return result
  } finally {
    await browser.close()
  }
}

let version = ''
const folder = mkdtempSync(join(FOLDER, 'mimic-bench-'))
try {
  const rounds = []
  for (let n = 0; n < ROUNDS; n++) {
    const profile = join(folder, String(n))
    rounds.push(await round(profile, n))
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    if (VERBOSE) console.error(JSON.stringify(rounds.at(-1)))
  }
  console.log(report(rounds, { entries: ENTRIES, sample: Math.min(SAMPLE, ENTRIES), browser: version }))
} finally {
  await server.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
