import { codeOf } from '../errors.js'

/** How the command ends when it cannot do what it was asked for, and with which exit code. */

export const EXIT = Object.freeze({
  DONE: 0,
  /** Something is damaged, or not there. */
  FOUND: 1,
  USAGE: 2,
  /** The directory cannot be used. */
  DIRECTORY: 3,
  /** Somebody else is at it. */
  BUSY: 4,
  FAILED: 5,
})

/** Of the file system's. */
const FORBIDDEN = ['EACCES', 'EPERM', 'EROFS']

/** What the user is told without a stack. */
export class Failure extends Error {
  /**
   * @param {string} code stable
   * @param {number} exit
   * @param {string} message
   * @param {string} [hint] what to do
   */
  constructor(code, exit, message, hint) {
    super(message)
    this.code = code
    this.exit = exit
    this.hint = hint
  }
}

/** The code of the file system stands in its message, and is none of ours. @param {any} error whatever was thrown @returns {Failure} */
export function failureOf(error) {
  if (error instanceof Failure) return error
  const { message = String(error) } = error ?? {}
  const code = String(codeOf(error))
  if (FORBIDDEN.includes(code)) return new Failure('ERR_DIRECTORY', EXIT.DIRECTORY, message)
  return new Failure(code.startsWith('ERR_') ? code : 'ERR_FAILED', EXIT.FAILED, message)
}

/** @param {string} message @param {string} [hint] */
export function misuse(message, hint) {
  return new Failure('ERR_USAGE', EXIT.USAGE, message, hint)
}
