import { NO_BYTES } from '../queue.js'
import { CLOCK_SLACK, clampedDeadline } from '../store.js'

/**
 * What the index of a database is made of.
 *
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 * @typedef {{ space: Space, segment: Segment | undefined }} Mark the deletion of a whole namespace, and where it is written
 * @typedef {import('./segment.js').Segment} Segment
 * @typedef {import('./space.js').Space} Space
 * @typedef {import('../queue.js').Item} Item
 * @typedef {{ key: SegmentKey }} Standing a place in the order of segments
 * @typedef {{ segment: Segment, i: number, at: number, length: number }} Place a record: where, its number there, where in the body its bytes
 *   begin, and how many those of key and value are
 */

export const ENTRY = 0
export const DELETED = 1
export const CLEARED = 2
export const PART = 4
/** Bytes of a record in its head. */
const RECORD = 64

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
  /** For what memory holds, see there: less than 0, it is not held. */
  heldAt = -1
  /** It is what counts for its key. */
  counts = false
  /** The same as that of the entry that it replaced while that waited: a deletion begins another one. 0: others wrote it. */
  life = 0
  /** It is on its way into the database. */
  isSent = false
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
  /** It is not to be written any more, only the deletion of what it replaced may be: where it stands all the same. @type {Standing | undefined} */
  dropped
  /** What is to be asked of its tags as soon as it is read. @type {import('./doubts.js').Doubt[] | undefined} */
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

  /** It was deleted here, whatever came after that. */
  get isGone() {
    return this.#successor?.life !== this.life && !this.isOutdated
  }

  /** What another tab has stored since counts in its place. */
  get isOutdated() {
    const successor = this.#successor
    return successor?.life === 0 && successor.isEntry
  }

  /** What counts for its key. */
  get #successor() {
    return this.counts ? this : this.space.get(this.digest)
  }

  /** Whether what another tab has written is newer than this, which nobody else knows yet. @param {import('../records.js').Record} record @param {number} now */
  yieldsTo({ kind, part, storedAt }, now) {
    const isUnknown = (this.#fate === WRITTEN || this.#fate === LET_GO) && !this.isSent
    // A clock that was ahead says nothing.
    return (
      isUnknown && kind !== DELETED && part === 0 && storedAt > this.storedAt && storedAt <= now + CLOCK_SLACK
    )
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

  /** Its bytes can be looked at: they are also here while they are yet to be written. */
  get isReadable() {
    return this.isHeld || (this.place === undefined && this.block !== NO_BYTES)
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

  /** Where it stands among all records. Nothing: it is yet to be written, so after all of them. @returns {Standing | undefined} */
  get standing() {
    return this.last ?? this.dropped
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

  /** Whether a record there is the same one, which a compaction has moved. @param {Segment} segment @param {import('../records.js').Record} record */
  isMoved({ key: [, , , moved] }, { storedAt, deadline }) {
    return moved !== undefined && storedAt === this.storedAt && deadline === this.deadline
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

/** What records take in their segment. @param {number} length of their bytes in the body */
export function bytesOf(length, records = 1) {
  return records * RECORD + length
}

/** @param {Standing} a @param {Standing | undefined} b nothing: not written yet, so after everything */
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
