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

  /** @param {Segment} segment @param {number} i its record @returns {boolean} whether it is the first of its digest */
  add(segment, i) {
    if (4 * this.#taken >= this.#table.length) this.#resize(Math.max(SMALLEST, 2 * this.#table.length))
    const { cells } = segment.records
    const hash = hashed(cells, i * CELLS)
    const place = this.#find(hash, cells, i * CELLS)
    if (this.#table[place] !== 0) return false
    this.#put(place, segment.number * PER_SEGMENT + i + 1, hash)
    return true
  }

  /** Has room for so many times what it has, so that it need not grow on the way there. @param {number} times */
  expect(times) {
    let { length } = this.#table
    while (length < 4 * times * this.#taken) length *= 2
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

  /** @param {number} place @param {number} entry @param {number} hash */
  #put(place, entry, hash) {
    this.#table[place] = entry
    this.#table[place + 1] = hash
    this.#taken++
  }

  /** @param {number} length a power of two */
  #resize(length) {
    const old = this.#table
    this.#table = new Int32Array(length)
    this.#taken = 0
    for (let from = 0; from < old.length; from += 2) {
      const entry = old[from]
      if (this.#segment(entry) === undefined) continue
      let place = this.#first(old[from + 1])
      while (this.#table[place] !== 0) place = this.#next(place)
      this.#put(place, entry, old[from + 1])
    }
  }

  /** @param {number} hash */
  #first(hash) {
    return (2 * hash) & (this.#table.length - 2)
  }

  /** @param {number} place */
  #next(place) {
    return (place + 2) & (this.#table.length - 2)
  }

  /** Where a digest is, or would be. @param {number} hash its own @param {Uint32Array} cells @param {number} at */
  #find(hash, cells, at) {
    const table = this.#table
    let place = this.#first(hash)
    for (; table[place] !== 0; place = this.#next(place)) {
      if (table[place + 1] !== hash) continue
      const segment = this.#segment(table[place])
      // It is not asked whether it still sleeps: what is awake is found before.
      if (segment === undefined) continue
      const others = segment.records.cells
      const other = recordOf(table[place]) * CELLS
      let cell = 0
      while (cell < DIGEST_CELLS && others[other + cell] === cells[at + cell]) cell++
      if (cell === DIGEST_CELLS) break
    }
    return place
  }
}

/** @param {Uint32Array} cells @param {number} at */
function hashed(cells, at) {
  let hash = SEED
  for (let cell = at; cell < at + DIGEST_CELLS; cell++) {
    hash = Math.imul(hash ^ cells[cell], 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash
}

/** @param {number} entry */
function recordOf(entry) {
  return (entry - 1) % PER_SEGMENT
}
