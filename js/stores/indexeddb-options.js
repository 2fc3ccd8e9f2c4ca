import { invalidOption, MimicRangeError, MimicTypeError } from '../errors.js'

/**
 * @typedef {object} IndexedDBStoreOptions
 * @property {string} [name] the database; stores of one name share it
 * @property {number} [flushAfter] milliseconds of rest after which what waits is written
 * @property {number} [flushEntries] so many waiting are written at once
 * @property {number} [flushBytes] so many bytes waiting are written at once
 * @property {number} [maxPendingEntries] more waiting than this: the oldest are dropped
 * @property {number} [maxPendingBytes] likewise, in bytes; a value larger than this is not persisted
 * @property {number} [maxBytes] what the database may hold; default: 64 MB or a tenth of the quota, whichever is less
 * @property {number} [hydrateBytes] a database of no more entries than this is read whole at the start
 * @property {number} [memoryBytes] encoded entries held in memory
 * @property {number} [openTimeout] milliseconds
 */

const MAX_BYTES = 64e6
const QUOTA_SHARE = 0.1

const DEFAULTS = Object.freeze({
  name: 'my-mimic',
  flushAfter: 50,
  flushEntries: 1024,
  flushBytes: 1 << 20,
  maxPendingEntries: 20_000,
  maxPendingBytes: 16 << 20,
  maxBytes: MAX_BYTES,
  hydrateBytes: 4 << 20,
  memoryBytes: 32 << 20,
  openTimeout: 5000,
})

/** @param {IndexedDBStoreOptions} options @returns {Required<IndexedDBStoreOptions>} */
export function checked(options) {
  if (typeof options !== 'object' || options === null)
    throw invalidOption('store', options, 'an object of options')
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [option, value] of given) {
    if (!Object.hasOwn(DEFAULTS, option)) {
      const known = Object.keys(DEFAULTS).join(', ')
      throw new MimicTypeError(
        'ERR_UNKNOWN_OPTION',
        `indexedDBStore has no option ${option}; it has ${known}`,
      )
    }
    if (option === 'name') {
      if (typeof value !== 'string' || value === '')
        throw invalidOption(option, value, 'a string that is not empty')
    } else if (typeof value !== 'number') {
      throw invalidOption(option, value, 'a number')
    } else if (!Number.isSafeInteger(value) || value < least(option)) {
      throw invalidOption(option, value, `a whole number from ${least(option)}`, MimicRangeError)
    }
  }
  /** @type {Required<IndexedDBStoreOptions>} */
  const all = { ...DEFAULTS, ...Object.fromEntries(given) }
  const { flushAfter, openTimeout } = all
  return {
    ...all,
    flushAfter: Math.min(flushAfter, LONGEST_TIMER),
    openTimeout: Math.min(openTimeout, LONGEST_TIMER),
  }
}

/** A timer that is set to more fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** @param {string} option */
const least = option => (['flushAfter', 'hydrateBytes'].includes(option) ? 0 : 1)

/**
 * What the database may hold: what was asked for, otherwise a tenth of the quota where that is less than the default.
 * @param {{ maxBytes: number }} options
 * @returns {Promise<number>} never rejects
 */
export async function budgetOf({ maxBytes }) {
  if (maxBytes !== MAX_BYTES) return maxBytes
  try {
    const { quota } = await navigator.storage.estimate()
    return Math.min(maxBytes, quota === undefined ? Infinity : quota * QUOTA_SHARE)
  } catch {
    // There is no such thing here.
    return maxBytes
  }
}
