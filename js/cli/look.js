import fs from 'node:fs'
import { join } from 'node:path'
import { persistence } from '../core.js'
import { codeOf } from '../errors.js'
import { Directory, FILE, FORMAT } from '../stores/disk/directory.js'
import { Stamps } from '../stores/disk/stamps.js'
import { EXIT, Failure } from './failure.js'
import { note } from './output.js'
import { printable } from './printable.js'

/** Opens a store's directory beside whoever uses it. Looking makes no directory and no file. */

/** The files of a store grow as long as those of one with this budget, which is the default. */
const MAX_BYTES = 256 << 20

/** @param {string} path @returns {Directory} read, as it is now */
export function look(path) {
  checkDirectory(path)
  const { directory, strange } = directoryAt(path)
  directory.scan()
  for (const cause of strange) note(`my-mimic: ${printable(String(cause))}`)
  return directory
}

/** @param {string} path @returns {{ directory: Directory, strange: unknown[], stamps: Stamps }} not read yet */
export function directoryAt(path) {
  persistence()
  /** @type {unknown[]} */
  const strange = []
  const stamps = new Stamps()
  const directory = new Directory({ path, maxBytes: MAX_BYTES }, stamps, cause => strange.push(cause))
  return { directory, strange, stamps }
}

/** @param {string} path @throws Failure when it is no directory of a store, or of a later version */
export function checkDirectory(path) {
  const names = namesIn(path)
  if (names === undefined) {
    throw new Failure(
      'ERR_NO_DIRECTORY',
      EXIT.DIRECTORY,
      `there is no directory ${printable(path)}`,
      'give the path that diskStore({ path }) was given, as the first argument or with --path',
    )
  }
  const version = versionIn(path)
  if (version !== '' && version !== FORMAT) throw laterVersion(path, version)
  if (version === '' && !names.some(name => FILE.test(name))) {
    throw new Failure(
      'ERR_NOT_A_STORE',
      EXIT.DIRECTORY,
      `${printable(path)} is ${names.length === 0 ? 'empty' : 'not the directory of a disk store'}`,
      'give the path that diskStore({ path }) was given',
    )
  }
}

/** @param {string} path @returns {string[] | undefined} nothing where nothing is */
export function namesIn(path) {
  try {
    return fs.readdirSync(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return undefined
    const what = code === 'ENOTDIR' ? 'is not a directory' : `cannot be read (${code})`
    throw new Failure('ERR_DIRECTORY', EXIT.DIRECTORY, `${printable(path)} ${what}`)
  }
}

/** @param {string} path @returns {string} empty where none is written */
function versionIn(path) {
  try {
    return fs.readFileSync(join(path, 'format'), 'utf8').trim()
  } catch {
    return ''
  }
}

/** @param {string} path @param {string} version */
function laterVersion(path, version) {
  return new Failure(
    'ERR_STORE_VERSION',
    EXIT.DIRECTORY,
    `${printable(path)} is of version ${printable(version.slice(0, 20))}, this my-mimic knows ${FORMAT}`,
    'use the my-mimic that made it, or a later one',
  )
}
