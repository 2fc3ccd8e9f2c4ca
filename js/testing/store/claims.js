import { encode } from '../../codec.js'
import { sameBytes } from '../../stores/store.js'
import { AssertionError } from '../assertion.js'
import { callOf } from '../call.js'

/** What the checks of a store claim. */

/** @param {unknown} holds @param {string} message @returns {asserts holds} */
export function claim(holds, message) {
  if (!holds) throw new AssertionError(message, { actual: holds, expected: true, operator: claim })
}

/**
 * Equal as the codec sees it: of one type, with the same contents in the same order, and with the same shared references and cycles.
 * @param {unknown} a
 * @param {unknown} b
 */
export function isSame(a, b) {
  return Object.is(a, b) || sameBytes(encode(a), encode(b))
}

/** @param {unknown} actual @param {unknown} expected @param {string} what */
export function claimSame(actual, expected, what) {
  let same = false
  let reason = ''
  try {
    same = isSame(actual, expected)
  } catch (error) {
    reason = ` (${error})`
  }
  if (same) return
  const message = `${what}: expected ${inWords(expected)}, got ${inWords(actual)}${reason}`
  throw new AssertionError(message, { actual, expected, operator: claimSame })
}

const MAX_WORDS = 200

/** @param {unknown} value */
function inWords(value) {
  const { text } = callOf([value])
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text
}

/**
 * @template T
 * @param {T | Promise<T>} promise
 * @param {number} ms
 * @param {string} what
 * @returns {Promise<T>}
 */
export async function within(promise, ms, what) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const late = new Promise((_, reject) => {
    const error = new AssertionError(`${what} did not end within ${ms} ms`, { actual: 'pending', expected: 'settled', operator: within }) // biome-ignore format: one line
    timer = setTimeout(() => reject(error), ms)
  })
  try {
    return /** @type {T} */ (await Promise.race([promise, late]))
  } finally {
    clearTimeout(timer)
  }
}

/** @param {number} ms */
export function pause(ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** The same numbers from 0 up to 1 in every run. @param {number} seed */
export function randomFrom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
