import { insert } from './entries.js'
import { isThenable } from './oneshot.js'
import { readBodies, unreadable } from './request.js'
import { goneAmong, leaving } from './signals.js'
import { snapshot, swapSignals } from './swap.js'

/**
 * Calls with a Request whose body nobody has read yet. The body is a part of the key and can only be read asynchronously, so an async function
 * waits for it, and a sync one is not cached.
 *
 * @param {import('./cache.js').Cache} cache
 * @param {unknown} self
 * @param {any[]} args
 * @param {readonly object[]} requests
 * @param {(args: any[]) => any} again the same call, when the bodies are known
 * @param {(args: any[]) => any} apart the function itself
 */
export function callUnread(cache, self, args, requests, again, apart) {
  const reading = readBodies(requests)
  // They may be changed before the bodies are known, by the function too.
  const kept = snapshot(args)
  if (cache.isAsync) {
    const { signals } = swapSignals(args)
    const answer = reading.then(refusal => {
      // Who has left while it was read wants no load.
      goneAmong(signals)?.throwIfAborted()
      if (refusal === undefined) return again(kept)
      cache.ledger.warn(refusal)
      return apart(kept)
    })
    return leaving(answer, signals, () => {})
  }
  // The first call of a function that may be async after all: it shows, and its result finds its key later.
  const { invalidations } = cache
  const result = apart(args)
  if (!isThenable(result)) {
    cache.ledger.warn(unreadable(requests[0], 'the function is not async, and cannot wait for it'))
    return result
  }
  cache.isAsync = true
  const promise = Promise.resolve(result)
  return Promise.all([promise, reading]).then(([value, refusal]) => {
    if (refusal) cache.ledger.warn(refusal)
    // What was invalidated since it began is not stored.
    return refusal || invalidations !== cache.invalidations ? value : insert(cache, self, kept, value)
  })
}
