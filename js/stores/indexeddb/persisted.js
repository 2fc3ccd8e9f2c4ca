import { epochNow } from '../../clock.js'
import { persistence } from '../../core.js'
import { MimicError } from '../../errors.js'
import { Database } from '../database.js'
import { budgetOf } from '../indexeddb-options.js'
import { indexHeads } from '../segments.js'
import { BLOCK } from './batch.js'
import { Catalog } from './catalog.js'
import { compact, wouldShrink } from './compaction.js'
import { Held } from './held.js'
import { Reader } from './reader.js'
import { makeRoom, sweep } from './room.js'
import { inSlices } from './slices.js'
import { hasLive, sort } from './tidy.js'
import { write } from './writing.js'

/**
 * What is in the database, and what of it is in memory.
 *
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./segment.js').Segment} Segment
 * @typedef {import('./batch.js').Batch} Batch
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 * @typedef {import('../indexeddb-options.js').IndexedDBStoreOptions} IndexedDBStoreOptions
 *
 * @typedef {object} Listeners
 * @property {(rows: (Row | undefined)[]) => void} arrived the bytes of most of them are in memory now; those that sleep are not among them
 * @property {(namespace: string, digests: string[] | undefined) => void} forgotten somebody else deleted or replaced them, or deleted everything
 * @property {() => void} tookOver what others wrote is known now, and nobody has read any of it
 */

/** A head has up to 960 records. */
const HEADS_AT_ONCE = 2
/** No head and body together are longer. */
const SEGMENT = 2 * BLOCK
/** After the names of all writers. */
const LAST_WRITER = '~'

export class Persisted {
  /** @type {Database | undefined} */
  database
  /** Whether it is known what is persisted. */
  isIndexed = false
  /** Nothing will ever be persisted here. */
  isHopeless = false
  /** Somebody else has written since it was last looked. */
  isBehind = false
  /** And now it is looked: what is found is not known yet. */
  isLooking = false
  /** @type {number} */
  maxBytes
  /** @type {Reader | undefined} */
  #reader
  /** Whether a small store has been, or is being, read whole. */
  #isHydrated = false
  /** Segments of which nothing is known. @type {Set<string>} */
  #strange = new Set()
  /** The connection whose database is known. */
  #connection = 0
  /** Bytes on their way into the database. */
  #coming = 0
  /** The end of all looks so far; never rejects. @type {Promise<unknown>} */
  #looking = Promise.resolve()
  /** A look that has not begun yet. @type {Promise<boolean> | undefined} */
  #next

  /**
   * @param {Required<IndexedDBStoreOptions>} options
   * @param {import('./voice.js').Voice} voice
   * @param {Listeners} listeners
   */
  constructor(options, voice, listeners) {
    this.options = options
    this.voice = voice
    this.listeners = listeners
    this.maxBytes = options.maxBytes
    this.held = new Held(options.memoryBytes, one => this.letGo(one))
    this.catalog = new Catalog(one => this.held.delete(one))
  }

  get isOpen() {
    return this.isIndexed && this.database?.connected === true
  }

  /** What was written until now, as far as it is known, has no greater one, and what is written here from now on has. @returns {number} */
  counter() {
    const now = epochNow()
    this.database?.follow(now)
    return this.database?.counter ?? now
  }

  /** @param {number} counter of what was written there: ours comes after it, also when the clock was set back meanwhile */
  wroteElsewhere(counter) {
    this.isBehind = true
    this.database?.follow(counter)
  }

  /** Connects, and reads the index when it is not known. */
  async load() {
    const database = this.#connectable()
    const { connected } = database
    await database.connect()
    if (this.isIndexed) {
      // What others have written takes of the budget, too, and may be newer than what waits here.
      if (!connected || this.isBehind) await this.catchUp()
      return
    }
    this.#connection = database.connections
    const damaged = await this.#index(database)
    // Nobody waits for it, and counting takes the browser from what it reads.
    budgetOf(this.options).then(bytes => {
      this.maxBytes = bytes
      // A page that left has made no room for what it wrote last.
      return makeRoom(this, database, 0)
    })
    this.isIndexed = true
    const { dead } = sort(this.catalog, epochNow())
    for (const segment of dead) this.voice.counters.expired += this.catalog.drop(segment)
    sweep(this, database, [...damaged, ...dead.map(({ key }) => key)])
  }

  /** Reads what there is, a little at a time. @param {Database} database @returns {Promise<SegmentKey[]>} what is damaged */
  async #index(database) {
    const { catalog } = this
    const pages = await database.heads()
    const keys = pages.flatMap(page => page.keys)
    const intake = catalog.intake(undefined, keys.length)
    // Whatever the heads say, it will be read whole: while they are taken in, the bodies come.
    const { hydrateBytes, memoryBytes } = this.options
    const isSmall = !this.#isHydrated && keys.length * SEGMENT <= Math.min(hydrateBytes, memoryBytes)
    /** @type {import('./reader.js').Ahead[]} */
    const ahead = []
    try {
      for (const page of pages) {
        const bodies = isSmall ? database.bodies(page.keys) : undefined
        // Whoever needs them asks again.
        bodies?.catch(() => {})
        const heads = await page.heads
        let at = 0
        await inSlices(() => {
          const to = Math.min(heads.length, at + HEADS_AT_ONCE)
          const some = heads.slice(at, to)
          intake.take(page.keys.slice(at, to), some, indexHeads(database.glue, some))
          for (; at < to; at++) ahead.push({ head: heads[at], bodies, at })
          return at < heads.length
        })
      }
    } catch (cause) {
      // It is read anew, from the beginning.
      for (const segment of [...catalog.segments.values()]) catalog.drop(segment)
      throw cause
    }
    const found = this.#counted(keys, intake.finish())
    if (this.#isSmall && !this.#isHydrated)
      found.added.forEach((segment, n) => segment && this.#reader?.ahead.set(segment, ahead[n]))
    return found.damaged
  }

  /** So small that it is read whole. */
  get #isSmall() {
    return this.catalog.liveBytes <= this.options.hydrateBytes
  }

  #connectable() {
    if (this.database) return this.database
    // Reading it throws in some sandboxes; so does a page that forbids WebAssembly.
    this.isHopeless = true
    const factory = globalThis.indexedDB
    if (!factory) throw new MimicError('ERR_STORE_UNAVAILABLE', 'there is no IndexedDB here')
    const { name, openTimeout } = this.options
    this.database = new Database(persistence(), name, openTimeout, epochNow, cause =>
      this.voice.corrupt(1, cause),
    )
    this.#reader = new Reader(this.database, {
      arrived: one => this.#arrived(one),
      looked: (segment, bytes) => this.held.shrink(segment, bytes),
      damaged: row => this.damaged(row),
      missing: () => {
        this.isBehind = true
      },
    })
    this.isHopeless = false
    return this.database
  }

  /** @param {SegmentKey[]} keys @param {import('./catalog.js').Found} found @returns {import('./catalog.js').Found} */
  #counted(keys, found) {
    found.added.forEach((segment, n) => {
      if (segment === undefined) this.#strange.add(String(keys[n]))
    })
    this.voice.counters.foreign += found.foreign
    this.voice.corrupt(found.damaged.length + found.torn)
    return found
  }

  /** A small store is read whole. */
  async hydrate() {
    this.#isHydrated = true
    if (!(this.isIndexed && this.#isSmall)) return
    const now = epochNow()
    await this.readAll(this.catalog.inOrder().filter(segment => hasLive(segment, now)))
    this.#reader?.ahead.clear()
  }

  /** @param {Iterable<Segment>} segments @returns {Promise<void>} never rejects */
  async readAll(segments) {
    try {
      await this.#reader?.everything(segments)
    } catch (cause) {
      this.voice.error('ERR_STORE_READ', cause)
    }
  }

  /** Reads the segment of a row. @param {Row} row @returns {Promise<void>} never rejects */
  async bring(row) {
    if (row.place === undefined) return
    try {
      await this.#reader?.bring(row)
      if (row.isHeld || !this.isBehind) return
      // Somebody has compacted it.
      await this.catchUp()
      const moved = this.catalog.find(row.space.name, row.digest)
      if (moved !== undefined && !moved.isHeld) await this.#reader?.bring(moved)
    } catch (cause) {
      this.voice.error('ERR_STORE_READ', cause)
    }
  }

  /**
   * Looks at the bytes of a row, when nobody has, whether they are what was written.
   * @param {Row} row in memory
   * @returns {boolean} never throws
   */
  vouches(row) {
    const { unseen } = row
    if (unseen === undefined) return true
    try {
      this.#reader?.look(unseen)
    } catch (cause) {
      this.voice.error('ERR_STORE_READ', cause)
      return false
    }
    return row.isEntry
  }

  /** Takes note of what others have written and deleted; begins after the call. @returns {Promise<boolean>} whether it could; never rejects */
  catchUp() {
    this.#next ??= this.#looking.then(async () => {
      this.#next = undefined
      try {
        if (this.isIndexed) await this.#look()
        return this.isIndexed
      } catch (cause) {
        // Whoever asks next looks again.
        this.isBehind = true
        this.voice.error('ERR_STORE_READ', cause)
        return false
      }
    })
    this.#looking = this.#next
    return this.#next
  }

  async #look() {
    const { catalog } = this
    const database = /** @type {Database} */ (this.database)
    this.isBehind = false
    this.isLooking = true
    try {
      await this.#lookAt(database, catalog)
    } finally {
      this.isLooking = false
    }
  }

  /** @param {Database} database @param {Catalog} catalog */
  async #lookAt(database, catalog) {
    // What we write ourselves meanwhile is none of this.
    const before = [...catalog.segments.values()]
    await database.connect()
    this.#connection = database.connections
    const keys = await database.keys()
    const there = new Set(keys.map(String))
    const fresh = keys.filter(key => !this.knows(key))
    if (fresh.length > 0) await this.#takeOver(fresh)
    for (const segment of before) if (!there.has(segment.id)) this.#vanished(segment)
  }

  /** @param {SegmentKey[]} keys of segments that others wrote */
  async #takeOver(keys) {
    const { heads, bodies } = await /** @type {Database} */ (this.database).read(keys)
    const isNew = (/** @type {number} */ n) =>
      heads[n] !== undefined && !this.catalog.segments.has(String(keys[n]))
    const found = keys.map((_, n) => n).filter(isNew)
    /** @type {Map<string, string[]>} */
    const gone = new Map()
    const newKeys = found.map(n => keys[n])
    const newHeads = found.map(n => /** @type {Uint8Array} */ (heads[n]))
    const told = (/** @type {string} */ namespace, /** @type {string | undefined} */ digest) => {
      if (digest === undefined) return this.listeners.forgotten(namespace, undefined)
      const digests = gone.get(namespace) ?? []
      gone.set(namespace, digests)
      digests.push(digest)
    }
    const { glue } = /** @type {Database} */ (this.database)
    const { added } = this.#counted(
      newKeys,
      this.catalog.add(newKeys, newHeads, indexHeads(glue, newHeads), told),
    )
    this.listeners.tookOver()
    for (const [namespace, digests] of gone) this.listeners.forgotten(namespace, digests)
    const known = found.filter((_, i) => added[i] !== undefined)
    const segments = added.filter(segment => segment !== undefined)
    this.#reader?.accept(
      segments,
      known.map(n => heads[n]),
      known.map(n => bodies[n]),
    )
  }

  /** Somebody deleted it, and what was only there. @param {Segment} segment */
  #vanished(segment) {
    // Of what was dropped another tab's deletion may have gone with ours, since neither hid anything there.
    for (const row of [...segment.rows, ...segment.veils])
      if (row?.counts) this.listeners.forgotten(row.space.name, [row.digest])
    this.catalog.drop(segment)
    for (const row of segment.veils) this.catalog.remove(row)
  }

  /** @param {SegmentKey} key of something in the database */
  knows(key) {
    const id = String(key)
    return this.catalog.segments.has(id) || this.#strange.has(id)
  }

  /** @param {Batch} batch packed */
  room({ bytes }) {
    return makeRoom(this, /** @type {Database} */ (this.database), this.#coming + bytes)
  }

  /** @param {Batch} batch packed */
  async write(batch) {
    const database = /** @type {Database} */ (this.database)
    const { bytes } = batch
    this.#coming += bytes
    try {
      await write(this, database, batch)
    } finally {
      this.#coming -= bytes
    }
    if (this.#connection !== database.connections) await this.catchUp()
  }

  get wouldShrink() {
    return wouldShrink(this.catalog)
  }

  /** Reclaims what is dead. @returns {Promise<boolean>} whether something was; never rejects */
  async tidy() {
    const { catalog, database } = this
    if (database === undefined) return false
    try {
      const before = catalog.bytes
      const isDone = await compact(catalog, database, epochNow(), this)
      if (isDone) this.voice.compacted(Math.max(0, before - catalog.bytes))
      return isDone
    } catch (cause) {
      this.voice.error('ERR_STORE_WRITE', cause)
      return false
    }
  }

  /** @param {Row | Segment} one */
  #arrived(one) {
    this.held.add(one)
    this.listeners.arrived('awake' in one ? one.awake : [one])
  }

  /** A segment has been written whose body is here. @param {Segment} segment @param {Uint8Array} body */
  keep(segment, body) {
    segment.body = body
    this.held.add(segment)
  }

  /** @param {Row} row @param {unknown} [cause] */
  damaged(row, cause) {
    this.catalog.lose(row)
    this.voice.corrupt(1, cause)
  }

  /** Memory has it no more. @param {Row | Segment} one */
  letGo(one) {
    if (!('awake' in one) && one.place === undefined && !one.waits) this.catalog.remove(one)
  }

  /** It was to be written, and will not be. @param {Row} row @param {boolean} hides its deletion will */
  unwritten(row, hides) {
    row.arrive(hides)
    // What others write from now on is newer. The deletion will have its own place.
    if (!hides) row.dropped = { key: [this.counter(), LAST_WRITER, 0] }
    if (!row.isHeld) this.letGo(row)
  }

  /** Everything of a function is to go: too many of its entries were deleted. @param {string} namespace */
  sweep(namespace) {
    const before = this.catalog.entries
    const mark = this.catalog.clear(namespace)
    this.voice.evicted(before - this.catalog.entries)
    return mark
  }

  stats() {
    const { catalog, held } = this
    return {
      entries: catalog.entries,
      bytes: catalog.bytes,
      liveBytes: catalog.liveBytes,
      maxBytes: this.maxBytes,
      segments: catalog.segments.size,
      heldBytes: held.bytes,
    }
  }
}
