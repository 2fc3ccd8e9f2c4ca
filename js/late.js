import { walked } from './key.js'
import { NONE } from './key/nesting.js'
import { reviveArgs } from './key/revive.js'

/**
 * A load that waited for a store or a lock runs after its caller, who may have changed the arguments since. Its key was taken at the call, and its
 * function is to get what was there then.
 * @typedef {import('./cache.js').Cache} Cache
 * @typedef {import('./flight.js').Flight} Flight
 */

/**
 * @param {Cache} cache
 * @param {Flight} flight with the key it is stored under
 * @param {unknown} self
 * @returns {any[] | undefined} the very arguments where their key is still the same, else such as give it; nothing where none can be made
 */
export function argsAsCalled(cache, { key, args }, self) {
  if (key === undefined || !args.some(isObject) || hasAccessor(args)) return args
  /** @param {any[]} some */
  const isOfKey = some => {
    cache.look(self, some)
    walked.identities = NONE
    return cache.storeKey()?.digest === key.digest
  }
  if (isOfKey(args)) return args
  const revived = cache.settings.key === undefined ? reviveArgs(key.bytes) : []
  // Signals at the end are left out of the key.
  const made = [...revived, ...args.slice(revived.length)]
  return isOfKey(made) ? made : undefined
}

/** @param {unknown} value @returns {value is object} */
function isObject(value) {
  return typeof value === 'object' && value !== null
}

/** Whether taking the key once more would run a getter once more. @param {readonly unknown[]} args */
function hasAccessor(args) {
  const seen = new Set(args)
  try {
    // A Set takes what is added while it is gone through.
    for (const value of seen) {
      if (!isObject(value)) continue
      if (Array.isArray(value)) for (const item of value) seen.add(item)
      else if (value instanceof Map) for (const pair of value) seen.add(pair[0]).add(pair[1])
      else if (value instanceof Set) for (const member of value) seen.add(member)
      else {
        const properties = Object.getOwnPropertyDescriptors(value)
        for (const name of Reflect.ownKeys(properties)) {
          const property = Reflect.get(properties, name)
          if (!('value' in property)) return true
          seen.add(property.value)
        }
      }
    }
    return false
  } catch {
    return true
  }
}
