import { invalidOption } from './errors.js'

/**
 * The only file that reads a clock.
 *
 * Memory deadlines use a monotonic clock, so a jump of the system time changes nothing; stores use epoch milliseconds. Fake timers
 * replace `performance.now`, or only `Date` (node:test). Each is followed from the moment it is seen and joined to the last reading, so
 * that time never runs backwards at the change.
 * @typedef {{ now(): number }} Clock
 */

const nativeDateNow = Date.now
const nativePerformanceNow = performance.now

let source = nativePerformanceNow
/** What the source read when it was first seen, and what time it was then. */
let base = 0
let from = 0
let last = 0

/** @returns {number} milliseconds, monotonic, from an arbitrary start */
function now() {
  const monotonic = performance.now
  const wall = Date.now
  const useWall = monotonic === nativePerformanceNow && wall !== nativeDateNow
  const reading = useWall ? wall.call(Date) : monotonic.call(performance)
  const current = useWall ? wall : monotonic
  if (current !== source) {
    source = current
    base = reading
    from = last
  }
  // In this order a duration that a fake clock is advanced by stays exact.
  return (last = from + (reading - base))
}

/** The clock of functions wrapped without `clock`. @type {Clock} */
export const systemClock = { now }

/** @returns {number} milliseconds since some start, never set back: for waiting and resting */
export function monotonicNow() {
  return performance.now()
}

/** @returns {number} milliseconds, also under fake timers: for measuring work */
export function stopwatch() {
  return nativePerformanceNow.call(performance)
}

/** @returns {number} epoch milliseconds, for stores */
export function epochNow() {
  return Date.now()
}

/**
 * @param {unknown} clock the `clock` option
 * @returns {Clock}
 */
export function checkClock(clock) {
  if (clock === undefined) return systemClock
  if (typeof clock !== 'object' || clock === null || typeof (/** @type {any} */ (clock).now) !== 'function') {
    throw invalidOption('clock', clock, 'an object with a now() that returns milliseconds')
  }
  return /** @type {Clock} */ (clock)
}
