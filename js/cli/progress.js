import process from 'node:process'
import { stopwatch } from '../clock.js'
import { gauge } from './picture.js'

/** How far a long piece of work is: on the terminal only, beside what the command says, and not when it is soon done. */

const AFTER = 300
const EVERY = 80
const WIDTH = 24
const CLEAR = '\r\u001b[2K'

export class Progress {
  #started = stopwatch()
  #shownAt = -Infinity

  /** @param {string} what @param {number} total */
  constructor(what, total) {
    this.what = what
    this.total = Math.max(1, total)
  }

  /** @param {number} done of the total */
  at(done) {
    if (!process.stderr.isTTY) return
    const now = stopwatch()
    if (now - this.#started < AFTER || now - this.#shownAt < EVERY) return
    this.#shownAt = now
    const share = Math.min(1, done / this.total)
    const percent = `${Math.floor(share * 100)}`.padStart(3)
    process.stderr.write(`${CLEAR}${this.what} ${gauge(share, WIDTH)} ${percent} %`)
  }

  end() {
    if (this.#shownAt > -Infinity) process.stderr.write(CLEAR)
  }
}
