import { keyDigest, memory, persistence } from '../../js/core.js'
import { hex } from '../../js/hex.js'

/**
 * What no way of ours can do without, and nothing else: an aim that leaves less time than this is not a question of code.
 * @typedef {import('./peers.mjs').Wrap} Wrap
 */

/** The questions an exact key has to ask of each object: its prototype, its symbols, its keys, their values. @param {unknown} value @returns {number} */
function ask(value) {
  if (typeof value !== 'object' || value === null) return 0
  let sum = Object.getPrototypeOf(value) === Object.prototype ? 1 : 0
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) sum += ask(value[i])
  else {
    if (Object.getOwnPropertySymbols(value).length > 0) sum++
    for (const key of Object.keys(value)) sum += ask(/** @type {any} */ (value)[key])
  }
  return sum
}

/** No key is written, nothing is looked up. @type {Wrap} */
export const asked = fn => value => (ask(value) < 0 ? undefined : fn(value))

/** Into the core and back. @type {Wrap} */
export const crossed = fn => {
  const core = persistence()
  return (...args) => (core.slots(0) > 0 ? undefined : fn(...args))
}

/** The digest of a key that is there already, as text. @param {number} cells @returns {Wrap} */
export const digested = cells => () => {
  persistence()
  memory.u8.fill(7, 0, cells * 8)
  return () => (hex(keyDigest(cells)).length > 0 ? 1 : 0)
}
