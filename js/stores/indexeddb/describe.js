import { decodeKey } from '../../key/decode.js'
import { describeCall } from '../../key/describe.js'
import { reviveArgs } from '../../key/revive.js'
import { tagsOf } from '../entry.js'

/**
 * An entry as `entries()` lists it.
 * @param {import('./rows.js').Row} row in memory
 * @param {number} now
 * @returns {import('../../index.js').StoredEntry}
 * @throws a coded error when its value is damaged
 */
export function describe(
  { space, digest, key, value, keyLength, valueLength, storedAt, deadline, ttl },
  now,
) {
  const [name, version = ''] = space.name.split('\0')
  return {
    namespace: space.name,
    name,
    version,
    digest,
    args: reviveArgs(key),
    description: wordsFor(key),
    tags: tagsOf(value),
    size: keyLength + valueLength,
    age: Math.max(0, now - storedAt),
    timeLeft: Math.min(deadline - now, ttl),
  }
}

/** @param {Uint8Array} key */
function wordsFor(key) {
  try {
    return describeCall(decodeKey(key))
  } catch {
    // Somebody else's key, or one of a later version.
    return ''
  }
}
