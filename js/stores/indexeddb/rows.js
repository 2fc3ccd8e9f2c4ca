import { NO_BYTES } from '../queue.js'

/**
 * What the index of a database is made of.
 *
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 * @typedef {{ space: Space, segment: Segment | undefined }} Mark the deletion of a whole namespace, and where it is written
 * @typedef {{ name: string, rows: Map<string, Row>, cleared: Mark | undefined }} Space
 * @typedef {{ segment: Segment, i: number, at: number, length: number }} Place a record: where, its number there, where in the body its bytes
 *   begin, and how many those of key and value are
 */

export const ENTRY = 0
export const DELETED = 1
export const CLEARED = 2
export const PART = 4
/** Bytes of a record in its head. */
const RECORD = 64

export class Segment {
  /** What counts of its records, by their numbers. @type {(Row | undefined)[]} */
  rows = []
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

  get heldBytes() {
    return this.body.length + this.head.length
  }

  letGo() {
    this.body = NO_BYTES
    this.head = NO_BYTES
  }
}

/** The newest record of a key. Its bytes, the key and then the value, are in a block of its own from `at` on, or in the body of its segment. */
export class Row {
  /** @type {Uint8Array} */
  block = NO_BYTES
  at = 0
  keyLength = 0
  /** Bytes of key and value. */
  length = 0
  /** Nothing: it is not written yet. @type {Place | undefined} */
  place
  /** It, or the deletion of what it replaced, is to be written. */
  waits = false
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
    this.kind = kind
    this.storedAt = storedAt
    this.deadline = deadline
    this.ttl = deadline - storedAt
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
    return this.block !== NO_BYTES
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
    this.block = NO_BYTES
  }

  /** @param {Place} place of the next part */
  grow(place) {
    this.waits = false
    if (this.place === undefined) this.place = place
    else this.rest = [...(this.rest ?? []), place]
  }

  /** @param {Segment} segment that has an older record of its key */
  hide(segment) {
    if (!segment.isThere || this.hidden?.includes(segment)) return
    this.hidden = [...(this.hidden ?? []), segment]
  }

  /** Whether a record is the next part of the same write. @param {import('../segments.js').Record} record */
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

/** What a record takes in its segment. @param {Place} place */
export function bytesOf({ length }) {
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
