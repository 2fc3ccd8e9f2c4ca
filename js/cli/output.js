import { once } from 'node:events'
import process from 'node:process'
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

/** Whoever reads stdout may have seen enough, as `head` has. */
export function endWithReader() {
  process.stdout.on('error', error => {
    if (/** @type {any} */ (error).code === 'EPIPE') process.exit()
    throw error
  })
}
