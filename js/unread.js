import { insert } from './entries.js'
import { isThenable } from './oneshot.js'
import { readBodies, unreadable } from './request.js'
import { goneAmong, leaving } from './signals.js'
import { swapSignals } from './swap.js'

/**
 * Calls with a Request whose body nobody has read yet. The body is a part of the key and can only be read asynchronously, so an async function
 * waits for it, and a sync one is not cached.
 *
 * @param {import('./cache.js').Cache} cache
 * @param {unknown} self
 * @param {any[]} args
 * @param {readonly object[]} requests
 * @param {() => any} again the same call, when the bodies are known
 * @param {() => any} apart the function itself
 */
export function callUnread(cache, self, args, requests, again, apart) {
  const reading = readBodies(requests)
  if (cache.isAsync) {
    const { signals } = swapSignals(args)
    const answer = reading.then(refusal => {
      // Who has left while it was read wants no load.
      goneAmong(signals)?.throwIfAborted()
      if (refusal === undefined) return again()
      cache.ledger.warn(refusal)
      return apart()
    })
    return leaving(answer, signals, () => {})
  }
  // The first call of a function that may be async after all: it shows, and its result finds its key later.
  const { invalidations } = cache
  const result = apart()
  if (!isThenable(result)) {
    cache.ledger.warn(unreadable(requests[0], 'the function is not async, and cannot wait for it'))
    return result
  }
  cache.isAsync = true
  const promise = Promise.resolve(result)
  return Promise.all([promise, reading]).then(([value, refusal]) => {
    if (refusal) cache.ledger.warn(refusal)
    // What was invalidated since it began is not stored.
    return refusal || invalidations !== cache.invalidations ? value : insert(cache, self, args, value)
  })
}
