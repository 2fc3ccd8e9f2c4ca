import { NO_BYTES } from '../queue.js'
import { ENTRY, Row } from './rows.js'

/**
 * A segment of the database: which of its records count, and its bytes while they are in memory.
 *
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 * @typedef {import('./rows.js').Mark} Mark
 * @typedef {import('./space.js').Space} Space
 * @typedef {object} Lair what those of its records that sleep are found by
 * @property {import('../records.js').Records} records
 * @property {Space[]} spaces the namespaces, by their numbers in the head
 * @property {(Segment | undefined)[]} segments with records that sleep, by their numbers
 */

export class Segment {
  /** What counts of its records and has been woken, by their numbers. @type {(Row | undefined)[]} */
  awake = []
  /** The others are numbers, see `asleep.js`. Nothing: there are no others. @type {Lair | undefined} */
  #lair
  sleepers = 0
  /** Among the segments with records that sleep. */
  number = 0
  #isLain = false
  /** Whose records it has or had. @type {Set<Space>} */
  spaces = new Set()
  /** @type {Space | undefined} */
  #last
  /** @type {Mark[]} */
  marks = []
  /** It has only deletions of what they replaced. @type {Row[]} */
  veils = []
  /** Bytes of it that are entries. */
  liveBytes = 0
  /** Whether it is in the database, as far as we know. */
  isThere = true
  /** Its body while it is in memory. @type {Uint8Array} */
  body = NO_BYTES
  /** Its head while nobody has compared the body with it; after that, what is wrong in the body belongs to nobody. @type {Uint8Array} */
  head = NO_BYTES
  /** For what memory holds, see there: less than 0, it is not held. */
  heldAt = -1

  /** @param {SegmentKey} key @param {number} bytes of head and body */
  constructor(key, bytes) {
    this.key = key
    this.id = String(key)
    this.bytes = bytes
  }

  /** @param {Space} space whose record it has */
  add(space) {
    // Nearly always that of the record before.
    if (space === this.#last) return
    this.#last = space
    this.spaces.add(space)
  }

  /** Its records may be put to sleep until `lain`. @param {Lair} lair */
  lie(lair) {
    this.#lair = lair
    this.number = lair.segments.push(this) - 1
  }

  /** While there may be records that sleep. */
  get records() {
    return /** @type {Lair} */ (this.#lair).records
  }

  lain() {
    this.#isLain = true
    if (this.sleepers === 0) this.#rise()
  }

  /** @param {number} i */
  sleeps(i) {
    return this.#lair !== undefined && !this.#lair.records.isTaken(i)
  }

  /** @param {number} i that sleeps @returns {Row} */
  wake(i) {
    const { records, spaces } = /** @type {Lair} */ (this.#lair)
    const { digest, storedAt, deadline, offset: at, keyLength, valueLength } = records.at(i)
    const space = spaces[records.namespace(i)]
    const row = new Row(space, digest, ENTRY, storedAt, deadline)
    row.keyLength = keyLength
    row.length = keyLength + valueLength
    row.place = { segment: this, i, at, length: row.length }
    row.counts = true
    this.awake[i] = row
    space.awake.set(digest, row)
    this.take(i)
    return row
  }

  /** It does not count any more, or is a row now. @param {number} i that sleeps */
  take(i) {
    this.records.take(i)
    this.sleepers--
    if (this.sleepers === 0 && this.#isLain) this.#rise()
  }

  /** All that counts of its records, by their numbers; none of them sleeps any more. */
  get rows() {
    this.wakeAll()
    return this.awake
  }

  wakeAll() {
    this.#eachAsleep(i => this.wake(i))
  }

  /** Whether one that sleeps is alive. @param {number} now */
  hasSleeper(now) {
    return this.#eachAsleep(i => this.records.deadline(i) > now)
  }

  /** None sleeps any more, and nothing of them counts. @returns {number} how many did */
  empty() {
    const { sleepers } = this
    this.sleepers = 0
    if (sleepers > 0) this.#rise()
    return sleepers
  }

  /** @param {(i: number) => unknown} is the last that it is called with is the first for which it is true @returns {boolean} whether there was one */
  #eachAsleep(is) {
    for (let i = 0, left = this.sleepers; left > 0; i++) {
      if (!this.sleeps(i)) continue
      left--
      if (is(i) === true) return true
    }
    return false
  }

  #rise() {
    if (this.#lair !== undefined) this.#lair.segments[this.number] = undefined
    this.#lair = undefined
  }

  get heldBytes() {
    return this.body.length + this.head.length
  }

  letGo() {
    this.body = NO_BYTES
    this.head = NO_BYTES
  }
}
