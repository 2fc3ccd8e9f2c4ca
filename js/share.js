import { Master } from './copies.js'
import { abortedOf, attend, signalsIn } from './signals.js'

/**
 * A caller joins a load that runs, and gets what is his of its result. Of a rejection that nobody handles the runtime hears once, not once a
 * caller.
 * @param {import('./cache.js').Cache} cache
 * @param {import('./flight.js').Flight} flight
 * @param {any[]} args
 * @param {() => any} apart calls the function for this caller alone
 * @returns {Promise<any>}
 */
export function share(cache, flight, args, apart) {
  const signals = signalsIn(cache, args)
  const gone = abortedOf(signals)
  if (gone !== undefined) return Promise.reject(gone.reason)
  // What has stood in for a load that hangs does so only as long as it may.
  const isOver = flight.isStale && !cache.canStandIn(flight)
  const isOpen = flight.fallback !== undefined && !isOver
  if (!isOpen) cache.ledger.tell('coalesced', args)
  const loading = /** @type {Promise<any>} */ (isOver ? flight.loading : flight.promise)
  const shared = loading.then(
    value => {
      if (flight.oneShot) return apart()
      const isStale = isOpen && flight.isStale
      if (isStale) cache.ledger.stale('coalesced', args)
      else if (isOpen) cache.ledger.tell('coalesced', args)
      const master = isStale ? flight.fallback?.value : flight.master
      return master instanceof Master ? copyOr(master, cache, apart) : value
    },
    error => {
      if (isOpen) cache.ledger.tell('coalesced', args)
      throw error
    },
  )
  if (signals.length === 0) flight.callers = Infinity
  const mine = signals.length === 0 ? shared : attend(cache, flight, shared, signals)
  if (flight.isTold) mine.catch(() => {})
  flight.isTold = true
  return mine
}

/** @param {Master} master @param {import('./cache.js').Cache} cache @param {() => any} apart */
function copyOr(master, cache, apart) {
  try {
    return master.take()
  } catch (error) {
    cache.ledger.report(error)
    return apart()
  }
}
