import { epochNow, monotonicNow } from '../../clock.js'
import { codeOf } from '../../errors.js'
import { resting } from '../disk/rest.js'
import { decodeEntry, encodeKeyed } from '../entry.js'
import { checkNamespace } from '../namespace.js'
import { keyIn, valueIn } from '../piece.js'
import { cleared, deleted, deletion, WriteQueue } from '../queue.js'
import { clampedDeadline, idOf, sameBytes } from '../store.js'
import { Voice } from '../voice.js'
import { Answers, each, late, once } from './answers.js'
import { Asked } from './asked.js'
import { Generations } from './generations.js'
import { openText, packText } from './record.js'
import { Sweeps } from './sweeps.js'
import { Tidy } from './tidy.js'

/**
 * Somebody's storage of texts by name, as a store.
 *
 * @typedef {object} Backend each method may throw or reject
 * @property {(name: string) => unknown} read nothing: undefined or null
 * @property {(name: string, text: string, ttl: number | undefined) => unknown} write for so many milliseconds; Infinity: for ever; nothing: for as long
 *   as the backend sees fit
 * @property {(name: string) => unknown} remove
 * @property {((base: string, isOver?: () => boolean) => Promise<string[]>) | undefined} list the names that begin so, and perhaps others; some of
 *   them once `isOver` says so
 * @property {() => unknown} [end] it is not used any more
 *
 * @typedef {import('../store.js').StoreKey} StoreKey
 * @typedef {import('../store.js').StoreEntry} StoreEntry
 * @typedef {import('../queue.js').Item & { generation?: string }} Item the generation when it was set
 */

/** After a failure the next try is this far away, twice as far each time. */
const RETRY_MIN = 1000
const RETRY_MAX = 60_000
/** Deadlines remembered because a clock was wrong. */
const MAX_CLAMPED = 10_000
/** A backend does not take any number; what lives longer than this may live on there, and its deadline still counts. */
const LONGEST = 100 * 365 * 86_400_000

/**
 * @param {Backend} backend
 * @param {import('./options.js').Settings} options
 * @returns {import('../store.js').Store}
 */
export function backendStore(backend, options) {
  const store = new BackendStore(backend, options)
  return {
    ready: Promise.resolve(),
    get: key => store.get(key),
    set: (key, entry) => store.set(key, entry),
    delete: key => store.delete(key),
    clear: namespace => store.clear(namespace),
    invalidateTags: (namespace, matches) => store.invalidateTags(namespace, matches),
    flush: () => store.flush(),
    close: () => store.close(),
    on: (event, listener) => store.voice.events.on(event, listener),
    stats: () => store.stats(),
  }
}

class BackendStore {
  voice = new Voice()
  #closed = false
  #stamp = 0
  /** What is being written. */
  #flying = new WriteQueue(Infinity, Infinity)
  /** @type {Map<string, number>} */
  #clamped = new Map()
  #asked = new Asked()
  /** Milliseconds to wait after the last failure; 0 while everything works. */
  #retryAfter = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** The end of all writing asked for so far; never rejects. @type {Promise<void>} */
  #writing = Promise.resolve()
  /** Whether a write is due that has not yet taken what waits. */
  #due = false
  /** Whether the last write was refused something whose deletion waits in its place since. */
  #refused = false

  /** @param {Backend} backend @param {import('./options.js').Settings} options */
  constructor(backend, options) {
    this.backend = backend
    this.queue = new WriteQueue(options.maxPendingEntries, options.maxPendingBytes)
    this.answers = new Answers(options.timeout)
    const fails = (/** @type {unknown} */ cause) => this.voice.error('ERR_STORE_WRITE', cause)
    this.generations = new Generations(backend, options.prefix, fails)
    this.sweeps = new Sweeps(backend, this.answers, this.generations)
    this.tidy = new Tidy(backend, this.answers, this.generations, fails)
  }

  /** @param {StoreKey} key @returns {Promise<StoreEntry | undefined>} */
  async get(key) {
    /** @type {StoreEntry | undefined} */
    let entry
    try {
      if (!this.#closed) entry = await this.#find(key)
    } catch (cause) {
      const code = codeOf(cause)
      if (code === 'ERR_STORE_CORRUPT' || code === 'ERR_VALUE_CORRUPT') this.voice.corrupt(1, cause)
      else this.voice.error(code === 'ERR_STORE_TIMEOUT' ? code : 'ERR_STORE_READ', cause)
    }
    if (entry) this.voice.counters.hits++
    else this.voice.counters.misses++
    return entry
  }

  /** @param {StoreKey} key @returns {Promise<StoreEntry | undefined>} */
  async #find(key) {
    const waiting = this.#waiting(key)
    if (waiting !== undefined) return waiting || undefined
    checkNamespace(key.namespace)
    const asked = this.#asked.begin(idOf(key), monotonicNow())
    const { begun } = this.sweeps
    const text = await this.answers.to(() => this.#read(key, asked))
    // What was set meanwhile is newer.
    const newer = this.#waiting(key)
    if (newer !== undefined) return newer || undefined
    const found = asked.isNothing ? undefined : openText(text, key)
    if (found === undefined || this.sweeps.hide(key, found.encoded, begun)) return undefined
    return this.#live(key, found)
  }

  /** @param {StoreKey} key @returns {StoreEntry | false | undefined} false: deleted, whatever the backend says */
  #waiting(key) {
    for (const items of [this.queue, this.#flying]) {
      const item = items.get(key)
      if (item === undefined && items.clears(key.namespace)) return false
      if (item === undefined) continue
      const { storedAt, deadline } = item
      if (item.kind !== 'entry' || !sameBytes(keyIn(item.piece), key.bytes)) return false
      if (epochNow() >= deadline || this.sweeps.hideItem(item)) return false
      return { ...decodeEntry(valueIn(item.piece)), storedAt, deadline, ttl: deadline - storedAt }
    }
    return undefined
  }

  /** @param {StoreKey} key @param {import('./record.js').Found} found @returns {StoreEntry | undefined} */
  #live(key, { encoded, storedAt, deadline: written }) {
    const now = epochNow()
    const id = idOf(key)
    const ttl = written - storedAt
    const deadline = Math.min(
      clampedDeadline({ deadline: written, ttl }, now),
      this.#clamped.get(id) ?? Infinity,
    )
    if (now >= deadline) {
      this.voice.counters.expired++
      return undefined
    }
    // Kept, so that reading again and again does not prolong it.
    if (deadline < written && this.#clamped.size < MAX_CLAMPED) this.#clamped.set(id, deadline)
    return { ...decodeEntry(encoded), storedAt, deadline, ttl }
  }

  /** @param {StoreKey} key @param {import('./asked.js').Read} asked @returns {Promise<unknown>} */
  async #read({ namespace, digest }, asked) {
    const { backend, generations } = this
    /** @type {unknown} */
    let text
    do {
      asked.generation = generations.current(namespace)
      const name = generations.name(namespace, digest)
      const isOld = generations.isOld(namespace)
      const [read] = await Promise.all([backend.read(name), isOld && generations.look(namespace)])
      text = read
    } while (asked.generation !== generations.current(namespace))
    asked.isNothing = text === undefined || text === null
    return text
  }

  /** @param {StoreKey} key @param {import('../store.js').NewEntry} entry */
  set(key, entry) {
    const { storedAt, deadline } = entry
    const { namespace, digest } = key
    const id = idOf(key)
    /** @type {import('../piece.js').Piece} */
    let piece
    try {
      checkNamespace(namespace)
      piece = encodeKeyed(key.bytes, entry)
    } catch (cause) {
      this.#refuse(key, cause)
      return
    }
    this.voice.counters.sets++
    this.#clamped.delete(id)
    // What this replaces is never to be read again, should it be dropped, nor what is late and may still come.
    const generation = this.generations.current(namespace)
    const hides = this.answers.isLate(id) || !this.#asked.isNothing(id, generation)
    this.#asked.forget(id)
    this.#enqueue({ kind: 'entry', namespace, digest, piece, storedAt, deadline, hides, generation })
  }

  /** @param {StoreKey} key */
  delete(key) {
    const id = idOf(key)
    this.#clamped.delete(id)
    this.#asked.forget(id)
    this.#enqueue(deleted(key.namespace, key.digest, epochNow()))
  }

  /** @param {string} namespace */
  clear(namespace) {
    this.#enqueue(cleared(namespace, epochNow()))
  }

  /** @param {string} namespace @param {(tag: string) => boolean} matches */
  invalidateTags(namespace, matches) {
    if (this.backend.list === undefined) return this.clear(namespace)
    if (this.#closed) return
    this.sweeps.add(namespace, matches, ++this.#stamp)
    this.#write()
  }

  async flush() {
    await this.#write()
    // What was refused, or a sweep that failed, has left something to be written: nobody may be there later.
    if (this.#due || this.#refused) await this.#write()
  }

  async close() {
    if (this.#closed) return
    await this.flush()
    this.#closed = true
    clearTimeout(this.#timer)
    await this.tidy.end()
    this.backend.end?.()
  }

  stats() {
    const { size, bytes } = this.queue
    return { ...this.voice.counters, pending: size + this.#flying.size, pendingBytes: bytes }
  }

  /** @param {Item} item */
  #enqueue(item) {
    if (this.#closed) return
    item.stamp = ++this.#stamp
    const dropped = this.queue.push(item)
    if (dropped > 0) this.voice.dropped(dropped, 'ERR_STORE_FULL')
    if (this.#retryAfter === 0) this.#write()
    else this.#later()
  }

  #later() {
    this.#timer ??= resting(() => this.#write(), this.#retryAfter)
  }

  /** Writes what waits when its turn comes. @returns {Promise<void>} never rejects */
  #write() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#due) {
      this.#due = true
      this.#writing = this.#writing.then(() => {
        this.#due = false
        return this.#send()
      })
    }
    return this.#writing
  }

  /** Takes everything that waits and writes it. Never rejects. */
  async #send() {
    this.#refused = false
    const items = this.queue.take().map(item => (this.sweeps.hideItem(item) ? deletion(item) : item))
    const sweeps = this.sweeps.begin(items)
    if (items.length === 0 && sweeps.length === 0) return
    for (const item of items) this.#flying.push(item)
    /** @type {Item[]} */
    const failed = []
    /** @type {unknown} */
    let last
    const look = once(namespace => this.answers.to(() => this.generations.look(namespace)))
    this.answers.hope()
    const attempt = async (/** @type {Item} */ item) => {
      try {
        await this.#put(item, look)
      } catch (cause) {
        const hides = this.#hides(item)
        failed.push({ ...item, hides })
        // What gives no answer gets no second question.
        this.#refused ||= hides && item.kind === 'entry' && writeCode(cause) === 'ERR_STORE_WRITE'
        // The others are told of together, when all is over.
        if (failed.length === 1) this.#tell(cause, 1)
        last = cause
      }
    }
    await each(items.filter(({ kind }) => kind === 'cleared'), attempt) // biome-ignore format: one line
    await each(items.filter(({ kind }) => kind !== 'cleared'), attempt) // biome-ignore format: one line
    if (failed.length < items.length) {
      this.#retryAfter = 0
      this.voice.written(items.length - failed.length)
    }
    if (failed.length > 0) this.#failed(failed, last, items.length)
    // What failed waits again: what it hides must not be read meanwhile.
    this.#flying.take()
    for (const sweep of sweeps) await this.#sweep(sweep)
  }

  /** Whether something else may be in the backend in place of what was not written. @param {Item} item */
  #hides(item) {
    // It may be there or not, and may still come: in any case it is not what was there before.
    if (item.hides || this.answers.isLate(idOf(item))) return true
    // That there was nothing is not known of this generation.
    return item.generation !== this.generations.current(item.namespace)
  }

  /**
   * @param {Item} item
   * @param {(namespace: string) => Promise<unknown>} look at what its generation is, at most once for all that is written together
   * @returns {Promise<void>} rejects as the backend does
   */
  async #put(item, look) {
    const { kind, namespace, digest, storedAt, deadline } = item
    const { answers, backend, generations } = this
    const id = idOf(item)
    answers.expect()
    if (answers.isLate(id)) throw late('an earlier write is not answered yet')
    if (kind === 'cleared') {
      await answers.to(() => generations.renew(namespace), id)
      this.tidy.add(namespace)
      return
    }
    // It has to be where others look for it by now.
    await look(namespace)
    const name = generations.name(namespace, digest)
    const ttl = Math.min(deadline - epochNow(), deadline - storedAt)
    if (kind === 'deleted' || !(ttl > 0)) {
      await answers.to(async () => backend.remove(name), id)
      return
    }
    const text = packText(item)
    await answers.to(async () => backend.write(name, text, ttl > LONGEST ? undefined : Math.ceil(ttl)), id)
  }

  /** @param {import('./sweeps.js').Sweep} sweep */
  async #sweep(sweep) {
    let isDone = false
    try {
      isDone = await this.sweeps.run(sweep)
    } catch (cause) {
      this.#tell(cause, 1)
    }
    // What cannot be asked or listed goes as well, and at once: who flushes waits for that.
    if (!isDone) {
      this.clear(sweep.namespace)
      this.#write()
    }
    this.sweeps.end(sweep)
  }

  /** @param {Item[]} failed @param {unknown} cause @param {number} of */
  #failed(failed, cause, of) {
    const dropped = this.queue.restore(failed)
    if (failed.length === of)
      this.#retryAfter = Math.min(RETRY_MAX, Math.max(RETRY_MIN, this.#retryAfter * 2))
    if (failed.length > 1) this.#tell(cause, failed.length - 1)
    if (dropped > 0) this.voice.dropped(dropped, writeCode(cause), cause)
    if (this.queue.size > 0) {
      this.#retryAfter ||= RETRY_MIN
      this.#later()
    }
  }

  /** @param {unknown} cause @param {number} count */
  #tell(cause, count) {
    this.voice.error(writeCode(cause), cause, count)
  }

  /** @param {StoreKey} key @param {unknown} cause */
  #refuse(key, cause) {
    // The value before it is no longer the answer.
    if (codeOf(cause) !== 'ERR_STORE_REFUSED') this.delete(key)
    this.voice.refused(key.namespace, cause)
  }
}

/** @param {unknown} cause */
function writeCode(cause) {
  return codeOf(cause) === 'ERR_STORE_TIMEOUT' ? 'ERR_STORE_TIMEOUT' : 'ERR_STORE_WRITE'
}
