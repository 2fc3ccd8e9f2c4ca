// `npm run build`, and `prepare` after `npm install` in a clone: makes pkg/ from the Rust crate.
// The work is in xtask/; this file sees to it that Rust and its wasm target are there.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = 'wasm32-unknown-unknown'

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(1)
}

/** @param {string} program @param {string[]} args */
const quietly = (program, args) => spawnSync(program, args, { cwd: root, encoding: 'utf8' })

/** @param {string} program @param {string[]} args */
function loudly(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) fail(`build failed: could not start ${program} (${error.message})`)
  if (status !== 0) process.exit(status ?? 1)
}

if (quietly('cargo', ['--version']).status !== 0) {
  fail(
    "build failed: Rust is missing; install it with `curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh` and run `npm run build` again.",
  )
}

const libraries = join(
  quietly('rustc', ['--print', 'sysroot']).stdout.trim(),
  'lib',
  'rustlib',
  target,
  'lib',
)
if (!existsSync(libraries)) {
  if (quietly('rustup', ['--version']).status !== 0) {
    fail(
      `build failed: Rust's ${target} target is missing and so is rustup; install rustup, run \`rustup target add ${target}\`, then \`npm run build\`.`,
    )
  }
  console.error(`[0/5] add Rust's ${target} target …`)
  loudly('rustup', ['target', 'add', target])
}

console.error('[0/5] prepare the build tool (about a minute the first time) …')
loudly('cargo', ['run', '--locked', '--package', 'xtask', '--', 'build'])
