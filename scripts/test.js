// The test runner: `npm test`, `npm test key browser`, `npm run test:all`. The suites are in scripts/suites.js.
// With MY_MIMIC_RESULTS=FILE results are kept in FILE: a suite that is in it is not run again, and its numbers count.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { add, count, executed } from './count.js'
import { ensureChromium, ensureFirefox, ensureWebkit } from './ensure-browser.js'
import { ensureRedis } from './ensure-redis.js'
import { ensureSqlite } from './ensure-sqlite.js'
import { runCommand, running } from './run-command.js'
import { suites, suitesNamed } from './suites.js'

/** @typedef {import('./count.js').Count & { name: string, seconds: number, note: string }} Result */

const needs = {
  chromium: { variable: 'CHROMIUM', ensure: ensureChromium },
  firefox: { variable: 'FIREFOX', ensure: ensureFirefox },
  webkit: { variable: 'WEBKIT_DRIVER', ensure: ensureWebkit },
  redis: { variable: 'REDIS_SERVER', ensure: ensureRedis },
  sqlite: { variable: 'KEYV_SQLITE', ensure: ensureSqlite },
}

let stopping = false

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    stopping = true
    for (const stop of running) stop()
    console.error(`ended by ${signal}`)
    process.exitCode = 130
    setTimeout(() => process.exit(130), 6000)
  })
}

const chosen = choose(process.argv.slice(2))
const file = process.env.MY_MIMIC_RESULTS
/** @type {Result[]} */
const results = file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []

const built = spawnSync(process.execPath, ['scripts/build.js'], { stdio: ['ignore', 'inherit', 'inherit'] })
if (built.status !== 0) {
  results.push({ name: 'build', passed: 0, failed: 1, skipped: 0, seconds: 0, note: 'the build failed' })
} else {
  for (const suite of chosen) {
    if (stopping) break
    if (results.some(result => result.name === suite.name)) continue
    const result = await run(suite)
    console.log(describe(result))
    results.push(result)
  }
}
report()

/** @param {string[]} args */
function choose(args) {
  const names = args.filter(arg => arg !== '--all')
  if (names.length === 0) return suites.filter(suite => args.includes('--all') || suite.tier === 'everyday')
  return names.flatMap(name => {
    const found = suitesNamed(name)
    if (found.length > 0) return found
    console.error(
      `There is no suite and no module called ${name}. Suites: ${suites.map(s => s.name).join(', ')}.`,
    )
    process.exit(2)
  })
}

/** @param {import('./suites.js').Suite} suite @returns {Promise<Result>} */
async function run(suite) {
  console.log(`\n=== ${suite.name}`)
  const start = Date.now()
  const end = start + suite.minutes * 60_000
  let total = { passed: 0, failed: 0, skipped: 0 }
  const notes = []
  try {
    /** @type {Record<string, string>} */
    const variables = { ...suite.env }
    for (const need of suite.needs ?? []) variables[needs[need].variable] = needs[need].ensure()
    for (const command of suite.commands) {
      if (suite.kind === 'checks')
        console.log(`--- ${command.map(word => word.replace(`${process.cwd()}/`, '')).join(' ')}`)
      const { ok, output, timedOut } = await runCommand(command, variables, Math.max(1, end - Date.now()))
      total = add(total, count(suite.kind, output, ok))
      if (timedOut) notes.push(`ended after ${suite.minutes} minutes`)
    }
  } catch (error) {
    total.failed += 1
    notes.push(error instanceof Error ? error.message : String(error))
  }
  if (executed(total) === 0) {
    total.failed = 1
    notes.push('no test ran')
  }
  return { name: suite.name, ...total, seconds: (Date.now() - start) / 1000, note: notes.join('; ') }
}

/** @param {Result} result */
function describe({ name, passed, failed, skipped, seconds, note }) {
  const numbers = [
    tests(passed + failed),
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
  ]
  const line = [
    failed > 0 ? 'FAIL' : 'ok',
    name,
    numbers.filter(Boolean).join(', '),
    `${seconds.toFixed(1)} s`,
  ]
  return `${line.join('  ')}${note && `  (${note})`}`
}

/** @param {number} n */
function tests(n) {
  return `${n} ${n === 1 ? 'test' : 'tests'}`
}

function report() {
  if (file) writeFileSync(file, JSON.stringify(results))
  const total = results.reduce(add, { passed: 0, failed: 0, skipped: 0 })
  console.log('\n=== all suites')
  for (const result of results) console.log(describe(result))
  console.log(`${results.length} ${results.length === 1 ? 'suite' : 'suites'}, ${tests(executed(total))}`)
  console.log(
    `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
  )
  if (total.failed > 0) process.exitCode = 1
}
