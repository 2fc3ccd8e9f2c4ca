import { MimicError } from '../errors.js'
import { unref } from '../unref.js'

/** Who may write to a state now, and how long anybody waits for it. */

/** So many async writes at once: each may have a file open. The rest waits for its turn. */
const AT_ONCE = 100

/** Milliseconds. A write that has not ended after so long has failed, for all who wait for it; so has one that waits while none ends. */
const PATIENCE = 30_000

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {(error: MimicError) => void} [giveUp] is told before others are
 * @param {() => boolean} [goesOn] whether it is worth waiting as long again
 * @returns {Promise<T>} the same, or rejects when patience is over
 */
export function patient(promise, giveUp = () => {}, goesOn = () => false) {
  return new Promise((resolve, reject) => {
    const rest = () => unref(setTimeout(look, PATIENCE))
    const look = () => {
      if (goesOn()) {
        timer = rest()
        return
      }
      const error = new MimicError('ERR_STORE_TIMEOUT', `a write to the state did not end within ${PATIENCE} ms`) // biome-ignore format: one line
      giveUp(error)
      reject(error)
    }
    let timer = rest()
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export class Turns {
  /** How many have ended: while this grows, the state does not stand still. */
  ended = 0
  /** @type {Set<object>} */
  #active = new Set()
  /** @type {Map<object, { start: () => void, refuse: (error: unknown) => void }>} */
  #waiting = new Map()
  /** Goes through those who wait: to begin anew each time would pass by all that have gone. */
  #order = this.#waiting.entries()

  /** @param {object} who @param {boolean} [isUrgent] does not wait @returns {Promise<void> | undefined} nothing: it is its turn */
  enter(who, isUrgent = false) {
    if (isUrgent || this.#active.size < AT_ONCE) {
      this.#active.add(who)
      return undefined
    }
    if (this.#waiting.size === 0) this.#order = this.#waiting.entries()
    return new Promise((start, refuse) => this.#waiting.set(who, { start, refuse }))
  }

  /** @param {object} who has ended, or was given up @param {unknown} [error] for one that still waits */
  leave(who, error) {
    this.#active.delete(who)
    this.#waiting.get(who)?.refuse(error)
    this.#waiting.delete(who)
    while (this.#waiting.size > 0 && this.#active.size < AT_ONCE) {
      const [next, { start }] = /** @type {[object, { start: () => void }]} */ (this.#order.next().value)
      this.#waiting.delete(next)
      this.#active.add(next)
      start()
    }
  }

  /** Until all who wait now have had their turn. */
  async rest() {
    const who = {}
    await this.enter(who)
    this.leave(who)
  }
}
