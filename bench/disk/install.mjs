import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * What nothing but `npm run bench:disk` needs is installed when that runs, in a folder that git knows nothing of: one for each Node, since some
 * is compiled for it.
 */

const PACKAGES = {
  lmdb: '3.5.6',
  'classic-level': '3.0.0',
  'better-sqlite3': '12.6.2',
  keyv: '5.6.0',
  '@keyv/sqlite': '4.0.8',
}
/** Compiled here where no binary is to be had; what cannot be is left out. */
const COMPILED = ['better-sqlite3', 'sqlite3']

const folder = fileURLToPath(new URL(`../../target/bench-disk/${process.versions.modules}`, import.meta.url))

/** @param {string[]} args @returns {boolean} */
function npm(...args) {
  const options = {
    cwd: folder,
    stdio: /** @type {const} */ (['ignore', 'ignore', 'ignore']),
    timeout: 600_000,
  }
  return spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=silent'], options).status === 0
}

export function install() {
  if (existsSync(join(folder, 'done'))) return
  console.error(`installing ${Object.keys(PACKAGES).join(', ')} for this benchmark`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PACKAGES }))
  if (!npm('install', '--ignore-scripts')) return
  for (const name of COMPILED) if (!npm('rebuild', name)) console.error(`${name} cannot be compiled here`)
  writeFileSync(join(folder, 'done'), '')
}

/** @param {string} name @returns {Promise<any>} nothing where it is not to be had */
export async function loaded(name) {
  try {
    const path = createRequire(join(folder, 'x.js')).resolve(name)
    return await import(pathToFileURL(path).href)
  } catch {
    return undefined
  }
}

/** @returns {Promise<any>} */
export async function builtin() {
  // Absent in Node 20; later ones say that it is experimental.
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return await import('node:sqlite')
  } catch {
    return undefined
  } finally {
    process.emitWarning = emitWarning
  }
}
