import { monotonicNow } from '../../clock.js'
import { spaceOf } from './record.js'

/**
 * What a namespace's entries are called in the backend. Clearing one gives it a new *generation*, whose entries have other names: nothing has to be
 * listed for it, and it is done at once. The generation is kept in the backend, and looked at again when it was last seen a second ago.
 *
 * @typedef {object} Place
 * @property {string} space
 * @property {string} generation
 * @property {number} seen
 * @property {Promise<void> | undefined} writing the end of the write of its mark that is under way; never rejects
 */

/** What others clear is noticed after so many milliseconds. */
const LOOK_EVERY = 1000
const DIGITS = 12

export class Generations {
  /** @type {Map<string, Place>} */
  #places = new Map()

  /**
   * @param {import('./store.js').Backend} backend
   * @param {string} prefix
   * @param {(cause: unknown) => void} fails
   */
  constructor(backend, prefix, fails) {
    this.backend = backend
    this.prefix = prefix
    this.fails = fails
  }

  /** @param {string} namespace @returns {Place} */
  #place(namespace) {
    let place = this.#places.get(namespace)
    if (place === undefined) {
      place = { space: spaceOf(namespace), generation: '', seen: -Infinity, writing: undefined }
      this.#places.set(namespace, place)
    }
    return place
  }

  /** @param {string} namespace @returns {string} what the names of all its entries begin with, whatever their generation */
  base(namespace) {
    return `${this.prefix}:${this.#place(namespace).space}`
  }

  /** @param {string} namespace */
  #marker(namespace) {
    return `${this.base(namespace)}:generation`
  }

  /** A name that nobody else has and that is no entry's. @param {string} namespace */
  newName(namespace) {
    return `${this.base(namespace)}:${newMark()}`
  }

  /** @param {string} namespace @param {string} digest @returns {string} by what is known of the generation */
  name(namespace, digest) {
    return `${this.base(namespace)}:${digest}${this.current(namespace)}`
  }

  /** @param {string} namespace @returns {string} the generation, by what is known of it */
  current(namespace) {
    return this.#place(namespace).generation
  }

  /** Whether it was looked at long enough ago to be looked at again. @param {string} namespace */
  isOld(namespace) {
    return !isRecent(this.#place(namespace).seen)
  }

  /** @param {string} namespace @returns {Promise<void>} rejects as the backend does */
  async look(namespace) {
    const place = this.#place(namespace)
    const before = place.generation
    const found = await this.backend.read(this.#marker(namespace))
    // Cleared here meanwhile: that is newer.
    if (place.generation !== before) return
    place.seen = monotonicNow()
    const isLost = found === undefined || found === null
    // What is damaged says nothing.
    if (typeof found === 'string' && MARK.test(found)) place.generation = found
    else if (isLost && before !== '') await this.#tellAgain(namespace)
  }

  /** What the backend has lost it gets again: nothing older comes back. Never rejects. @param {string} namespace */
  async #tellAgain(namespace) {
    const place = this.#place(namespace)
    if (place.writing === undefined) this.#write(namespace, place.generation).catch(this.fails)
    await place.writing
  }

  /** @param {string} namespace @returns {Promise<void>} rejects as the backend does, and then nothing has changed */
  async renew(namespace) {
    const place = this.#place(namespace)
    // Two on their way at once may arrive in any order.
    while (place.writing !== undefined) await place.writing
    const generation = newMark()
    await this.#write(namespace, generation)
    place.generation = generation
    place.seen = monotonicNow()
  }

  /** @param {string} namespace @param {string} generation @returns {Promise<void>} rejects as the backend does */
  async #write(namespace, generation) {
    const place = this.#place(namespace)
    const written = (async () => this.backend.write(this.#marker(namespace), generation, Infinity))()
    const over = () => {
      place.writing = undefined
    }
    place.writing = written.then(over, over)
    await written
  }

  /**
   * The entries in a listing. A backend may list others beside them, of another prefix or of another's part of it, and put something before a name:
   * what is done is done to names as they are given here.
   * @param {string} namespace
   * @param {string[]} names
   * @returns {{ digests: Set<string>, older: Set<string> }} those of the current generation; the names of those of older ones
   */
  entriesIn(namespace, names) {
    const { generation } = this.#place(namespace)
    const start = `${this.base(namespace)}:`
    const digests = new Set()
    const older = new Set()
    for (const name of names) {
      const at = name.lastIndexOf(start)
      const last = name.slice(at + start.length)
      if (at < 0 || !ENTRY.test(last)) continue
      if (last.slice(DIGEST) === generation) digests.add(last.slice(0, DIGEST))
      else older.add(start + last)
    }
    return { digests, older }
  }
}

const DIGEST = 32
const MARK = /^g[0-9a-f]{12}$/
const ENTRY = /^[0-9a-f]{32}(g[0-9a-f]{12})?$/

/** Whether what others did since would not be noticed yet. @param {number} at */
export function isRecent(at) {
  return Math.abs(monotonicNow() - at) < LOOK_EVERY
}

/** Not the same as any other process's, nor one that a backend would read as a number. */
function newMark() {
  let digits = ''
  while (digits.length < DIGITS) digits += Math.floor(Math.random() * 16).toString(16)
  return `g${digits}`
}
