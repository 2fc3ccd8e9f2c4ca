// The demo, on sources written here and on bad input.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readOptions, UsageError } from '../../scripts/demo/options.js'
import { findSources } from '../../scripts/demo/sources.js'
import { statistics } from '../../scripts/demo/statistics.js'

const script = fileURLToPath(new URL('../../scripts/demo.js', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'mimic-demo-'))
after(() => rmSync(directory, { recursive: true, force: true }))

/** @param {string} name @param {string} text */
function source(name, text) {
  const path = join(directory, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
}

/** @param {...string} args @returns {Promise<{ code: number | null, out: string, err: string }>} */
function demo(...args) {
  const env = { ...process.env, INIT_CWD: directory }
  const child = spawn(process.execPath, [script, ...args], { cwd: directory, env })
  let [out, err] = ['', '']
  child.stdout.on('data', data => (out += data))
  child.stderr.on('data', data => (err += data))
  return new Promise(resolve => child.on('close', code => resolve({ code, out, err })))
}

/** Calls and hits of both functions in a row of the table. @param {string} out @param {string} name */
function row(out, name) {
  const line = out.split('\n').find(line => line.startsWith(name))
  assert.ok(line, `no row ${name} in\n${out}`)
  return line
    .split('│')
    .slice(1)
    .map(group => group.trim().split(/\s+/).slice(0, 2).join('/'))
}

for (let i = 0; i < 7; i++) {
  source(`good/${i}.js`, `import a from 'a${i}'\nexport class C${i} { m() { if (a) return () => ${i} } }\n`)
}
source('good/types.ts', 'export interface A<T> { x: T }\nexport const f = <T,>(x: T): A<T> => ({ x })\n')
source('good/component.tsx', 'export const A = (p: { x: string }) => <b>{p.x}</b>\n')
source('good/broken.js', 'export const = (\n')
source('good/copy.js', 'export const = (\n')
source('good/notes.txt', 'not a source\n')
source('good/node_modules/other/index.js', 'export {}\n')
source('empty/notes.txt', 'not a source\n')

test('the table says how often each function was called', { timeout: 60_000 }, async () => {
  const { code, out, err } = await demo('good')
  assert.equal(code, 0, err)
  assert.match(out, /^10 source files .*1 with the text of another left out/)
  assert.deepEqual(row(out, 'without mime'), ['10/–', '10/–'])
  assert.deepEqual(row(out, 'cold'), ['10/0', '10/0'])
  assert.deepEqual(row(out, 'warm'), ['0/10', '0/10'])
  assert.deepEqual(row(out, '3 invalidated'), ['3/7', '3/7'])
  assert.deepEqual(row(out, 'after the ttl'), ['10/0', '10/0'])
  assert.match(out, /unparsed +1 file does not parse, first broken\.js: Unexpected token/)
  assert.match(out, /found .* 7 classes, 7 imports, 10 exports/)
  assert.match(out, /10 callers at once: 1 call, 9 joined it/)
  assert.match(err, /^0 % parse a text/)
  assert.doesNotMatch(out + err, /WRONG|undefined|NaN/)
})

const refused = /** @type {[string, string[], number, RegExp][]} */ ([
  ['a directory that is not there', ['nowhere'], 1, /^demo: there is no directory .*nowhere\n$/],
  ['a file', ['good/0.js'], 1, /^demo: .*0\.js is a file, not a directory\n$/],
  ['a directory without sources', ['empty'], 1, /^demo: .*empty holds no JavaScript or TypeScript files\n$/],
  ['an unknown flag', ['--fast'], 2, /^demo: .*--fast.*; see --help\n$/],
  ['two directories', ['good', 'empty'], 2, /^demo: takes one directory, not 2; see --help\n$/],
  ['a number that is none', ['--files', 'many'], 2, /^demo: --files must be .*; got "many"\n$/],
])
for (const [what, args, expected, message] of refused) {
  test(`${what} is one sentence and exit code ${expected}`, async () => {
    const { code, out, err } = await demo(...args)
    assert.deepEqual([code, out], [expected, ''])
    assert.match(err, message)
  })
}

test('--help explains the flags', async () => {
  const { code, out } = await demo('--help')
  assert.equal(code, 0)
  assert.match(out, /\[directory\] \[--files N\]/)
})

test('options have bounds', () => {
  assert.deepEqual(readOptions(['--files', '5', 'src']), { directory: 'src', files: 5, help: false })
  for (const bad of ['0', '-1', '1.5', '99999', '']) {
    assert.throws(() => readOptions([`--files=${bad}`]), UsageError, bad)
  }
})

test('files are picked evenly; links are not followed; what cannot be read is counted', () => {
  for (let i = 0; i < 10; i++) source(`many/${i}.js`, `x = ${i}`)
  symlinkSync(join(directory, 'good'), join(directory, 'many/link'))
  source('many/big.js', 'x'.repeat(300_000))
  const { files, found, tooBig } = findSources(join(directory, 'many'), 100)
  assert.deepEqual([files.length, found, tooBig], [10, 11, 1])
  const few = findSources(join(directory, 'many'), 3)
  assert.deepEqual(
    few.files.map(file => file.name),
    ['0.js', '3.js', '7.js'],
  )
})

test('an unreadable file is counted, not fatal', () => {
  source('locked/open.js', 'x = 1')
  source('locked/shut.js', 'x = 2')
  chmodSync(join(directory, 'locked/shut.js'), 0)
  const { files, unreadable } = asNobody(() => findSources(join(directory, 'locked'), 10))
  assert.deepEqual([files.length, unreadable], [1, 1])
})

/** Root reads everything, so for a moment this process is somebody else. @template T @param {() => T} run @returns {T} */
function asNobody(run) {
  if (process.geteuid?.() !== 0) return run()
  chmodSync(directory, 0o755)
  process.seteuid?.(65_534)
  try {
    return run()
  } finally {
    process.seteuid?.(0)
  }
}

test('statistics count what is in a text', () => {
  const text = `import a from 'a'
const b = require('b')
class A { m() { return a ? 1 : 2 } }
export function long(x) {
  for (const y of x) {
    if (y) {
      b(() => y)
    }
  }
}`
  const { error, longest, ...counts } = statistics(text, 'js')
  assert.deepEqual(counts, {
    lines: 10,
    functions: 3,
    classes: 1,
    imports: 2,
    exports: 1,
    branches: 3,
    depth: 3,
  })
  assert.deepEqual([error, longest], [undefined, { name: 'long', line: 4, lines: 7 }])
  assert.match(statistics('let let', 'js').error ?? '', /let/)
  assert.equal(statistics('export const x: number = 1', 'ts').error, undefined)
})

test('a text nested deeply does not overflow', () => {
  const deep = statistics(`${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'js')
  assert.ok(deep.error === undefined || /stack/i.test(deep.error), deep.error)
})
