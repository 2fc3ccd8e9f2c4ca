import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invalidOption, MimicRangeError, MimicTypeError, show } from '../../errors.js'

/**
 * @typedef {object} DiskStoreOptions
 * @property {string | URL} path the directory, made when it is not there
 * @property {number} [maxBytes] of files; beyond that expired entries go, then the oldest
 * @property {boolean} [fsync] whether `flush()` waits until the disk itself has everything
 * @property {number} [flushAfter] milliseconds after which what waits is written
 * @property {number} [flushEntries] so many waiting are written as soon as the caller is done
 * @property {number} [flushBytes] so many bytes waiting likewise
 * @property {number} [maxPendingEntries] more waiting than this: the oldest are dropped
 * @property {number} [maxPendingBytes] likewise, in bytes; a value larger than this is not persisted
 *
 * @typedef {Required<DiskStoreOptions> & { path: string }} Settings
 */

const DEFAULTS = Object.freeze({
  maxBytes: 256 << 20,
  fsync: false,
  flushAfter: 50,
  flushEntries: 1024,
  flushBytes: 1 << 20,
  maxPendingEntries: 20_000,
  maxPendingBytes: 16 << 20,
})

/** @param {DiskStoreOptions} options @returns {Settings} */
export function checked(options) {
  if (typeof options !== 'object' || options === null) {
    throw new MimicTypeError(
      'ERR_INVALID_OPTION',
      `diskStore takes an object with a path, diskStore({ path: './.cache' }); got ${show(options)}`,
    )
  }
  const { path, ...others } = options
  const given = Object.entries(others).filter(([, value]) => value !== undefined)
  for (const [option, value] of given) {
    if (!Object.hasOwn(DEFAULTS, option)) {
      const known = ['path', ...Object.keys(DEFAULTS)].join(', ')
      throw new MimicTypeError('ERR_UNKNOWN_OPTION', `diskStore has no option ${option}; it has ${known}`)
    }
    if (option === 'fsync') {
      if (typeof value !== 'boolean') throw invalidOption(option, value, 'true or false')
    } else if (typeof value !== 'number') {
      throw invalidOption(option, value, 'a number')
    } else if (!Number.isSafeInteger(value) || value < least(option)) {
      throw invalidOption(option, value, `a whole number from ${least(option)}`, MimicRangeError)
    }
  }
  return { ...DEFAULTS, ...Object.fromEntries(given), path: directory(path) }
}

/** @param {string} option */
const least = option => (option === 'flushAfter' ? 0 : 1)

/** Absolute: the process may go elsewhere. @param {unknown} path */
function directory(path) {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path)
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return resolve(path)
  throw invalidOption('path', path, 'the path of a directory, or a file: URL')
}
