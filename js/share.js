import { isMaster } from './copies.js'
import { anyOf, attend, goneAmong } from './signals.js'
import { joins } from './waits.js'

/** Promises of whose rejections others tell the runtime. @type {WeakSet<Promise<any>>} */
const quiet = new WeakSet()

/**
 * A caller joins a load that runs, and gets what is his of its result. Of a rejection that nobody handles the runtime hears once, not once a
 * caller.
 * @param {import('./cache.js').Cache} cache
 * @param {import('./flight.js').Flight} flight
 * @param {any[]} args
 * @param {{ signals: readonly AbortSignal[], mayStray: boolean }} known of this caller; and whether it may show that the load is not of his key
 * @param {() => any} apart calls the function for this caller alone
 * @param {() => any} again makes the same call once more
 * @returns {Promise<any>}
 */
export function share(cache, flight, args, { signals, mayStray }, apart, again) {
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
  if (!isOpen || !flight.isStale) joins(flight)
  // Each call is one event: what may yet be answered otherwise is told of when it is answered.
  let isToldOf = false
  function tell() {
    if (!isToldOf) cache.ledger.tell('coalesced', args)
    isToldOf = true
  }
  if (!isOpen && !mayStray && cache.tagged === undefined && !flight.hidesSignal) tell()
  const loading = /** @type {Promise<any>} */ (isOver ? flight.loading : flight.promise)
  const shared = loading.then(answer, told)
  /** @param {any} value */
  function answer(value) {
    const isHere = goneAmong(signals) === undefined
    if (isHere && (flight.isStray || (flight.isOutdated && joined > flight.began))) return anew()
    const isStale = isHere && isOpen && flight.isStale
    if (isStale) cache.ledger.stale('coalesced', args)
    else tell()
    // He has left: nothing is done for him any more.
    if (!isHere) return undefined
    if (flight.oneShot) return apart()
    const master = isStale ? flight.fallback?.value : flight.master
    return isMaster(master) ? copyOr(master, cache, signals, apart) : value
  }
  /** The first who is still there tells the runtime of it, when he does not handle it. @param {unknown} error */
  function told(error) {
    const isHisAlone = flight.isStray || flight.hidesSignal || goneAmong(flight.signals) !== undefined
    if (isHisAlone && goneAmong(signals) === undefined) return anew()
    tell()
    if (goneAmong(signals) === undefined) {
      if (flight.isTold) hush(mine)
      flight.isTold = true
    }
    throw error
  }
  function anew() {
    cache.ledger.corrections.coalesced--
    if (flight.isMadeAgain) hush(mine)
    flight.isMadeAgain = true
    const call = Promise.resolve(again())
    // Where another tells of that call's rejection, nobody does of this one's.
    call.catch(() => quiet.has(call) && goneAmong(signals) === undefined && hush(mine))
    return call
  }
  if (signals.length === 0) flight.callers = Infinity
  const mine = signals.length === 0 ? shared : attend(cache, flight, shared, signals, tell)
  return mine
}

/** @param {Promise<any>} promise */
function hush(promise) {
  quiet.add(promise)
  promise.catch(() => {})
}

/**
 * @param {import('./copies.js').Master} master
 * @param {import('./cache.js').Cache} cache
 * @param {readonly AbortSignal[]} signals
 * @param {() => any} apart
 */
function copyOr(master, cache, signals, apart) {
  try {
    return master.take(anyOf(signals))
  } catch (error) {
    cache.ledger.report(error)
    return apart()
  }
}
