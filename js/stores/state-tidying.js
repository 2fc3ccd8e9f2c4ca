import { codeOf } from '../errors.js'
import { patient } from './state-turns.js'

/**
 * Takes out of a state what was cleared. Nobody asks for it any longer, so it comes behind everything else, a few at a time.
 *
 * @typedef {object} Gone
 * @property {string} id
 * @property {string} name
 * @property {boolean} isAsync whether by async methods
 */

/** So many at once. */
const PIECE = 50

/** What more waits than this stays in the state. */
const MAX_WAITING = 10_000

export class StateTidying {
  #waiting = 0
  /** @type {Promise<unknown>} */
  #last = Promise.resolve()

  /** @param {import('./state-writes.js').Writes} writes */
  constructor(writes) {
    this.writes = writes
  }

  /** @param {Gone[]} gone @returns {Promise<void>} rejects with the first failure */
  async remove(gone) {
    const rest = gone.filter(({ isAsync }) => isAsync).slice(0, MAX_WAITING - this.#waiting)
    this.#waiting += rest.length
    const atOnce = this.#piece(gone.filter(({ isAsync }) => !isAsync))
    const behind = this.#last.then(() => this.#inPieces(rest))
    this.#last = Promise.allSettled([atOnce, behind])
    const failures = [...(await atOnce), ...(await behind)]
    if (failures.length > 0) throw failures[0]
  }

  /** @returns {Promise<unknown>} until nothing waits; never rejects */
  all() {
    return this.#last
  }

  /** @param {Gone[]} gone @returns {Promise<unknown[]>} what failed */
  async #inPieces(gone) {
    /** @type {unknown[]} */
    const failures = []
    for (let at = 0; at < gone.length && !failures.some(isTimeout); at += PIECE) {
      await this.writes.turns.rest()
      failures.push(...(await this.#piece(gone.slice(at, at + PIECE))))
    }
    this.#waiting -= gone.length
    return failures
  }

  /** @param {Gone[]} gone @returns {Promise<unknown[]>} what failed */
  async #piece(gone) {
    const ends = await Promise.allSettled(gone.map(one => patient(this.#remove(one))))
    return ends.flatMap(end => (end.status === 'rejected' ? [end.reason] : []))
  }

  /** @param {Gone} gone */
  async #remove({ id, name, isAsync }) {
    const ended = this.writes.ended(id)
    if (ended !== undefined) await ended
    await this.writes.put(isAsync ? 'asyncSet' : 'syncSet', name, null, 0)
  }
}

/** The state stands still: nothing more is asked of it. @param {unknown} error */
function isTimeout(error) {
  return codeOf(error) === 'ERR_STORE_TIMEOUT'
}
