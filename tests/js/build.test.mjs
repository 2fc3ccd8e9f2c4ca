// What the build leaves in pkg/, and what of it would be published.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sizes, WASM_GZIP_BUDGET } from '../../scripts/budget.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** @param {string} path */
const read = path => readFileSync(new URL(`../../${path}`, import.meta.url))
/** @param {string} program @param {...string} args */
const run = (program, ...args) =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

const wasm = read('pkg/my_mimic_bg.wasm')
const tarball = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts'))[0]
/** @type {string[]} */
const packed = tarball.files.map(/** @param {{ path: string }} file */ file => file.path)

test('pkg/ holds a module, its glue and its types', async () => {
  assert.ok(WebAssembly.validate(wasm))
  const glue = await import('../../pkg/my_mimic.js')
  for (const name of ['initSync', '__wbg_reset_state', 'boot', 'probe', 'commit']) {
    assert.equal(typeof glue[name], 'function', name)
    assert.match(read('pkg/my_mimic.d.ts').toString(), new RegExp(`export function ${name}\\(`))
  }
})

test('the inlined base64 is the module', async () => {
  const { base64 } = await import('../../pkg/inline.js')
  assert.ok(Buffer.from(base64, 'base64').equals(wasm))
})

test('the module keeps its size budget', () => {
  const { gzip } = sizes(wasm)
  assert.ok(gzip <= WASM_GZIP_BUDGET, `${gzip} bytes gzip, the budget is ${WASM_GZIP_BUDGET}`)
})

test('git tracks nothing that the build generates', () => {
  const tracked = run('git', 'ls-files', '--', 'pkg', 'target', 'node_modules').split('\n').filter(Boolean)
  assert.deepEqual(
    tracked.filter(path => path !== 'pkg/README.md'),
    [],
  )
})

test('the lock file names no machine and no registry', () => {
  const lock = JSON.parse(read('package-lock.json').toString())
  for (const [path, entry] of Object.entries(lock.packages)) assert.equal(entry.resolved, undefined, path)
})

test('the tarball holds what a user needs, and no Rust', () => {
  for (const path of [
    'package.json',
    'LICENSE',
    'pkg/inline.js',
    'pkg/my_mimic.js',
    'pkg/my_mimic_bg.wasm',
  ]) {
    assert.ok(packed.includes(path), path)
  }
  const allowed =
    /^(package\.json|(pkg\/)?README\.md|CHANGELOG\.md|LICENSE|js\/.+\.(js|d\.ts)|pkg\/\w+\.(js|wasm|d\.ts|wasm\.d\.ts))$/
  assert.deepEqual(
    packed.filter(path => !allowed.test(path)),
    [],
  )
})

test('every path that package.json promises is in the tarball', () => {
  const { main, module, types, exports } = JSON.parse(read('package.json').toString())
  for (const path of [main, module, types, ...Object.values(exports['.'])]) {
    assert.ok(packed.includes(path.replace('./', '')), path)
  }
})

test('nothing in the tarball knows the machine it was built on', () => {
  const places = [
    root.replace(/\/$/, ''),
    homedir(),
    '.cargo/',
    'registry/src',
    '/rustup/',
    '/home/',
    '/Users/',
  ]
  for (const path of packed) {
    const text = read(path).toString('latin1')
    for (const place of places) assert.ok(!text.includes(place), `${path} contains ${place}`)
  }
})
