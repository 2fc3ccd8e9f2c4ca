import fs from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../errors.js'
import { FILE } from './directory.js'
import { FILE_HEADER, FILE_MAGIC_BYTES, FRAME_MAGIC_BYTES, saltOf } from './frame.js'

/**
 * Files of a directory in which nobody can ever read anything: what a killed compaction wrote, and what has no whole header, since its writer or the
 * machine was stopped, or since it was damaged later.
 */

/** @param {string} path of the directory @param {number} before epoch milliseconds: who has written nothing since is not at it any more */
export function removeLost(path, before) {
  for (const name of fs.readdirSync(path)) {
    const file = join(path, name)
    if (name.endsWith('.tmp') || (FILE.test(name) && isLost(file, before))) fs.rmSync(file, { force: true })
  }
}

/** @param {string} path @param {number} before */
function isLost(path, before) {
  try {
    const fd = fs.openSync(path, 'r')
    try {
      const start = new Uint8Array(FILE_HEADER + FRAME_MAGIC_BYTES.length)
      const length = fs.readSync(fd, start, 0, start.length, 0)
      const isWhole = length >= FILE_HEADER && saltOf(start.subarray(0, FILE_HEADER)) !== 'damaged'
      return !isWhole && isOurs(start.subarray(0, length)) && fs.fstatSync(fd).mtimeMs < before
    } finally {
      fs.closeSync(fd)
    }
  } catch (error) {
    // Renamed or removed since it was listed, or not to be read, and so nobody knows what is in it.
    if (codeOf(error).startsWith('ERR_')) throw error
    return false
  }
}

/**
 * Others may have logs here. So it has to begin as a file of entries does, or its first frame, or with the zeros that a loss of power leaves.
 * @param {Uint8Array} start
 */
function isOurs(start) {
  const [header, frame] = [start.subarray(0, FILE_MAGIC_BYTES.length), start.subarray(FILE_HEADER)]
  return (
    header.every((byte, i) => byte === FILE_MAGIC_BYTES[i]) ||
    header.every(byte => byte === 0) ||
    (frame.length > 0 && frame.every((byte, i) => byte === FRAME_MAGIC_BYTES[i]))
  )
}
