import { epochNow } from '../../clock.js'
import { tagsOf } from '../entry.js'

/**
 * What is to go by its tags. They are with the values, so what is not in memory is asked when it has been read, which happens at once; and what others have
 * stored since this tab looked, when it is known.
 * @typedef {import('./persisted.js').Persisted} Persisted
 * @typedef {import('./rows.js').Row} Row
 * @typedef {(tag: string) => boolean} Matches
 */

export class Doubts {
  /** Rows to be asked as soon as they are read. @type {Set<Row>} */
  #rows = new Set()
  /** @type {Promise<void> | undefined} */
  #asking
  /** Jobs that wait for what others wrote. @type {Set<Promise<void>>} */
  #waiting = new Set()
  /** How many of them are about a function's entries. @type {Map<string, number>} */
  #awaited = new Map()

  /**
   * @param {Persisted} persisted
   * @param {import('./voice.js').Voice} voice
   * @param {(row: Row) => void} forget
   */
  constructor(persisted, voice, forget) {
    this.persisted = persisted
    this.voice = voice
    this.forget = forget
  }

  /** @param {string} namespace @param {Matches} matches */
  invalidate(namespace, matches) {
    const now = epochNow()
    this.#doubt(namespace, matches, () => true)
    if (!this.persisted.isIndexed) return
    this.#count(namespace, 1)
    this.onceKnown(() => {
      this.#count(namespace, -1)
      // Not what was stored here since.
      this.#doubt(
        namespace,
        matches,
        ({ storedAt, isHeld }) => storedAt < now || (storedAt === now && !isHeld),
      )
    })
  }

  /**
   * Does a job when all that was written before is known here, and before anybody reads it.
   * @param {() => void} job
   * @param {Promise<void>} [indexed] where the index may not be read yet
   */
  onceKnown(job, indexed) {
    const known = this.persisted.isIndexed ? this.persisted.catchUp() : indexed
    const done = Promise.resolve(known).then(job)
    this.#waiting.add(done)
    done.finally(() => this.#waiting.delete(done))
  }

  /** @param {string} namespace @param {number} by */
  #count(namespace, by) {
    const count = (this.#awaited.get(namespace) ?? 0) + by
    if (count > 0) this.#awaited.set(namespace, count)
    else this.#awaited.delete(namespace)
  }

  /** @param {string} namespace @param {Matches} matches @param {(row: Row) => boolean} isConcerned */
  #doubt(namespace, matches, isConcerned) {
    for (const row of [...this.persisted.catalog.space(namespace).rows.values()]) {
      if (!row.isEntry || !isConcerned(row)) continue
      row.doubts = [...(row.doubts ?? []), matches]
      if (row.isHeld) this.#ask(row)
      else this.#rows.add(row)
    }
    if (this.#rows.size > 0) this.#asking ??= this.#askAll()
  }

  /** What cannot be asked for its tags goes as well. */
  async #askAll() {
    const segments = [...this.#rows].flatMap(row => row.segments)
    await this.persisted.readAll(new Set(segments))
    this.#asking = undefined
    for (const row of this.#rows) if (row.counts) this.forget(row)
    this.#rows.clear()
  }

  /** @param {Iterable<Row | undefined>} rows that have been read */
  arrived(rows) {
    if (this.#rows.size === 0) return
    for (const row of rows) if (row?.doubts && row.isHeld) this.#ask(row)
  }

  /** @param {Row} row in memory */
  #ask(row) {
    const { doubts } = row
    row.doubts = undefined
    this.#rows.delete(row)
    if (doubts === undefined) return
    let isMeant = true
    try {
      isMeant =
        !this.persisted.vouches(row) || tagsOf(row.value).some(tag => doubts.some(matches => matches(tag)))
    } catch (cause) {
      this.voice.corrupt(1, cause)
    }
    if (isMeant) this.forget(row)
  }

  async settled() {
    while (this.#asking !== undefined || this.#waiting.size > 0) {
      await Promise.all([this.#asking, ...this.#waiting])
    }
  }

  /** @returns {Iterable<string>} the functions of which something could not be asked in time */
  leave() {
    const names = [...this.#rows].map(row => row.space.name)
    this.#rows.clear()
    return new Set([...names, ...this.#awaited.keys()])
  }
}
