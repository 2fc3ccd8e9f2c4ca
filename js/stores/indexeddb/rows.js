import { NO_BYTES } from '../queue.js'
import { NO_RECORDS } from '../records.js'
import { clampedDeadline } from '../store.js'

/**
 * What the index of a database is made of.
 *
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 * @typedef {{ space: Space, segment: Segment | undefined }} Mark the deletion of a whole namespace, and where it is written
 * @typedef {import('./space.js').Space} Space
 * @typedef {import('../queue.js').Item} Item
 * @typedef {{ segments: (Segment | undefined)[], spaces: Space[] }} Lair what sleeps is found by: the segments by their numbers, and the namespaces by theirs
 * @typedef {{ segment: Segment, i: number, at: number, length: number }} Place a record: where, its number there, where in the body its bytes
 *   begin, and how many those of key and value are
 */

export const ENTRY = 0
export const DELETED = 1
export const CLEARED = 2
export const PART = 4
/** Bytes of a record in its head. */
const RECORD = 64
/** @type {Lair} */
const NOWHERE = { segments: [], spaces: [] }

export class Segment {
  /** What counts of its records and has been woken, by their numbers. @type {(Row | undefined)[]} */
  awake = []
  /** The others are numbers, see `asleep.js`: among these, from `first` on. */
  records = NO_RECORDS
  first = 0
  sleepers = 0
  /** Among the segments with records that sleep. */
  number = 0
  /** @type {Lair} */
  #lair = NOWHERE
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

  /**
   * Its records may be put to sleep until `lain`.
   * @param {import('../records.js').Records} records
   * @param {number} first
   * @param {Lair} lair
   */
  lie(records, first, lair) {
    this.records = records
    this.first = first
    this.#lair = lair
    this.number = lair.segments.push(this) - 1
  }

  lain() {
    this.#isLain = true
    if (this.sleepers === 0) this.#rise()
  }

  /** @param {number} i */
  sleeps(i) {
    return !this.records.isTaken(this.first + i)
  }

  /** @param {number} i that sleeps @returns {Row} */
  wake(i) {
    const n = this.first + i
    const { digest, storedAt, deadline, offset: at, keyLength, valueLength } = this.records.at(n)
    const space = this.#lair.spaces[this.records.namespace(n)]
    const row = new Row(space, digest, ENTRY, storedAt, deadline)
    row.keyLength = keyLength
    row.length = keyLength + valueLength
    row.place = { segment: this, i, at, length: row.length }
    this.awake[i] = row
    space.awake.set(digest, row)
    this.take(i)
    return row
  }

  /** It does not count any more, or is a row now. @param {number} i that sleeps */
  take(i) {
    this.records.take(this.first + i)
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
    return this.#eachAsleep(i => this.records.deadline(this.first + i) > now)
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
    this.#lair.segments[this.number] = undefined
    this.records = NO_RECORDS
    this.#lair = NOWHERE
  }

  get heldBytes() {
    return this.body.length + this.head.length
  }

  letGo() {
    this.body = NO_BYTES
    this.head = NO_BYTES
  }
}

/** What becomes of a row that is not in the database. */
const NOTHING = 0
/** Its bytes are to be written. */
const WRITTEN = 1
/** The same, and nobody here needs them any more. */
const LET_GO = 2
/** Only the deletion of what it replaced is. */
const HIDING = 3

/**
 * The newest record of a key. Its bytes, the key and then the value, are in a block of its own from `at` on, or in the body of its segment. It is
 * also what waits in the queue, since an object more for each write would be much of what a write costs.
 * @implements {Item}
 */
export class Row {
  /** @type {Uint8Array} */
  block = NO_BYTES
  at = 0
  keyLength = 0
  /** Bytes of key and value. */
  length = 0
  /** Nothing: it is not written yet. @type {Place | undefined} */
  place
  /** @type {typeof NOTHING | typeof WRITTEN | typeof LET_GO | typeof HIDING} */
  #fate = NOTHING
  /** For the queue, see there. */
  hides = false
  /** @type {Item | undefined} */
  older
  /** @type {Item | undefined} */
  newer
  /** From when on it is expired when a clock was set back. @type {number | undefined} */
  #clamped
  /** Written anew, with another life. */
  isRenewed = false
  /** Its other parts. @type {Place[] | undefined} */
  rest
  parts = 1
  whole = 0
  /** Where older records of its key are. @type {Segment[] | undefined} */
  hidden
  /** What is to be asked of its tags as soon as it is read. @type {((tag: string) => boolean)[] | undefined} */
  doubts

  /**
   * @param {Space} space
   * @param {string} digest
   * @param {number} kind `ENTRY` or `DELETED`
   * @param {number} storedAt
   * @param {number} deadline
   */
  constructor(space, digest, kind, storedAt, deadline) {
    this.space = space
    this.digest = digest
    this.isEntry = kind === ENTRY
    this.storedAt = storedAt
    this.deadline = deadline
  }

  get ttl() {
    return this.deadline - this.storedAt
  }

  /** From when on it is expired. */
  get end() {
    return this.#clamped ?? this.deadline
  }

  /** @param {number} now epoch milliseconds */
  clamp(now) {
    const { end } = this
    const clamped = clampedDeadline({ deadline: end, ttl: this.ttl }, now)
    if (clamped !== end) this.#clamped = clamped
  }

  // What waits in the queue is always the entry, whatever counts by now.

  /** @returns {'entry'} */
  get kind() {
    return 'entry'
  }

  get namespace() {
    return this.space.name
  }

  get piece() {
    return this
  }

  get target() {
    return this
  }

  get stamp() {
    return undefined
  }

  /** It, or the deletion of what it replaced, is to be written. */
  get waits() {
    return this.#fate !== NOTHING
  }

  /** It is to be written. @param {boolean} hides */
  wait(hides) {
    this.hides = hides
    this.#fate = WRITTEN
  }

  /** It is written, or will not be. @param {boolean} [hides] the deletion of what it replaced will */
  arrive(hides = false) {
    if (this.#fate === LET_GO) this.block = NO_BYTES
    this.#fate = hides ? HIDING : NOTHING
  }

  /** Its bytes are in memory. */
  get isHeld() {
    return (
      this.#isApart ||
      (this.rest === undefined && this.place !== undefined && this.place.segment.body !== NO_BYTES)
    )
  }

  /** The segment that its bytes are in, and that nobody has looked at yet. */
  get unseen() {
    const segment = this.#isApart ? undefined : this.place?.segment
    return segment === undefined || segment.head === NO_BYTES ? undefined : segment
  }

  /** It has a block of its own. */
  get #isApart() {
    return this.block !== NO_BYTES && this.#fate !== LET_GO
  }

  /** All its parts are there. */
  get isWhole() {
    return this.place === undefined || (this.rest?.length ?? 0) + 1 === this.parts
  }

  get places() {
    if (this.place === undefined) return []
    return this.rest === undefined ? [this.place] : [this.place, ...this.rest]
  }

  get segments() {
    return this.places.map(({ segment }) => segment)
  }

  /** The segment of its last part so far. */
  get last() {
    return (this.rest?.at(-1) ?? this.place)?.segment
  }

  get key() {
    return this.#bytes(0, this.keyLength)
  }

  get value() {
    return this.#bytes(this.keyLength, this.length)
  }

  get valueLength() {
    return this.length - this.keyLength
  }

  /** @param {number} from @param {number} to */
  #bytes(from, to) {
    const { block, at } = this
    if (this.#isApart || this.place === undefined) return block.subarray(at + from, at + to)
    const { segment, at: start } = this.place
    return segment.body.subarray(start + from, start + to)
  }

  /** A block of its own. @param {import('../piece.js').Piece} piece */
  fill({ block, at, keyLength, length }) {
    this.block = block
    this.at = at
    this.keyLength = keyLength
    this.length = length
  }

  /** What its block holds. */
  get heldBytes() {
    return this.length
  }

  letGo() {
    if (this.#fate === WRITTEN) this.#fate = LET_GO
    else this.block = NO_BYTES
  }

  /** @param {Place} place of the next part */
  grow(place) {
    this.arrive()
    if (this.place === undefined) this.place = place
    else this.rest = [...(this.rest ?? []), place]
  }

  /** @param {Segment} segment that has an older record of its key */
  hide(segment) {
    if (!segment.isThere || this.hidden?.includes(segment)) return
    this.hidden = [...(this.hidden ?? []), segment]
  }

  /** Whether a record is the next part of the same write. @param {import('../records.js').Record} record */
  goesOn({ part, parts, whole, storedAt, deadline }) {
    return (
      part === (this.rest?.length ?? 0) + 1 &&
      parts === this.parts &&
      whole === this.whole &&
      storedAt === this.storedAt &&
      deadline - storedAt === this.ttl
    )
  }
}

/** What a record takes in its segment. @param {number} length of its bytes in the body */
export function bytesOf(length) {
  return RECORD + length
}

/** @param {Segment} a @param {Segment | undefined} b nothing: not written yet, so after everything */
export function isAfter(a, b) {
  return b !== undefined && compareKeys(a.key, b.key) > 0
}

/** The order in IndexedDB. @param {SegmentKey} a @param {SegmentKey} b */
export function compareKeys(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = /** @type {[number, number]} */ ([a[i], b[i]])
    if (x !== y) return x < y ? -1 : 1
  }
  return a.length - b.length
}
