import { epochNow } from '../clock.js'
import { checked } from './indexeddb-options.js'
import { decodeEntry, encodeKeyed } from './entry.js'
import { Doubts } from './indexeddb/doubts.js'
import { Elsewhere } from './indexeddb/elsewhere.js'
import { listOf } from './indexeddb/listing.js'
import { listenToPage } from './indexeddb/page.js'
import { Persisted } from './indexeddb/persisted.js'
import { DELETED, ENTRY, Row } from './indexeddb/rows.js'
import { Soon } from './indexeddb/soon.js'
import { Tabs } from './indexeddb/tabs.js'
import { Voice } from './indexeddb/voice.js'
import { Writer } from './indexeddb/writer.js'
import { checkNamespace, isNamespace } from './namespace.js'
import { cleared, deleted } from './queue.js'
import { joined } from './piece.js'
import { CLOCK_SLACK, sameBytes } from './store.js'

/**
 * @typedef {import('./store.js').StoreKey} StoreKey
 * @typedef {import('./store.js').StoreEntry} StoreEntry
 * @typedef {import('./indexeddb-options.js').IndexedDBStoreOptions} IndexedDBStoreOptions
 */

/** Milliseconds after a write until it is looked whether there is something to tidy. */
const TIDY_AFTER = 1000

/**
 * Results that survive a reload and a restart of the browser. Where there is no IndexedDB it works in memory and says so once.
 * @param {IndexedDBStoreOptions} [options]
 * @returns {import('./store.js').Store & Required<Pick<import('./store.js').Store, 'getSync' | 'lock'>> & Pick<import('../index.js').IndexedDBStore, 'entries' | 'forget'>}
 */
export function indexedDBStore(options = {}) {
  const store = new IndexedDBStore(checked(options))
  return {
    ready: store.ready,
    lockScope: 'origin',
    getSync: (key, isAsync) => store.getSync(key, isAsync),
    get: key => store.get(key),
    set: (key, entry) => store.set(key, entry),
    delete: key => store.delete(key),
    clear: namespace => store.clear(namespace),
    invalidateTags: (namespace, matches, patterns) => store.invalidateTags(namespace, matches, patterns),
    lock: (key, signal) => store.lock(key, signal),
    entries: () => store.entries(),
    forget: which => store.forget(which),
    flush: () => store.flush(),
    close: () => store.close(),
    on: (event, listener) => store.voice.events.on(event, listener),
    stats: () => store.stats(),
  }
}

class IndexedDBStore {
  voice = new Voice()
  #closed = false
  /** What is persisted is known, or will not be for now; never rejects. @type {Promise<void>} */
  #indexed
  #tidy = new Soon(TIDY_AFTER, () => this.writer.after(() => this.#tidyUp()))
  /** The end of what is read once more; never rejects. @type {Promise<unknown>} */
  #again = Promise.resolve()
  /** @type {() => void} */
  #unlisten

  /** @param {Required<IndexedDBStoreOptions>} options */
  constructor(options) {
    const { voice } = this
    this.persisted = new Persisted(options, voice, {
      arrived: rows => {
        this.doubts.arrived(rows)
        this.elsewhere.lookSoon()
      },
      forgotten: (namespace, digests) => voice.events.emit('forgotten', { namespace, digests }),
      tookOver: () => this.elsewhere.tookOver(),
    })
    this.catalog = this.persisted.catalog
    const forget = (/** @type {Row} */ row) => this.#forget(row.space.name, row.digest)
    this.doubts = new Doubts(this.persisted, voice, {
      forget,
      clear: namespace => this.clear(namespace),
      gone: (row, counter) => this.elsewhere.gone(row, counter),
    })
    // Not in this task: an entry file may still have to provide the module.
    this.#indexed = Promise.resolve().then(() => this.#open())
    this.elsewhere = new Elsewhere(this.persisted, this.doubts, voice, this.#indexed, forget)
    this.ready = this.#indexed.then(() => this.persisted.hydrate())
    this.writer = new Writer(
      options,
      {
        open: () => this.persisted.load(),
        room: batch => this.persisted.room(batch),
        isOpen: () => this.persisted.isOpen,
        maxBytes: () => this.persisted.maxBytes,
        write: batch => this.persisted.write(batch),
        written: count => this.#written(count),
        error: (code, cause) => voice.error(code, cause),
        dropped: (count, code, cause) => voice.dropped(count, code, cause),
        unwritten: (row, hides) => this.persisted.unwritten(row, hides),
        cleared: namespace => this.persisted.sweep(namespace),
      },
      this.#indexed,
    )
    this.tabs = new Tabs(
      options.name,
      () => this.persisted.counter(),
      message => this.elsewhere.hear(message),
    )
    this.#unlisten = listenToPage({
      leaves: () => this.#leave(),
      goes: () => this.tabs.pause(),
      returns: () => {
        this.tabs.resume()
        this.persisted.catchUp()
      },
    })
  }

  /** Never rejects. */
  async #open() {
    try {
      await this.persisted.load()
    } catch (cause) {
      this.voice.unavailable(cause)
      if (this.persisted.isHopeless) this.writer.stop()
    }
  }

  get #isMemoryOnly() {
    return this.persisted.isHopeless || this.#closed
  }

  /** Whether there is nothing in the database that is not known here, as far as anybody has said. */
  get #knowsAll() {
    return this.#isMemoryOnly || (this.persisted.isIndexed && !this.persisted.isBehind)
  }

  /** @param {StoreKey} key @param {boolean} [isAsync] the caller asks `get` next @returns {StoreEntry | undefined} */
  getSync(key, isAsync = false) {
    const entry = this.#inMemory(key)
    if (entry !== undefined) {
      this.voice.counters.hits++
      return entry
    }
    // He may load it, which `forget` is to reach.
    this.catalog.space(key.namespace)
    if (!isAsync) {
      this.voice.counters.misses++
      // He computes it, but others of its segment may be asked for next.
      const row = this.catalog.find(key.namespace, key.digest)
      // Before everything is known something newer may stand behind it.
      if (row !== undefined && !row.isHeld && !this.#closed && this.persisted.isIndexed)
        this.persisted.bring(row)
    }
    return undefined
  }

  /** @param {StoreKey} key @returns {StoreEntry | undefined} */
  #inMemory(key) {
    const row = this.catalog.find(key.namespace, key.digest)
    if (row === undefined || !row.isHeld || !this.persisted.vouches(row)) return undefined
    // The digest selects, the bytes decide.
    if (!sameBytes(row.key, key.bytes)) return undefined
    const now = epochNow()
    if (now >= row.end) {
      this.voice.counters.expired++
      this.persisted.held.delete(row)
      this.persisted.letGo(row)
      return undefined
    }
    row.clamp(now)
    const { storedAt, end: deadline, ttl } = row
    try {
      const entry = { ...decodeEntry(row.value), storedAt, deadline, ttl }
      if (storedAt > now + CLOCK_SLACK && ttl !== Infinity) this.#renew(row, now)
      return entry
    } catch (cause) {
      this.persisted.damaged(row, cause)
      return undefined
    }
  }

  /** @param {StoreKey} key @returns {StoreEntry | undefined | Promise<StoreEntry | undefined>} */
  get(key) {
    const { persisted } = this
    const row = this.catalog.find(key.namespace, key.digest)
    if (row?.isHeld || this.#isMemoryOnly) return this.getSync(key)
    if (!persisted.isIndexed) return this.#indexed.then(() => this.#getCold(key))
    if (row === undefined && (persisted.isBehind || persisted.isLooking))
      return persisted.catchUp().then(() => this.#getCold(key))
    return this.#getCold(key)
  }

  /** @param {StoreKey} key */
  #getCold(key) {
    const row = this.catalog.find(key.namespace, key.digest)
    if (row === undefined || row.isHeld || row.end <= epochNow()) return this.getSync(key)
    const { held } = this.persisted
    const { evicted } = held
    return this.persisted.bring(row).then(() => {
      const isPushedOut = row.counts && !row.isHeld && held.evicted > evicted
      return isPushedOut ? this.#getAgain(key) : this.getSync(key)
    })
  }

  /** What came after it took its room in memory: one after the other, each is asked for as soon as it comes. @param {StoreKey} key */
  #getAgain(key) {
    const got = this.#again.then(async () => {
      const row = this.catalog.find(key.namespace, key.digest)
      if (row !== undefined && !row.isHeld) await this.persisted.bring(row)
      return this.getSync(key)
    })
    this.#again = got.catch(() => {})
    return got
  }

  /** @param {StoreKey} key @param {AbortSignal} signal */
  async lock(key, signal) {
    await this.#indexed
    // A deletion that is written later would come behind what another tab sets under its lock.
    await this.flush()
    const release = await this.tabs.lock(key, signal)
    // What its last holder has set is in the database.
    await this.persisted.catchUp()
    return () => this.flush().then(release)
  }

  /** @param {StoreKey} key @param {import('./store.js').NewEntry} entry */
  set(key, entry) {
    const { storedAt, deadline } = entry
    const { namespace, digest } = key
    /** @type {import('./piece.js').Piece} */
    let piece
    try {
      checkNamespace(namespace)
      piece = encodeKeyed(key.bytes, entry)
    } catch (cause) {
      // The value before it is no longer the answer. What is not known yet may be there.
      if (this.catalog.find(namespace, digest) !== undefined || !this.#knowsAll) this.delete(key)
      this.voice.refused(namespace, cause)
      return
    }
    this.voice.counters.sets++
    this.#fill(new Row(this.catalog.space(namespace), digest, ENTRY, storedAt, deadline), piece)
  }

  /** @param {Row} row the newest of its key @param {import('./piece.js').Piece} piece its bytes */
  #fill(row, piece) {
    row.fill(piece)
    const isReplacing = this.catalog.put(row)
    this.persisted.held.add(row)
    if (this.#isMemoryOnly) return
    // Should it have to be dropped, what it replaces must not come back. What is not known yet may be there.
    row.wait(isReplacing || !this.#knowsAll || row.length > this.writer.options.maxPendingBytes)
    this.writer.add(row)
  }

  /**
   * The clock that it was stored by was ahead: its life begins now, and not once more with every page that reads it.
   * @param {Row} row in memory
   * @param {number} now
   */
  #renew({ space, digest, ttl, key, value }, now) {
    const row = new Row(space, digest, ENTRY, now, now + ttl)
    row.isRenewed = true
    this.#fill(row, joined(key, value))
  }

  /** @param {{ namespace: string, digest: string }} key */
  delete({ namespace, digest }) {
    if (!isNamespace(namespace)) return
    this.#forget(namespace, digest)
    this.tabs.tellDeleted(namespace, digest)
  }

  /** @param {string} namespace @param {string} digest */
  #forget(namespace, digest) {
    const now = epochNow()
    const row = new Row(this.catalog.space(namespace), digest, DELETED, now, Infinity)
    this.catalog.put(row)
    if (this.#isMemoryOnly) return this.catalog.remove(row)
    this.writer.add({ ...deleted(namespace, digest, now), target: row })
  }

  /** @param {string} namespace */
  clear(namespace) {
    if (!isNamespace(namespace)) return
    const mark = this.catalog.clear(namespace)
    this.tabs.tell({ type: 'cleared', namespace })
    if (!this.#isMemoryOnly) this.writer.add({ ...cleared(namespace, epochNow()), target: mark })
  }

  /** @param {string} namespace @param {(tag: string) => boolean} matches @param {readonly string[]} [patterns] */
  invalidateTags(namespace, matches, patterns) {
    if (patterns !== undefined) this.tabs.tell({ type: 'tags', namespace, patterns })
    // What is not known yet cannot be asked.
    if (!(this.persisted.isIndexed || this.#isMemoryOnly)) return this.clear(namespace)
    this.doubts.invalidate(namespace, matches)
  }

  /** @returns {Promise<import('../index.js').StoredEntry[]>} */
  async entries() {
    await this.#indexed
    await this.persisted.catchUp()
    await this.doubts.settled()
    return listOf(this.persisted)
  }

  /** Here and in the other tabs, from memory too. @param {{ namespace?: string, digest?: string }} [which] an entry, a function's, or all */
  forget({ namespace, digest } = {}) {
    if (namespace === undefined) {
      /** @type {Set<string>} */
      const done = new Set()
      const all = () => {
        for (const { name } of [...this.catalog.spaces]) {
          if (!done.has(name)) this.forget({ namespace: name })
          done.add(name)
        }
      }
      all()
      // Functions that only others have stored anything of.
      if (!this.#isMemoryOnly) this.doubts.onceKnown(all, this.#indexed)
      return
    }
    if (digest === undefined) this.clear(namespace)
    else this.delete({ namespace, digest })
    const digests = digest === undefined ? undefined : [digest]
    this.voice.events.emit('forgotten', { namespace, digests })
  }

  async flush() {
    await this.doubts.settled()
    await this.writer.flush()
  }

  async close() {
    if (this.#closed) return
    await this.flush()
    this.#closed = true
    this.#unlisten()
    this.#tidy.stop()
    this.elsewhere.close()
    this.writer.stop()
    this.tabs.close()
    this.persisted.database?.close()
  }

  stats() {
    const { persisted, writer } = this
    return {
      ...this.voice.counters,
      ...persisted.stats(),
      pending: writer.queue.size,
      pendingBytes: writer.queue.bytes,
      available: Number(persisted.isIndexed && writer.retryAfter === 0),
    }
  }

  /** The page may be gone after this task. */
  #leave() {
    // What could not be asked in time goes with everything of its function.
    for (const namespace of this.doubts.leave()) this.clear(namespace)
    this.writer.leave()
    // Nobody is here any more to say so when it is written.
    this.tabs.tell({ type: 'wrote' })
  }

  /** The others find everything elsewhere after that. */
  async #tidyUp() {
    if (await this.persisted.tidy()) this.tabs.tell({ type: 'wrote' })
  }

  /** @param {number} count */
  #written(count) {
    this.voice.written(count)
    this.tabs.tell({ type: 'wrote' })
    if (this.persisted.wouldShrink) this.#tidy.ask()
  }
}
