// Where @keyv/sqlite is for the tests. It is no dependency here: its sqlite3 is native, fetched or compiled when it is installed, and nobody else needs it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const VARIABLE = 'KEYV_SQLITE'
const PACKAGES = ['@keyv/sqlite@4.0.8', 'keyv@5.6.0']

/** @returns {string} a folder from which `@keyv/sqlite` can be imported; throws one clear sentence when there is none */
export function ensureSqlite() {
  const named = process.env[VARIABLE]
  if (named) {
    if (loads(named)) return named
    throw new Error(`${VARIABLE} is set to ${named}, from where @keyv/sqlite cannot be imported.`)
  }
  const folder = fileURLToPath(new URL('../target/keyv-sqlite/', import.meta.url))
  if (loads(folder)) return folder
  console.error(`@keyv/sqlite is missing, installing it: npm install ${PACKAGES.join(' ')}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}package.json`, '{"private":true}\n')
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', ...PACKAGES], {
    cwd: folder,
    env: { ...headers(), ...process.env },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 15 * 60_000,
  })
  if (status === 0 && loads(folder)) return folder
  throw new Error(`@keyv/sqlite could not be installed; install it and set ${VARIABLE} to the folder.`)
}

/** Node's own headers, where they are installed beside it: what is compiled need not fetch them. */
function headers() {
  const prefix = join(dirname(process.execPath), '..')
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {}
}

/** @param {string} folder */
function loads(folder) {
  const script = "require('module').createRequire(process.cwd() + '/')('@keyv/sqlite')"
  try {
    return spawnSync(process.execPath, ['-e', script], { cwd: folder, stdio: 'ignore' }).status === 0
  } catch {
    return false
  }
}
