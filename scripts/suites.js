// Every suite of tests, in one table. `npm test` runs the tier 'everyday', `npm run test:all` runs all.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {'node' | 'cargo' | 'checks'} Kind who counts: node's runner, cargo's (nextest too), or one test a command
 * @typedef {'chromium' | 'firefox' | 'webkit' | 'redis' | 'sqlite'} Need
 * @typedef {object} Suite
 * @property {string} name
 * @property {Kind} kind
 * @property {string[][]} commands run one after the other, also when one has failed
 * @property {'everyday' | 'all'} tier
 * @property {number} minutes after which the suite is ended and has failed
 * @property {Need[]} [needs]
 * @property {Record<string, string>} [env]
 */

const root = new URL('../', import.meta.url)
const node = process.execPath

export const biome = [node, fileURLToPath(new URL('node_modules/@biomejs/biome/bin/biome', root))]
const tsc = [node, fileURLToPath(new URL('node_modules/typescript/bin/tsc', root))]

/** @type {Suite[]} */
export const suites = [
  {
    name: 'lint',
    kind: 'checks',
    commands: [
      ['cargo', 'fmt', '--all', '--check'],
      ['cargo', 'clippy', '--quiet', '--workspace', '--all-targets', '--', '-D', 'warnings'],
      ['cargo', 'clippy', '--quiet', '--lib', '--target', 'wasm32-unknown-unknown', '--', '-D', 'warnings'],
      // A workspace of its own, which nothing else compiles.
      ['cargo', 'check', '--quiet', '--locked', '--manifest-path', 'fuzz/Cargo.toml'],
      [...biome, 'check'],
      [...tsc, '--project', 'tsconfig.json'],
    ],
    tier: 'everyday',
    minutes: 15,
  },
  { name: 'core', kind: 'cargo', commands: cargoTests(), tier: 'everyday', minutes: 20 },
  { name: 'js', kind: 'node', commands: nodeTests('tests/js', '', 2), tier: 'everyday', minutes: 15 },
  {
    name: 'browser',
    kind: 'node',
    commands: nodeTests('tests/browser'),
    tier: 'everyday',
    minutes: 20,
    needs: ['chromium'],
  },
  {
    name: 'readme',
    kind: 'node',
    commands: nodeTests('tests', 'readme'),
    tier: 'everyday',
    minutes: 5,
    needs: ['chromium'],
  },
  {
    name: 'runtimes',
    kind: 'node',
    commands: nodeTests('tests/runtimes'),
    tier: 'all',
    minutes: 10,
    needs: ['chromium', 'firefox', 'webkit'],
  },
  {
    // The test kit and the default clock under node:test, vitest, jest and sinon's fake timers.
    name: 'testing',
    kind: 'node',
    commands: nodeTests('tests/testing'),
    tier: 'all',
    minutes: 5,
  },
  {
    // Ten million random calls against a naive twin, and a million random values against structuredClone; the everyday run makes 200,000 and 100,000.
    name: 'property',
    kind: 'node',
    commands: [...nodeTests('tests/js', 'key-property'), ...nodeTests('tests/js', 'codec.fuzz')],
    env: { MIMIC_CALLS: '10000000', FUZZ_VALUES: '1000000' },
    tier: 'all',
    minutes: 25,
  },
  {
    // The disk store: kill -9 at 200 moments, four processes for a minute, damage, full disks, other runtimes. One file after another, for the time
    // of each.
    name: 'disk',
    kind: 'node',
    commands: nodeTests('tests/disk', '', 1),
    tier: 'all',
    minutes: 20,
  },
  {
    // Other people's storage as a store: Keyv with a real Redis and a real SQLite.
    name: 'keyv',
    kind: 'node',
    commands: nodeTests('tests/keyv', '', 1),
    tier: 'all',
    minutes: 20,
    needs: ['redis', 'sqlite'],
  },
  {
    // IndexedDB: 50 kills of renderer and browser, 10,000 bit flips, pages that go with something unwritten, a quota, two versions side by side.
    name: 'browser-faults',
    kind: 'node',
    commands: nodeTests('tests/browser-faults', '', 1),
    tier: 'all',
    minutes: 30,
    needs: ['chromium'],
  },
  {
    // IndexedDB in Firefox and WebKit, as far as their drivers go.
    name: 'browsers',
    kind: 'node',
    commands: nodeTests('tests/browsers', '', 1),
    tier: 'all',
    minutes: 15,
    needs: ['firefox', 'webkit'],
  },
  {
    name: 'demo',
    kind: 'checks',
    commands: [[node, 'scripts/demo.js']],
    tier: 'all',
    minutes: 5,
  },
]

/** The suites of one name: a suite of the table, or what there is about a module. @param {string} name @returns {Suite[]} */
export function suitesNamed(name) {
  const known = suites.filter(suite => suite.name === name)
  if (known.length > 0) return known

  /** @type {Suite[]} */
  const found = [
    {
      name: `js ${name}`,
      kind: 'node',
      commands: nodeTests('tests/js', name),
      tier: 'everyday',
      minutes: 10,
    },
    {
      name: `browser ${name}`,
      kind: 'node',
      commands: nodeTests('tests/browser', name),
      tier: 'everyday',
      minutes: 10,
      needs: ['chromium'],
    },
  ]
  if (existsSync(new URL(`src/${name}.rs`, root)) || existsSync(new URL(`src/${name}/`, root))) {
    found.push({
      name: `core ${name}`,
      kind: 'cargo',
      commands: [['cargo', 'test', '--package', 'my-mimic', '--lib', `${name}::`]],
      tier: 'everyday',
      minutes: 20,
    })
  }
  return found.filter(suite => suite.commands.length > 0)
}

/**
 * Node 20 expands no patterns, so this does. No command when no file matches.
 * @param {string} folder
 * @param {string} [prefix]
 * @param {number} [atOnce] files; one less than there are cores by default
 */
function nodeTests(folder, prefix = '', atOnce) {
  const url = new URL(`${folder}/`, root)
  const files = existsSync(url) ? readdirSync(url) : []
  const tests = files.filter(file => file.startsWith(prefix) && file.endsWith('.test.mjs')).sort()
  if (tests.length === 0) return []
  const options = atOnce === undefined ? [] : [`--test-concurrency=${atOnce}`]
  return [[node, '--test', '--test-reporter=spec', ...options, ...tests.map(file => `${folder}/${file}`)]]
}

/** nextest where it is installed; it knows no doc tests, so cargo runs those. */
function cargoTests() {
  const nextest = spawnSync('cargo', ['nextest', '--version']).status === 0
  if (!nextest) return [['cargo', 'test', '--package', 'my-mimic']]
  return [
    ['cargo', 'nextest', 'run', '--package', 'my-mimic', '--no-fail-fast'],
    ['cargo', 'test', '--doc', '--package', 'my-mimic'],
  ]
}
