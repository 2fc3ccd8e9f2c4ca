import { isMaster } from './copies.js'
import { isPromise } from './oneshot.js'

/**
 * What comes into memory before it shows that the function returns promises: set by the user, or read from a store that was told of it then.
 * @typedef {import('./cache.js').Cache} Cache
 */

/** Something was put in of which nobody knows whether callers wait for it. @param {Cache} cache @param {number} slot */
export function noteEarly({ slots, ledger }, slot) {
  const { loads, errors } = ledger.counters
  if (loads <= errors) slots.noteEarly(slot)
  else slots.early.clear()
}

/** It shows that a function returns promises: from now on a hit on what was put in before is one, too. @param {Cache} cache */
export function becomeAsync(cache) {
  cache.isAsync = true
  const { slots } = cache
  const { loads, errors } = cache.ledger.counters
  // One that has returned a result itself returns now this and now that.
  cache.isAlwaysAsync = loads - errors <= 1
  if (cache.isAlwaysAsync) for (const slot of slots.early) wrap(slots, slot)
  slots.early.clear()
}

/** @param {import('./slots.js').Slots} slots @param {number} slot */
function wrap(slots, slot) {
  const value = slots.value(slot)
  const isTied = slots.ties?.has(slot)
  const cell = isTied ? slots.values.get(slot)?.deref() : undefined
  const isThere = isTied ? cell !== undefined : slots.has(slot)
  if (isMaster(value)) value.isAsync = true
  else if (isThere && !isPromise(value)) {
    slots.set(slot, cell?.identities, Promise.resolve(value), value)
  }
}
