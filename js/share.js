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
  const signals = signalsIn(cache, args)
  const gone = goneAmong(signals)
  if (gone !== undefined) {
    cache.ledger.tell('coalesced', args)
    return Promise.reject(gone.reason)
  }
  // The tags of a value are known when it is there: only then it shows whether this caller came after an invalidation of one of them.
  const joined = cache.registry.version
  // What has stood in for a load that hangs does so only as long as it may.
  const isOver = flight.isStale && !cache.canStandIn(flight)
  const isOpen = flight.fallback !== undefined && !isOver
  // Each call is one event: what may yet be answered otherwise is told of when it is answered.
  const isKnown = !isOpen && cache.tagged === undefined && !flight.hidesSignal
  if (isKnown) cache.ledger.tell('coalesced', args)
  const loading = /** @type {Promise<any>} */ (isOver ? flight.loading : flight.promise)
  const shared = loading.then(answer, told)
  /** @param {any} value */
  function answer(value) {
    const isHere = goneAmong(signals) === undefined
    if (isHere && (flight.isStray || (flight.isOutdated && joined > flight.began))) return anew()
    const isStale = isHere && isOpen && flight.isStale
    if (isStale) cache.ledger.stale('coalesced', args)
    else if (!isKnown) cache.ledger.tell('coalesced', args)
    // He has left: nothing is done for him any more.
    if (!isHere) return undefined
    if (flight.oneShot) return apart()
    const master = isStale ? flight.fallback?.value : flight.master
    return master instanceof Master ? copyOr(master, cache, apart) : value
  }
  /** The first who is still there tells the runtime of it, when he does not handle it. @param {unknown} error */
  function told(error) {
    const isHisAlone = flight.isStray || flight.hidesSignal || goneAmong(flight.signals) !== undefined
    if (isHisAlone && goneAmong(signals) === undefined) return anew()
    if (!isKnown) cache.ledger.tell('coalesced', args)
    if (goneAmong(signals) === undefined) {
      if (flight.isTold) mine.catch(() => {})
      flight.isTold = true
    }
    throw error
  }
  function anew() {
    cache.ledger.corrections.coalesced--
    if (flight.isMadeAgain) mine.catch(() => {})
    flight.isMadeAgain = true
    return again()
  }
  if (signals.length === 0) flight.callers = Infinity
  const mine = signals.length === 0 ? shared : attend(cache, flight, shared, signals)
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
