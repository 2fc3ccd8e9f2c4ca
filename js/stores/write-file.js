import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolderSync } from './make-folder.js'

/** Files written whole or not at all: whoever reads meanwhile, or after a crash, finds the old bytes or the new ones. */

/** @param {string} path @param {Uint8Array | string} data */
export function writeWholeSync(path, data) {
  const temporary = temporaryFor(path)
  try {
    inFolderSync(path, () => writeFileSync(temporary, data, { mode: 0o600 }))
    renameSync(temporary, path)
  } catch (cause) {
    rmSync(temporary, { force: true })
    throw cause
  }
}

/** @param {string} path @param {Uint8Array | string} data */
export async function writeWhole(path, data) {
  const temporary = temporaryFor(path)
  try {
    await inFolder(path, () => writeFile(temporary, data, { mode: 0o600 }))
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}

/** Writes, and once more when the folder had to be made first. @param {string} path @param {() => void} write */
export function inFolderSync(path, write) {
  try {
    write()
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    makeFolderSync(dirname(path))
    write()
  }
}

/** Writes, and once more when the folder had to be made first. @param {string} path @param {() => Promise<unknown>} write */
export async function inFolder(path, write) {
  try {
    await write()
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    makeFolderSync(dirname(path))
    await write()
  }
}

/** @param {unknown} cause @returns {boolean} whether a file or its folder is not there */
export function isMissing(cause) {
  return /** @type {any} */ (cause)?.code === 'ENOENT'
}

/** Threads share a process id, so that alone is no name. @param {string} path */
function temporaryFor(path) {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`
}
