import { Backing, remaining } from './backing.js'
import { epochNow, systemClock } from './clock.js'
import { masterOf } from './copies.js'
import { Index } from './core.js'
import { MimicError } from './errors.js'
import { Flight } from './flight.js'
import { freshnessOf } from './freshness.js'
import { walked, writeCall } from './key.js'
import { isWeak } from './key/identity.js'
import { NONE } from './key/nesting.js'
import { Ledger } from './ledger.js'
import { Slots } from './slots.js'
import { TaggedSlots } from './tags.js'
import { tagsFor, termsOf, weigh } from './terms.js'
import { ended } from './waits.js'

/**
 * The cache of one wrapped function: its index in the core, the values by slot, and the loads that run.
 * @typedef {import('./options.js').Settings} Settings
 * @typedef {import('./stores/store.js').StoreKey} StoreKey
 * @typedef {import('./stores/store.js').StoreEntry} StoreEntry
 * @typedef {import('./terms.js').Terms} Terms
 * @typedef {import('./copies.js').Master} Master
 */

/** @type {readonly import('./stats.js').Cause[]} by the core's number */
const CAUSES = ['expired', 'size', 'invalidated', 'replaced']

export class Cache {
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
    /** A function without a ttl reads the clock for `explain` only, when a value comes in. */
    this.timed = settings.ttl !== Infinity || settings.ttlOf !== undefined || settings.store !== undefined
    this.freshness = freshnessOf(settings)
    this.ledger = new Ledger(settings, () => this.plan())
    this.slots = new Slots(
      slot => this.remove(slot),
      () => this.plan(),
    )
    /** For a plain hit, which has no time to ask `slots`. */
    this.values = this.slots.values
    /** @type {(Flight | undefined)[]} */
    this.flights = []
    /** Some results are kept as masters. */
    this.copies = settings.clone !== undefined
    /** Counts what the user invalidated, for results whose key is not known yet. */
    this.invalidations = 0
    /** A hit has nothing to do but to return the value in its slot. */
    this.isPlain = true
    /** Cells of the last key written, and the time it was looked up at. */
    this.cells = 0
    this.time = 0
    this.index = new Index(settings.maxEntries, settings.maxBytes, error => this.forget(error))
    this.countsOfCore = () => this.index.stats()
    const { store, storeTimeout, name, version } = settings
    /** @type {Backing | undefined} */
    this.backing =
      store && new Backing(store, `${name}\0${version}`, storeTimeout, error => this.ledger.report(error))
    this.tagged =
      settings.tags &&
      new TaggedSlots(
        shared.tags,
        slot => this.remove(slot),
        patterns => this.backing?.invalidateTags(patterns),
      )
    shared.totals.join(this)
    this.budget = shared.budget
    this.share = shared.budget.join(this)
    this.plan()
  }

  /** What a hit has to do is decided when it changes, not at each hit. */
  plan() {
    const { slots, freshness, copies, ledger } = this
    this.isPlain =
      slots.ties === undefined && freshness === undefined && !copies && !ledger.events.hears('hit')
  }

  /** The core was started anew, and this index with it. @param {unknown} error */
  forget(error) {
    this.empty()
    this.ledger.trapped(error)
  }

  empty() {
    this.invalidations++
    this.slots.clear()
    this.flights = []
    this.tagged?.clear()
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
    const flight = this.flights[-2 - found]
    return flight?.held && this.answers(flight.slot, flight) ? flight.slot : -1
  }

  /** Whether the value that a load is to replace still answers calls. @param {number} slot @param {Flight} flight */
  answers(slot, flight) {
    if (this.freshness !== undefined) return this.freshness.serves(slot, this.time)
    return flight.held !== undefined && this.time < flight.held.deadline
  }

  /** Whether a load's key is still that of these arguments. @param {Flight} flight @param {unknown} self @param {any[]} args */
  isKeyOf(flight, self, args) {
    if (!this.isCurrent(flight)) return false
    this.look(self, args)
    walked.identities = NONE
    return this.index.find(this.cells, this.time) === -2 - flight.slot
  }

  /** Whether the slot is still the load's: not invalidated, not superseded. @param {Flight} flight */
  isCurrent(flight) {
    return this.flights[flight.slot] === flight && this.index.epoch === flight.epoch
  }

  /** The store's name of the key in the buffer, when there is a store. */
  storeKey() {
    return this.backing?.keyFor(this.cells)
  }

  /**
   * A load begins in the slot that the last probe or claim reserved.
   * @param {number} slot
   * @param {any[]} args
   * @returns {Flight}
   */
  begin(slot, args) {
    const flight = this.reserve(slot, args)
    if (this.slots.has(slot)) this.tellRemoved(slot, 'expired')
    this.vacate(slot)
    return flight
  }

  /**
   * A load begins for the key in the buffer, whatever is there. A value that lives stays in its slot until the load has one.
   * @param {any[]} args
   * @returns {Flight} one that is stored nowhere when there is no room
   */
  renew(args) {
    const { index } = this
    const known = index.find(this.cells, this.time)
    const held = known >= 0 ? index.entry(known) : this.flights[-2 - known]?.held
    const claimed = index.claim(this.cells, this.time)
    if (claimed === undefined) return new Flight(-1, 0, -1, args, undefined, undefined)
    if (held === undefined) return this.begin(claimed, args)
    const flight = this.reserve(claimed, args)
    flight.held = held
    return flight
  }

  /** @param {number} slot @param {any[]} args */
  reserve(slot, args) {
    const { index } = this
    const generation = index.generation()
    const key = this.storeKey()
    const flight = new Flight(slot, generation, index.epoch, args, weakIdentities(), key)
    if (this.tagged !== undefined) flight.began = this.registry.version
    if (this.freshness !== undefined) flight.startedAt = this.time
    this.flights[slot] = flight
    return flight
  }

  /**
   * A load has its value. Nothing is stored when its key or one of its tags was invalidated meanwhile.
   * @param {Flight} flight
   * @param {unknown} result
   * @param {Promise<unknown>} [promise] of the result, where callers get one
   * @returns {unknown} what the first caller gets
   */
  settle(flight, result, promise) {
    ended(flight)
    const master = this.masterFor(flight, result, promise !== undefined)
    if (flight.oneShot) return result
    try {
      const terms = termsOf(this.settings, result, flight.args)
      const isKept = this.keep(flight, terms, master ?? promise ?? result, result)
      if (master !== undefined && isKept) this.watch(flight.slot, master)
      else master?.copies?.release()
      if (isKept && flight.key) {
        this.backing?.set(flight.key, result, terms.ttl, promise !== undefined, terms.tags)
      }
    } catch (error) {
      this.ledger.report(error)
      this.release(flight)
    }
    return master === undefined ? result : master.take()
  }

  /**
   * A result that can be read only once, or cannot be copied, is its first caller's alone.
   * @param {Flight} flight
   * @param {unknown} result
   * @param {boolean} isAsync
   */
  masterFor(flight, result, isAsync) {
    try {
      flight.master = masterOf(this.settings, result, isAsync)
    } catch (error) {
      flight.oneShot = true
      this.release(flight)
      this.ledger.warn(error)
    }
    return flight.master
  }

  /** What stands in a slot is copied for each caller. @param {number} slot @param {Master} master */
  watch(slot, master) {
    if (!this.copies) {
      this.copies = true
      this.plan()
    }
    master.copies?.done.then(body => {
      if (this.slots.value(slot) !== master) return
      if ('bytes' in body) return this.stored(this.index.weigh(slot, body.bytes))
      // It broke off, or is not to be kept whole: nobody else shall get it.
      if (body.error instanceof MimicError) this.ledger.warn(body.error)
      else this.ledger.failed(body.error)
      this.remove(slot)
    })
  }

  /**
   * A pending slot in which nothing can join a load. Usually the load is this very call further up the stack. When none runs (the stack ended
   * between reserving the slot and calling the function) the slot is given back.
   * @param {number} slot
   */
  reclaim(slot) {
    const flight = this.flights[slot]
    if (flight?.onStack || flight?.promise) return
    this.index.removeSlot(slot)
    this.flights[slot] = undefined
  }

  /**
   * @param {Flight} flight
   * @param {Terms} terms
   * @param {unknown} value
   * @param {unknown} result
   * @param {number} [age] milliseconds since the store got it
   * @returns {boolean} whether the slot was still the flight's
   */
  keep(flight, { ttl, tags, weight }, value, result, age = 0) {
    const { slot, generation } = flight
    const { index, freshness } = this
    if (!(ttl > 0) || (tags !== undefined && this.registry.wasInvalidated(tags, flight.began))) {
      this.release(flight)
      return false
    }
    if (!this.isCurrent(flight)) return false
    const now = flight.endedAt ?? this.readClock()
    const until = ttl === Infinity ? Infinity : now + ttl
    if (flight.held !== undefined) {
      this.tellRemoved(slot, 'replaced')
      this.ledger.corrections.replaced++
      this.vacate(slot)
    }
    // The value is there before the slot is resident: wherever the caller's stack may end, no slot is ever hit without its value.
    this.slots.set(slot, flight.identities, value, result, now - age)
    freshness?.set(slot, until, now - flight.startedAt)
    if (tags !== undefined) this.tagged?.set(slot, tags)
    const removed = index.commit(slot, generation, freshness ? until + freshness.grace : until, weight)
    this.flights[slot] = undefined
    if (removed < 0) {
      this.vacate(slot)
      if (index.epoch === flight.epoch && until > now) this.ledger.refused(weight)
      return false
    }
    this.stored(removed)
    return true
  }

  /** Something was stored, and this many entries went. @param {number} removed */
  stored(removed) {
    if (removed > 0) this.drop(removed)
    this.budget.stored(this.share, this.index)
  }

  /** Entries go for the bound over all functions. @param {number} bytes that may stay @param {number} limit of entries @returns {number} how many went */
  trim(bytes, limit) {
    const removed = this.index.trim(bytes, limit)
    if (removed > 0) this.drop(removed)
    return removed
  }

  /** A load has nothing better than what it was to replace: that stays. @param {Flight} flight */
  restore(flight) {
    const { slot, generation, held } = flight
    if (held === undefined) return this.release(flight)
    if (!this.isCurrent(flight)) return
    this.flights[slot] = undefined
    const removed = this.index.commit(slot, generation, held.deadline, held.weight)
    if (removed < 0) this.leave(slot, 'expired')
    else this.stored(removed)
  }

  /** @param {number} slot */
  vacate(slot) {
    this.slots.delete(slot)
    this.tagged?.delete(slot)
  }

  /**
   * A load failed: nothing is stored, and what was there stays.
   * @param {Flight} flight
   * @param {unknown} error
   * @returns {boolean} whether the value that was there may stand in
   */
  fail(flight, error) {
    ended(flight)
    this.ledger.counters.errors++
    flight.mayStandIn =
      flight.fallback !== undefined &&
      this.isCurrent(flight) &&
      this.freshness?.standsIn(flight.slot, this.now()) === true
    if (flight.inBackground || flight.mayStandIn) this.ledger.failed(error)
    this.restore(flight)
    return flight.mayStandIn
  }

  /** The last caller has left. @param {Flight} flight @param {unknown} reason */
  abandon(flight, reason) {
    this.restore(flight)
    flight.controller?.abort(reason)
  }

  /** @param {Flight} flight */
  release(flight) {
    const { slot, generation, epoch } = flight
    if (this.flights[slot] === flight) {
      this.flights[slot] = undefined
      if (flight.held !== undefined) this.leave(slot, 'replaced')
    }
    if (this.index.epoch === epoch) this.index.abandon(slot, generation)
  }

  /** A value that was held while it was loaded anew is gone; the core did not know it any more. @param {number} slot @param {import('./stats.js').Cause} cause */
  leave(slot, cause) {
    this.ledger.corrections[cause]++
    this.tellRemoved(slot, cause)
    this.vacate(slot)
  }

  /** Invalidates what is in a slot, a load that runs included. @param {number} slot */
  remove(slot) {
    this.index.removeSlot(slot)
    this.gone(slot)
  }

  /** What was in a slot was invalidated in the core. @param {number} slot */
  gone(slot) {
    this.invalidations++
    const flight = this.flights[slot]
    this.flights[slot] = undefined
    if (flight?.held !== undefined) return this.leave(slot, 'invalidated')
    if (flight === undefined) this.tellRemoved(slot, 'invalidated')
    this.vacate(slot)
  }

  /** @param {number} count */
  drop(count) {
    this.index.eachRemoved(count, this.now(), (slot, cause) => {
      this.tellRemoved(slot, CAUSES[cause])
      this.vacate(slot)
    })
  }

  /** @param {number} slot @param {import('./stats.js').Cause} cause */
  tellRemoved(slot, cause) {
    this.ledger.removed(cause, () => this.slots.result(slot))
  }

  /**
   * What the store remembered becomes this flight's value.
   * @param {Flight} flight
   * @param {StoreEntry} entry
   * @param {boolean} isAsync callers get a promise
   * @returns {unknown} what callers get
   */
  revive(flight, entry, isAsync) {
    ended(flight)
    this.ledger.counters.storeHits++
    const value = isAsync ? Promise.resolve(entry.value) : entry.value
    const age = Math.max(0, epochNow() - entry.storedAt)
    try {
      const tags = tagsFor(this.settings, entry.value, flight.args)
      const weight = weigh(this.settings, entry.value)
      const ttl = entry.isPassing ? 0 : remaining(entry)
      this.keep(flight, { ttl, tags, weight }, value, entry.value, age)
    } catch (error) {
      this.ledger.report(error)
      this.release(flight)
    }
    return value
  }

  /** A load that began then, on the runtime's clock, has ended. @param {Flight} flight @param {number} began */
  loaded(flight, began) {
    const ended = this.ledger.tally.loaded(began, this.countsOfCore)
    // Where that is the function's clock too, it need not be read again.
    if (this.settings.clock === systemClock) flight.endedAt = ended
  }

  stats() {
    return this.ledger.stats(this.index, this.now())
  }
}

/** What the last key holds weakly, when it has identities and all can be. */
export function weakIdentities() {
  const { identities } = walked
  if (identities.length === 0) return undefined
  walked.identities = NONE
  return identities.every(isWeak) ? identities : undefined
}
