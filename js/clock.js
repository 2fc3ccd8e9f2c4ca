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
/** By number: what the source read when it was first seen, what time it was then, and the last reading. Typed, or each reading would be an object. */
const times = new Float64Array(3)
const BASE = 0
const FROM = 1
const LAST = 2

/** @returns {number} milliseconds, monotonic, from an arbitrary start */
function now() {
  // Asked for once: it is a getter of the global object, which takes a third of a reading.
  const clock = performance
  const monotonic = clock.now
  const isNative = monotonic === nativePerformanceNow
  if (monotonic !== source || (isNative && Date.now !== nativeDateNow)) return follow(clock, monotonic)
  // In this order a duration that a fake clock is advanced by stays exact.
  return (times[LAST] = times[FROM] + (monotonic.call(clock) - times[BASE]))
}

/** The source is another one, or the system's time, which a test has replaced. @param {Performance} clock @param {() => number} monotonic */
function follow(clock, monotonic) {
  const wall = Date.now
  const useWall = monotonic === nativePerformanceNow && wall !== nativeDateNow
  const reading = useWall ? wall.call(Date) : monotonic.call(clock)
  const current = useWall ? wall : monotonic
  if (current !== source) {
    source = current
    times[BASE] = reading
    times[FROM] = times[LAST]
  }
  return (times[LAST] = times[FROM] + (reading - times[BASE]))
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
  const canHave = typeof clock === 'object' || typeof clock === 'function'
  if (!canHave || clock === null || typeof (/** @type {any} */ (clock).now) !== 'function') {
    throw invalidOption('clock', clock, 'an object with a now() that returns milliseconds')
  }
  return /** @type {Clock} */ (clock)
}
