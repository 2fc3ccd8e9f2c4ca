import { isMaster } from './copies.js'
import { Backing } from './backing.js'
import { Index } from './core-index.js'
import { followStore } from './elsewhere.js'
import { Flights } from './flights.js'
import { freshnessOf } from './freshness.js'
import { writeCall } from './key.js'
import { Ledger } from './ledger.js'
import { Slots } from './slots.js'
import { TaggedSlots } from './tags.js'

/**
 * What one wrapped function holds: its index in the core, the values by slot, how they are found and how they leave. `cache.js` adds the loads
 * by which they come.
 * @typedef {import('./options.js').Settings} Settings
 * @typedef {import('./flight.js').Flight} Flight
 */

/** @type {readonly import('./stats.js').Cause[]} by the core's number */
const CAUSES = ['expired', 'size', 'invalidated', 'replaced']

export class Residents {
  /**
   * @param {Settings} settings
   * @param {import('./create.js').Shared} shared
   * @param {boolean} isAsync whether the function is known to return promises
   */
  constructor(settings, shared, isAsync) {
    this.settings = settings
    this.registry = shared.tags
    /** Learned from the first promise where the function's syntax does not tell. */
    this.isAsync = isAsync
    /** And it has returned nothing else. */
    this.isAlwaysAsync = isAsync
    /** A function without a ttl never reads its clock. */
    this.timed = settings.ttl !== Infinity || settings.ttlOf !== undefined || settings.store !== undefined
    this.freshness = freshnessOf(settings)
    this.ledger = new Ledger(settings, () => this.plan())
    this.slots = new Slots(
      slot => this.remove(slot),
      () => this.plan(),
    )
    /** For a plain hit, which has no time to ask `slots`. */
    this.values = this.slots.values
    this.flights = new Flights()
    /** Some results are kept as masters. */
    this.copies = settings.clone !== undefined
    /** Entries that left, to be told when everything is in order again. @type {(() => void)[]} */
    this.departed = []
    /** Counts what the user invalidated, for results whose key is not known yet. */
    this.invalidations = 0
    /** The sweeper looks after it. */
    this.isSwept = false
    /** A hit has nothing to do but to return the value in its slot. */
    this.isPlain = true
    /** Someone listens to that: what nobody hears is not made. */
    this.tellsMisses = false
    this.tellsRemovals = false
    /** And a result to be stored has nothing to do but to go into its slot. */
    this.isBare = false
    /** Cells of the last key written, and the time it was looked up at. */
    this.cells = 0
    this.time = 0
    /** Its own bound in bytes. That over all functions may be lower, and may change. */
    this.ownBytes = settings.maxBytes
    settings.maxBytes = Math.min(this.ownBytes, shared.budget.max)
    this.index = new Index(settings.maxEntries, settings.maxBytes, error => this.forget(error))
    this.countsOfCore = () => this.index.stats()
    const { store, storeTimeout, name, version } = settings
    /** @type {Backing | undefined} */
    this.backing =
      store && new Backing(store, `${name}\0${version}`, storeTimeout, error => this.ledger.report(error))
    if (store !== undefined) followStore(this, store)
    this.tagged =
      settings.tags &&
      new TaggedSlots(
        shared.tags,
        slots => this.removeAll(slots),
        patterns => this.backing?.invalidateTags(patterns),
        () => this.announce(),
      )
    if (this.tagged) this.index.place.left.push(this.tagged.leave)
    shared.totals.join(this)
    this.budget = shared.budget
    this.share = shared.budget.join(this)
    this.plan()
    shared.arrivals.take(/** @type {any} */ (this))
  }

  /** What a hit has to do is decided when it changes, not at each hit. */
  plan() {
    const { slots, freshness, copies, ledger } = this
    const { events } = ledger
    this.isPlain = slots.ties === undefined && freshness === undefined && !copies && !events.hears('hit')
    this.tellsMisses = events.hears('miss')
    this.tellsRemovals = events.hears('remove')
    this.isBare = this.isPlain && isBare(this.settings) && !this.tellsMisses && !this.tellsRemovals
  }

  /** From now on some results are kept as masters. */
  startCopying() {
    this.copies = true
    this.plan()
  }

  /** The core was started anew, and this index with it. @param {unknown} error */
  forget(error) {
    this.empty()
    this.ledger.tally.restart()
    this.ledger.trapped(error)
  }

  empty() {
    this.invalidations++
    // Bodies that are still coming are no longer wanted.
    if (this.copies) for (let slot = 0; slot < this.values.length; slot++) this.slots.delete(slot)
    this.slots.clear()
    this.flights = new Flights()
    this.tagged?.clear()
  }

  /** @returns {number} the time of the function's clock; 0 where nothing depends on it */
  now() {
    return this.timed ? this.readClock() : 0
  }

  /** @returns {number} milliseconds; NaN, at which everything with a ttl is expired, from a clock that fails or says what is no time */
  readClock() {
    try {
      const now = this.settings.clock.now()
      return Number.isFinite(now) ? now : NaN
    } catch (error) {
      this.ledger.report(error)
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
      this.ledger.report(error)
      return 0
    }
  }

  /** Takes the time and the key of a call. @param {unknown} self @param {any[]} args */
  look(self, args) {
    this.time = this.now()
    this.cells = this.key(self, args)
  }

  /**
   * @param {unknown} self
   * @param {any[]} args
   * @returns {number} the core's answer, see `Index.probe`
   */
  probe(self, args) {
    this.look(self, args)
    return this.index.probe(this.cells, this.time)
  }

  /** The slot whose value would answer the key in the buffer, without consequences; below 0 when there is none. @param {number} cells */
  serving(cells) {
    const found = this.index.find(cells, this.time)
    if (found >= 0) return this.freshness?.serves(found, this.time) === false ? -1 : found
    const flight = this.flights.get(-2 - found)
    return flight?.held && this.answers(flight.slot, flight) ? flight.slot : -1
  }

  /** Whether the value that a load is to replace still answers calls. @param {number} slot @param {Flight} flight */
  answers(slot, flight) {
    if (this.freshness !== undefined) return this.freshness.serves(slot, this.time)
    return flight.held !== undefined && this.time < flight.held.deadline
  }

  /** The store's name of the key in the buffer, when there is a store. */
  storeKey() {
    return this.backing?.keyFor(this.cells)
  }

  /**
   * What a caller gets of a slot.
   * @param {number} slot
   * @param {() => unknown} apart what he gets when no copy can be made
   * @param {AbortSignal} [signal] his, which ends what is still coming
   */
  hand(slot, apart, signal) {
    try {
      return this.slots.hand(slot, signal)
    } catch (error) {
      this.ledger.report(error)
      return apart()
    }
  }

  /** The body of a Response is all there. @param {number} slot @param {number} bytes */
  reweigh(slot, bytes) {
    if (this.settings.sizeOf !== undefined) return
    const held = this.flights.get(slot)?.held
    if (held !== undefined) held.weight = bytes
    else this.stored(this.index.weigh(slot, bytes, this.now()))
    this.announce()
  }

  /** Something was stored, and this many entries went. @param {number} removed below 0 where nothing was stored */
  stored(removed) {
    if (this.budget.max < Infinity) this.storedWithin(removed)
    else if (removed > 0) this.drop(removed)
  }

  /** The same where there is a bound over all functions. @param {number} removed */
  storedWithin(removed) {
    if (removed < 0) return
    // Asked before anything else is: what leaves may reach the core.
    const bytes = this.index.held()
    if (removed > 0) this.drop(removed)
    this.budget.stored(this.share, bytes)
  }

  /** The bound over all functions is another from now on. @param {number} bytes */
  bound(bytes) {
    const { settings, index, ownBytes } = this
    settings.maxBytes = Math.min(ownBytes, bytes)
    index.bound(settings.maxBytes)
  }

  /** Entries go for the bound over all functions. @param {number} bytes that may stay @param {number} limit of entries @returns {number} how many went */
  trim(bytes, limit) {
    // It may not have been called for long: what has expired since goes first.
    const removed = this.index.trim(bytes, limit, this.now())
    this.drop(removed)
    // Another function is in the middle of a call. Fake timers hold back what `queueMicrotask` is given.
    if (this.departed.length > 0) Promise.resolve().then(() => this.announce())
    return removed
  }

  /** Whether nobody knows when an entry's value came in, or its deadline says it. @param {number} ttl @param {number} age */
  isUsual(ttl, age) {
    return !this.timed || (ttl === this.settings.ttl && ttl < Infinity && age === 0)
  }

  /** What the function's clock said when the value in a slot came in; NaN where that was not read. @param {number} slot */
  storedAt(slot) {
    const known = this.slots.storedAt.get(slot)
    if (!Number.isNaN(known)) return known
    const { deadline } = this.flights.get(slot)?.held ?? this.index.entry(slot)
    return (this.freshness?.until[slot] ?? deadline) - this.settings.ttl
  }

  /** @param {number} slot */
  vacate(slot) {
    this.slots.delete(slot)
    this.tagged?.delete(slot)
  }

  /** A value that was held while it was loaded anew is gone; the core did not know it any more. @param {number} slot @param {import('./stats.js').Cause} cause */
  leave(slot, cause) {
    this.ledger.corrections[cause]++
    this.depart(slot, cause)
  }

  /** Invalidates what is in a slot, a load that runs included. @param {number} slot */
  remove(slot) {
    this.removeAll([slot])
    this.announce()
  }

  /** The same for many, of which nobody is told yet. @param {Iterable<number>} slots */
  removeAll(slots) {
    for (const slot of slots) {
      this.index.removeSlot(slot)
      this.gone(slot)
    }
  }

  /** What was in a slot has left the core. @param {number} slot @param {import('./stats.js').Cause} [cause] */
  gone(slot, cause = 'invalidated') {
    this.invalidations++
    const flight = this.flights.get(slot)
    this.flights.delete(slot)
    if (flight?.held !== undefined) return this.leave(slot, cause)
    if (flight === undefined) this.depart(slot, cause)
    else this.vacate(slot)
  }

  /** @param {number} count as the core says it */
  drop(count) {
    // Usually one for one, for which a miss has no function to make.
    if (count === 1) {
      const word = this.index.removed()
      if (this.isBare) this.slots.unset(word >>> 2)
      else this.depart(word >>> 2, CAUSES[word & 3])
    } else if (count > 1) {
      this.index.eachRemoved(
        count,
        () => this.now(),
        (slot, cause) => this.depart(slot, CAUSES[cause]),
      )
    }
  }

  /**
   * An entry leaves its slot, and is told of later: listeners may call and change everything, which an operation under way would not bear.
   * @param {number} slot
   * @param {import('./stats.js').Cause} cause
   */
  depart(slot, cause) {
    if (this.isBare) return this.slots.unset(slot)
    if (this.tellsRemovals) {
      const value = this.slots.resultLater(slot)
      const held = this.slots.value(slot)
      const isComing = isMaster(held) && held.copies !== undefined
      this.departed.push(() => this.ledger.removed(cause, value, isComing))
    }
    this.vacate(slot)
  }

  /** The slots are in order: who listens may know. */
  announce() {
    if (this.departed.length > 0) for (const tell of this.departed.splice(0)) tell()
  }

  stats() {
    return this.ledger.stats(this.index, this.now())
  }
}

/** Whether the options ask for nothing when a result is stored, beside its weight. @param {Settings} settings */
function isBare({ ttl, ttlOf, jitter, store, key, tags, freeze }) {
  const asks = ttlOf || jitter || store || key || tags || freeze
  return ttl > 0 && !asks
}
