import { isRecent } from './generations.js'

/**
 * The last read of each key since its last write. Where it found nothing a write replaces nothing: that holds for as long as it is not noticed what
 * others do, and in the generation that was read.
 *
 * @typedef {object} Read
 * @property {boolean} isNothing
 * @property {string} generation
 * @property {number} at
 */

/** Reads remembered. */
const MAX_ASKED = 10_000

export class Asked {
  /** @type {Map<string, Read>} */
  #reads = new Map()

  /** Notes a read that begins; what is written before it ends forgets it. @param {string} id @param {number} now @returns {Read} */
  begin(id, now) {
    const read = { isNothing: false, generation: '', at: now }
    this.#reads.delete(id)
    this.#reads.set(id, read)
    if (this.#reads.size > MAX_ASKED) this.forget(/** @type {string} */ (this.#reads.keys().next().value))
    return read
  }

  /** @param {string} id */
  forget(id) {
    this.#reads.delete(id)
  }

  /** @param {string} id @param {string} generation the current one @returns {boolean} whether a write replaces nothing */
  isNothing(id, generation) {
    const read = this.#reads.get(id)
    return read !== undefined && read.isNothing && read.generation === generation && isRecent(read.at)
  }
}
