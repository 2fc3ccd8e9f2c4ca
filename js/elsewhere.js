import { hex } from './hex.js'
import { DIGESTED } from './key/tags.js'

/**
 * What others with the same store invalidated is not answered from memory here either.
 * @typedef {import('./residents.js').Residents} Residents
 * @typedef {import('./stores/store.js').StoreEvent} StoreEvent
 */

/** The store does not keep the function alive. @param {Residents} cache @param {import('./stores/store.js').Store} store */
export function followStore(cache, store) {
  const ref = new WeakRef(cache)
  const end = store.on?.('forgotten', event => {
    const there = ref.deref()
    if (there === undefined) end?.()
    else if (event.namespace === there.backing?.namespace) forget(there, event)
  })
}

/** @param {Residents} cache @param {StoreEvent} event */
function forget(cache, { digests, patterns }) {
  if (patterns !== undefined) {
    cache.registry.note(patterns)
    cache.tagged?.forget(patterns)
    cache.announce()
    return
  }
  const { index } = cache
  const concerned = digests && new Set(digests)
  /** @type {number[]} */
  const gone = []
  for (let slot = 0; slot < index.slots(); slot++) {
    if (index.entry(slot).state === 'vacant') continue
    if (concerned !== undefined && !concerned.has(digestOf(cache, slot))) continue
    const flight = cache.flights.get(slot)
    // Whoever still asks the store finds nothing, and begins his load after the deletion.
    if (flight?.isAsking && flight.held === undefined) flight.isDoubted = true
    else gone.push(slot)
  }
  cache.removeAll(gone)
  cache.announce()
}

/** As the store has it. @param {Residents} cache @param {number} slot */
function digestOf({ index }, slot) {
  const key = index.keyOf(slot)
  return key[0] === DIGESTED ? hex(key.subarray(8, 24)) : index.digest(slot)
}
