import { Flight } from './flight.js'
import { isOneShot, isThenable } from './oneshot.js'
import { weigh } from './terms.js'

/**
 * The short way of a miss: a sync function whose options, listeners and key ask for nothing beside its result. The general way is `load` of
 * `mime.js`; here is what is left of it where everything else is known not to be.
 *
 * @typedef {import('./cache.js').Cache} Cache
 * @typedef {object} Ways
 * @property {(flight: Flight, result: PromiseLike<unknown>, began: number) => Promise<any>} fly the result is a promise after all
 * @property {(flight: Flight, error: unknown, began: number) => unknown} fail the function threw
 */

/** @type {any} */
const NO_ARGS = Object.freeze([])

/**
 * @param {Cache} cache
 * @param {Function} fn
 * @param {Ways} ways
 * @returns {(self: unknown, args: any[], slot: number) => unknown} a call that missed, whose slot is reserved
 */
export function bareMiss(cache, fn, { fly, fail }) {
  const { index, values, settings, ledger } = cache
  const { tally, counters } = ledger
  /** Whoever ended last begins next: nobody knows a load that is over. @type {Flight | undefined} */
  let spare

  /** @param {unknown} self @param {any[]} args @param {number} slot */
  return function bare(self, args, slot) {
    const flight = spare ?? new Flight(-1, 0, -1, NO_ARGS, undefined, undefined)
    spare = undefined
    flight.slot = slot
    flight.generation = index.generation()
    flight.epoch = index.epoch
    flight.onStack = true
    // What has expired is loaded in its slot; every other one is empty.
    if (cache.timed) cache.slots.unset(slot)
    const began = tally.begin(false)
    // Last, for the stack may end anywhere: a slot without a load is given back, one with a load that never ends is not.
    cache.flights.set(slot, flight)
    let result
    try {
      result = self === undefined && args.length === 1 ? fn(args[0]) : Reflect.apply(fn, self, args)
    } catch (error) {
      flight.args = args
      return fail(flight, error, began)
    } finally {
      flight.onStack = false
      counters.loads++
    }
    if (typeof result === 'object' || typeof result === 'function') {
      if (isThenable(result)) {
        flight.args = args
        return flight.handOut(fly(flight, result, began))
      }
      // A Response among them, of which each caller is to have his own.
      if (isOneShot(result)) {
        flight.args = args
        cache.loaded(flight, began)
        return cache.settle(flight, result)
      }
    }
    if (cache.timed || began === began) cache.loaded(flight, began)
    try {
      keep(flight, result)
    } catch (error) {
      cache.refuse(flight, error)
    }
    flight.endedAt = undefined
    spare = flight
    return result
  }

  /** @param {Flight} flight @param {unknown} result */
  function keep(flight, result) {
    const isWeighed = settings.sizeOf !== undefined || settings.maxBytes < Infinity
    const weight = isWeighed ? weigh(settings, result) : 0
    if (!cache.isCurrent(flight)) return
    const now = flight.endedAt ?? cache.now()
    values.set(flight.slot, result)
    cache.commit(flight, now + settings.ttl, weight, now)
    if (cache.departed.length > 0) cache.announce()
  }
}
