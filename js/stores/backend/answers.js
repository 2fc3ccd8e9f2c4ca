import { MimicError } from '../../errors.js'

/**
 * What is asked of a backend has a limited time to be answered. Of what is late nobody knows whether it still happens, so nothing else is sent under its
 * name before it has.
 */

const LISTING = 10
/** The longest that a timer can wait. */
const MAX_DELAY = 2 ** 31 - 1
/** So many at once. */
const AT_ONCE = 32

export class Answers {
  /** @type {Map<string, Promise<unknown>>} */
  #late = new Map()
  /** So many were late since the last answer. */
  #silence = 0

  /** @param {number} timeout milliseconds */
  constructor(timeout) {
    this.timeout = timeout
  }

  /** @param {string} id */
  isLate(id) {
    return this.#late.has(id)
  }

  /** Everybody whom `each` lets ask at once may have waited in vain: who comes after them need not. @throws then */
  expect() {
    if (this.#silence >= AT_ONCE) throw late('the backend does not answer')
  }

  /** It may answer again. */
  hope() {
    this.#silence = 0
  }

  /**
   * @template T
   * @param {() => Promise<T>} ask
   * @param {string} [id] of what it changes
   * @param {number} [patience] so many times as long
   * @returns {Promise<T>} rejects as the backend does, or because it is late
   */
  async to(ask, id, patience = 1) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    const asked = (async () => ask())()
    const over = new Promise((_, reject) => {
      timer = setTimeout(
        () => {
          if (id !== undefined) this.#wait(id, asked)
          this.#silence++
          reject(late('the backend does not answer'))
        },
        Math.min(this.timeout * patience, MAX_DELAY),
      )
    })
    // Also an error is an answer.
    const hope = () => this.hope()
    asked.then(hope, hope)
    try {
      return /** @type {T} */ (await Promise.race([asked, over]))
    } finally {
      clearTimeout(timer)
    }
  }

  /** Everything that a backend has may take longer than one answer. @template T @param {() => Promise<T>} ask @returns {Promise<T>} */
  toAll(ask) {
    return this.to(ask, undefined, LISTING)
  }

  /** @param {string} id @param {Promise<unknown>} asked */
  #wait(id, asked) {
    this.#late.set(id, asked)
    const over = () => void this.#late.delete(id)
    asked.then(over, over)
  }
}

/** @param {string} message */
export function late(message) {
  return new MimicError('ERR_STORE_TIMEOUT', message)
}

/**
 * Who asks for the same gets the same answer.
 * @template T
 * @param {(id: string) => Promise<T>} ask
 * @returns {(id: string) => Promise<T>}
 */
export function once(ask) {
  /** @type {Map<string, Promise<T>>} */
  const asked = new Map()
  return id => {
    const answer = asked.get(id) ?? ask(id)
    asked.set(id, answer)
    return answer
  }
}

/**
 * @template T
 * @param {Iterable<T>} items
 * @param {(item: T) => Promise<unknown>} work never rejects
 */
export async function each(items, work) {
  const rest = items[Symbol.iterator]()
  const worker = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}
