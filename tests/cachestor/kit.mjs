/** What the tests of `my-mimic/cachestor` open stores with. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, mock } from 'node:test'
import { CacheStor, TypeStorage } from '../../js/entry/cachestor.js'

export const entry = JSON.stringify(new URL('../../js/entry/cachestor.js', import.meta.url).href)
const root = mkdtempSync(join(tmpdir(), 'cachestor-'))
after(() => rmSync(root, { recursive: true, force: true }))
afterEach(() => mock.restoreAll())

let folders = 0
/** A place for one index and its results. */
export function place() {
  const path = join(root, `p${++folders}`)
  mkdirSync(path)
  const dbFile = join(path, 'cache/my.db')
  const folder = join(path, 'cache/example')
  const open = options => new CacheStor({ dbFile, typeStorage: TypeStorage.IN_DISK, ...options })
  const lines = () => readFileSync(dbFile, 'utf8').split('\n').slice(0, -1).map(line => JSON.parse(line)) // biome-ignore format: one line
  const files = () => readdirSync(folder).map(name => join(folder, name))
  return { path, dbFile, folder, open, lines, files }
}

/** What a script prints, run in a folder. */
export const run = (script, cwd, ...args) =>
  execFileSync(process.execPath, ['--input-type=module', '-e', script, ...args], { cwd, encoding: 'utf8' })

/** A function of one source that says when it is called, to be called by itself: on an object it would have that in its key. */
export function counting(stor, folder, options) {
  const calls = []
  const f = stor.cache({ folder, ...options })(function counted(x) {
    calls.push(x)
    return { x }
  })
  return { f, calls }
}

/** Another one, that loads. */
export function loading(stor, folder, options) {
  const calls = []
  const load = stor.cacheAsync({ folder, ...options })(async function loaded(x) {
    calls.push(x)
    await new Promise(setImmediate)
    return { x }
  })
  return { load, calls }
}
