import { matches } from '../../tags.js'
import { Soon } from './soon.js'

/**
 * What other tabs say they have done. They tell of a deletion at once, and write it a little later, themselves: so what is known of it here is hidden in
 * memory, and also what a look at the database takes over meanwhile. To delete it in the database as well would delete what they have stored since.
 *
 * @typedef {import('./doubts.js').Doubts} Doubts
 * @typedef {import('./persisted.js').Persisted} Persisted
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./tabs.js').Message} Message
 * @typedef {{ namespace: string, digests: string[] | undefined, counter: number, times: number }} Deletion of what was written up to a counter; no
 *   digests: of everything. `times`: how often others' writes were taken over since
 */

/** Milliseconds after another tab has written until it is looked what, where nobody asks before. */
const LOOK_AFTER = 1000
/** So many times a deletion hides what is taken over: the first time may have begun before it was heard. */
const TIMES = 2

export class Elsewhere {
  #look = new Soon(LOOK_AFTER, () => this.#lookThere())
  /** That may not be written yet. @type {Deletion[]} */
  #deletions = []

  /**
   * @param {Persisted} persisted
   * @param {Doubts} doubts
   * @param {import('./voice.js').Voice} voice
   * @param {Promise<void>} indexed never rejects
   * @param {(row: Row) => void} forget deletes it in the database, too
   */
  constructor(persisted, doubts, voice, indexed, forget) {
    this.persisted = persisted
    this.doubts = doubts
    this.voice = voice
    this.indexed = indexed
    this.forget = forget
  }

  /** @param {Message} message */
  hear(message) {
    this.#heed(message)
    // What is being read may be older than that.
    if (!this.#isKnown) this.indexed.then(() => this.#heed(message, true))
  }

  /** Whether it is known what there is. */
  get #isKnown() {
    return this.persisted.isIndexed || this.persisted.isHopeless
  }

  /** @param {Message} message @param {boolean} [isAgain] now that it is known what there is: not what was set here since */
  #heed(message, isAgain = false) {
    // Another version may say anything there, or nothing.
    const counter = Number.isFinite(message.counter) ? message.counter : Infinity
    if (message.type === 'wrote') {
      this.persisted.wroteElsewhere(counter)
      this.#look.ask()
      return
    }
    const { namespace } = message
    if (message.type === 'tags') {
      const { patterns } = message
      const isMeant = (/** @type {string} */ tag) => patterns.some(pattern => matches(pattern, tag))
      this.doubts.heard(namespace, isMeant, counter, isAgain)
      if (!isAgain) this.voice.events.emit('forgotten', { namespace, patterns })
      return
    }
    const digests = message.type === 'deleted' ? message.digests : undefined
    const deletion = { namespace, digests, counter, times: 0 }
    this.#hide(deletion, isAgain)
    if (this.persisted.isIndexed) this.#deletions.push(deletion)
    if (!isAgain) this.voice.events.emit('forgotten', { namespace, digests })
  }

  /** @param {Deletion} deletion @param {boolean} isLater than it was heard: not what was set here since */
  #hide({ namespace, digests, counter }, isLater) {
    for (const row of this.#rowsOf(namespace, digests))
      if (!(isLater && row.standing === undefined)) this.gone(row, counter)
  }

  /** @param {string} namespace @param {string[] | undefined} digests all without them @returns {Row[]} */
  #rowsOf(namespace, digests) {
    const space = this.persisted.catalog.space(namespace)
    if (digests === undefined) return [...space.rows.values()]
    return digests.map(digest => space.get(digest)).filter(row => row !== undefined)
  }

  /** It is, or will be, deleted there. @param {Row} row @param {number} counter up to which what was written is meant */
  gone(row, counter) {
    if (!(row.counts && row.isEntry)) return
    // Only we have it; and what was written anew may stand in front of a deletion of what it was before.
    const { standing } = row
    if (standing === undefined || row.isRenewed) this.forget(row)
    else if (standing.key[0] <= counter) this.persisted.catalog.lose(row)
  }

  /** What others wrote is known now, and nobody has read any of it. */
  tookOver() {
    for (const deletion of this.#deletions) {
      deletion.times++
      this.#hide(deletion, true)
    }
    this.#deletions = this.#deletions.filter(({ times }) => times < TIMES)
  }

  /** What is held may be what another tab deleted before this one could hear of it, and hits ask nobody. */
  lookSoon() {
    if (this.persisted.isBehind) this.#look.ask()
  }

  #lookThere() {
    const { isIndexed, isBehind, held } = this.persisted
    if (isIndexed && isBehind && held.bytes + this.#deletions.length > 0) this.persisted.catchUp()
  }

  close() {
    this.#look.stop()
  }
}
