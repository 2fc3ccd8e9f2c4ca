import { join } from 'node:path'
import { setImmediate } from 'node:timers'
import { epochNow } from '../clock.js'
import { MimicError } from '../errors.js'
import { hash } from '../hash.js'
import { codeOf, Directory } from './disk/directory.js'
import { nothingWaits, writeAtExit } from './disk/exit.js'
import { isUnfinished, readRecord } from './disk/file.js'
import { Locks } from './disk/locks.js'
import { checked } from './disk/options.js'
import { Reads } from './disk/reads.js'
import { resting } from './disk/rest.js'
import { Said } from './disk/said.js'
import { Stamps } from './disk/stamps.js'
import { Tidying } from './disk/tidy.js'
import { decodeEntry, encodeEntry, tagsOf, takeEntry } from './entry.js'
import { checkNamespace } from './namespace.js'
import { cleared, clearedId, deleted, WriteQueue } from './queue.js'
import { digestIn, idOf, sameBytes } from './store.js'

/**
 * @typedef {import('./store.js').StoreKey} StoreKey
 * @typedef {import('./store.js').StoreEntry} StoreEntry
 * @typedef {import('./queue.js').Item} Item
 * @typedef {import('./disk/options.js').DiskStoreOptions} DiskStoreOptions
 */

/** What others wrote is looked for at a read, not more often than this. */
const LOOK_EVERY = 500
/** After a failure the next try is this far away, twice as far each time. */
const RETRY_MIN = 1000
const RETRY_MAX = 60_000
/** So many times what is written behind the caller is written before him: a loop that never rests would lose it. */
const PRESSING = 4
/** Of the hash of a namespace, in the name of a lock. */
const LOCK_DIGITS = 16
/** What waited longer, in a process that was stopped, is not written: deletions of others may have been forgotten since. */
const MAX_WAIT = 300_000
/**
 * Results that survive a restart, in a directory that processes and threads share. Where it cannot be used results stay in memory, and that is
 * said once.
 * @param {DiskStoreOptions} options
 * @returns {import('./store.js').Store & Required<Pick<import('./store.js').Store, 'getSync' | 'invalidateTags' | 'lock'>>}
 */
export function diskStore(options) {
  const store = new DiskStore(checked(options))
  return {
    ready: store.ready,
    getSync: (key, isAsync) => store.getSync(key, isAsync),
    get: key => store.getSync(key),
    set: (key, entry) => store.set(key, entry),
    delete: key => store.delete(key),
    clear: namespace => store.clear(namespace),
    invalidateTags: (namespace, matches) => store.invalidateTags(namespace, matches),
    lockScope: 'machine',
    lock: (key, signal) => store.lock(key, signal),
    flush: () => store.flush(),
    close: () => store.close(),
    on: (event, listener) => store.said.events.on(event, listener),
    stats: () => store.stats(),
  }
}

class DiskStore {
  said = new Said()
  #counters = {
    hits: 0,
    misses: 0,
    sets: 0,
    written: 0,
    flushes: 0,
    expired: 0,
    evicted: 0,
  }
  #stamps = new Stamps()
  #isOpen = false
  #closed = false
  #lookedAt = -Infinity
  /** Milliseconds to wait after the last failure; 0 while everything works. */
  #retryAfter = 0
  #retryAt = -Infinity
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** Whether the timer fires as soon as the caller is done. */
  #isDue = false

  /** @param {import('./disk/options.js').Settings} options */
  constructor(options) {
    this.options = options
    this.queue = new WriteQueue(options.maxPendingEntries, options.maxPendingBytes)
    this.directory = new Directory(options, this.#stamps, cause => this.said.error('ERR_STORE_READ', cause))
    this.tidying = new Tidying(this.directory, options, cause => this.said.error('ERR_STORE_WRITE', cause))
    this.reads = new Reads(options.path)
    this.locks = new Locks(join(options.path, 'locks'))
    // Not in this task: an entry file may still have to provide the module.
    this.ready = Promise.resolve().then(() => void this.#open())
  }

  /** @param {StoreKey} key @param {boolean} [isAsync] `get` will be asked as well @returns {StoreEntry | undefined} */
  getSync(key, isAsync = false) {
    const now = epochNow()
    /** @type {StoreEntry | false | undefined} */
    let entry
    try {
      entry = this.#waiting(key, now) ?? this.#persisted(key, now)
    } catch (cause) {
      this.#unreadable(cause)
    }
    if (entry) this.#counters.hits++
    else this.#counters.misses++
    if (this.#isOpen && (entry || !isAsync)) this.reads.count(key.namespace, Boolean(entry), now)
    return entry || undefined
  }

  /** An older value must not come back, so what cannot be read stays what counts until it is written anew. @param {unknown} cause */
  #unreadable(cause) {
    if (!codeOf(cause).startsWith('ERR_')) return this.said.error('ERR_STORE_READ', cause)
    this.directory.corrupt++
    this.said.corrupt(this.directory.corrupt, cause)
  }

  /** @param {StoreKey} key @param {number} now @returns {StoreEntry | false | undefined} false: deleted, whatever the files say */
  #waiting(key, now) {
    if (this.queue.size === 0) return undefined
    const item = this.queue.get(idOf(key))
    if (item === undefined) return this.queue.has(clearedId(key.namespace)) ? false : undefined
    const { storedAt, deadline } = item
    if (item.kind !== 'entry' || now >= deadline || !sameBytes(item.key, key.bytes)) return false
    return { ...decodeEntry(item.value), storedAt, deadline, ttl: deadline - storedAt }
  }

  /** @param {StoreKey} key @param {number} now @returns {StoreEntry | undefined} */
  #persisted(key, now) {
    if (!this.#open(now)) return undefined
    if (Math.abs(now - this.#lookedAt) >= LOOK_EVERY) this.#look(now)
    const { catalog } = this.directory
    const row = catalog.find(key.namespace, key.digest)
    if (row === undefined) return undefined
    const deadline = catalog.deadline(row, now)
    if (now >= deadline) {
      this.#counters.expired++
      return undefined
    }
    const { frame, i } = catalog.place(row)
    if (frame.head.kind(i) === 0 && frame.head.keyLength(i) !== key.bytes.length) return undefined
    const found = readRecord(frame, i)
    if (found === undefined && isUnfinished(frame, i)) return undefined
    if (found === undefined) throw new MimicError('ERR_STORE_CORRUPT', `${frame.file.path} is damaged`)
    // The digest selects, the bytes decide.
    if (!sameBytes(found.key, key.bytes)) return undefined
    const { value, isAsync } = takeEntry(found.value)
    const storedAt = frame.head.storedAt(i)
    return { value, storedAt, deadline, ttl: frame.head.deadline(i) - storedAt, isAsync }
  }

  /** @param {StoreKey} key @param {import('./store.js').NewEntry} entry */
  set(key, entry) {
    const { storedAt, deadline } = entry
    const { namespace, digest } = key
    /** @type {Uint8Array} */
    let value
    try {
      checkNamespace(namespace)
      value = encodeEntry(entry)
    } catch (cause) {
      this.#refuse(key, cause)
      return
    }
    this.#counters.sets++
    const [id, bytes] = [idOf(key), key.bytes.slice()]
    this.#enqueue({
      id,
      kind: 'entry',
      namespace,
      digest,
      key: bytes,
      value,
      storedAt,
      deadline,
      stamp: undefined,
      hides: false,
    })
  }

  /** @param {StoreKey} key */
  delete(key) {
    this.#forget(idOf(key), key.namespace)
  }

  /** @param {string} id @param {string} namespace */
  #forget(id, namespace) {
    this.#enqueue(deleted(id, namespace, digestIn(id), epochNow()))
  }

  /** @param {string} namespace */
  clear(namespace) {
    this.#enqueue(cleared(namespace, epochNow()))
  }

  /** @param {string} namespace @param {(tag: string) => boolean} matches */
  invalidateTags(namespace, matches) {
    // What cannot be read now may be readable later.
    if (!this.#open()) return this.clear(namespace)
    this.#write()
    this.#look(epochNow())
    const { catalog } = this.directory
    const { rows } = catalog.space(namespace)
    for (const [digest, row] of [...rows]) {
      const { frame, i } = catalog.place(row)
      if (catalog.find(namespace, digest) === undefined || !frame.tagged) continue
      if (this.#isTagged(frame, i, matches)) this.#forget(digest + namespace, namespace)
    }
  }

  /** What cannot be read goes as well. @param {import('./disk/file.js').Frame} frame @param {number} i @param {(tag: string) => boolean} matches */
  #isTagged(frame, i, matches) {
    try {
      const found = readRecord(frame, i)
      return found === undefined || tagsOf(found.value).some(matches)
    } catch {
      return true
    }
  }

  /** @param {StoreKey} key @param {AbortSignal} signal @returns {Promise<(() => void) | undefined>} */
  async lock({ digest, namespace }, signal) {
    // Nobody shares anything.
    if (!this.#open()) return () => {}
    const release = await this.locks.lock(digest + hash(namespace).slice(0, LOCK_DIGITS), signal)
    if (this.#open()) this.#look(epochNow())
    // Behind the caller, and what several have set goes in one piece.
    return release && (() => void setImmediate(() => this.#giveBack(release)))
  }

  /** @param {() => void} release */
  #giveBack(release) {
    this.#write()
    release()
  }

  async flush() {
    this.#write()
    if (!this.options.fsync) return
    try {
      await this.directory.sync()
    } catch (cause) {
      this.said.error('ERR_STORE_WRITE', cause)
    }
  }

  async close() {
    if (this.#closed) return
    await this.flush()
    this.leave()
    this.reads.leave()
    this.directory.close()
  }

  /** The process ends, or nobody needs this any more. */
  leave() {
    this.#write()
    this.#closed = true
    this.#isOpen = false
    clearTimeout(this.#timer)
    this.tidying.leave()
    this.locks.leave()
    nothingWaits(this)
  }

  stats() {
    const { queue, directory } = this
    return {
      ...this.#counters,
      ...this.said.counters,
      evicted: this.#counters.evicted + this.tidying.evicted,
      compactions: this.tidying.compactions,
      corrupt: directory.corrupt,
      foreign: directory.strange.size,
      entries: directory.catalog.entries,
      bytes: directory.bytes,
      liveBytes: directory.catalog.liveBytes,
      files: directory.files.size,
      pending: queue.size,
      pendingBytes: queue.bytes,
      available: Number(this.#isOpen && this.#retryAfter === 0),
    }
  }

  /** @param {number} [now] @returns {boolean} whether it can be read */
  #open(now = epochNow()) {
    if (this.#isOpen) return true
    if (this.#closed || now < this.#retryAt) return false
    try {
      this.directory.open()
      this.#isOpen = true
      this.#lookedAt = now
      this.said.corrupt(this.directory.corrupt)
      this.said.available()
      this.tidying.look()
    } catch (cause) {
      this.#unavailable(cause, now)
    }
    return this.#isOpen
  }

  /** @param {number} now */
  #look(now) {
    this.#lookedAt = now
    try {
      this.directory.scan()
    } catch (cause) {
      this.said.error('ERR_STORE_READ', cause)
    }
    this.said.corrupt(this.directory.corrupt)
  }

  /** @param {Item} item */
  #enqueue(item) {
    if (this.#closed) return
    item.stamp = this.#stamps.next()
    const dropped = this.queue.push(item)
    if (dropped > 0) this.said.drop(dropped, 'ERR_STORE_FULL')
    writeAtExit(this)
    const { queue, options } = this
    const { flushEntries, flushBytes, flushAfter } = options
    const much = Math.max(queue.size / flushEntries, queue.bytes / flushBytes)
    if (this.#retryAfter > 0) this.#later(this.#retryAfter)
    else if (much >= PRESSING) this.#write()
    else if (much >= 1) this.#soon()
    else this.#later(flushAfter)
  }

  #soon() {
    if (this.#isDue) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = true
    this.#later(0)
  }

  /** @param {number} ms */
  #later(ms) {
    this.#timer ??= resting(() => this.#write(), ms)
  }

  /** Writes everything that waits. */
  #write() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = false
    nothingWaits(this)
    if (this.queue.size === 0 || this.#closed) return
    const now = epochNow()
    const items = this.queue.take().map(item => this.#timely(item, now))
    try {
      if (!this.#open(now)) throw new MimicError('ERR_STORE_UNAVAILABLE', 'the directory cannot be used')
      this.#persist(items)
      this.#retryAfter = 0
      this.#counters.written += items.length
      this.#counters.flushes++
      this.said.events.emit('flush', { count: items.length })
      this.tidying.look()
    } catch (cause) {
      this.#failed(items, cause)
    }
  }

  #postpone() {
    this.#retryAfter = Math.min(RETRY_MAX, Math.max(RETRY_MIN, this.#retryAfter * 2))
  }

  /** @param {Item} item @param {number} now @returns {Item & { stamp: number }} */
  #timely(item, now) {
    item.stamp ??= this.#stamps.next()
    const { stamp } = item
    if (item.kind !== 'entry' || now - stamp < MAX_WAIT) return /** @type {Item & { stamp: number }} */ (item)
    this.said.drop(1, 'ERR_STORE_LATE')
    return { ...deleted(item.id, item.namespace, item.digest, item.storedAt), stamp }
  }

  /** @param {(Item & { stamp: number })[]} items */
  #persist(items) {
    try {
      this.directory.write(items)
    } catch (cause) {
      if (!isFull(cause)) throw cause
      this.said.error('ERR_STORE_QUOTA', cause)
      const before = this.directory.catalog.entries
      this.directory.shed()
      this.#counters.evicted += before - this.directory.catalog.entries
      this.directory.write(items)
    }
  }

  /** @param {Item[]} items @param {unknown} cause */
  #failed(items, cause) {
    const dropped = this.queue.restore(items)
    // That it cannot be opened was said.
    if (this.#isOpen) {
      this.#postpone()
      if (!isFull(cause)) this.said.error('ERR_STORE_WRITE', cause)
    }
    if (dropped > 0) this.said.drop(dropped, 'ERR_STORE_WRITE', cause)
    if (this.queue.size === 0) return
    writeAtExit(this)
    this.#later(this.#retryAfter)
  }

  /** @param {unknown} cause @param {number} now */
  #unavailable(cause, now) {
    this.#postpone()
    this.#retryAt = now + this.#retryAfter
    this.said.unavailable(this.options.path, cause)
  }

  /** @param {StoreKey} key @param {unknown} cause */
  #refuse(key, cause) {
    const { namespace } = key
    // The value before it is no longer the answer.
    if (this.queue.has(idOf(key)) || this.directory.catalog.find(namespace, key.digest) !== undefined)
      this.delete(key)
    this.said.refuse(namespace, cause)
  }
}

/** @param {unknown} cause */
function isFull(cause) {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(cause))
}
