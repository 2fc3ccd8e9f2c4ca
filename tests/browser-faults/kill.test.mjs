import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { browse, serve } from '../browser/harness.mjs'

/** Renderer and browser are killed at random moments: what was acknowledged is there, and nothing is torn. */

const KILLS = Number(process.env.MIMIC_KILLS ?? 50)
/** So often, in that many kills, the browser may throw its whole database away. */
const MOST_THROWN = 3

let server
before(async () => {
  server = await serve()
})
after(() => server.close())

/** Processes by their command lines. @returns {{ pid: number, parent: number, command: string }[]} */
function processes() {
  const found = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ')
      const parent = Number(readFileSync(`/proc/${name}/status`, 'latin1').match(/PPid:\s+(\d+)/)?.[1])
      found.push({ pid: Number(name), parent, command })
    } catch {
      // It has ended.
    }
  }
  return found
}

/** What starts next is to find nothing of it still at work. @param {number[]} pids */
async function gone(pids) {
  const alive = () => processes().some(({ pid, command }) => pids.includes(pid) && command !== '')
  for (let n = 0; n < 1000 && alive(); n++) await new Promise(resolve => setTimeout(resolve, 10))
  assert.ok(!alive(), 'what was killed still runs')
}

async function killBrowser(profile) {
  const family = familyOf(profile)
  const main = family.filter(
    ({ command }) => command.includes(`--user-data-dir=${profile}`) && !command.includes('--type='),
  )
  assert.ok(main.length > 0, 'no browser to kill')
  for (const { pid } of main) process.kill(pid, 'SIGKILL')
  await gone(family.map(({ pid }) => pid))
}

async function killRenderers(profile) {
  const renderers = familyOf(profile).filter(({ command }) => command.includes('--type=renderer'))
  for (const { pid } of renderers) process.kill(pid, 'SIGKILL')
  await gone(renderers.map(({ pid }) => pid))
}

/** The processes of a browser. @param {string} profile */
function familyOf(profile) {
  const all = processes()
  const family = new Set(
    all.filter(({ command }) => command.includes(`--user-data-dir=${profile}`)).map(({ pid }) => pid),
  )
  for (let size = 0; size < family.size; ) {
    size = family.size
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid)
  }
  return all.filter(({ pid }) => family.has(pid))
}

/** What a value of key `i` in a round has to be. */
const EXPECTED = `(i, round) => i + ' of ' + round + ' ' + 'z'.repeat((i * 37) % 3000)`

/** @template T @param {Promise<T>} promise @param {number} ms @param {string} message @returns {Promise<T>} */
async function within(promise, ms, message) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The browser may give a new page the process that it had in reserve, which was killed too: it crashes, or nothing ever comes. */
async function openPage(browser, tries = 5) {
  const open = async () => {
    const page = await browser.context.newPage()
    await page.goto(`${server.origin}/blank`)
    return page
  }
  try {
    return await within(open(), 20_000, 'crashed: no page came')
  } catch (error) {
    if (tries === 0 || !/crashed/.test(error.message)) throw error
    return openPage(browser, tries - 1)
  }
}

/** @returns {Promise<{ page: any, created?: string }>} `created`: there was no database, and what the browser says of that */
async function openStore(browser) {
  const page = await openPage(browser)
  const opening = page.evaluate(async () => {
    const { open } = IDBFactory.prototype
    IDBFactory.prototype.open = function (...args) {
      const request = Reflect.apply(open, this, args)
      request.addEventListener('upgradeneeded', ({ dataLoss, dataLossMessage }) => {
        globalThis.created = `${dataLoss}: ${dataLossMessage}`
      })
      return request
    }
    await import('/tests/browser/store-page.js')
    await open_()
    return globalThis.created
  })
  const created = await within(opening, 60_000, 'the store did not open within a minute')
  return { page, created }
}

/** Writes for ever, and says what is acknowledged. */
async function writeOn(page, round, acknowledged) {
  page.on('console', message => {
    const [said, i] = message.text().split(' ')
    if (said === 'acknowledged') acknowledged.set(round, Number(i))
  })
  await page.evaluate(
    ([expected, round]) => {
      const valueOf = new Function(`return ${expected}`)()
      const run = async () => {
        for (let i = 0; ; i++) {
          put(i, valueOf(i, round), Infinity, `round ${round}\0v1`)
          // One key again and again: the old value or the new one.
          put(0, [round, i, valueOf(i, round)], Infinity, 'overwritten\0v1')
          if (i % 7 !== 6) continue
          await store.flush()
          console.log(`acknowledged ${i}`)
        }
      }
      run()
    },
    [EXPECTED, round],
  )
}

/** @returns {Promise<{ missing: number, wrong: number, corrupt: number }>} */
function check(page, acknowledged) {
  return page.evaluate(
    async ([expected, rounds]) => {
      const valueOf = new Function(`return ${expected}`)()
      let [missing, wrong] = [0, 0]
      for (const [round, last] of rounds) {
        for (let i = 0; i <= last + 7; i++) {
          const value = await read(i, `round ${round}\0v1`)
          if (value === undefined && i <= last) missing++
          if (value !== undefined && value !== valueOf(i, round)) wrong++
        }
      }
      const [lastRound, last] = rounds.at(-1)
      const [round, i, value] = (await read(0, 'overwritten\0v1')) ?? []
      const isOld = !(round > lastRound || (round === lastRound && i >= last))
      if (isOld || value !== valueOf(i, round)) wrong++
      return { missing, wrong, corrupt: store.stats().corrupt }
    },
    [EXPECTED, [...acknowledged]],
  )
}

test(`${KILLS} kills lose nothing that was acknowledged`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
  const acknowledged = new Map()
  let browser = await browse()
  const { profile } = browser
  let [made, sum] = [0, 0]
  const next = async () => {
    const { page, created } = await openStore(browser)
    if (created === undefined) return page
    // Chromium throws a database away whose log it cannot read, and says so: a kill between two parts of a record can leave one.
    const isFirst = made++ === 0
    assert.ok(isFirst || created.startsWith('total'), `there is no database any more (${created})`)
    assert.ok(made <= 1 + MOST_THROWN, `the browser threw its database away ${made - 1} times`)
    if (!isFirst) console.log(`thrown away by the browser after ${acknowledged.size} rounds (${created})`)
    acknowledged.clear()
    return page
  }
  try {
    let page = await next()
    for (let round = 0; round < KILLS || acknowledged.size === 0; round++) {
      await writeOn(page, round, acknowledged)
      await new Promise(resolve => setTimeout(resolve, 50 + Math.random() * 400))
      if (round % 2) {
        await killRenderers(profile)
        await within(page.close(), 20_000, 'the page did not close').catch(() => {})
      } else {
        await killBrowser(profile)
        await within(browser.close(), 20_000, 'the browser did not close').catch(() => {})
        browser = await browse(profile)
      }
      sum += acknowledged.get(round) ?? 0
      page = await next()
    }
    assert.deepEqual(await check(page, acknowledged), { missing: 0, wrong: 0, corrupt: 0 })
    assert.ok(sum > KILLS * 5, `only ${sum} were acknowledged`)
  } finally {
    await browser.end()
  }
})
