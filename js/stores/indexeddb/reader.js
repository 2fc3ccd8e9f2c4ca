import { checkBodies } from '../segments.js'
import { NO_BYTES } from '../queue.js'
import { compareKeys } from './rows.js'
import { inSlices } from './slices.js'

/**
 * Brings the bytes of entries into memory, by segment: what one turn of the event loop asks for is one transaction, and what is on its way is
 * not asked for again.
 *
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./segment.js').Segment} Segment
 * @typedef {import('../database.js').Database} Database
 *
 * @typedef {object} Sink
 * @property {(one: Row | Segment) => void} arrived a body, or a row with a block of its own, is in memory
 * @property {(segment: Segment, bytes: number) => void} looked so many bytes, its head, are not needed any more
 * @property {(row: Row) => void} damaged its bytes are not those that were written
 * @property {(segments: Segment[]) => void} missing they are not in the database any more
 *
 * @typedef {object} Ahead what need not be read once more
 * @property {Uint8Array} head
 * @property {Promise<(Uint8Array | undefined)[]> | undefined} bodies some that were asked for already
 * @property {number} at which of them is its own
 */

/** Segments in a transaction when everything is read. */
const BATCH = 32

export class Reader {
  /** @type {Map<Segment, Promise<void>>} */
  #coming = new Map()
  /** @type {{ segments: Set<Segment>, done: Promise<void> } | undefined} */
  #next
  /** @type {Map<Segment, Ahead>} */
  ahead = new Map()

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
    const { heads, bodies } = await this.#blocks(inOrder)
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

  /** @param {Segment[]} segments */
  async #blocks(segments) {
    const keys = segments.map(({ key }) => key)
    const ahead = segments.map(segment => this.ahead.get(segment)).filter(one => one !== undefined)
    if (ahead.length < segments.length) return this.database.read(keys)
    const heads = ahead.map(({ head }) => head)
    return { heads, bodies: (await bodiesOf(ahead)) ?? (await this.database.bodies(keys)) }
  }

  /**
   * What was read of segments, oldest first. Values in parts are put together now; everything else is compared with its head when somebody asks
   * for it, see `look`.
   * @param {Segment[]} segments
   * @param {(Uint8Array | undefined)[]} heads
   * @param {(Uint8Array | undefined)[]} bodies
   */
  accept(segments, heads, bodies) {
    const there = segments.map((_, n) => n).filter(n => heads[n] !== undefined && bodies[n] !== undefined)
    const found = there.map(n => segments[n])
    const take = (/** @type {(Uint8Array | undefined)[]} */ blocks) =>
      /** @type {Uint8Array[]} */ (there.map(n => blocks[n]))
    take(bodies).forEach((body, n) => this.#hold(found[n], /** @type {Uint8Array} */ (heads[there[n]]), body))
    // What came last stays in memory, and a value in parts cannot be had from a body.
    if (found.some(isCut)) this.#join(found, take(heads), take(bodies))
    if (found.length < segments.length) {
      const read = new Set(found)
      this.sink.missing(segments.filter(segment => !read.has(segment)))
    }
  }

  /** @param {Segment} segment @param {Uint8Array} head @param {Uint8Array} body */
  #hold(segment, head, body) {
    const isUseful = segment.sleepers > 0 || segment.awake.some(row => row?.isEntry && row.rest === undefined)
    if (!isUseful || segment.body !== NO_BYTES || !segment.isThere) return
    // What is not bytes is no block.
    segment.head = head instanceof Uint8Array ? head : new Uint8Array(1)
    segment.body = body instanceof Uint8Array ? body : new Uint8Array(1)
    this.sink.arrived(segment)
  }

  /** Compares what is in memory with its head. @param {Segment} segment that nobody has looked at yet */
  look(segment) {
    const { isSound, isBad } = checkBodies(this.database.glue, [segment.head], [segment.body])
    this.sink.looked(segment, segment.head.length)
    segment.head = NO_BYTES
    if (isSound) return
    for (const [i, row] of segment.rows.entries())
      if (row?.isEntry && row.rest === undefined && isBad(0, i)) this.sink.damaged(row)
  }

  /** Puts values together whose parts are in these segments. @param {Segment[]} segments @param {Uint8Array[]} heads @param {Uint8Array[]} bodies */
  #join(segments, heads, bodies) {
    /** @type {Set<Row>} */
    const whole = new Set()
    for (const { segment, i, keyLength, bytes } of checkBodies(this.database.glue, heads, bodies).joined) {
      const row = segments[segment].awake[i]
      if (row?.rest === undefined || !row.isEntry) continue
      whole.add(row)
      if (row.isHeld) continue
      row.fill({ block: bytes, at: 0, keyLength, length: bytes.length })
      this.sink.arrived(row)
    }
    const read = new Set(segments)
    for (const row of new Set(segments.flatMap(({ awake }) => awake))) {
      if (row?.rest === undefined || !row.isEntry || whole.has(row)) continue
      if (row.segments.every(one => read.has(one))) this.sink.damaged(row)
    }
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

/** Whether it has a part of a value. @param {Segment} segment */
function isCut({ awake }) {
  return awake.some(row => row?.rest !== undefined)
}

/** Whether its last value has its next part in the next segment. @param {Segment} segment */
function goesOn(segment) {
  const row = segment.awake.at(-1)
  return row?.rest !== undefined && row.last !== segment
}

/** @param {Ahead[]} ahead @returns {Promise<Uint8Array[] | undefined>} nothing: not all of them were asked for, or to be had */
async function bodiesOf(ahead) {
  try {
    const bodies = await Promise.all(ahead.map(async ({ bodies, at }) => (await bodies)?.[at]))
    const there = bodies.filter(body => body !== undefined)
    return there.length === bodies.length ? there : undefined
  } catch {
    return undefined
  }
}
