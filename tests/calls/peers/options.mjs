/**
 * What scenarios ask for; an adapter translates what its package can.
 * @typedef {object} Asked
 * @property {number} [ttl] in units, like every duration here
 * @property {number} [days] a ttl in days
 * @property {(value: any) => number} [ttlOf]
 * @property {number} [jitter] share of the ttl
 * @property {boolean} [refreshAhead]
 * @property {number} [stale] how long after its ttl a value is served while it is loaded anew
 * @property {number} [staleIfError]
 * @property {number} [timeout]
 * @property {number} [max] entries
 * @property {boolean} [noStore] callers share loads, nothing is kept
 * @property {boolean} [sync] the function is not async
 * @property {boolean} [signal] calls carry AbortSignals
 * @property {boolean} [clone]
 * @property {boolean} [freeze]
 * @property {(args: any[], value: any) => string[]} [tags]
 * @property {boolean} [freed] expired entries are to be freed without being read
 * @property {(error: unknown) => void} [onError]
 */

/** Room for every scenario that does not ask for less. */
export const ROOM = 10_000

const DAY = 86_400_000

/** @param {Asked} asked @param {number} unit @returns {number | undefined} the ttl in milliseconds, if there is one */
export function ttlOf({ ttl, days }, unit) {
  if (days !== undefined) return days * DAY
  return ttl === undefined ? undefined : ttl * unit
}

/** Milliseconds of a unit in packages that count time in milliseconds. */
export const UNIT = 200
