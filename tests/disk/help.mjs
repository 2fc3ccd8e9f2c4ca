import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { diskStore } from '../../js/entry/disk.js'
import { hash } from '../../js/entry/inline.js'

/** What the tests of the disk store share. */

/** @type {string[]} */
const scratches = []
// Not with its test: a store that is closed after it would make its directory anew.
process.on('exit', () => {
  for (const path of scratches) rmSync(path, { recursive: true, force: true })
})

/** A directory that goes with this process. @param {unknown} _t @param {string} [parent] */
export function scratch(_t, parent = tmpdir()) {
  const path = mkdtempSync(join(parent, 'mimic-disk-'))
  scratches.push(path)
  return path
}

/** A store that is closed with its test, and what it said. @param {{ after(done: () => unknown): void }} t @param {string} path @param {object} [options] */
export function opened(t, path, options) {
  const store = diskStore({ path, ...options })
  t.after(() => store.close())
  return Object.assign(store, { said: heard(store) })
}

/** @param {import('../../js/stores/store.js').Store} store @returns {{ name: string, code: string | undefined }[]} every event but `flush` */
export function heard(store) {
  /** @type {any[]} */
  const said = []
  for (const name of /** @type {const} */ (['error', 'refused', 'drop', 'corrupt', 'unavailable']))
    store.on(name, event => said.push({ name, ...event }))
  return said
}

/** @param {unknown} name @param {string} [namespace] @returns {import('../../js/stores/store.js').StoreKey} */
export function keyOf(name, namespace = 'f\x001') {
  const digits = hash(name)
  return { namespace, digest: digits.slice(0, 32), bytes: Buffer.from(digits.repeat(2)) }
}

/** @param {import('../../js/stores/store.js').Store} store @param {import('../../js/stores/store.js').StoreKey} key */
export const valueOf = (store, key) => store.getSync?.(key)?.value

/** Until what others wrote is looked for again. */
export const others = () => sleep(550)

/** @param {string} path @returns {string[]} the names of its files of entries */
export const filesIn = path => readdirSync(path).filter(name => /\.(log|seg)$/.test(name))

/** @param {unknown} value @param {number} [ttl] milliseconds @param {object} [more] */
export function entryOf(value, ttl = Infinity, more) {
  const storedAt = Date.now()
  return { value, storedAt, deadline: storedAt + ttl, ...more }
}

/** The value for a key, which anybody can tell from a wrong one. @param {unknown} key @param {number} version @param {number} [length] */
export function told(key, version, length = 200) {
  const piece = `${key}${version}.`
  return `${key}:${version}:${piece.repeat(Math.ceil(length / piece.length)).slice(0, length)}`
}

/** @param {unknown} key @param {unknown} value @returns {boolean} whether it was written for this key */
export function isTold(key, value) {
  const [name, version, rest] = String(value).split(':')
  return name === String(key) && value === told(key, Number(version), rest.length)
}

/**
 * @param {{ after(done: () => void): void }} t
 * @param {string} file beside this one
 * @param {string[]} args
 * @param {import('node:child_process').ForkOptions} [options]
 */
export function child(t, file, args, options) {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const started = fork(path, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], ...options })
  t.after(() => started.kill('SIGKILL'))
  return started
}

/** @param {import('node:child_process').ChildProcess} process @returns {Promise<number | null>} its exit code */
export async function ended(process) {
  const [code] =
    process.exitCode === null && process.signalCode === null
      ? await once(process, 'exit')
      : [process.exitCode]
  return code
}
