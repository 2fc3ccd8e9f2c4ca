import fs from 'node:fs'
import process from 'node:process'
import { epochNow } from '../../clock.js'
import { codeOf } from '../../errors.js'

/**
 * A lock file that a killed holder cannot keep: its time is renewed while the work goes on, and whoever finds it older than that takes it. Two
 * who take it at once do the same work twice, which harms nothing: this only saves it.
 */

const STALE_AFTER = 10_000
const RENEW_AFTER = 1000

export class Lock {
  #renewed = 0

  /** @param {string} path */
  constructor(path) {
    this.path = path
    this.token = `${process.pid} ${Math.random().toString(36).slice(2)}\n`
  }

  /** @returns {boolean} whether it is ours now */
  take() {
    for (let tries = 0; tries < 2; tries++) {
      try {
        fs.writeFileSync(this.path, this.token, { flag: 'wx' })
        this.#renewed = epochNow()
        return true
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error
        if (!this.#isStale()) return false
        fs.rmSync(this.path, { force: true })
      }
    }
    return false
  }

  #isStale() {
    const found = fs.statSync(this.path, { throwIfNoEntry: false })
    return found === undefined || Math.abs(epochNow() - found.mtimeMs) > STALE_AFTER
  }

  renew() {
    const now = epochNow()
    if (Math.abs(now - this.#renewed) < RENEW_AFTER) return
    this.#renewed = now
    fs.utimesSync(this.path, now / 1000, now / 1000)
  }

  /** Whether nobody took it over. */
  holds() {
    try {
      return fs.readFileSync(this.path, 'utf8') === this.token
    } catch {
      return false
    }
  }

  release() {
    if (this.holds()) fs.rmSync(this.path, { force: true })
  }
}
