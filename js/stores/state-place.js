import { epochNow, monotonicNow } from '../clock.js'
import { hash } from '../hash.js'

/**
 * Where a namespace has its values in a state. That can be neither emptied nor listed, so clearing gives the namespace a new *generation*, whose
 * values have other keys. The generation is kept in the state, so that later runs know of it, and looked at when it was last seen a second ago: by
 * sync methods beside the read of a value, by async ones at the same time. What deletes, or may replace something, looks in any case: under a name
 * that nobody asks for any longer it would leave what it replaces.
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
  /** Ids of which a write has failed: what was there before is no answer any more. @type {Set<string>} */
  hidden = new Set()
  /** Of what comes to know the generation, the latest. */
  #turn = 0
  /** The latest that knew it: what was asked before and answers later counts for nothing. */
  #taken = 0
  #lookedAt = -Infinity
  #askedAt = -Infinity
  /** @type {Promise<void>} */
  #asking = Promise.resolve()
  /** A look that is yet to begin. @type {Promise<void> | undefined} */
  #coming

  /**
   * @param {string} namespace
   * @param {(place: Place, isAsync: boolean) => any} find what the state has as generation, of an async method its promise
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

  /** Before a sync method is used. @param {boolean} [isForced] however short ago the last look is @throws as the state does */
  look(isForced = false) {
    if (!isForced && !isOld(this.#lookedAt)) return
    this.#take(++this.#turn, this.find(this, false), false)
    this.#lookedAt = monotonicNow()
  }

  /**
   * For async methods. One look is for all that come in its second; a forced one for all that the caller does before he rests.
   * @param {boolean} [isForced]
   * @returns {Promise<void>} rejects as the state does
   */
  lookLater(isForced = false) {
    if (!isForced) return isOld(this.#askedAt) ? this.#begin() : this.#asking
    this.#coming ??= Promise.resolve().then(() => {
      this.#coming = undefined
      return this.#begin()
    })
    // Who asked may rest before he looks at it.
    this.#coming.catch(() => {})
    return this.#coming
  }

  #begin() {
    this.#askedAt = monotonicNow()
    const asking = this.#ask()
    this.#asking = asking
    asking.catch(() => {
      if (this.#asking === asking) this.#askedAt = -Infinity
    })
    return asking
  }

  async #ask() {
    const turn = ++this.#turn
    this.#take(turn, await this.find(this, true), true)
  }

  /** @param {number} turn @param {unknown} found @param {boolean} isAsync */
  #take(turn, found, isAsync) {
    if (turn < this.#taken) return
    this.#taken = turn
    if (typeof found === 'string' && MARK.test(found)) this.generation = found
    // What the state has lost, or never got, it is told again: nothing older comes back.
    else if (this.generation !== '') this.tell(this, isAsync)
  }

  /** Nothing that was there has a key that anybody asks for. */
  renew() {
    this.#taken = ++this.#turn
    this.clears++
    this.hidden.clear()
    // Not the same as any other process's, nor one that a state would read as a number.
    this.generation = `g${hash(Math.random(), epochNow()).slice(0, 15)}`
  }
}

/** @param {number} at */
function isOld(at) {
  return Math.abs(monotonicNow() - at) >= LOOK_EVERY
}
