import { once } from 'node:events'
import process from 'node:process'
import { codeOf } from '../errors.js'
import { jsonText } from './printable.js'

/** What the command says: results on stdout, everything else on stderr. */

/** @param {string} text */
export function say(text) {
  process.stdout.write(`${text}\n`)
}

/** @param {unknown} value */
export function sayJson(value) {
  say(jsonText(value))
}

/** @param {string} text */
export function note(text) {
  process.stderr.write(`${text}\n`)
}

/** Waits for a reader who is slow. @param {NodeJS.WritableStream} stream @param {string} text */
export async function pour(stream, text) {
  if (!stream.write(text)) await once(stream, 'drain')
}

/** Whoever reads stdout may have seen enough, as `head` has. @param {(error: Error) => number} failed tells of anything else, and gives the exit code */
export function endWithReader(failed) {
  process.stdout.on('error', error => process.exit(codeOf(error) === 'EPIPE' ? undefined : failed(error)))
}
