import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { browse, serve } from './browser/harness.mjs'

/** Each code block of the README runs as a user would run it: in a folder of its own, where `my-mimic` is an installed package. */

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const run = promisify(execFile)
const readme = await readFile(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```(js|js browser|ts|sh)\n([\s\S]*?)^```$/gm)].map(([, kind, code]) => ({
  kind,
  code,
}))
const titleOf = code =>
  code
    .split('\n')
    .find(line => line && !line.startsWith('import'))
    ?.slice(0, 60) ?? ''

let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mimic-readme-'))
  await mkdir(join(folder, 'node_modules'))
  await symlink(root, join(folder, 'node_modules', 'my-mimic'), 'dir')
  // Whose storage is used.
  await symlink(join(root, 'node_modules/keyv'), join(folder, 'node_modules/keyv'), 'dir')
})
after(() => rm(folder, { recursive: true, force: true }))

/** What the comments behind `console.log(…) // …` promise, up to a colon or comma that explains. */
function promised(code) {
  return [...code.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].map(([, text]) =>
    text.split(/[:,]( |$)/)[0].replace(/ or .*$/, ''),
  )
}

/** Strict, as a user would have it. Returns the module that comes out. @param {string} file */
async function compiled(file) {
  const options = '--ignoreConfig --strict --module nodenext --target es2022 --lib es2022,dom'.split(' ')
  const compiling = run(process.execPath, [tsc, ...options, file], { cwd: folder })
  const { stdout } = await compiling.catch(error => error)
  assert.equal(stdout, '')
  return file.replace(/\.mts$/, '.mjs')
}

describe('node blocks', () => {
  for (const [i, { kind, code }] of blocks.filter(({ kind }) => kind === 'js' || kind === 'ts').entries()) {
    test(titleOf(code), async () => {
      const file = join(folder, `block${i}.${kind === 'js' ? 'mjs' : 'mts'}`)
      await writeFile(file, code)
      const { stdout, stderr } = await run(process.execPath, [kind === 'js' ? file : await compiled(file)])
      assert.equal(stderr, '')
      const lines = stdout.split('\n')
      for (const text of promised(code)) {
        assert.ok(
          lines.some(line => line.startsWith(text)),
          `no line starts with "${text}" in:\n${stdout}`,
        )
      }
    })
  }
})

test('the block for browsers', async () => {
  const { code } = blocks.find(block => block.kind === 'js browser')
  const server = await serve()
  const browser = await browse()
  try {
    const page = await browser.context.newPage()
    await page.goto(`${server.origin}/blank`)
    const runBlock = source =>
      page.evaluate(
        text => import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))),
        source,
      )
    const source = code.replace("'my-mimic'", `'${server.origin}/js/entry/inline.js'`)
    await runBlock(`${source}\nglobalThis.first = weather.stats()`)
    await page.reload()
    await runBlock(`${source}\nglobalThis.second = weather.stats()`)
    const { loads, storeHits } = await page.evaluate('globalThis.second')
    assert.deepEqual({ loads, storeHits }, { loads: 0, storeHits: 1 })
  } finally {
    await browser.end()
    await server.close()
  }
})

test('each command of the README is a script of the package', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const named = [...readme.matchAll(/npm (?:run )?([a-z]+(?::[a-z]+)?)/g)]
    .map(([, name]) => name)
    .filter(name => name !== 'install')
  assert.ok(named.length >= 8)
  for (const name of named) assert.ok(scripts[name], `npm run ${name} is no script`)
})

test('every option of the table is one that there is, and the other way round', async () => {
  const source = await readFile(join(root, 'js/options.js'), 'utf8')
  const known = [...source.match(/const CHECKS = \{([\s\S]*?)\n\}/)[1].matchAll(/^ {2}(\w+):/gm)].map(
    ([, name]) => name,
  )
  const table = readme.slice(readme.indexOf('## Options'), readme.indexOf('`mime.configure'))
  const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
  assert.deepEqual(listed.sort(), known.sort())
})
