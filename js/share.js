import { Master } from './copies.js'
import { attend, goneAmong, signalsIn } from './signals.js'

/**
 * A caller joins a load that runs, and gets what is his of its result. Of a rejection that nobody handles the runtime hears once, not once a
 * caller.
 * @param {import('./cache.js').Cache} cache
 * @param {import('./flight.js').Flight} flight
 * @param {any[]} args
 * @param {() => any} apart calls the function for this caller alone
 * @param {() => any} again makes the same call once more
 * @returns {Promise<any>}
 */
export function share(cache, flight, args, apart, again) {
  const signals = signalsIn(cache.settings, args)
  const gone = goneAmong(signals)
  if (gone !== undefined) return Promise.reject(gone.reason)
  cache.ledger.tell('coalesced', args)
  // The tags of a value are known when it is there: only then it shows whether this caller came after an invalidation of one of them.
  const joined = cache.registry.version
  const shared = /** @type {Promise<any>} */ (flight.promise).then(answer, told)
  /** @param {any} value */
  function answer(value) {
    // He has left: nothing is done for him any more.
    if (goneAmong(signals) !== undefined) return undefined
    if (flight.oneShot) return apart()
    if (flight.isOutdated && joined > flight.began) {
      cache.ledger.corrections.coalesced--
      if (flight.isMadeAgain) mine.catch(() => {})
      flight.isMadeAgain = true
      return again()
    }
    if (flight.isStale) cache.ledger.stale('coalesced', args)
    const master = flight.isStale ? flight.fallback?.value : flight.master
    return master instanceof Master ? master.take() : value
  }
  /** The first who is still there tells the runtime of it, when he does not handle it. @param {unknown} error */
  function told(error) {
    if (goneAmong(signals) === undefined) {
      if (flight.isTold) mine.catch(() => {})
      flight.isTold = true
    }
    throw error
  }
  if (signals.length === 0) flight.callers = Infinity
  const mine = signals.length === 0 ? shared : attend(cache, flight, shared, signals)
  return mine
}
