/**
 * Every error of this package has a `code` that stays the same across versions, says what was wrong, with which value,
 * and what to do. Errors of the memoized function itself are never wrapped.
 */

/** An error of the cache. */
export class MimicError extends Error {
  /**
   * @param {string} code stable, `ERR_…`
   * @param {string} message
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options)
    this.code = code
  }
}

/** A value of the wrong type; also a `TypeError`. */
export class MimicTypeError extends TypeError {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options)
    this.code = code
  }
}

/** A value out of range; also a `RangeError`. */
export class MimicRangeError extends RangeError {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options)
    this.code = code
  }
}

for (const type of [MimicError, MimicTypeError, MimicRangeError]) {
  Object.defineProperty(type.prototype, 'name', { value: type.name, configurable: true, writable: true })
}

/**
 * A value as it is shown in a message: short, and never running the value's own code.
 * @param {unknown} value
 * @returns {string}
 */
export function show(value) {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (Object.is(value, -0)) return '-0'
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'an array' : 'an object'
}

/**
 * The error for an option: names the option, the value and what is allowed.
 * @param {string} option
 * @param {unknown} value
 * @param {string} allowed how to complete "must be …"
 * @param {typeof MimicTypeError | typeof MimicRangeError} [Type]
 */
export function invalidOption(option, value, allowed, Type = MimicTypeError) {
  return new Type('ERR_INVALID_OPTION', `option ${option} must be ${allowed}; got ${show(value)}`)
}

/** @param {unknown} error whatever was thrown @returns {string} its code, or nothing */
export function codeOf(error) {
  return /** @type {any} */ (error)?.code ?? ''
}
