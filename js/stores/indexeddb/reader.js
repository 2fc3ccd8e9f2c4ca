import { checkBodies } from '../segments.js'
import { NO_BYTES } from '../queue.js'
import { compareKeys, ENTRY } from './rows.js'
import { inSlices } from './slices.js'

/**
 * Brings the bytes of entries into memory, by segment: what one turn of the event loop asks for is one transaction, and what is on its way is
 * not asked for again.
 *
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./rows.js').Segment} Segment
 * @typedef {import('../database.js').Database} Database
 *
 * @typedef {object} Sink
 * @property {(one: Row | Segment) => void} arrived a body, or a row with a block of its own, is in memory
 * @property {(row: Row) => void} damaged its bytes are not those that were written
 * @property {(segments: Segment[]) => void} missing they are not in the database any more
 */

/** Segments in a transaction when everything is read. */
const BATCH = 8

export class Reader {
  /** @type {Map<Segment, Promise<void>>} */
  #coming = new Map()
  /** @type {{ segments: Set<Segment>, done: Promise<void> } | undefined} */
  #next

  /** @param {Database} database @param {Sink} sink */
  constructor(database, sink) {
    this.database = database
    this.sink = sink
  }

  /** @param {Row} row @returns {Promise<void>} its bytes are in memory, or it is not to be had; rejects with what the database says */
  async bring(row) {
    const { segments } = row
    // A value in parts is put together only from all of them at once.
    const [only] = segments
    const known = segments.length === 1 ? this.#coming.get(only) : undefined
    await (known ?? this.#fetch(segments))
  }

  /** @param {Segment[]} segments */
  #fetch(segments) {
    if (this.#next === undefined) {
      const wanted = new Set(segments)
      this.#next = { segments: wanted, done: Promise.resolve().then(() => this.#read(wanted)) }
    }
    const { segments: wanted, done } = this.#next
    for (const segment of segments) {
      wanted.add(segment)
      this.#coming.set(segment, done)
    }
    return done
  }

  /** @param {Set<Segment>} wanted */
  async #read(wanted) {
    this.#next = undefined
    try {
      await this.#take([...wanted])
    } finally {
      for (const segment of wanted) this.#coming.delete(segment)
    }
  }

  /** @param {Segment[]} segments */
  async #take(segments) {
    const inOrder = segments.sort((a, b) => compareKeys(a.key, b.key))
    const { heads, bodies } = await this.database.read(inOrder.map(({ key }) => key))
    let at = 0
    // Somebody waits for it.
    if (inOrder.length === 1) return this.accept(inOrder, heads, bodies)
    await inSlices(() => {
      const from = at
      do at++
      while (at < inOrder.length && goesOn(inOrder[at - 1]))
      this.accept(inOrder.slice(from, at), heads.slice(from, at), bodies.slice(from, at))
      return at < inOrder.length
    })
  }

  /**
   * What was read of segments, oldest first.
   * @param {Segment[]} segments
   * @param {(Uint8Array | undefined)[]} heads
   * @param {(Uint8Array | undefined)[]} bodies
   */
  accept(segments, heads, bodies) {
    const there = segments.map((_, n) => n).filter(n => heads[n] !== undefined && bodies[n] !== undefined)
    const found = there.map(n => segments[n])
    const take = (/** @type {(Uint8Array | undefined)[]} */ blocks) =>
      /** @type {Uint8Array[]} */ (there.map(n => blocks[n]))
    const { isBad, joined } = checkBodies(this.database.glue, take(heads), take(bodies))
    const read = new Set(found)
    /** @type {Set<Row>} */
    const whole = new Set()
    for (const { segment, i, keyLength, bytes } of joined) {
      const row = found[segment].rows[i]
      if (row?.rest === undefined || row.kind !== ENTRY) continue
      whole.add(row)
      if (row.isHeld) continue
      row.fill(bytes, 0, keyLength, bytes.length)
      this.sink.arrived(row)
    }
    found.forEach((segment, n) => {
      const { rows } = segment
      let isUseful = false
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]
        if (row === undefined || row.kind !== ENTRY) continue
        if (row.rest !== undefined) {
          if (!whole.has(row) && row.segments.every(one => read.has(one))) this.sink.damaged(row)
        } else if (isBad(n, i)) {
          this.sink.damaged(row)
        } else {
          isUseful = true
        }
      }
      if (!isUseful || segment.body !== NO_BYTES || !segment.isThere) return
      segment.body = /** @type {Uint8Array} */ (bodies[there[n]])
      this.sink.arrived(segment)
    })
    if (found.length < segments.length) this.sink.missing(segments.filter(segment => !read.has(segment)))
  }

  /** Reads all of them; while some are taken in, the next ones come. @param {Iterable<Segment>} segments oldest first */
  async everything(segments) {
    /** @type {Segment[]} */
    let batch = []
    /** @type {Promise<void> | undefined} */
    let before
    for (const segment of segments) {
      batch.push(segment)
      if (batch.length < BATCH || goesOn(segment)) continue
      const coming = this.#fetch(batch)
      // Nobody waits for it yet.
      coming.catch(() => {})
      await before
      before = coming
      batch = []
    }
    await before
    if (batch.length > 0) await this.#fetch(batch)
  }
}

/** Whether its last value has its next part in the next segment. @param {Segment} segment */
function goesOn(segment) {
  const row = segment.rows.at(-1)
  return row?.rest !== undefined && row.last !== segment
}
