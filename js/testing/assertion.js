/** What test runners show as a failed assertion. */
export class AssertionError extends Error {
  /**
   * @param {string} message
   * @param {{ actual: unknown, expected: unknown, operator: Function }} details
   */
  constructor(message, { actual, expected, operator }) {
    super(message)
    this.code = 'ERR_ASSERTION'
    this.actual = actual
    this.expected = expected
    this.operator = operator.name
    this.generatedMessage = false
    // The first line of the stack is the test's.
    const { captureStackTrace } = /** @type {any} */ (Error)
    captureStackTrace?.(this, operator)
  }
}
Object.defineProperty(AssertionError.prototype, 'name', { value: 'AssertionError', configurable: true })
