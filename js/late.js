import { walked } from './key.js'
import { NONE } from './key/nesting.js'
import { reviveArgs } from './key/revive.js'
import { snapshot } from './swap.js'

/**
 * A load that waited for a store or a lock runs after its caller, who may have changed the arguments since. Its key was taken at the call, and its
 * function is to get what was there then.
 * @typedef {import('./cache.js').Cache} Cache
 * @typedef {import('./flight.js').Flight} Flight
 */

/**
 * What is kept of the arguments until then: copies where it could not be seen whether they changed, since a getter is read once, or where they
 * could not be made anew, since no signal is in a key.
 * @param {Flight} flight
 */
export function steady(flight) {
  if (flight.isSteady || (flight.controller === undefined && !hasAccessor(flight.args))) return
  flight.args = snapshot(flight.args)
  flight.isSteady = true
}

/**
 * @param {Cache} cache
 * @param {Flight} flight with the key it is stored under
 * @param {unknown} self
 * @returns {any[] | undefined} the very arguments where their key is still the same, else such as give it; nothing where none can be made
 */
export function argsAsCalled(cache, flight, self) {
  const { key, args } = flight
  if (key === undefined || flight.isSteady || !args.some(isObject)) return args
  /** @param {any[]} some */
  const isOfKey = some => {
    cache.look(self, some)
    walked.identities = NONE
    return cache.storeKey()?.digest === key.digest
  }
  if (isOfKey(args)) return args
  const revived = cache.settings.key === undefined ? reviveArgs(key.bytes) : []
  return isOfKey(revived) ? revived : undefined
}

/** @param {unknown} value @returns {value is object} */
function isObject(value) {
  return typeof value === 'object' && value !== null
}

/** Beyond so many parts nobody looks: they are data. */
const MANY = 10_000

/** Whether taking the key once more would run a getter once more. @param {readonly unknown[]} args */
function hasAccessor(args) {
  const seen = new Set(args.filter(isObject))
  let parts = 0
  /** @param {unknown} part */
  const visit = part => {
    parts++
    if (isObject(part)) seen.add(part)
  }
  try {
    // A Set takes what is added while it is gone through.
    for (const value of seen) {
      if (value instanceof Map) for (const pair of value) pair.forEach(visit)
      else if (value instanceof Set) for (const member of value) visit(member)
      if (hasOnlyData(value)) continue
      for (const name of Reflect.ownKeys(value)) {
        const property = Reflect.getOwnPropertyDescriptor(value, name)
        if (property !== undefined && !('value' in property)) return true
        visit(property?.value)
      }
      if (parts > MANY) return false
    }
    return false
  } catch {
    return true
  }
}

/** @param {object} value whose names would be as many as its items */
function hasOnlyData(value) {
  return ArrayBuffer.isView(value) || value instanceof String || (Array.isArray(value) && value.length > MANY)
}
