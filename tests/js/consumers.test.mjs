// The package as published, in small projects: packed, unpacked into node_modules, compiled against by each module resolution, and run.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const sources = join(root, 'tests/consumers')
const exec = promisify(execFile)

/** Strict, and with no types but the package's: nothing of it may lean on `@types/node`, on the DOM or on what is not checked. */
const COMMON = {
  target: 'es2022',
  lib: ['es2022'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
}
const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

/** @type {string} */
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mimic-consumers-'))
  await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  const tarball = (await readdir(folder)).find(name => name.endsWith('.tgz'))
  const installed = join(folder, 'node_modules/my-mimic')
  await mkdir(installed, { recursive: true })
  await exec('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components', '1'])
})
after(() => rm(folder, { recursive: true, force: true }))

/**
 * A project below the folder that has the package installed.
 * @param {string} name
 * @param {object} options
 * @param {...string} files
 * @returns {Promise<string>} the folder of what it compiles to
 */
async function compile(name, options, ...files) {
  const project = join(folder, name)
  await mkdir(project)
  for (const file of files) await cp(join(sources, file), join(project, file))
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  const config = { compilerOptions: { ...COMMON, ...options, outDir: 'out' }, files }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(config))
  const { stdout } = await exec(process.execPath, [tsc, '--project', project]).catch(error => error)
  assert.equal(stdout, '')
  return join(project, 'out')
}

/** @param {string} file */
async function run(file) {
  const { stdout, stderr } = await exec(process.execPath, [file])
  assert.equal(stderr, '')
  assert.equal(stdout, 'ok\n')
}

describe('the packed package', { concurrency: true }, () => {
  for (const [name, options] of Object.entries(RESOLUTIONS)) {
    test(`moduleResolution ${name}`, async () => {
      await run(join(await compile(name, options, 'module.ts'), 'module.js'))
    })
  }

  for (const name of ['ancestors', 'disk']) {
    test(`${name === 'disk' ? 'my-mimic/disk' : 'my-mimic/mimic and my-mimic/cachestor'}, as they are and bundled`, async () => {
      const out = await compile(name, RESOLUTIONS.nodenext, `${name}.ts`)
      await run(join(out, `${name}.js`))
      const outfile = join(out, 'alone', 'alone.mjs')
      const options = { outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20' }
      const { warnings } = await build({ entryPoints: [join(out, `${name}.js`)], ...options })
      assert.deepEqual(warnings, [])
      await run(outfile)
    })
  }

  test('my-mimic/adapters and my-mimic/testing/store, as they are and bundled for browsers', async () => {
    const out = await compile('adapters', RESOLUTIONS.nodenext, 'adapters.ts')
    await run(join(out, 'adapters.js'))
    const outfile = join(out, 'alone.mjs')
    const options = { outfile, bundle: true, format: 'esm', platform: 'browser', target: 'es2022' }
    const { warnings } = await build({ entryPoints: [join(out, 'adapters.js')], ...options })
    assert.deepEqual(warnings, [])
    await run(outfile)
  })

  test('from CommonJS', async () => {
    await run(join(await compile('common', RESOLUTIONS.nodenext, 'common.cts'), 'common.cjs'))
  })

  test('experimentalDecorators', async () => {
    const options = { ...RESOLUTIONS.nodenext, experimentalDecorators: true }
    await run(join(await compile('legacy', options, 'module.ts'), 'module.js'))
  })

  test('bundled into one file that needs nothing', async () => {
    const outfile = join(folder, 'bundle', 'alone.mjs')
    await mkdir(join(folder, 'bundle'))
    await cp(join(sources, 'module.ts'), join(folder, 'bundle/module.ts'))
    const entryPoints = [join(folder, 'bundle/module.ts')]
    const { warnings } = await build({ entryPoints, outfile, bundle: true, format: 'esm', target: 'es2022', tsconfigRaw: {} }) // biome-ignore format: one line
    assert.deepEqual(warnings, [])
    const elsewhere = await mkdtemp(join(tmpdir(), 'mimic-alone-'))
    await cp(outfile, join(elsewhere, 'alone.mjs'))
    await run(join(elsewhere, 'alone.mjs'))
    await rm(elsewhere, { recursive: true })
  })

  for (const format of ['cjs', 'iife']) {
    test(`bundled into a script that is no module, as ${format}: a plain call is one on nothing`, async () => {
      await writeFile(
        join(folder, `script-${format}.js`),
        `import { createMime, memoryStore } from 'my-mimic'
        import { Mime } from 'my-mimic/mimic'
        const store = memoryStore()
        let loads = 0
        const price = createMime({ store })(function price(id) { return id + ++loads }, '1h')
        price('a')
        price.set(['b'], 'set')
        const answers = [price.has('a'), price.invalidate('a'), price('a'), price('b'), store.stats().entries]
        const { has } = price
        answers.push(has('a'), (0, price)('a'), price.call(globalThis, 'a'), price.call({}, 'a'))
        const mimic = Mime(60)(function mimic(id) { return id + ++loads })
        answers.push(mimic(1) === mimic(1))
        console.log(JSON.stringify(answers))`,
      )
      const outfile = join(folder, `script-${format}.cjs`)
      await build({ entryPoints: [join(folder, `script-${format}.js`)], outfile, bundle: true, format, platform: 'node', logLevel: 'silent' }) // biome-ignore format: one line
      const { stdout } = await exec(process.execPath, [outfile])
      assert.deepEqual(JSON.parse(stdout), [true, true, 'a2', 'set', 2, true, 'a2', 'a2', 'a3', true])
    })
  }

  test('the command line, as npm links it', async () => {
    const { bin } = JSON.parse(await readFile(join(folder, 'node_modules/my-mimic/package.json'), 'utf8'))
    const link = join(folder, 'my-mimic')
    await symlink(join(folder, 'node_modules/my-mimic', bin['my-mimic']), link)
    const { stdout } = await exec(link, ['--help'])
    assert.match(stdout, /^my-mimic: looks into the directory/)
  })

  test('what package.json does not export is not to be had', async () => {
    const script = "await import('my-mimic/js/create.js')"
    const options = { cwd: folder }
    await assert.rejects(exec(process.execPath, ['--input-type=module', '-e', script], options), /ERR_PACKAGE_PATH_NOT_EXPORTED/) // biome-ignore format: one line
  })
})
