/**
 * Results that can be consumed only once: iterators and generators, streams, a Response with a body. Remembered, they would be empty for the
 * second caller.
 * @param {any} value
 * @returns {boolean}
 */
export function isOneShot(value) {
  if (typeof value !== 'object' || value === null) return false
  try {
    if (typeof value.next === 'function') {
      return typeof value[Symbol.iterator] === 'function' || typeof value[Symbol.asyncIterator] === 'function'
    }
    if (typeof value.getReader === 'function') return true
    if (typeof value.pipe === 'function') return typeof value.on === 'function'
    return typeof value.bodyUsed === 'boolean' && typeof value.clone === 'function'
  } catch {
    // What cannot be asked cannot be consumed either.
    return false
  }
}
