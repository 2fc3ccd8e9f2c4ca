import { walked } from './key.js'
import { swapSignals } from './swap.js'

/**
 * AbortSignals among the arguments: who waits may leave, each for himself, and the function learns when the last one has.
 * @typedef {import('./flight.js').Flight} Flight
 */

/** @type {readonly AbortSignal[]} */
const NONE = Object.freeze([])

/**
 * The signals of the call whose key was just written.
 * @param {import('./options.js').Settings} settings
 * @param {readonly any[]} args
 * @returns {readonly AbortSignal[]}
 */
export function signalsIn({ key }, args) {
  return walked.signals || key !== undefined ? swapSignals(args).signals : NONE
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
    cache.restore(flight)
    return Promise.reject(gone.reason)
  }
  equip(flight)
  // A sync function sees for itself that its caller has left.
  if (gone !== undefined) flight.controller?.abort(gone.reason)
  flight.callers = 0
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
 * @returns {Promise<any>}
 */
export function attend(cache, flight, promise, signals) {
  flight.callers++
  return new Promise((resolve, reject) => {
    const stop = () => {
      for (const signal of signals) signal.removeEventListener('abort', leave)
    }
    /** @param {Event} event */
    const leave = event => {
      const { reason } = /** @type {AbortSignal} */ (event.target)
      stop()
      reject(reason)
      flight.callers--
      if (flight.callers === 0) cache.abandon(flight, reason)
    }
    for (const signal of signals) signal.addEventListener('abort', leave)
    promise.then(resolve, reject).finally(stop)
  })
}
