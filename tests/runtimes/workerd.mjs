/** The vectors in workerd, which neither compiles bytes nor evaluates source: both are modules of its configuration. */

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './process.mjs'
import { pinSources } from './vectors.js'

const COPIED = [
  'js',
  'pkg/my_mimic.js',
  'pkg/my_mimic_bg.wasm',
  'tests/runtimes/vectors.js',
  'tests/vectors/keys.json',
]
const MAIN = 'main.mjs'
const KINDS = [
  ['.js', 'esModule'],
  ['.mjs', 'esModule'],
  ['.json', 'json'],
  ['.wasm', 'wasm'],
]
const root = fileURLToPath(new URL('../..', import.meta.url))

/** @param {string} program @returns {Promise<import('./vectors.js').Outcome>} */
export async function exerciseWorkerd(program) {
  const golden = await readFile(join(root, 'tests/vectors/keys.json'), 'utf8')
  const { vectors } = /** @type {import('./vectors.js').Golden} */ (JSON.parse(golden))
  const sources = new Set([...vectors.map(({ source }) => source), ...pinSources])
  const cases = [...sources].map(source => `[${JSON.stringify(source)}, (KEY, WITH_BODY) => [${source}]]`)
  const main = `
    import * as lib from './js/entry/workerd.js'
    import golden from './tests/vectors/keys.json'
    import { exercise } from './tests/runtimes/vectors.js'
    // Outside a request, where a Worker has no random numbers.
    const atStart = lib.mime(n => n + 1, '5m')
    const calls = new Map([${cases.join(',\n')}])
    export default {
      async test() {
        if (atStart(1) !== 2 || atStart(1) !== 2 || atStart.stats().hits !== 1) throw new Error('a function wrapped at the start')
        console.log('OUTCOME ' + JSON.stringify(await exercise(golden, lib, source => calls.get(source))))
      },
    }`

  const folder = await mkdtemp(join(tmpdir(), 'mimic-workerd-'))
  try {
    await writeFile(join(folder, MAIN), main)
    // An embedded file's path is relative to the configuration.
    for (const name of COPIED) await cp(join(root, name), join(folder, name), { recursive: true })
    const files = await readdir(folder, { recursive: true })
    // The first module is the entry.
    const modules = [MAIN, ...files.filter(file => file !== MAIN)].flatMap(file => {
      const kind = KINDS.find(([end]) => file.endsWith(end))?.[1]
      return kind === undefined ? [] : [`(name = "${file}", ${kind} = embed "${file}")`]
    })
    await writeFile(
      join(folder, 'config.capnp'),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (compatibilityDate = "2026-01-01", modules = [${modules.join(',\n')}]);
`,
    )
    const output = await run(program, ['test', 'config.capnp'], { cwd: folder })
    const line = output.split('\n').find(line => line.startsWith('OUTCOME '))
    if (line === undefined) throw new Error(`workerd printed no outcome: ${output.slice(-2000)}`)
    return JSON.parse(line.slice('OUTCOME '.length))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
