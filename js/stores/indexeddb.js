import { epochNow, monotonicNow } from '../clock.js'
import { persistence } from '../core.js'
import { MimicError } from '../errors.js'
import { Database, nameOf } from './database.js'
import { decodeEntry, encodeEntry, tagsOf } from './entry.js'
import { Held } from './held.js'
import { checked } from './indexeddb-options.js'
import { checkNamespace } from './namespace.js'
import { cleared, clearedId, deleted, WriteQueue } from './queue.js'
import { packItems, readSegments } from './segments.js'
import { digestIn, Events, idOf } from './store.js'

/**
 * @typedef {import('./store.js').StoreKey} StoreKey
 * @typedef {import('./store.js').StoreEntry} StoreEntry
 * @typedef {import('./indexeddb-options.js').IndexedDBStoreOptions} IndexedDBStoreOptions
 */

/** Under steady writing there is never any rest: after so many times `flushAfter` it is written all the same. */
const PATIENCE = 10
/** After a failure the next try is this far away, twice as far each time. */
const RETRY_MIN = 1000
const RETRY_MAX = 60_000

/**
 * Results that survive a reload and a restart of the browser. Where there is no IndexedDB it works in memory and says so once.
 * @param {IndexedDBStoreOptions} [options]
 * @returns {import('./store.js').Store & Required<Pick<import('./store.js').Store, 'getSync'>>}
 */
export function indexedDBStore(options = {}) {
  const store = new IndexedDBStore(checked(options))
  return {
    ready: store.ready,
    getSync: key => store.getSync(key),
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
    quotaEvictions: 0,
  }
  /** @type {Database | undefined} */
  #database
  /** Whether what was persisted is in `#held`. */
  #loaded = false
  /** Nothing will ever be persisted here. */
  #hopeless = false
  #closed = false
  /** Milliseconds to wait after the last failure; 0 while writing works. */
  #retryAfter = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #firstPending = 0
  #lastPending = 0
  /** The end of all writing asked for so far; never rejects. @type {Promise<unknown>} */
  #writing
  /** Whether a write is due that has not yet taken what waits. */
  #due = false
  /** @type {() => void} */
  #unlisten

  /** @param {Required<IndexedDBStoreOptions>} options */
  constructor(options) {
    this.options = options
    this.held = new Held(options.maxBytes)
    this.queue = new WriteQueue(options.maxPendingEntries, options.maxPendingBytes)
    // Not in this task: an entry file may still have to provide the module.
    this.ready = Promise.resolve().then(() => this.#open())
    this.#writing = this.ready
    this.#unlisten = listenToPage(() => this.#leave())
  }

  /** @param {StoreKey} key @returns {StoreEntry | undefined} */
  getSync(key) {
    const row = this.held.get(key, epochNow())
    if (row) {
      try {
        const entry = decodeEntry(row.value)
        this.#counters.hits++
        return { ...entry, storedAt: row.storedAt, deadline: row.deadline, ttl: row.ttl }
      } catch (cause) {
        this.held.delete(idOf(key))
        this.#corrupt(1, cause)
      }
    }
    this.#counters.misses++
    return undefined
  }

  /** @param {StoreKey} key */
  get(key) {
    if (this.#loaded || this.#hopeless || this.held.has(idOf(key))) return this.getSync(key)
    return this.ready.then(() => this.getSync(key))
  }

  /** @param {StoreKey} key @param {import('./store.js').NewEntry} entry */
  set(key, entry) {
    const { storedAt, deadline } = entry
    const { namespace, digest } = key
    const id = idOf(key)
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
    const bytes = key.bytes.slice()
    this.held.set(id, { namespace, key: bytes, value: encoded, storedAt, deadline, ttl: deadline - storedAt })
    this.#enqueue({
      id,
      kind: 'entry',
      namespace,
      digest,
      key: bytes,
      value: encoded,
      storedAt,
      deadline,
      hides: false,
    })
  }

  /** @param {StoreKey} key */
  delete(key) {
    this.#forget(idOf(key), key.namespace)
  }

  /** @param {string} id @param {string} namespace */
  #forget(id, namespace) {
    this.held.delete(id)
    this.#enqueue(deleted(id, namespace, digestIn(id), epochNow()))
  }

  /** @param {string} namespace */
  clear(namespace) {
    this.held.clear(namespace)
    this.#enqueue(cleared(namespace, epochNow()))
  }

  /** @param {string} namespace @param {(tag: string) => boolean} matches */
  invalidateTags(namespace, matches) {
    // What is not in memory cannot be asked.
    if (this.held.evicted > 0 || !(this.#loaded || this.#hopeless)) return this.clear(namespace)
    for (const [id, bytes] of this.held.entriesOf(namespace)) {
      if (this.#isTagged(bytes, matches)) this.#forget(id, namespace)
    }
  }

  /** What cannot be read goes as well. @param {Uint8Array} bytes @param {(tag: string) => boolean} matches */
  #isTagged(bytes, matches) {
    try {
      return tagsOf(bytes).some(matches)
    } catch (cause) {
      this.#corrupt(1, cause)
      return true
    }
  }

  flush() {
    return this.#write()
  }

  async close() {
    if (this.#closed) return
    await this.flush()
    this.#closed = true
    this.#unlisten()
    clearTimeout(this.#timer)
    this.#database?.close()
  }

  stats() {
    const { held, queue } = this
    return {
      ...this.#counters,
      entries: held.size,
      bytes: held.bytes,
      evicted: held.evicted,
      expired: held.expired,
      pending: queue.size,
      pendingBytes: queue.bytes,
      available: Number(this.#loaded && this.#retryAfter === 0),
    }
  }

  /** Opens and reads what is there; never rejects. */
  async #open() {
    try {
      await this.#load()
    } catch (cause) {
      this.#unavailable(cause)
    }
  }

  async #load() {
    if (!this.#database) {
      // Reading it throws in some sandboxes; so does a page that forbids WebAssembly.
      this.#hopeless = true
      const factory = globalThis.indexedDB
      if (!factory) throw new MimicError('ERR_STORE_UNAVAILABLE', 'there is no IndexedDB here')
      const { name, openTimeout } = this.options
      const database = new Database(persistence(), name, openTimeout, epochNow)
      this.#database = database
      this.#hopeless = false
    }
    const database = this.#database
    await database.connect()
    const found = readSegments(database.glue, await database.load(), epochNow(), (id, row) => {
      // What was set, deleted or cleared meanwhile is newer.
      const newer = this.held.has(id) || this.queue.has(id) || this.queue.has(clearedId(row.namespace))
      if (!newer) this.held.set(id, row)
    })
    this.#loaded = true
    this.#counters.foreign += found.foreign
    if (found.corrupt > 0) this.#corrupt(found.corrupt)
    if (found.dead.length > 0)
      database.delete(found.dead).catch(cause => this.#error('ERR_STORE_WRITE', cause))
  }

  /** @param {import('./queue.js').Item} item */
  #enqueue(item) {
    if (this.#hopeless || this.#closed) return
    const now = monotonicNow()
    if (this.queue.size === 0) this.#firstPending = now
    this.#lastPending = now
    const dropped = this.queue.push(item)
    if (dropped > 0) this.#drop(dropped, 'ERR_STORE_FULL')
    const { flushEntries, flushBytes, flushAfter } = this.options
    const enough = this.queue.size >= flushEntries || this.queue.bytes >= flushBytes
    if (enough && this.#retryAfter === 0) this.#write()
    else this.#timer ??= setTimeout(() => this.#rested(), this.#retryAfter || flushAfter)
  }

  #rested() {
    this.#timer = undefined
    if (this.queue.size === 0 || this.#closed) return
    const { flushAfter } = this.options
    const now = monotonicNow()
    const rest = this.#lastPending + flushAfter - now
    const patience = this.#firstPending + PATIENCE * flushAfter - now
    // A timer may fire up to a millisecond early.
    const wait = Math.min(rest, patience)
    if (wait > 1) this.#timer = setTimeout(() => this.#rested(), wait)
    else this.#write()
  }

  /** Writes what waits when its turn comes: one transaction at a time. @returns {Promise<void>} never rejects */
  #write() {
    if (!this.#due) {
      this.#due = true
      this.#writing = this.#writing.then(() => {
        this.#due = false
        return this.#send()
      })
    }
    return this.#writing.then(() => {})
  }

  /** The page may be gone after this task, so now, beside a transaction that may be running. */
  #leave() {
    if (!this.#database?.connected || !this.#loaded || this.queue.size === 0) return
    this.#writing = Promise.all([this.#send(), this.#writing])
  }

  /** Takes everything that waits and writes it; issued before this returns when there is a connection. Never rejects. */
  async #send() {
    const items = this.#hopeless ? [] : this.queue.take()
    if (items.length === 0) return
    try {
      if (!this.#loaded) await this.#load()
      const database = /** @type {Database} */ (this.#database)
      const blocks = packItems(database.glue, items)
      if (typeof blocks === 'string') throw new MimicError('ERR_STORE_WRITE', blocks)
      await this.#persist(database, blocks)
      this.#retryAfter = 0
      this.#counters.written += items.length
      this.#counters.flushes++
      this.events.emit('flush', { count: items.length })
    } catch (cause) {
      this.#failed(items, cause)
    }
  }

  /** @param {Database} database @param {Uint8Array[]} blocks */
  async #persist(database, blocks) {
    try {
      await database.write(blocks)
    } catch (cause) {
      if (nameOf(cause) !== 'QuotaExceededError') throw cause
      this.#counters.quotaEvictions += await database.deleteOldest()
      await database.write(blocks)
    }
  }

  /** @param {import('./queue.js').Item[]} items @param {unknown} cause */
  #failed(items, cause) {
    const dropped = this.queue.restore(items)
    this.#retryAfter = Math.min(RETRY_MAX, Math.max(RETRY_MIN, this.#retryAfter * 2))
    this.#error(nameOf(cause) === 'QuotaExceededError' ? 'ERR_STORE_QUOTA' : 'ERR_STORE_WRITE', cause)
    if (dropped > 0) this.#drop(dropped, 'ERR_STORE_WRITE', cause)
    if (this.queue.size > 0) this.#timer ??= setTimeout(() => this.#rested(), this.#retryAfter)
  }

  /** @param {unknown} cause */
  #unavailable(cause) {
    this.events.emit('unavailable', { code: 'ERR_STORE_UNAVAILABLE', cause })
    this.events.warnOnce('unavailable', `IndexedDB cannot be used, results stay in memory only (${cause})`)
    if (this.#hopeless) this.queue.take()
  }

  /** @param {StoreKey} key @param {unknown} cause */
  #refuse(key, cause) {
    this.#counters.refused++
    const { namespace } = key
    const code = /** @type {any} */ (cause)?.code ?? 'ERR_STORE_REFUSED'
    // The value before it is no longer the answer.
    if (this.held.has(idOf(key)) || this.queue.has(idOf(key))) this.delete(key)
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

/** @param {() => void} leave called when the page may be gone next @returns {() => void} ends it */
function listenToPage(leave) {
  const target = /** @type {any} */ (globalThis)
  const page = target.document
  const hidden = () => {
    if (page.visibilityState === 'hidden') leave()
  }
  if (typeof target.addEventListener === 'function') target.addEventListener('pagehide', leave)
  page?.addEventListener?.('visibilitychange', hidden)
  return () => {
    target.removeEventListener?.('pagehide', leave)
    page?.removeEventListener?.('visibilitychange', hidden)
  }
}
