import { invalidOption, MimicRangeError } from '../errors.js'
import { parseTtl } from '../options.js'

/**
 * A clock that stands still until it is told otherwise, for the option `clock`. It reads milliseconds, as every clock does; how far it is
 * advanced is a duration, as everywhere in this package: seconds as a number, or a string with its unit.
 * @param {number} [start] milliseconds
 */
export function virtualClock(start = 0) {
  let time = checkTime('virtualClock(start)', start)
  return {
    /** @returns {number} milliseconds */
    now: () => time,
    /** @param {number | string} by @returns {number} what it reads then */
    advance(by) {
      const ms = by === null || by === undefined ? Infinity : parseTtl(by, 'advance(by)')
      if (ms === Infinity) {
        throw invalidOption('advance(by)', by, "a finite duration such as 5 (seconds), '250ms' or '5m'")
      }
      time += ms
      return time
    },
    /** Jumps, backwards too. @param {number} to milliseconds */
    set(to) {
      time = checkTime('set(time)', to)
    },
  }
}

/** @param {string} what @param {unknown} time @returns {number} */
function checkTime(what, time) {
  if (typeof time === 'number' && Number.isFinite(time)) return time
  throw invalidOption(what, time, 'a finite number of milliseconds', MimicRangeError)
}
