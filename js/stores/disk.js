import { join } from 'node:path'
import { setImmediate } from 'node:timers'
import { epochNow } from '../clock.js'
import { codeOf, MimicError } from '../errors.js'
import { hash } from '../hash.js'
import { Directory } from './disk/directory.js'
import { nothingWaits } from './disk/exit.js'
import { isUnfinished, readRecord } from './disk/file.js'
import { Locks } from './disk/locks.js'
import { checked } from './disk/options.js'
import { Reads } from './disk/reads.js'
import { Said } from './disk/said.js'
import { Stamps } from './disk/stamps.js'
import { Tidying } from './disk/tidy.js'
import { Writer } from './disk/writer.js'
import { decodeEntry, encodeKeyed, tagsOf, takeEntry } from './entry.js'
import { checkNamespace, isNamespace } from './namespace.js'
import { joined, keyIn, valueIn } from './piece.js'
import { cleared, deleted } from './queue.js'
import { CLOCK_SLACK, sameBytes } from './store.js'

/**
 * @typedef {import('./store.js').StoreKey} StoreKey
 * @typedef {import('./store.js').StoreEntry} StoreEntry
 * @typedef {import('./disk/options.js').DiskStoreOptions} DiskStoreOptions
 */

/** What others wrote is looked for at a read, not more often than this. */
const LOOK_EVERY = 500
/** Of the hash of a namespace, in the name of a lock. */
const LOCK_DIGITS = 16

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
  stamps = new Stamps()
  isOpen = false
  isClosed = false
  #lookedAt = -Infinity
  /** The stamp up to which everything that others wrote is known. */
  #knownUntil = -Infinity
  /** Whether the last look failed: nobody knows what is there. */
  #isBlind = false
  /** When it could not be opened, and how long it then rests. */
  #failedAt = -Infinity
  #retryAfter = 0

  /** @param {import('./disk/options.js').Settings} options */
  constructor(options) {
    this.options = options
    this.directory = new Directory(options, this.stamps, cause => this.said.error('ERR_STORE_READ', cause))
    this.tidying = new Tidying(this.directory, options, cause => this.said.error('ERR_STORE_WRITE', cause))
    this.reads = new Reads(options.path)
    this.locks = new Locks(join(options.path, 'locks'), cause => this.said.error('ERR_STORE_LOCK', cause))
    this.writer = new Writer(this)
    // Not in this task: an entry file may still have to provide the module.
    this.ready = Promise.resolve().then(() => void this.open())
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
    if (entry) this.said.counters.hits++
    else this.said.counters.misses++
    if (this.isOpen && (entry || !isAsync)) this.reads.count(key.namespace, Boolean(entry), now)
    return entry || undefined
  }

  /** An older value must not come back, so what cannot be read stays what counts until it is written anew. @param {unknown} cause */
  #unreadable(cause) {
    if (!codeOf(cause).startsWith('ERR_')) return this.said.error('ERR_STORE_READ', cause)
    this.directory.corrupt++
    this.said.damaged(this.directory.corrupt, cause)
  }

  /** @param {StoreKey} key @param {number} now @returns {StoreEntry | false | undefined} false: deleted, whatever the files say */
  #waiting(key, now) {
    if (this.writer.queue.size === 0) return undefined
    const item = this.writer.queue.get(key)
    if (item === undefined) return this.writer.queue.clears(key.namespace) ? false : undefined
    const { storedAt, deadline } = item
    if (item.kind !== 'entry' || now >= deadline || !sameBytes(keyIn(item.piece), key.bytes)) return false
    return { ...decodeEntry(valueIn(item.piece)), storedAt, deadline, ttl: deadline - storedAt }
  }

  /** @param {StoreKey} key @param {number} now @returns {StoreEntry | undefined} */
  #persisted(key, now) {
    if (!this.open(now)) return undefined
    if (Math.abs(now - this.#lookedAt) >= LOOK_EVERY) this.#look(now)
    const { catalog } = this.directory
    const row = catalog.find(key.namespace, key.digest)
    if (row === undefined) return undefined
    const deadline = catalog.deadline(row, now)
    if (now >= deadline) {
      this.said.counters.expired++
      return undefined
    }
    const { frame, i } = catalog.place(row)
    if (frame.head.kind(i) === 0 && frame.head.keyLength(i) !== key.bytes.length) return undefined
    const found = readRecord(frame, i)
    if (found === undefined && isUnfinished(frame, i)) return undefined
    if (found === undefined) throw new MimicError('ERR_STORE_CORRUPT', `${frame.file.path} is damaged`)
    // The digest selects, the bytes decide.
    if (!sameBytes(found.key, key.bytes)) return undefined
    const storedAt = frame.head.storedAt(i)
    if (storedAt > now + CLOCK_SLACK && deadline < Infinity)
      this.#renew(key, found, now, deadline, frame.stamps[i])
    // It takes the bytes themselves, so nobody may want them any more.
    const { value, isAsync } = takeEntry(found.value)
    return { value, storedAt, deadline, ttl: frame.head.deadline(i) - storedAt, isAsync }
  }

  /**
   * The clock that it was stored by was ahead: its life begins now, and not once more in every process that reads it.
   * @param {StoreKey} key
   * @param {{ key: Uint8Array, value: Uint8Array }} found
   * @param {number} now
   * @param {number} deadline
   * @param {number} stamp it keeps its place among the writes: what others have written or deleted since counts
   */
  #renew({ namespace, digest }, found, now, deadline, stamp) {
    const piece = joined(found.key, found.value)
    this.#push({ kind: 'entry', namespace, digest, piece, storedAt: now, deadline, stamp, hides: false }) // biome-ignore format: one line
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
      this.#refuse(key, cause)
      return
    }
    this.said.counters.sets++
    // Should it have to be dropped, what it replaces must not come back.
    const hides = this.#mayReplace(key)
    this.#push({ kind: 'entry', namespace, digest, piece, storedAt, deadline, stamp: undefined, hides })
  }

  /** @param {import('./queue.js').Item} item */
  #push(item) {
    if (this.isClosed) return
    // It comes after everything that is there, so that has to be known first.
    this.open()
    this.writer.push(item)
  }

  /** Whether there is something older: what cannot be read now may be readable later. @param {StoreKey} key */
  #mayReplace({ namespace, digest }) {
    return !this.open() || this.#isBlind || this.directory.catalog.find(namespace, digest) !== undefined
  }

  /**
   * An entry has to be dropped: what others wrote before it must not come back either. One look is for all that were waiting then.
   * @param {import('./queue.js').Item} item
   */
  dropped(item) {
    const { namespace, digest, hides, stamp = Infinity } = item
    if (hides) return
    if (stamp > this.#knownUntil) this.#look(epochNow())
    const { catalog } = this.directory
    const row = catalog.find(namespace, digest)
    const place = row === undefined ? undefined : catalog.place(row)
    // What is as old is the same entry, whose clock was ahead.
    item.hides = this.#isBlind || (place !== undefined && place.frame.stamps[place.i] < stamp)
  }

  /** @param {import('./queue.js').Item} item a deletion */
  #hide(item) {
    // No file has anything of such a name otherwise, nor room for it.
    if (isNamespace(item.namespace)) this.#push(item)
  }

  /** @param {{ namespace: string, digest: string }} key */
  delete({ namespace, digest }) {
    this.#hide(deleted(namespace, digest, epochNow()))
  }

  /** @param {string} namespace */
  clear(namespace) {
    this.#hide(cleared(namespace, epochNow()))
  }

  /** @param {string} namespace @param {(tag: string) => boolean} matches */
  invalidateTags(namespace, matches) {
    // What cannot be read now may be readable later.
    if (!this.open()) return this.clear(namespace)
    this.writer.write()
    this.#look(epochNow())
    const { catalog } = this.directory
    const { rows } = catalog.space(namespace)
    for (const [digest, row] of [...rows]) {
      const { frame, i } = catalog.place(row)
      if (catalog.find(namespace, digest) === undefined || !frame.tagged) continue
      if (this.#isTagged(frame, i, matches)) this.delete({ namespace, digest })
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
    if (!this.open()) return () => {}
    const release = await this.locks.lock(digest + hash(namespace).slice(0, LOCK_DIGITS), signal)
    if (this.open()) this.#look(epochNow())
    // Behind the caller, and what several have set goes in one piece.
    return release && (() => void setImmediate(() => this.#giveBack(release)))
  }

  /** @param {() => void} release */
  #giveBack(release) {
    this.writer.write()
    release()
  }

  async flush() {
    this.writer.write()
    if (!this.options.fsync) return
    try {
      await this.directory.sync()
    } catch (cause) {
      this.said.error('ERR_STORE_WRITE', cause)
    }
  }

  async close() {
    if (this.isClosed) return
    await this.flush()
    this.leave()
    this.reads.leave()
    this.directory.close()
  }

  /** The process ends, or nobody needs this any more. */
  leave() {
    this.writer.write()
    this.isClosed = true
    this.isOpen = false
    this.writer.rest()
    this.tidying.leave()
    this.locks.leave()
    nothingWaits(this)
  }

  stats() {
    const { writer, directory, said } = this
    return {
      ...said.counters,
      evicted: said.counters.evicted + this.tidying.evicted,
      compactions: this.tidying.compactions,
      corrupt: directory.corrupt,
      foreign: directory.strange.size,
      entries: directory.catalog.entries,
      bytes: directory.bytes,
      liveBytes: directory.catalog.liveBytes,
      files: directory.files.size,
      pending: writer.queue.size,
      pendingBytes: writer.queue.bytes,
      available: Number(this.isOpen && writer.retryAfter === 0),
    }
  }

  /** @param {number} [now] @returns {boolean} whether it can be read */
  open(now = epochNow()) {
    if (this.isOpen) return true
    // A clock that was set back is no reason to rest longer.
    if (this.isClosed || Math.abs(now - this.#failedAt) < this.#retryAfter) return false
    try {
      this.directory.open()
      this.isOpen = true
      this.#lookedAt = now
      this.said.damaged(this.directory.corrupt)
      this.said.available()
      this.tidying.look()
    } catch (cause) {
      this.#unavailable(cause, now)
    }
    return this.isOpen
  }

  /** @param {number} now */
  #look(now) {
    this.#lookedAt = now
    this.#knownUntil = this.stamps.last
    this.#isBlind = true
    try {
      this.directory.scan()
      this.#isBlind = false
    } catch (cause) {
      this.said.error('ERR_STORE_READ', cause)
    }
    this.said.damaged(this.directory.corrupt)
  }

  /** @param {unknown} cause @param {number} now */
  #unavailable(cause, now) {
    this.#failedAt = now
    this.#retryAfter = this.writer.postpone()
    this.said.unavailable(this.options.path, cause)
  }

  /** @param {StoreKey} key @param {unknown} cause */
  #refuse(key, cause) {
    // The value before it is no longer the answer, nor is what others wrote since the last look.
    if (this.open()) this.#look(epochNow())
    if (this.writer.queue.get(key) !== undefined || this.#mayReplace(key)) this.delete(key)
    this.said.refused(key.namespace, cause)
  }
}
