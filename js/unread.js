import { becomeAsync } from './early.js'
import { isThenable } from './oneshot.js'
import { readBodies, unreadable } from './request.js'
import { goneAmong, leaving } from './signals.js'
import { snapshot, swapSignals } from './swap.js'

/**
 * Calls with a Request whose body nobody has read yet. The body is a part of the key and can only be read asynchronously, so an async function
 * waits for it, and a sync one is not cached.
 *
 * @typedef {object} Ways
 * @property {(args: any[]) => any} again the same call, when the bodies are known
 * @property {(args: any[]) => void} alone it will not be made again: its event is told now
 * @property {(args: any[]) => any} apart the function itself
 * @property {(args: any[], promise: Promise<any>) => Promise<any>} adopt makes a call that has begun a load of its key, unless there is one
 *
 * @param {import('./cache.js').Cache} cache
 * @param {any[]} args
 * @param {readonly object[]} requests
 * @param {Ways} ways
 */
export function callUnread(cache, args, requests, { again, alone, apart, adopt }) {
  const reading = readBodies(requests)
  // They may be changed before the bodies are known, by the function too.
  const kept = snapshot(args)
  if (cache.isAsync) {
    const { signals } = swapSignals(args)
    let isMade = false
    const answer = reading.then(refusal => {
      // Who has left while it was read wants no load.
      goneAmong(signals)?.throwIfAborted()
      isMade = true
      if (refusal === undefined) return again(kept)
      alone(kept)
      cache.ledger.warn(refusal)
      return apart(kept)
    })
    return leaving(answer, signals, () => isMade || alone(kept))
  }
  // The first call of a function that may be async after all: it shows, and is a load of its key as soon as that is known.
  const { invalidations, registry } = cache
  const { version } = registry
  alone(args)
  const result = apart(args)
  if (!isThenable(result)) {
    cache.ledger.warn(unreadable(requests[0], 'the function is not async, and cannot wait for it'))
    return result
  }
  becomeAsync(cache)
  const promise = Promise.resolve(result)
  // Its caller is told, by what he gets.
  promise.catch(() => {})
  return reading.then(refusal => {
    if (refusal) cache.ledger.warn(refusal)
    // What was invalidated since it began is not stored.
    const isOutdated = invalidations !== cache.invalidations || version !== registry.version
    return refusal || isOutdated ? promise : adopt(kept, promise)
  })
}
