import { walked } from './key.js'
import { swapSignals } from './swap.js'

/**
 * AbortSignals among the arguments: who waits may leave, each for himself, and the function learns when the last one has.
 * @typedef {import('./flight.js').Flight} Flight
 */

/** @type {readonly AbortSignal[]} */
const NONE = Object.freeze([])

/**
 * The signals of the call whose load has just reserved its slot. Looking for them may run code of the arguments (a proxy's), and so may
 * telling of what left its slot: what the last probe said holds no longer.
 * @param {import('./cache.js').Cache} cache
 * @param {readonly any[]} args
 * @param {boolean} [mayLeave] whether its walk met one: to be asked before any code of the user's runs
 * @returns {readonly AbortSignal[]}
 */
export function signalsIn(cache, args, mayLeave = walked.signals) {
  const signals = mayLeave || cache.settings.key !== undefined ? swapSignals(args).signals : NONE
  cache.announce()
  return signals
}

/** One that ends with any of them. @param {readonly AbortSignal[]} signals @returns {AbortSignal | undefined} */
export function anyOf(signals) {
  return signals.length > 1 ? (AbortSignal.any?.([...signals]) ?? signals[0]) : signals[0]
}

/** The caller's own, where what he gets may still be coming. Right after the probe. @param {import('./cache.js').Cache} cache @param {readonly any[]} args */
export function signalFor(cache, args) {
  return cache.copies && walked.signals ? anyOf(swapSignals(args).signals) : undefined
}

/** The same for the call that begins a load. @param {import('./cache.js').Cache} cache @param {Flight} flight @param {readonly any[]} args */
export function signalsOf(cache, flight, args) {
  const mayLeave = walked.signals
  const signals = signalsIn(cache, args)
  if (mayLeave && signals.length === 0) flight.hidesSignal = true
  return signals
}

/** The first signal that is aborted already: its caller has left. @param {readonly AbortSignal[]} signals */
export function goneAmong(signals) {
  return signals.find(signal => signal.aborted)
}

/** The function gets one signal of ours in the place of its caller's. @param {Flight} flight */
export function equip(flight) {
  flight.controller = new AbortController()
  flight.args = swapSignals(flight.args, flight.controller.signal).args
}

/**
 * A load whose first caller can leave.
 * @param {import('./cache.js').Cache} cache
 * @param {Flight} flight
 * @param {readonly AbortSignal[]} signals
 * @param {() => any} run
 */
export function leavable(cache, flight, signals, run) {
  const gone = goneAmong(signals)
  if (gone !== undefined && cache.isAsync) {
    cache.answered(flight)
    cache.restore(flight)
    return Promise.reject(gone.reason)
  }
  equip(flight)
  // A sync function sees for itself that its caller has left.
  if (gone !== undefined) flight.controller?.abort(gone.reason)
  flight.callers = 0
  flight.isTold = false
  flight.signal = anyOf(signals)
  const result = run()
  if (flight.promise === undefined) return result
  // Unless he leaves he tells of a rejection, and who joins need not.
  flight.promise.catch(() => {
    if (goneAmong(signals) === undefined) flight.isTold = true
  })
  return attend(cache, flight, result, signals)
}

/**
 * One caller's own view of a load: it ends with the load, or with one of the caller's signals. With the last caller the load ends.
 * @param {import('./cache.js').Cache} cache
 * @param {Flight} flight
 * @param {Promise<any>} promise
 * @param {readonly AbortSignal[]} signals
 * @param {() => void} [left] the caller does so
 * @returns {Promise<any>}
 */
export function attend(cache, flight, promise, signals, left = () => {}) {
  flight.callers++
  return leaving(promise, signals, reason => {
    flight.callers--
    if (flight.callers === 0) cache.abandon(flight, reason)
    left()
  })
}

/** Who may leave by one signal: a single listener for all of them, since Node warns of more than ten. */
class Leavers extends Set {
  handleEvent() {
    for (const leave of this) leave()
  }
}

/** @type {WeakMap<AbortSignal, Leavers>} */
const leaversOf = new WeakMap()

/** @param {AbortSignal} signal @param {() => void} leave */
function listen(signal, leave) {
  const leavers = leaversOf.get(signal) ?? new Leavers()
  if (leavers.size === 0) signal.addEventListener('abort', leavers)
  leaversOf.set(signal, leavers.add(leave))
}

/** @param {AbortSignal} signal @param {() => void} leave */
function unlisten(signal, leave) {
  const leavers = leaversOf.get(signal)
  if (leavers?.delete(leave) && leavers.size === 0) signal.removeEventListener('abort', leavers)
}

/**
 * What a caller waits for, until one of his signals lets him go.
 * @param {Promise<any>} promise
 * @param {readonly AbortSignal[]} signals
 * @param {(reason: unknown) => void} left
 * @returns {Promise<any>}
 */
export function leaving(promise, signals, left) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      for (const signal of signals) unlisten(signal, leave)
    }
    const leave = () => {
      const { reason } = /** @type {AbortSignal} */ (goneAmong(signals))
      stop()
      reject(reason)
      left(reason)
    }
    // First of all: what the caller aborts when he goes on is not this load any more.
    promise.then(stop, stop)
    promise.then(resolve, reject)
    // The function itself may have aborted one before it returned, or was called though one had aborted.
    if (goneAmong(signals) !== undefined) leave()
    else for (const signal of signals) listen(signal, leave)
  })
}
