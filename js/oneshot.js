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
    if (typeof value.readable?.getReader === 'function') return true
    return typeof value.bodyUsed === 'boolean' && typeof value.clone === 'function'
  } catch {
    // What cannot be asked cannot be consumed either.
    return false
  }
}

/** What throws when it is looked at, as a revoked proxy does, is none. @param {unknown} value @returns {value is Promise<any>} */
export function isPromise(value) {
  try {
    return value instanceof Promise
  } catch {
    return false
  }
}

/** @param {unknown} value @returns {value is PromiseLike<unknown>} */
export function isThenable(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  try {
    return value instanceof Promise || typeof (/** @type {any} */ (value).then) === 'function'
  } catch {
    // A hostile result is a result; a revoked proxy can be neither asked nor awaited.
    return false
  }
}
