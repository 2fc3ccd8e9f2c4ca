import { CLEARED, DELETED, ENTRY, MAX_RECORDS, PART } from './frame.js'
import { partsOf } from './file.js'

/**
 * Which record of all files counts for each key: the one with the newest stamp, whether it is an entry, a deletion or damaged. The heads
 * of the segments are the index; here are only numbers of records by digest.
 *
 * @typedef {import('./file.js').Frame} Frame
 * @typedef {import('./file.js').DataFile} DataFile
 * @typedef {{ name: string, rows: Map<string, number>, cleared: number }} Space `cleared`: the stamp of its last deletion as a whole
 * @typedef {{ frame: Frame, i: number }} Place
 */

const SHIFT = 1024
/** Of a record in head and frame. */
export const OVERHEAD = 72

if (MAX_RECORDS > SHIFT) throw new RangeError('a row has no room for the number of a record')

export class Catalog {
  /** @type {Map<string, Space>} */
  #spaces = new Map()
  /** @type {(Frame | undefined)[]} */
  #frames = []
  /** Numbers of frames that are free. @type {number[]} */
  #free = []
  /** Deadlines that a wrong clock had moved. @type {Map<number, number>} */
  #clamped = new Map()
  entries = 0
  /** What the entries take in files. */
  liveBytes = 0

  /** @param {string} name @returns {Space} */
  space(name) {
    let space = this.#spaces.get(name)
    if (space === undefined) {
      space = { name, rows: new Map(), cleared: -Infinity }
      this.#spaces.set(name, space)
    }
    return space
  }

  get spaces() {
    return this.#spaces.values()
  }

  /** @param {Frame} frame @param {readonly string[]} [digests] of its records, from who has them at hand */
  add(frame, digests) {
    const { head, stamps } = frame
    frame.number = this.#free.pop() ?? this.#frames.length
    this.#frames[frame.number] = frame
    const spaces = head.namespaces.map(name => this.space(name))
    for (let i = 0; i < head.records; i++) {
      const space = spaces[head.namespace(i)]
      if (head.kind(i) === CLEARED) this.clear(space, stamps[i])
      else this.#record(space, frame, i, digests?.[i] ?? head.digest(i))
    }
  }

  /** @param {Space} space @param {Frame} frame @param {number} i @param {string} digest */
  #record(space, frame, i, digest) {
    const { head, stamps } = frame
    if (stamps[i] <= space.cleared) return
    const old = space.rows.get(digest)
    if (old !== undefined) {
      const known = this.place(old)
      const before = known.frame.stamps[known.i]
      if (stamps[i] < before || (stamps[i] === before && standsBefore(known, head, i))) return
      if (stamps[i] === before && head.part(i) > 0) {
        // The value goes on: what counts is its first part.
        if (known.frame.file === frame.file) this.liveBytes += OVERHEAD + head.length(i)
        return
      }
      this.#uncount(old)
    }
    space.rows.set(digest, frame.number * SHIFT + i)
    if (head.kind(i) === DELETED) return
    this.entries++
    this.liveBytes += OVERHEAD + head.length(i)
  }

  /** @param {number} row */
  #uncount(row) {
    const { frame, i } = this.place(row)
    this.#clamped.delete(row)
    if (frame.head.kind(i) === DELETED) return
    this.entries--
    this.liveBytes -= bytesOf({ frame, i })
  }

  /** @param {number} row @returns {Place} */
  place(row) {
    const number = Math.floor(row / SHIFT)
    return { frame: /** @type {Frame} */ (this.#frames[number]), i: row - number * SHIFT }
  }

  /** @param {string} namespace @param {string} digest @returns {number | undefined} the row of an entry, whatever its deadline */
  find(namespace, digest) {
    const row = this.#spaces.get(namespace)?.rows.get(digest)
    if (row === undefined) return undefined
    const { frame, i } = this.place(row)
    return frame.head.kind(i) === DELETED ? undefined : row
  }

  /** Epoch milliseconds, never further away than the whole life, and never later than it once was. @param {number} row @param {number} now */
  deadline(row, now) {
    const { frame, i } = this.place(row)
    const written = frame.head.deadline(i)
    const storedAt = frame.head.storedAt(i)
    if (storedAt <= now && !this.#clamped.has(row)) return written
    const deadline = Math.min(this.#clamped.get(row) ?? written, now + (written - storedAt))
    this.#clamped.set(row, deadline)
    return deadline
  }

  /** @param {Space} space @param {number} stamp */
  clear(space, stamp) {
    if (stamp <= space.cleared) return
    space.cleared = stamp
    for (const [digest, row] of space.rows) {
      const { frame, i } = this.place(row)
      if (frame.stamps[i] > stamp) continue
      this.#uncount(row)
      space.rows.delete(digest)
    }
  }

  /** @param {DataFile} file that is gone */
  drop(file) {
    for (const frame of file.frames) {
      const { head, number } = frame
      if (number < 0) continue
      const spaces = head.namespaces.map(name => this.space(name))
      for (let i = 0; i < head.records; i++) {
        const { rows } = spaces[head.namespace(i)]
        const digest = head.digest(i)
        const row = number * SHIFT + i
        if (rows.get(digest) !== row) continue
        this.#uncount(row)
        rows.delete(digest)
      }
      this.#frames[number] = undefined
      this.#free.push(number)
    }
    for (const space of this.#spaces.values()) {
      if (space.rows.size === 0 && space.cleared === -Infinity) this.#spaces.delete(space.name)
    }
  }
}

/**
 * Of two records with the same stamp the one is a copy of the other, whose file may go next, so the last one that is read counts. But a deletion
 * may stand in the place of the entry, and an entry whose storing a wrong clock had put ahead was written again with the time it was.
 * @param {Place} known @param {import('./frame.js').Head} head @param {number} i
 */
function standsBefore(known, head, i) {
  const kind = known.frame.head.kind(known.i)
  if (kind === DELETED || head.kind(i) === DELETED) return head.kind(i) !== DELETED
  return known.frame.head.storedAt(known.i) < head.storedAt(i)
}

/** What an entry takes in files. @param {Place} place */
export function bytesOf({ frame, i }) {
  if (frame.head.kind(i) === ENTRY) return OVERHEAD + frame.head.length(i)
  if (frame.head.kind(i) !== PART) return OVERHEAD
  return partsOf(frame, i).reduce((sum, [part, j]) => sum + OVERHEAD + part.head.length(j), 0)
}
