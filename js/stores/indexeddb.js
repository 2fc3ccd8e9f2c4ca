import { epochNow } from '../clock.js'
import { persistence } from '../core.js'
import { MimicError } from '../errors.js'
import { Database, nameOf } from './database.js'
import { decodeEntry, encodeEntry, tagsOf } from './entry.js'
import { Catalog } from './indexeddb/catalog.js'
import { compact, wouldShrink } from './indexeddb/compaction.js'
import { Held } from './indexeddb/held.js'
import { listenToPage } from './indexeddb/page.js'
import { Reader } from './indexeddb/reader.js'
import { DELETED, ENTRY, Row } from './indexeddb/rows.js'
import { isLive, sort, tooMuch } from './indexeddb/tidy.js'
import { Writer } from './indexeddb/writer.js'
import { budgetOf, checked } from './indexeddb-options.js'
import { checkNamespace } from './namespace.js'
import { cleared, deleted } from './queue.js'
import { indexHeads } from './segments.js'
import { clampedDeadline, Events, idOf, sameBytes } from './store.js'

/**
 * @typedef {import('./store.js').StoreKey} StoreKey
 * @typedef {import('./store.js').StoreEntry} StoreEntry
 * @typedef {import('./indexeddb/rows.js').Segment} Segment
 * @typedef {import('./indexeddb-options.js').IndexedDBStoreOptions} IndexedDBStoreOptions
 */

/** Milliseconds after a write until it is looked whether there is something to tidy. */
const TIDY_AFTER = 1000

/**
 * Results that survive a reload and a restart of the browser. Where there is no IndexedDB it works in memory and says so once.
 * @param {IndexedDBStoreOptions} [options]
 * @returns {import('./store.js').Store & Required<Pick<import('./store.js').Store, 'getSync'>>}
 */
export function indexedDBStore(options = {}) {
  const store = new IndexedDBStore(checked(options))
  return {
    ready: store.ready,
    getSync: (key, isAsync) => store.getSync(key, isAsync),
    get: key => store.get(key),
    set: (key, entry) => store.set(key, entry),
    delete: key => store.delete(key),
    clear: namespace => store.clear(namespace),
    invalidateTags: (namespace, matches) => store.invalidateTags(namespace, matches),
    flush: () => store.flush(),
    close: () => store.close(),
    on: (event, listener) => store.events.on(event, listener),
    stats: () => store.stats(),
  }
}

class IndexedDBStore {
  events = new Events()
  #counters = {
    hits: 0,
    misses: 0,
    sets: 0,
    written: 0,
    flushes: 0,
    dropped: 0,
    refused: 0,
    corrupt: 0,
    foreign: 0,
    errors: 0,
    expired: 0,
    evicted: 0,
    quotaEvictions: 0,
    compactions: 0,
    reclaimed: 0,
  }
  /** @type {Database | undefined} */
  #database
  /** @type {Reader | undefined} */
  #reader
  /** Whether it is known what is persisted. */
  #isIndexed = false
  /** Nothing will ever be persisted here. */
  #hopeless = false
  #closed = false
  /** @type {number} */
  #maxBytes
  /** What is persisted is known, or will not be for now; never rejects. @type {Promise<void>} */
  #indexed
  /** Rows to be asked for their tags as soon as they are read. @type {Set<Row>} */
  #doubted = new Set()
  /** @type {Promise<void> | undefined} */
  #asking
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #tidyTimer
  /** @type {() => void} */
  #unlisten

  /** @param {Required<IndexedDBStoreOptions>} options */
  constructor(options) {
    this.options = options
    this.#maxBytes = options.maxBytes
    this.held = new Held(options.memoryBytes, row => this.#letGo(row))
    this.catalog = new Catalog(row => this.held.delete(row))
    // Not in this task: an entry file may still have to provide the module.
    this.#indexed = Promise.resolve().then(() => this.#open())
    this.ready = this.#indexed.then(() => this.#hydrate())
    this.writer = new Writer(
      options,
      {
        open: () => this.#load(),
        isOpen: () => this.#isIndexed && this.#database?.connected === true,
        write: batch => this.#write(batch),
        written: count => this.#written(count),
        error: (code, cause) => this.#error(code, cause),
        dropped: (count, code, cause) => this.#drop(count, code, cause),
      },
      this.#indexed,
    )
    this.#unlisten = listenToPage({ leaves: () => this.#leave(), returns: () => {} })
  }

  /** @param {StoreKey} key @param {boolean} [isAsync] the caller asks `get` next @returns {StoreEntry | undefined} */
  getSync(key, isAsync = false) {
    const entry = this.#held(key)
    if (entry !== undefined) this.#counters.hits++
    else if (!isAsync) {
      this.#counters.misses++
      // He computes it, but others of its segment may be asked for next.
      const row = this.catalog.find(key.namespace, key.digest)
      if (row !== undefined && !row.isHeld) this.#bring(row)
    }
    return entry
  }

  /** What is in memory. @param {StoreKey} key @returns {StoreEntry | undefined} */
  #held(key) {
    const row = this.catalog.find(key.namespace, key.digest)
    if (row === undefined || !row.isHeld) return undefined
    // The digest selects, the bytes decide.
    if (!sameBytes(row.key, key.bytes)) return undefined
    const now = epochNow()
    if (now >= row.deadline) {
      this.#counters.expired++
      this.held.delete(row)
      this.#letGo(row)
      return undefined
    }
    row.deadline = clampedDeadline(row, now)
    const { storedAt, deadline, ttl } = row
    try {
      return { ...decodeEntry(row.value), storedAt, deadline, ttl }
    } catch (cause) {
      this.#damaged(row, cause)
      return undefined
    }
  }

  /** @param {StoreKey} key @returns {StoreEntry | undefined | Promise<StoreEntry | undefined>} */
  get(key) {
    const row = this.catalog.find(key.namespace, key.digest)
    if (row?.isHeld || this.#hopeless) return this.getSync(key)
    return this.#isIndexed ? this.#getCold(key, row) : this.#indexed.then(() => this.#getLater(key))
  }

  /** @param {StoreKey} key */
  #getLater(key) {
    return this.#getCold(key, this.catalog.find(key.namespace, key.digest))
  }

  /** @param {StoreKey} key @param {Row | undefined} row */
  #getCold(key, row) {
    if (row === undefined || row.isHeld || row.deadline <= epochNow()) return this.getSync(key)
    return this.#bring(row).then(() => this.getSync(key))
  }

  /** Reads its segment. @param {Row} row @returns {Promise<void>} never rejects */
  async #bring(row) {
    if (this.#closed || row.place === undefined) return
    try {
      await this.#reader?.bring(row)
    } catch (cause) {
      this.#error('ERR_STORE_READ', cause)
    }
  }

  /** @param {StoreKey} key @param {import('./store.js').NewEntry} entry */
  set(key, entry) {
    const { storedAt, deadline } = entry
    const { namespace, digest, bytes } = key
    /** @type {Uint8Array} */
    let encoded
    try {
      checkNamespace(namespace)
      encoded = encodeEntry(entry)
    } catch (cause) {
      this.#refuse(key, cause)
      return
    }
    this.#counters.sets++
    const block = new Uint8Array(bytes.length + encoded.length)
    block.set(bytes)
    block.set(encoded, bytes.length)
    const row = new Row(this.catalog.space(namespace), digest, ENTRY, storedAt, deadline)
    row.fill(block, 0, bytes.length, encoded.length)
    this.catalog.put(row)
    this.held.add(row)
    if (this.#hopeless || this.#closed) return
    const { key: keyBytes, value } = row
    this.writer.add({ id: idOf(key), kind: 'entry', namespace, digest, key: keyBytes, value, storedAt, deadline, hides: false, target: row }) // biome-ignore format: one line
  }

  /** @param {StoreKey} key */
  delete(key) {
    this.#forget(key.namespace, key.digest)
  }

  /** @param {string} namespace @param {string} digest */
  #forget(namespace, digest) {
    const now = epochNow()
    const row = new Row(this.catalog.space(namespace), digest, DELETED, now, Infinity)
    this.catalog.put(row)
    if (this.#hopeless || this.#closed) return this.catalog.remove(row)
    this.writer.add({ ...deleted(idOf({ namespace, digest }), namespace, digest, now), target: row })
  }

  /** @param {string} namespace */
  clear(namespace) {
    const mark = this.catalog.clear(namespace)
    if (this.#hopeless || this.#closed) return
    this.writer.add({ ...cleared(namespace, epochNow()), target: mark })
  }

  /** @param {string} namespace @param {(tag: string) => boolean} matches */
  invalidateTags(namespace, matches) {
    // What is not known yet cannot be asked.
    if (!(this.#isIndexed || this.#hopeless)) return this.clear(namespace)
    for (const row of [...this.catalog.space(namespace).rows.values()]) {
      if (row.kind !== ENTRY) continue
      row.doubts = [...(row.doubts ?? []), matches]
      if (row.isHeld) this.#ask(row)
      else this.#doubted.add(row)
    }
    if (this.#doubted.size > 0) this.#asking ??= this.#askAll()
  }

  /** What cannot be asked for its tags goes as well. */
  async #askAll() {
    const segments = [...this.#doubted].flatMap(row => row.segments)
    try {
      await this.#reader?.everything(new Set(segments))
    } catch (cause) {
      this.#error('ERR_STORE_READ', cause)
    }
    this.#asking = undefined
    for (const row of this.#doubted) if (this.catalog.has(row)) this.#forget(row.space.name, row.digest)
    this.#doubted.clear()
  }

  /** @param {Row} row in memory */
  #ask(row) {
    const { doubts } = row
    row.doubts = undefined
    this.#doubted.delete(row)
    if (doubts === undefined) return
    let isMeant = true
    try {
      isMeant = tagsOf(row.value).some(tag => doubts.some(matches => matches(tag)))
    } catch (cause) {
      this.#corrupt(1, cause)
    }
    if (isMeant) this.#forget(row.space.name, row.digest)
  }

  async flush() {
    while (this.#asking !== undefined) await this.#asking
    await this.writer.flush()
  }

  async close() {
    if (this.#closed) return
    await this.flush()
    this.#closed = true
    this.#unlisten()
    clearTimeout(this.#tidyTimer)
    this.writer.stop()
    this.#database?.close()
  }

  stats() {
    const { held, catalog, writer } = this
    return {
      ...this.#counters,
      entries: catalog.entries,
      bytes: catalog.bytes,
      liveBytes: catalog.liveBytes,
      maxBytes: this.#maxBytes,
      segments: catalog.segments.size,
      heldBytes: held.bytes,
      pending: writer.queue.size,
      pendingBytes: writer.queue.bytes,
      available: Number(this.#isIndexed && writer.retryAfter === 0),
    }
  }

  /** Never rejects. */
  async #open() {
    try {
      await this.#load()
    } catch (cause) {
      this.#unavailable(cause)
    }
  }

  async #load() {
    if (this.#isIndexed) return this.#database?.connect()
    const database = this.#connectable()
    // Asked beside everything else: nobody waits for it.
    budgetOf(this.options).then(bytes => {
      this.#maxBytes = bytes
    })
    await database.connect()
    const { keys, heads } = await database.heads()
    const indexed = indexHeads(database.glue, heads)
    const { damaged, foreign, torn } = this.catalog.add(keys, heads, indexed)
    this.#isIndexed = true
    this.#counters.foreign += foreign
    if (damaged.length + torn > 0) this.#corrupt(damaged.length + torn)
    const { dead } = sort(this.catalog, epochNow())
    for (const segment of dead) this.#counters.expired += this.catalog.drop(segment)
    database
      .delete([...damaged, ...dead.map(({ key }) => key)])
      .catch(cause => this.#error('ERR_STORE_WRITE', cause))
  }

  #connectable() {
    if (this.#database) return this.#database
    // Reading it throws in some sandboxes; so does a page that forbids WebAssembly.
    this.#hopeless = true
    const factory = globalThis.indexedDB
    if (!factory) throw new MimicError('ERR_STORE_UNAVAILABLE', 'there is no IndexedDB here')
    const { name, openTimeout } = this.options
    this.#database = new Database(persistence(), name, openTimeout, epochNow)
    this.#reader = new Reader(this.#database, {
      arrived: row => this.#arrived(row),
      damaged: row => this.#damaged(row),
      missing: segments => this.#missing(segments),
    })
    this.#hopeless = false
    return this.#database
  }

  /** A small store is read whole. */
  async #hydrate() {
    if (!this.#isIndexed || this.catalog.liveBytes > this.options.hydrateBytes) return
    const now = epochNow()
    const segments = this.catalog.inOrder().filter(({ rows }) => rows.some(row => row && isLive(row, now)))
    try {
      await this.#reader?.everything(segments)
    } catch (cause) {
      this.#error('ERR_STORE_READ', cause)
    }
  }

  /** @param {Row} row */
  #arrived(row) {
    this.held.add(row)
    if (row.doubts) this.#ask(row)
  }

  /** @param {Row} row @param {unknown} [cause] */
  #damaged(row, cause) {
    this.catalog.lose(row)
    this.#corrupt(1, cause)
  }

  /** @param {Segment[]} segments that are not in the database any more */
  #missing(segments) {
    for (const segment of segments) this.catalog.drop(segment)
  }

  /** Memory has no room for it. @param {Row} row */
  #letGo(row) {
    if (row.place === undefined) this.catalog.remove(row)
  }

  /** The page may be gone after this task. */
  #leave() {
    // What could not be asked in time goes with everything of its function.
    for (const namespace of new Set([...this.#doubted].map(row => row.space.name))) this.clear(namespace)
    this.#doubted.clear()
    this.writer.leave()
  }

  /** @param {import('./indexeddb/batch.js').Batch} batch packed */
  async #write(batch) {
    const database = /** @type {Database} */ (this.#database)
    const gone = tooMuch(this.catalog, batch.bytes, this.#maxBytes, epochNow())
    const { blocks, heads } = batch
    const keys = database.nextKeys(heads.length)
    try {
      await this.#replace(keys, blocks, gone)
    } catch (cause) {
      if (nameOf(cause) !== 'QuotaExceededError') throw cause
      const segments = this.catalog.inOrder()
      const oldest = segments.slice(0, Math.ceil(segments.length / 4))
      await this.#replace([], [], oldest)
      this.#counters.quotaEvictions += oldest.length
      await this.#replace(keys, blocks, [])
    }
    this.#know(keys, batch)
  }

  /** @param {import('./database.js').SegmentKey[]} keys @param {Uint8Array[]} blocks @param {Segment[]} gone what makes room */
  async #replace(keys, blocks, gone) {
    await this.#database?.write(
      keys,
      blocks,
      gone.map(({ key }) => key),
    )
    if (gone.length === 0) return
    const count = gone.reduce((sum, segment) => sum + this.catalog.drop(segment), 0)
    this.#counters.evicted += count
    this.events.emit('evict', { count })
  }

  /** What was written is where it is. @param {import('./database.js').SegmentKey[]} keys @param {import('./indexeddb/batch.js').Batch} batch */
  #know(keys, batch) {
    const { blocks } = batch
    const segments = keys.map((key, n) =>
      this.catalog.know(key, blocks[2 * n].length + blocks[2 * n + 1].length),
    )
    batch.places(({ target, parts }, n, i, length) => {
      if (target === undefined) return
      if ('segment' in target) return this.catalog.mark(target, segments[n])
      target.parts = parts ?? 1
      this.catalog.place(target, segments[n], i, length)
    })
  }

  /** @param {number} count */
  #written(count) {
    this.#counters.written += count
    this.#counters.flushes++
    this.events.emit('flush', { count })
    if (wouldShrink(this.catalog)) this.#tidyTimer ??= setTimeout(() => this.#tidy(), TIDY_AFTER)
  }

  #tidy() {
    this.#tidyTimer = undefined
    const { catalog } = this
    const database = this.#database
    if (this.#closed || database === undefined) return
    this.writer.after(async () => {
      try {
        const before = catalog.bytes
        if (!(await compact(catalog, database, epochNow()))) return
        this.#counters.compactions++
        this.#counters.reclaimed += Math.max(0, before - catalog.bytes)
        this.events.emit('compact', { count: Math.max(0, before - catalog.bytes) })
      } catch (cause) {
        this.#error('ERR_STORE_WRITE', cause)
      }
    })
  }

  /** @param {unknown} cause */
  #unavailable(cause) {
    this.events.emit('unavailable', { code: 'ERR_STORE_UNAVAILABLE', cause })
    this.events.warnOnce('unavailable', `IndexedDB cannot be used, results stay in memory only (${cause})`)
    if (this.#hopeless) this.writer.stop()
  }

  /** @param {StoreKey} key @param {unknown} cause */
  #refuse(key, cause) {
    this.#counters.refused++
    const { namespace } = key
    const code = /** @type {any} */ (cause)?.code ?? 'ERR_STORE_REFUSED'
    // The value before it is no longer the answer.
    if (this.catalog.find(namespace, key.digest) !== undefined) this.delete(key)
    this.events.emit('refused', { code, cause, namespace, count: 1 })
    const name = namespace.split('\0', 1)[0]
    this.events.warnOnce(`refused ${namespace}`, `a result of '${name}' is not persisted (${cause})`)
  }

  /** @param {number} count @param {string} code @param {unknown} [cause] */
  #drop(count, code, cause) {
    this.#counters.dropped += count
    this.events.emit('drop', { code, cause, count })
  }

  /** @param {number} count @param {unknown} [cause] */
  #corrupt(count, cause) {
    this.#counters.corrupt += count
    this.events.emit('corrupt', { code: 'ERR_STORE_CORRUPT', cause, count })
  }

  /** @param {string} code @param {unknown} cause */
  #error(code, cause) {
    this.#counters.errors++
    this.events.emit('error', { code, cause })
  }
}
