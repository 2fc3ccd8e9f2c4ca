import { invalidOption, MimicRangeError, MimicTypeError } from '../../errors.js'
import { parseTtl } from '../../options.js'

/**
 * @typedef {object} BackendOptions
 * @property {string} [prefix] what the names of all that is kept begin with
 * @property {number | string} [timeout] how long the backend has for one answer; as a ttl
 * @property {number} [maxPendingEntries] more waiting than this: the oldest are dropped
 * @property {number} [maxPendingBytes] likewise, in bytes
 *
 * @typedef {object} Settings
 * @property {string} prefix
 * @property {number} timeout milliseconds
 * @property {number} maxPendingEntries
 * @property {number} maxPendingBytes
 */

const DEFAULTS = Object.freeze({
  prefix: 'mimic',
  timeout: '5s',
  maxPendingEntries: 20_000,
  maxPendingBytes: 16 << 20,
})

/** @param {string} face the function that takes them @param {unknown} options @returns {Settings} */
export function checked(face, options) {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('options', options, 'an object of options')
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  for (const option of Object.keys(given)) {
    if (Object.hasOwn(DEFAULTS, option)) continue
    const known = Object.keys(DEFAULTS).join(', ')
    throw new MimicTypeError('ERR_UNKNOWN_OPTION', `${face} has no option ${option}; it has ${known}`)
  }
  const { prefix, timeout, ...most } = { ...DEFAULTS, ...given }
  if (typeof prefix !== 'string' || !/^[a-z0-9_-]+$/.test(prefix)) {
    throw invalidOption('prefix', prefix, 'made of small letters, digits, _ and -')
  }
  for (const [option, value] of Object.entries(most)) {
    if (typeof value !== 'number') throw invalidOption(option, value, 'a number')
    if (!Number.isSafeInteger(value) || value < 1) {
      throw invalidOption(option, value, 'a whole number above 0', MimicRangeError)
    }
  }
  return { prefix, timeout: parseTtl(timeout, 'timeout'), ...most }
}
