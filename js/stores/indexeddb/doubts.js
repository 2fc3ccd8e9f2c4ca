import { epochNow } from '../../clock.js'
import { tagsOf } from '../entry.js'

/**
 * What is to go by its tags. They are with the values, so what is not in memory is asked when it has been read, which happens at once; and what others have
 * stored since this tab looked, when it is known.
 * @typedef {import('./persisted.js').Persisted} Persisted
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./segment.js').Segment} Segment
 * @typedef {(tag: string) => boolean} Matches
 * @typedef {{ matches: Matches, forget: (row: Row) => void, isHeard?: boolean }} Doubt `isHeard`: another tab will do the same
 *
 * @typedef {object} Owner
 * @property {(row: Row) => void} forget deletes it
 * @property {(namespace: string) => void} clear deletes all of it
 * @property {(row: Row, counter: number) => void} gone hides it where it was written up to a counter: it is, or will be, deleted there
 */

export class Doubts {
  /** Rows to be asked as soon as they are read. @type {Set<Row>} */
  #rows = new Set()
  /** Those whose segments are being read. @type {Set<Row>} */
  #asked = new Set()
  /** @type {Promise<void> | undefined} */
  #asking
  /** Jobs that wait for what others wrote. @type {Set<Promise<void>>} */
  #waiting = new Set()
  /** How many of them are about a function's entries. @type {Map<string, number>} */
  #awaited = new Map()

  /**
   * @param {Persisted} persisted
   * @param {import('./voice.js').Voice} voice
   * @param {Owner} owner
   */
  constructor(persisted, voice, owner) {
    this.persisted = persisted
    this.voice = voice
    this.owner = owner
  }

  /** @param {string} namespace @param {Matches} matches */
  invalidate(namespace, matches) {
    const { owner, persisted } = this
    const [counter, now] = [persisted.counter(), epochNow()]
    const forget = (/** @type {Row} */ row) => owner.forget(row)
    /** @type {Row[]} */
    const hidden = []
    let isKnown = !persisted.isIndexed
    // Another tab may have stored it anew without the tag: it is deleted when that would be known.
    const hide = (/** @type {Row} */ row) => {
      if (isKnown) return owner.forget(row)
      owner.gone(row, Infinity)
      hidden.push(row)
    }
    this.#doubt(namespace, { matches, forget: hide }, () => true)
    if (isKnown) return
    this.#count(namespace, 1)
    this.onceKnown(isDone => {
      isKnown = true
      this.#count(namespace, -1)
      // What is not known cannot be asked.
      if (isDone === false) return owner.clear(namespace)
      for (const row of hidden) if (row.counts) owner.forget(row)
      this.#doubtOlder(namespace, { matches, forget }, counter, now)
    })
  }

  /**
   * Another tab does, and deletes it itself.
   * @param {string} namespace
   * @param {Matches} matches
   * @param {number} counter of the last write before
   * @param {boolean} isAgain now that it is known what there is: not what was set here since
   */
  heard(namespace, matches, counter, isAgain) {
    const { isIndexed } = this.persisted
    const now = epochNow()
    const forget = (/** @type {Row} */ row) => this.owner.gone(row, counter)
    const doubt = { matches, forget, isHeard: true }
    this.#doubt(namespace, doubt, ({ standing }) =>
      standing === undefined ? !isAgain : isAgain || isIndexed,
    )
    if (isIndexed) this.onceKnown(() => this.#doubtOlder(namespace, doubt, counter, now))
  }

  /** What was taken over meanwhile, but not what was set here. @param {string} namespace @param {Doubt} doubt @param {number} counter @param {number} now when it arose */
  #doubtOlder(namespace, doubt, counter, now) {
    // A clock that was ahead then says nothing of what came first.
    const isOlder = (/** @type {Row} */ { standing, storedAt }) =>
      standing !== undefined && (standing.key[0] <= counter || storedAt < now)
    this.#doubt(namespace, doubt, isOlder)
  }

  /**
   * Does a job when all that was written before is known here, and before anybody reads it.
   * @param {(isDone: boolean | void) => void} job
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

  /** @param {string} namespace @param {Doubt} doubt @param {(row: Row) => boolean} isConcerned */
  #doubt(namespace, doubt, isConcerned) {
    for (const row of [...this.persisted.catalog.space(namespace).rows.values()]) {
      if (!row.isEntry || !isConcerned(row)) continue
      row.doubts = [...(row.doubts ?? []), doubt]
      if (row.isReadable) this.#ask(row)
      else this.#rows.add(row)
    }
    if (this.#rows.size > 0) this.#asking ??= this.#askAll()
  }

  /** What comes while some are read is read after them. */
  async #askAll() {
    const { persisted } = this
    while (this.#rows.size > 0) {
      this.#asked = this.#rows
      this.#rows = new Set()
      const read = new Set([...this.#asked].flatMap(row => row.segments))
      await persisted.readAll(persisted.catalog.inOrder().filter(segment => read.has(segment)))
      for (const row of this.#asked) this.#unread(row, read)
      this.#asked.clear()
    }
    this.#asking = undefined
  }

  /** What cannot be asked for its tags goes as well. @param {Row} row @param {Set<Segment>} read */
  #unread(row, read) {
    const { space, digest, storedAt, doubts = [] } = row
    const current = row.counts ? row : this.persisted.catalog.find(space.name, digest)
    if (current?.storedAt !== storedAt) return
    row.doubts = undefined
    current.doubts = [...(current.doubts ?? []), ...doubts]
    if (current.isReadable) this.#ask(current)
    // A compaction has moved it.
    else if (current.segments.some(segment => !read.has(segment))) this.#rows.add(current)
    else this.#forget(current, doubts)
  }

  /** @param {Row} row @param {Doubt[]} doubts that are justified */
  #forget(row, doubts) {
    for (const { forget } of doubts) if (row.counts) forget(row)
  }

  /** @param {Iterable<Row | undefined>} rows that have been read */
  arrived(rows) {
    if (this.#rows.size + this.#asked.size === 0) return
    for (const row of rows) if (row?.doubts && row.isHeld) this.#ask(row)
  }

  /** @param {Row} row that can be read */
  #ask(row) {
    const { doubts = [] } = row
    row.doubts = undefined
    this.#rows.delete(row)
    this.#asked.delete(row)
    let meant = doubts
    try {
      if (doubts.length > 0 && this.persisted.vouches(row)) {
        const tags = tagsOf(row.value)
        meant = doubts.filter(({ matches }) => tags.some(tag => matches(tag)))
      }
    } catch (cause) {
      this.voice.corrupt(1, cause)
    }
    this.#forget(row, meant)
  }

  async settled() {
    while (this.#asking !== undefined || this.#waiting.size > 0) {
      await Promise.all([this.#asking, ...this.#waiting])
    }
  }

  /** @returns {Iterable<string>} the functions of which something could not be asked in time */
  leave() {
    const ours = [...this.#rows, ...this.#asked].filter(({ doubts }) =>
      doubts?.some(({ isHeard }) => !isHeard),
    )
    const names = ours.map(({ space }) => space.name)
    this.#rows.clear()
    this.#asked.clear()
    return new Set([...names, ...this.#awaited.keys()])
  }
}
