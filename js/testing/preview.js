/**
 * A value as a person can read it in a recording.
 */

/** What has more parts than this nobody reads. */
const MAX_PARTS = 10_000

/**
 * @param {unknown} value
 * @returns {boolean} whether JSON says all that there is to say about it, and it can be read
 */
export function isPlainJson(value) {
  let left = MAX_PARTS
  /** @param {unknown} part @returns {boolean} */
  const isJson = part => {
    if (part === null || typeof part === 'boolean' || typeof part === 'string') return true
    if (typeof part === 'number') return Number.isFinite(part) && !Object.is(part, -0)
    if (typeof part !== 'object' || --left < 0) return false
    const names = Reflect.ownKeys(part)
    if (Array.isArray(part)) return names.length === part.length + 1 && part.every(isJson)
    if (Object.getPrototypeOf(part) !== Object.prototype) return false
    return names.every(
      name => typeof name === 'string' && name !== 'toJSON' && isJson(Reflect.get(part, name)),
    )
  }
  try {
    return isJson(value)
  } catch {
    // Deeper than the stack.
    return false
  }
}

/** @param {unknown} thrown @returns {string} what its first line would be */
export function errorText(thrown) {
  return thrown instanceof Error ? String(thrown) : `not an Error but of type ${typeof thrown}`
}
