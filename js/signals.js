import { walked } from './key.js'
import { isSignal } from './key/walk.js'
import { signalOf, withSignal } from './request.js'

/**
 * AbortSignals among the arguments: who waits may leave, each for himself, and the function learns when the last one has.
 * @typedef {import('./flight.js').Flight} Flight
 */

/**
 * The arguments with every signal in them replaced, the signals themselves untouched, and what holds one copied.
 * @param {readonly any[]} args
 * @param {AbortSignal} [replacement]
 * @returns {{ args: any[], signals: AbortSignal[] }}
 */
export function swapSignals(args, replacement) {
  /** @type {AbortSignal[]} */
  const signals = []
  /** What is being looked into: a cycle ends at its own beginning. @type {Set<object>} */
  const above = new Set()

  /** @param {unknown} value @returns {unknown} */
  function swap(value) {
    if (typeof value !== 'object' || value === null || above.has(value)) return value
    if (isSignal(value)) {
      if (!signals.includes(/** @type {AbortSignal} */ (value)))
        signals.push(/** @type {AbortSignal} */ (value))
      return replacement
    }
    const own = signalOf(value)
    if (own !== undefined) {
      signals.push(own)
      return replacement ? withSignal(/** @type {Request} */ (value), replacement) : value
    }
    const kind = containerKind(value)
    if (kind === undefined) return value
    above.add(value)
    try {
      return kind(value, swap)
    } finally {
      above.delete(value)
    }
  }
  const swapped = args.map(argument => {
    try {
      return swap(argument)
    } catch {
      // What cannot be read goes by identity; the function meets its behaviour itself.
      return argument
    }
  })
  return { args: swapped, signals }
}

/** @typedef {(value: any, swap: (part: unknown) => unknown) => unknown} Container gives the value itself when nothing in it changes */

/** @type {Container} */
const ofRecord = (record, swap) => {
  /** @type {PropertyDescriptorMap | undefined} */
  let changed
  for (const name of Reflect.ownKeys(record)) {
    const property = /** @type {PropertyDescriptor} */ (Reflect.getOwnPropertyDescriptor(record, name))
    if (!('value' in property)) continue
    const value = swap(property.value)
    if (value === property.value) continue
    changed ??= Object.getOwnPropertyDescriptors(record)
    Reflect.set(changed, name, { ...property, value })
  }
  if (changed === undefined) return record
  return Array.isArray(record)
    ? Object.defineProperties([], changed)
    : Object.create(Object.getPrototypeOf(record), changed)
}

/** @type {Container} */
const ofMap = (map, swap) => {
  const entries = [...map].map(([key, value]) => [swap(key), swap(value)])
  const isSame = [...map].every(([key, value], i) => key === entries[i][0] && value === entries[i][1])
  return isSame ? map : new Map(/** @type {any} */ (entries))
}

/** @type {Container} */
const ofSet = (set, swap) => {
  const members = [...set].map(swap)
  return [...set].every((member, i) => member === members[i]) ? set : new Set(members)
}

/** @param {object} value @returns {Container | undefined} */
function containerKind(value) {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === null || Object.getPrototypeOf(prototype) === null || Array.isArray(value)) return ofRecord
  if (prototype === Map.prototype) return ofMap
  return prototype === Set.prototype ? ofSet : undefined
}

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
  const gone = signals.find(signal => signal.aborted)
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
  flight.isTold = true
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
