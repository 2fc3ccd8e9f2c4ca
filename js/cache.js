import { remaining } from './backing.js'
import { epochNow, systemClock } from './clock.js'
import { freezeDeep, masterOf } from './copies.js'
import { MimicError } from './errors.js'
import { detached, Flight } from './flight.js'
import { walked } from './key.js'
import { isWeak } from './key/identity.js'
import { noteEarly } from './early.js'
import { NONE } from './key/nesting.js'
import { Residents } from './residents.js'
import { sweeper } from './sweeper.js'
import { noteArgs, tagsFor, termsOf, weigh } from './terms.js'
import { ended } from './waits.js'

/**
 * The cache of one wrapped function: what it holds, and the loads that run.
 * @typedef {import('./stores/store.js').StoreKey} StoreKey
 * @typedef {import('./stores/store.js').StoreEntry} StoreEntry
 * @typedef {import('./terms.js').Terms} Terms
 * @typedef {import('./copies.js').Master} Master
 */

export class Cache extends Residents {
  /** Whether a load's key is still that of these arguments. @param {Flight} flight @param {unknown} self @param {any[]} args */
  isKeyOf(flight, self, args) {
    if (!this.isCurrent(flight)) return false
    this.look(self, args)
    walked.identities = NONE
    return this.index.find(this.cells, this.time) === -2 - flight.slot
  }

  /** Whether the slot is still the load's: not invalidated, not superseded. @param {Flight} flight */
  isCurrent(flight) {
    return this.flights.get(flight.slot) === flight && this.index.epoch === flight.epoch
  }

  /**
   * A load begins in the slot that the last probe or claim reserved.
   * @param {number} slot
   * @param {any[]} args
   * @returns {Flight}
   */
  begin(slot, args) {
    const flight = this.reserve(slot, args)
    if (this.slots.has(slot)) this.depart(slot, 'expired')
    else this.vacate(slot)
    noteArgs(this.settings, flight)
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
    const held = known >= 0 ? index.entry(known) : this.flights.get(-2 - known)?.held
    const claimed = index.claim(this.cells, this.time)
    if (claimed === undefined) return detached(args)
    const flight = held === undefined ? this.begin(claimed, args) : this.reserve(claimed, args)
    if (this.backing !== undefined) flight.replaces = true
    if (held === undefined) return flight
    flight.held = held
    noteArgs(this.settings, flight)
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
    this.flights.set(slot, flight)
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
    flight.isOver = true
    const isAsync = promise !== undefined
    const replaced = flight.replaces && this.isCurrent(flight) ? flight.key : undefined
    const master = this.masterFor(flight, result, isAsync)
    let isPersisted = false
    if (!flight.oneShot) {
      try {
        const terms = termsOf(this.settings, result, flight)
        const isKept = this.keep(flight, terms, master ?? promise ?? result, result)
        this.own(flight, isKept)
        // A store has its own bounds.
        if ((isKept || flight.isRefused) && flight.key) {
          isPersisted = this.persist(flight.key, master, result, terms, isAsync)
        }
      } catch (error) {
        this.refuse(flight, error)
      }
    }
    // What is kept nowhere still takes the place of what was there.
    if (replaced !== undefined && !isPersisted) this.backing?.delete(replaced)
    this.answered(flight)
    this.announce()
    return this.copyOf(flight, result)
  }

  /** Where an expired value could have stood in, it shows only now that the call is a miss. @param {Flight} flight */
  answered(flight) {
    const { fallback, isStale, args } = flight
    if (!fallback?.isForFirst || isStale) return
    // Once: its caller may leave when he is told, or the load end after he has left.
    fallback.isForFirst = false
    this.ledger.tell('miss', args)
  }

  /** A callback failed: the result is not kept. @param {Flight} flight @param {unknown} error */
  refuse(flight, error) {
    // Which tags it would have had nobody knows.
    if (this.tagged !== undefined && this.registry.version > flight.began) flight.isOutdated = true
    this.release(flight)
    this.ledger.report(error)
    this.own(flight, false)
  }

  /** A master is the cache's own while it is in its slot. @param {Flight} flight @param {boolean} isKept */
  own({ slot, master }, isKept) {
    if (master !== undefined && isKept) this.watch(slot, master)
    else master?.copies?.release()
  }

  /**
   * The first caller's copy. When none can be made, what was copied before is his: nobody else gets it.
   * @param {Flight} flight
   * @param {unknown} result
   */
  copyOf({ master, signal, inBackground }, result) {
    try {
      // Nobody reads one that nobody gets, and the connection would stay open for it.
      if (master === undefined || (inBackground && master.copies !== undefined)) return result
      return master.take(signal)
    } catch (error) {
      this.ledger.report(error)
      return result
    }
  }

  /**
   * @param {StoreKey} key
   * @param {Master | undefined} master
   * @param {unknown} result
   * @param {Terms} terms
   * @param {boolean} isAsync
   * @returns {boolean} whether the store has been given it
   */
  persist(key, master, result, { ttl, tags }, isAsync) {
    if (this.backing === undefined) return false
    // Not what its function or its setter still has, where each caller is to have a copy.
    if (master === undefined) this.backing.set(key, result, ttl, isAsync, tags)
    else if (master.copies === undefined) this.backing.set(key, master.value, ttl, isAsync, tags)
    // Its body is the copies'. A store would hand it on read to its end.
    else this.ledger.warn(notPersisted(this.settings.name))
    return master?.copies === undefined
  }

  /**
   * A result that can be read only once, or cannot be copied, is its first caller's alone.
   * @param {Flight} flight
   * @param {unknown} result
   * @param {boolean} isAsync
   */
  masterFor(flight, result, isAsync) {
    // Usually there is none to be made, and no load that has one.
    if (typeof result !== 'object' && this.settings.clone === undefined) return undefined
    try {
      const master = masterOf(this.settings, result, isAsync)
      if (master !== undefined) flight.master = master
    } catch (error) {
      flight.oneShot = true
      this.release(flight)
      this.ledger.warn(error)
    }
    return flight.master
  }

  /** What stands in a slot is copied for each caller. @param {number} slot @param {Master} master */
  watch(slot, master) {
    if (!this.copies) this.startCopying()
    master.copies?.done.then(body => {
      if (this.slots.value(slot) !== master) return
      if ('bytes' in body) return this.reweigh(slot, body.bytes)
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
    const flight = this.flights.get(slot)
    if (flight?.onStack || flight?.promise) return
    this.index.removeSlot(slot)
    // Without room there is no such slot, and a list must not become as long as its number.
    if (flight === undefined) return
    this.flights.delete(slot)
    if (flight.held === undefined) this.vacate(slot)
    else this.leave(slot, 'expired')
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
    const { slot } = flight
    const { freshness } = this
    const now = flight.endedAt ?? this.now()
    flight.isOutdated = tags !== undefined && this.registry.wasInvalidated(tags, flight.began)
    if (!(ttl > 0) || flight.isOutdated) {
      this.release(flight)
      return false
    }
    if (!this.isCurrent(flight)) return false
    const until = ttl === Infinity ? Infinity : now + ttl
    if (flight.held !== undefined) this.leave(slot, 'replaced')
    // The value is there before the slot is resident: wherever the caller's stack may end, no slot is ever hit without its value.
    this.slots.set(slot, flight.identities, value, result, this.isUsual(ttl, age) ? undefined : now - age)
    freshness?.set(slot, until, now - flight.startedAt)
    if (tags !== undefined) this.tagged?.set(slot, tags)
    return this.commit(flight, until, weight, now)
  }

  /**
   * What is in a pending slot becomes resident.
   * @param {Flight} flight
   * @param {number} until
   * @param {number} weight
   * @param {number} now
   * @returns {boolean} whether it is stored
   */
  commit(flight, until, weight, now) {
    const { slot, generation } = flight
    const { index, freshness } = this
    const deadline = freshness ? until + freshness.grace : until
    const removed = index.commit(slot, generation, deadline, weight, now)
    this.flights.delete(slot)
    if (removed < 0) {
      this.vacate(slot)
      if (index.epoch === flight.epoch && until > now) {
        flight.isRefused = true
        this.departed.push(() => this.ledger.refused(weight))
      }
    } else this.stored(removed)
    sweeper.expect(this, deadline, now)
    return removed >= 0
  }

  /** A load has nothing better than what it was to replace: that stays. @param {Flight} flight */
  restore(flight) {
    const { slot, generation, held } = flight
    if (held === undefined) this.release(flight)
    else if (this.isCurrent(flight)) {
      this.flights.delete(slot)
      const removed = this.index.commit(slot, generation, held.deadline, held.weight, this.time)
      if (removed < 0) this.leave(slot, 'expired')
      else this.stored(removed)
      sweeper.expect(this, held.deadline, this.time)
    }
    this.announce()
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
    flight.mayStandIn = this.holdsOld(flight) && this.freshness?.standsIn(flight.slot, this.now()) === true
    // Who is told may call: everything is in order before.
    this.restore(flight)
    if (flight.mayStandIn) this.ledger.failed(error)
    else {
      this.answered(flight)
      if (flight.inBackground) this.ledger.failed(error)
    }
    return flight.mayStandIn
  }

  /** Whether the expired value may answer while the load takes its time. @param {Flight} flight */
  canStandIn(flight) {
    return this.holdsOld(flight) && this.freshness?.keeps(flight.slot, this.now()) === true
  }

  /**
   * Whether the value that may stand in is there still, also where a later load is to replace it: a promise or a master, as callers who wait for
   * something else get, lies in one slot only.
   * @param {Flight} flight
   */
  holdsOld(flight) {
    const { fallback, slot, epoch, controller } = flight
    if (fallback === undefined || this.isCurrent(flight)) return fallback !== undefined
    // After a recovery, or when its last caller has left, nothing stands in.
    if (!this.isAsync || this.index.epoch !== epoch || controller?.signal.aborted) return false
    return this.slots.has(slot) && this.slots.value(slot) === fallback.value
  }

  /** The last caller has left. @param {Flight} flight @param {unknown} reason */
  abandon(flight, reason) {
    this.restore(flight)
    // A value that is there may still be coming, as the body of a Response, and others may have it.
    if (flight.isOver) return
    // It may never end.
    this.answered(flight)
    flight.controller?.abort(reason)
  }

  /** @param {Flight} flight */
  release(flight) {
    const { slot, generation, epoch } = flight
    if (this.flights.get(slot) === flight) {
      this.flights.delete(slot)
      if (flight.held !== undefined) this.leave(slot, 'replaced')
    }
    if (this.index.epoch === epoch) this.index.abandon(slot, generation)
  }

  /** What the store remembers of a load's key. @param {Flight} flight @returns {Promise<StoreEntry | undefined>} */
  async ask(flight) {
    flight.isAsking = true
    flight.isDoubted = false
    const entry = flight.key && (await this.backing?.get(flight.key))
    flight.isAsking = false
    return flight.isDoubted ? undefined : entry
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
    const { value: result, isPassing, storedAt } = entry
    const { settings } = this
    const promise = isAsync ? Promise.resolve(result) : undefined
    const master = this.masterFor(flight, result, isAsync)
    if (!flight.oneShot) {
      try {
        if (settings.freeze) freezeDeep(result)
        const tags = tagsFor(settings, result, flight)
        const terms = { ttl: isPassing ? 0 : remaining(entry), tags, weight: weigh(settings, result, master) }
        const age = Math.max(0, epochNow() - storedAt)
        const isKept = this.keep(flight, terms, master ?? promise ?? result, result, age)
        this.own(flight, isKept)
        if (isKept && !isAsync) noteEarly(this, flight.slot)
      } catch (error) {
        this.refuse(flight, error)
      }
    }
    this.answered(flight)
    this.announce()
    return master === undefined && promise ? promise : inKind(this.copyOf(flight, result), isAsync)
  }

  /** A load that began then, on the runtime's clock, has ended. @param {Flight} flight @param {number} began */
  loaded(flight, began) {
    const isOwnClock = this.timed && this.settings.clock === systemClock
    // Whoever has no ttl needs no time, but for that of loads.
    if (!isOwnClock && Number.isNaN(began)) return
    const ended = this.ledger.tally.loaded(began, this.isAsync, this.countsOfCore)
    if (isOwnClock) flight.endedAt = ended
  }
}

/** @param {unknown} value @param {boolean} isAsync */
function inKind(value, isAsync) {
  return isAsync ? Promise.resolve(value) : value
}

/** @param {string | undefined} name */
function notPersisted(name) {
  return new MimicError(
    'ERR_NOT_PERSISTED',
    `${name} returns a Response, which is kept in memory only; return its text or its JSON to have that persisted`,
  )
}

/** What the last key holds weakly, when it has identities and all can be. */
export function weakIdentities() {
  const { identities } = walked
  if (identities.length === 0) return undefined
  walked.identities = NONE
  return identities.every(isWeak) ? identities : undefined
}
