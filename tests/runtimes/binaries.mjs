/** Where the runtimes' programs are: in the packages of this platform, which need no install script. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { run } from './process.mjs'

const NODE = '26.10.0'
const at = (/** @type {string} */ path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const platform = process.platform
const cpu = process.arch
/** Bun's and workerd's names for it. */
const aarch = cpu === 'arm64' ? 'aarch64' : cpu
const bits = cpu === 'x64' ? '64' : cpu
const libc = platform === 'linux' ? '-glibc' : ''

/** A folder that git knows nothing of. */
export const scratch = at('target/runtimes')

export const findDeno = () => program('DENO', [`node_modules/@deno/${platform}-${cpu}${libc}/deno`])
/** Bun's install script, where it runs, takes the program out of its package. */
export const findBun = () =>
  program('BUN', [`node_modules/@oven/bun-${platform}-${aarch}/bin/bun`, 'node_modules/bun/bin/bun.exe'])
export const findWorkerd = () =>
  program('WORKERD', [`node_modules/@cloudflare/workerd-${platform}-${bits}/bin/workerd`])

/**
 * No development dependency: the package exists for one platform only, and its `node` would stand before this one in npm's scripts.
 * @returns {Promise<string>}
 */
export async function ensureNewestNode() {
  const name = `node-${platform}-${cpu}`
  const path = `target/runtimes/node_modules/${name}/bin/node`
  if (!process.env.NODE_NEWEST && !existsSync(at(path))) {
    const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']
    await run('npm', ['install', '--prefix', scratch, ...quiet, `${name}@${NODE}`], { timeout: 120_000 })
  }
  return program('NODE_NEWEST', [path])
}

/** @param {string} variable names the program outright @param {string[]} paths */
function program(variable, paths) {
  const found = process.env[variable] ?? paths.map(at).find(existsSync)
  if (found === undefined)
    throw new Error(`${paths[0]} is missing: run npm ci, or set ${variable} to a program`)
  return found
}
