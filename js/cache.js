import { Backing, remaining } from './backing.js'
import { epochNow } from './clock.js'
import { BUFFER_CELLS, Index, keyDigest, memory } from './core.js'
import { MimicError } from './errors.js'
import { Emitter } from './events.js'
import { Flight } from './flight.js'
import { hex } from './hex.js'
import { walked, writeCall } from './key.js'
import { isWeak } from './key/identity.js'
import { NONE } from './key/nesting.js'
import { DIGESTED } from './key/tags.js'
import { isOneShot } from './oneshot.js'
import { parseTtl } from './options.js'
import { Counters, snapshot } from './stats.js'
import { Ties } from './ties.js'

/**
 * The cache of one wrapped function: its index in the core, the values by slot, and the loads that run.
 * @typedef {import('./options.js').Settings} Settings
 * @typedef {import('./stores/store.js').StoreKey} StoreKey
 * @typedef {import('./stores/store.js').StoreEntry} StoreEntry
 */

export class Cache {
  /**
   * @param {Settings} settings
   * @param {boolean} isAsync whether the function is known to return promises
   */
  constructor(settings, isAsync) {
    this.settings = settings
    /** Learned from the first promise where the function's syntax does not tell. */
    this.isAsync = isAsync
    /** A function without a ttl reads the clock for `explain` only, when a value comes in. */
    this.timed = settings.ttl !== Infinity || settings.ttlOf !== undefined || settings.store !== undefined
    this.counters = new Counters()
    /** It was said that results of this function can be read only once. */
    this.warned = false
    this.events = new Emitter(settings.onEvent)
    /** @type {unknown[]} */
    this.values = []
    /** What the function's clock said when the value of a slot came in. @type {number[]} */
    this.storedAt = []
    /** @type {(Flight | undefined)[]} */
    this.flights = []
    /** What lives no longer than the identities in its key. @type {Ties | undefined} */
    this.ties = undefined
    /** Cells of the last key written. */
    this.cells = 0
    this.index = new Index(settings.maxEntries, error => this.forget(error))
    const { store, storeTimeout, name, version } = settings
    /** @type {Backing | undefined} */
    this.backing =
      store && new Backing(store, `${name}\0${version}`, storeTimeout, error => this.report(error))
  }

  /** The core was started anew, and this index with it. @param {unknown} error */
  forget(error) {
    this.empty()
    this.counters.traps++
    this.events.emit({ type: 'trap', name: this.settings.name, error })
  }

  empty() {
    this.values = []
    this.storedAt = []
    this.flights = []
    this.ties?.untieAll()
  }

  /** @returns {number} the time of the function's clock; 0 where nothing depends on it */
  now() {
    return this.timed ? this.readClock() : 0
  }

  /** @returns {number} milliseconds; NaN, at which everything with a ttl is expired, from a clock that fails */
  readClock() {
    try {
      const now = this.settings.clock.now()
      return typeof now === 'number' ? now : NaN
    } catch (error) {
      this.report(error)
      return NaN
    }
  }

  /**
   * Writes the key of a call.
   * @param {unknown} self
   * @param {any[]} args
   * @returns {number} its cells; 0, which is never found and never stored, when it cannot be made
   */
  key(self, args) {
    const { key, maxKeyCells } = this.settings
    try {
      return writeCall(self, key ? [Reflect.apply(key, self, args)] : args, maxKeyCells)
    } catch (error) {
      this.report(error)
      return 0
    }
  }

  /**
   * @param {unknown} self
   * @param {any[]} args
   * @returns {number} the core's answer, see `Index.probe`
   */
  probe(self, args) {
    const now = this.now()
    this.cells = this.key(self, args)
    return this.index.probe(this.cells, now)
  }

  /** The store's name of the key in the buffer; undefined when the key means nothing outside this process. @param {number} cells */
  storeKey(cells) {
    if (this.backing === undefined || !walked.portable || cells === 0) return undefined
    const bytes = memory.u8.slice(0, cells * 8)
    const digest = memory.u32[0] === DIGESTED ? bytes.subarray(8, 24) : keyDigest(cells).subarray(0, 16)
    return { namespace: this.backing.namespace, digest: hex(digest), bytes }
  }

  /**
   * A load begins in the slot that the last probe reserved.
   * @param {number} slot
   * @param {any[]} args
   * @returns {Flight}
   */
  begin(slot, args) {
    const { index } = this
    const generation = index.generation()
    const key = this.storeKey(this.cells)
    const flight = new Flight(slot, generation, index.epoch, args, weakIdentities(), key)
    this.vacate(slot)
    this.flights[slot] = flight
    return flight
  }

  /**
   * A load has its value. Nothing is stored when its key was invalidated meanwhile.
   * @param {Flight} flight
   * @param {unknown} value what callers get: for an async function the promise
   * @param {unknown} result the plain result
   */
  settle(flight, value, result) {
    if (isOneShot(result)) {
      this.release(flight)
      this.warnOneShot()
      return
    }
    const ttl = this.ttlOf(result, flight.args)
    if (this.keep(flight, value, ttl) && flight.key) this.backing?.set(flight.key, result, ttl, this.isAsync)
  }

  warnOneShot() {
    if (this.warned) return
    this.warned = true
    const message = `${this.settings.name ?? 'a memoized function'} returns what can be read only once (an iterator, a stream, a Response): it is not cached; return an array or the text`
    const error = new MimicError('ERR_ONE_SHOT', message)
    this.report(error)
    console.warn(`my-mimic: ${error.code} ${message}`)
  }

  /**
   * A pending slot in which nothing can join a load. Usually the load is this very call further up the stack. When none runs (the stack ended
   * between reserving the slot and calling the function) the slot is given back.
   * @param {number} slot
   */
  reclaim(slot) {
    const flight = this.flights[slot]
    if (flight?.onStack) return
    this.index.removeSlot(slot)
    this.flights[slot] = undefined
  }

  /**
   * @param {Flight} flight
   * @param {unknown} value
   * @param {number} ttl milliseconds
   * @returns {boolean} whether the slot was still the flight's
   */
  keep(flight, value, ttl) {
    const { slot, generation, epoch } = flight
    const { index, flights } = this
    if (!(ttl > 0)) {
      this.release(flight)
      return false
    }
    if (flights[slot] !== flight || index.epoch !== epoch) return false
    const storedAt = this.readClock()
    const deadline = ttl === Infinity ? Infinity : storedAt + ttl
    // The value is there before the slot is resident: wherever the caller's stack may end, no slot is ever hit without its value.
    this.fill(slot, flight.identities, value)
    this.storedAt[slot] = storedAt
    const removed = index.commit(slot, generation, deadline, 0)
    flights[slot] = undefined
    if (removed < 0) this.vacate(slot)
    else if (removed > 0) this.drop(removed)
    return removed >= 0
  }

  /**
   * @param {number} slot
   * @param {readonly object[] | undefined} identities
   * @param {unknown} value
   */
  fill(slot, identities, value) {
    if (identities === undefined) {
      this.values[slot] = value
      return
    }
    this.ties ??= new Ties(fallen => {
      this.index.removeSlot(fallen)
      this.vacate(fallen)
    })
    this.values[slot] = this.ties.tie(slot, identities, value)
  }

  /** The value in a slot that hit. @param {number} slot */
  value(slot) {
    walked.identities = NONE
    const value = this.values[slot]
    return this.ties?.has(slot) ? /** @type {WeakRef<any>} */ (value).deref()?.value : value
  }

  /** @param {number} slot */
  vacate(slot) {
    if (this.ties?.has(slot)) {
      const cell = /** @type {WeakRef<any>} */ (this.values[slot])?.deref()
      if (cell !== undefined) cell.value = undefined
      this.ties.untie(slot)
    }
    this.values[slot] = undefined
  }

  /** A load failed: nothing is stored. @param {Flight} flight */
  fail(flight) {
    this.counters.errors++
    this.release(flight)
  }

  /** @param {Flight} flight */
  release(flight) {
    const { slot, generation, epoch } = flight
    if (this.flights[slot] === flight) this.flights[slot] = undefined
    if (this.index.epoch === epoch) this.index.abandon(slot, generation)
  }

  /** @param {number} count */
  drop(count) {
    this.index.eachRemoved(count, slot => this.vacate(slot))
  }

  /**
   * @param {unknown} result
   * @param {any[]} args
   * @returns {number} milliseconds; 0, which keeps nothing, when the callback fails
   */
  ttlOf(result, args) {
    const { ttl, ttlOf } = this.settings
    if (ttlOf === undefined) return ttl
    try {
      return parseTtl(ttlOf(result, args), 'ttl(value, args)')
    } catch (error) {
      this.report(error)
      return 0
    }
  }

  /** A failure that no caller sees. @param {unknown} error */
  report(error) {
    this.counters.storeErrors++
    const code = /** @type {any} */ (error)?.code
    this.events.emit({ type: 'error', name: this.settings.name, error, code })
  }

  /**
   * What the store remembered becomes this flight's value.
   * @param {Flight} flight
   * @param {StoreEntry} entry
   * @param {unknown} value what callers get
   */
  revive(flight, entry, value) {
    this.counters.storeHits++
    const age = Math.max(0, epochNow() - entry.storedAt)
    if (this.keep(flight, value, remaining(entry))) this.storedAt[flight.slot] -= age
  }

  /**
   * What a call would find, in memory or at hand in the store; nothing is counted or touched.
   * @param {unknown} self
   * @param {any[]} args
   * @returns {{ value: unknown } | undefined}
   */
  peek(self, args) {
    const now = this.now()
    const cells = this.key(self, args)
    const key = this.storeKey(cells)
    const slot = this.index.find(cells, now)
    if (slot >= 0) return { value: this.value(slot) }
    const entry = key && this.backing?.getSync(key)
    return entry && { value: this.isAsync || entry.isAsync ? Promise.resolve(entry.value) : entry.value }
  }

  /**
   * @param {unknown} self
   * @param {any[]} args
   * @param {unknown} value what callers will get
   * @param {unknown} result the plain result
   */
  insert(self, args, value, result) {
    const ttl = this.ttlOf(result, args)
    if (!(ttl > 0)) {
      this.invalidate(self, args)
      return
    }
    const storedAt = this.readClock()
    const deadline = ttl === Infinity ? Infinity : storedAt + ttl
    const cells = this.key(self, args)
    const key = this.storeKey(cells)
    const identities = weakIdentities()
    const slot = this.index.insert(cells, deadline, 0)
    if (slot >= 0) {
      this.storedAt[slot] = storedAt
      if (identities === undefined) this.values[slot] = value
      else this.fill(slot, identities, value)
      this.flights[slot] = undefined
    }
    const removed = this.index.insertRemoved()
    if (removed > 0) this.drop(removed)
    if (key) this.backing?.set(key, result, ttl, this.isAsync)
  }

  /** @param {unknown} self @param {any[]} args @returns {boolean} whether there was an entry or a load */
  invalidate(self, args) {
    const cells = this.key(self, args)
    const key = this.storeKey(cells)
    const slot = this.index.remove(cells)
    if (slot >= 0) {
      this.vacate(slot)
      this.flights[slot] = undefined
    }
    if (key) this.backing?.delete(key)
    return slot >= 0
  }

  clear() {
    this.index.clear()
    this.empty()
    this.backing?.clear()
  }

  stats() {
    return snapshot(this.index.stats(), this.counters)
  }
}

/** What the last key holds weakly, when it has identities and all can be. */
function weakIdentities() {
  const { identities } = walked
  if (identities.length === 0) return undefined
  walked.identities = NONE
  return identities.every(isWeak) ? identities : undefined
}

/** The version of a function that names none: a digest of its source, so changed code does not read old results. @param {Function} fn */
export function versionOf(fn) {
  const cells = writeCall(undefined, [Function.prototype.toString.call(fn)], BUFFER_CELLS)
  return hex(keyDigest(cells).subarray(0, 8))
}
