import { codeOf } from '../../errors.js'
import { noCounts, Voice } from '../voice.js'

/** What a disk store says and counts. */
export class Said extends Voice {
  /** @override */
  counters = { ...noCounts(), evicted: 0 }
  /** Whether it was said that the directory cannot be used. */
  #isUnavailable = false

  /** @param {number} all damage there has been @param {unknown} [cause] */
  damaged(all, cause) {
    this.corrupt(all - this.counters.corrupt, cause)
  }

  available() {
    this.#isUnavailable = false
  }

  /** @param {string} path @param {unknown} cause */
  unavailable(path, cause) {
    if (this.#isUnavailable) return
    this.#isUnavailable = true
    this.unusable(path, cause, codeOf(cause) === 'ERR_STORE_VERSION' ? 'ERR_STORE_VERSION' : undefined)
  }
}
