import { epochNow, monotonicNow } from '../clock.js'
import { hash } from '../hash.js'

/**
 * Where a namespace has its values in a state. That can be neither emptied nor listed, so clearing gives the namespace a new *generation*, whose
 * values have other keys. The generation is kept in the state, so that later runs know of it, and looked at when it was last seen a second ago: by
 * sync methods beside the read of a value, by async ones at the same time.
 *
 * Keys are hex digits and `-`, safe as the name of a file and in any database: the hash of namespace and whole key, and the generation if there is one.
 */

/** What others clear is noticed after so many milliseconds. */
const LOOK_EVERY = 1000
const MARK = /^g[0-9a-f]{15}$/

export class Place {
  generation = ''
  /** How often it was cleared here. */
  clears = 0
  /** Whether it was last used by an async function. @type {boolean | undefined} */
  isAsync = undefined
  /** Of what comes to know the generation, the latest. */
  #turn = 0
  #lookedAt = -Infinity
  #askedAt = -Infinity
  /** @type {Promise<void>} */
  #asking = Promise.resolve()

  /**
   * @param {string} namespace
   * @param {(name: string, isAsync: boolean) => any} find what the state has, of an async method its promise
   * @param {(place: Place, isAsync: boolean) => void} tell the state which generation it is
   */
  constructor(namespace, find, tell) {
    this.namespace = namespace
    this.find = find
    this.tell = tell
    /** The key of the generation. */
    this.marker = `${hash(namespace)}-generation`
  }

  /** A state keeps no key beside a value that it could be compared with, so here the whole key counts. @param {Uint8Array} bytes */
  base(bytes) {
    return hash(this.namespace, bytes)
  }

  /** @param {string} base @returns {string} the key that the state gets, by what is known of the generation */
  name(base) {
    return this.generation === '' ? base : `${base}-${this.generation}`
  }

  /** Before a sync method is used. @throws as the state does */
  look() {
    if (!isOld(this.#lookedAt)) return
    this.#turn++
    this.#take(this.find(this.marker, false), false)
    this.#lookedAt = monotonicNow()
  }

  /** For async methods. One look is for all that come in its second. @returns {Promise<void>} rejects as the state does */
  lookLater() {
    if (isOld(this.#askedAt)) {
      this.#askedAt = monotonicNow()
      this.#asking = this.#ask()
      this.#asking.catch(() => {
        this.#askedAt = -Infinity
      })
    }
    return this.#asking
  }

  async #ask() {
    const turn = ++this.#turn
    const found = await this.find(this.marker, true)
    // Cleared here meanwhile, or looked at again: that is newer.
    if (turn === this.#turn) this.#take(found, true)
  }

  /** @param {unknown} found @param {boolean} isAsync */
  #take(found, isAsync) {
    if (typeof found === 'string' && MARK.test(found)) this.generation = found
    // What the state has lost, or never got, it is told again: nothing older comes back.
    else if (this.generation !== '') this.tell(this, isAsync)
  }

  /** Nothing that was there has a key that anybody asks for. */
  renew() {
    this.#turn++
    this.clears++
    // Not the same as any other process's, nor one that a state would read as a number.
    this.generation = `g${hash(Math.random(), epochNow()).slice(0, 15)}`
  }
}

/** @param {number} at */
function isOld(at) {
  return Math.abs(monotonicNow() - at) >= LOOK_EVERY
}
