import { CELLS, cellsOf, DIGEST_CELLS } from '../records.js'

/**
 * Records of a namespace that nobody has asked for yet, by their digests: an open table of numbers, each a segment's and a record's in it. When
 * one is asked for it is woken: it becomes a row. What is no more in the table's segment stays in the table, and means nothing.
 *
 * @typedef {import('./segment.js').Segment} Segment
 */

/** More than a head has records. */
const PER_SEGMENT = 1024
const SMALLEST = 64
/** A number says no more. Nobody needs them but a page that is open for months beside others that write. */
const MOST_SEGMENTS = 2 ** 31 / PER_SEGMENT
/** So that nobody can choose digests that meet. */
const SEED = Math.trunc(Math.random() * 2 ** 32)

const wanted = new Uint32Array(DIGEST_CELLS)

export class Asleep {
  /** Pairs of what is hashed and a number and one, or 0. A power of two of them, at most half of which are taken. */
  #table = new Int32Array(0)
  #taken = 0

  /** @param {(Segment | undefined)[]} segments by their numbers */
  constructor(segments) {
    this.segments = segments
  }

  /** No segment that came last can be in it. */
  get isFull() {
    return this.segments.length > MOST_SEGMENTS
  }

  /**
   * Records, up to the first whose digest is known.
   * @param {Segment} segment
   * @param {number} from the first of them
   * @param {number} to
   * @returns {number} the end of what was added
   */
  add(segment, from, to) {
    this.#reserve(to - from)
    const table = this.#table
    const { cells } = segment.records
    const first = segment.number * PER_SEGMENT + 1
    let i = from
    for (; i < to; i++) {
      const hash = hashed(cells, i * CELLS)
      const place = this.#find(hash, cells, i * CELLS)
      if (table[place] !== 0) break
      table[place] = first + i
      table[place + 1] = hash
    }
    this.#taken += i - from
    return i
  }

  /** Has room for so many times what it has, so that it need not grow on the way there. @param {number} times */
  expect(times) {
    this.#reserve(Math.ceil(times * this.#taken) - this.#taken)
  }

  /** @param {number} more are to come */
  #reserve(more) {
    let length = Math.max(SMALLEST, this.#table.length)
    while (length < 4 * (this.#taken + more)) length *= 2
    if (length > this.#table.length) this.#resize(length)
  }

  /** @param {string} digest @returns {import('./rows.js').Row | undefined} */
  wake(digest) {
    if (this.#taken === 0) return undefined
    cellsOf(digest, wanted)
    const entry = this.#table[this.#find(hashed(wanted, 0), wanted, 0)]
    const segment = this.#segment(entry)
    const i = recordOf(entry)
    if (!segment?.sleeps(i) || segment.records.digest(i) !== digest) return undefined
    return segment.wake(i)
  }

  /** @param {(segment: Segment, i: number) => void} each called with each that sleeps */
  forEach(each) {
    for (let place = 0; place < this.#table.length; place += 2) {
      const entry = this.#table[place]
      const segment = this.#segment(entry)
      if (segment?.sleeps(recordOf(entry))) each(segment, recordOf(entry))
    }
  }

  wakeAll() {
    this.forEach((segment, i) => segment.wake(i))
    this.clear()
  }

  clear() {
    this.#table = new Int32Array(0)
    this.#taken = 0
  }

  /** @param {number} entry */
  #segment(entry) {
    return entry === 0 ? undefined : this.segments[Math.trunc((entry - 1) / PER_SEGMENT)]
  }

  /** @param {number} length a power of two */
  #resize(length) {
    const old = this.#table
    const table = new Int32Array(length)
    const last = length - 2
    let taken = 0
    for (let from = 0; from < old.length; from += 2) {
      if (this.#segment(old[from]) === undefined) continue
      let place = (2 * old[from + 1]) & last
      while (table[place] !== 0) place = (place + 2) & last
      table[place] = old[from]
      table[place + 1] = old[from + 1]
      taken++
    }
    this.#table = table
    this.#taken = taken
  }

  /** Where a digest is, or would be. @param {number} hash its own @param {Uint32Array} cells @param {number} at */
  #find(hash, cells, at) {
    const table = this.#table
    const last = table.length - 2
    let place = (2 * hash) & last
    while (table[place] !== 0 && !(table[place + 1] === hash && this.#isOf(table[place], cells, at)))
      place = (place + 2) & last
    return place
  }

  /** Whether an entry is of a digest. It is not asked whether it still sleeps: what is awake is found before. @param {number} entry @param {Uint32Array} cells @param {number} at */
  #isOf(entry, cells, at) {
    const segment = this.#segment(entry)
    if (segment === undefined) return false
    const others = segment.records.cells
    const other = recordOf(entry) * CELLS
    let cell = 0
    while (cell < DIGEST_CELLS && others[other + cell] === cells[at + cell]) cell++
    return cell === DIGEST_CELLS
  }
}

/** Half of a digest says as much: nobody can choose so many of its bits. @param {Uint32Array} cells @param {number} at */
function hashed(cells, at) {
  let hash = Math.imul(SEED ^ cells[at], 0x9e3779b1)
  hash ^= hash >>> 15
  hash = Math.imul(hash ^ cells[at + 1], 0x85ebca77)
  return hash ^ (hash >>> 13)
}

/** @param {number} entry */
function recordOf(entry) {
  return (entry - 1) % PER_SEGMENT
}
