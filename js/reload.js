import { isMaster } from './copies.js'
import { walked } from './key.js'
import { NONE } from './key/nesting.js'
import { equip, goneAmong, signalsIn, signalsOf } from './signals.js'
import { swapSignals } from './swap.js'
import { callUnread } from './unread.js'
import { stoodIn } from './waits.js'

/**
 * Loading anew what there is: at the user's wish, before it expires, and after it has, with the old value in the meantime.
 *
 * The old value stays in its slot, held by the flight, until the load has a new one; a load that fails leaves it there.
 * @typedef {import('./cache.js').Cache} Cache
 * @typedef {import('./flight.js').Flight} Flight
 */

/** Timers wait no longer. */
const MAX_DELAY = 2 ** 31 - 1
const LATE = Symbol('late')

export class Reloading {
  /**
   * @param {Cache} cache
   * @param {(self: unknown, flight: Flight, signals: readonly AbortSignal[], way?: (self: unknown, flight: Flight) => any) => any} start a load that its caller waits for
   * @param {(self: unknown, flight: Flight) => any} load or what another process, who loads it too, has stored
   * @param {(self: unknown, args: any[]) => any} apart a call of the function that is nobody else's
   * @param {(flight: Flight, promise: Promise<any>, began: number) => Promise<any>} fly the function was called, and this is what it gave
   */
  constructor(cache, start, load, apart, fly) {
    this.cache = cache
    this.start = start
    this.load = load
    this.apart = apart
    this.fly = fly
  }

  /** A load of its own, whatever is there or runs. @param {unknown} self @param {any[]} args */
  refresh(self, args) {
    const { cache } = this
    // Before the key is taken: looking for signals may run code of the arguments, and nothing begins, so what runs is not superseded either.
    const gone = cache.isAsync ? goneAmong(swapSignals(args).signals) : undefined
    if (gone !== undefined) return Promise.reject(gone.reason)
    cache.look(self, args)
    const { unread } = walked
    if (unread.length > 0) {
      walked.identities = NONE
      return callUnread(cache, args, unread, {
        again: kept => this.refresh(self, kept),
        alone: () => {},
        apart: kept => this.apart(self, kept),
        adopt: (kept, promise) => this.adopt(self, kept, promise, true),
      })
    }
    const flight = cache.renew(args)
    return this.start(self, flight, signalsOf(cache, flight, args))
  }

  /**
   * The function was called before the key of the call was known: now it is a load like any other.
   * @param {unknown} self
   * @param {any[]} args
   * @param {Promise<any>} promise
   * @param {boolean} replaces what is there; or else the call is its caller's alone
   */
  adopt(self, args, promise, replaces) {
    const { cache } = this
    cache.look(self, args)
    const isKnown = walked.unread.length === 0
    if (!isKnown || (!replaces && cache.index.find(cache.cells, cache.time) !== -1)) {
      walked.identities = NONE
      return promise
    }
    const flight = cache.renew(args)
    // The function got the caller's own.
    flight.signals = swapSignals(args).signals
    // Its failure would count twice.
    promise.catch(() => void cache.ledger.counters.errors--)
    return this.fly(flight, promise, NaN)
  }

  /** What is there is expired. @param {unknown} self @param {any[]} args @param {number} slot */
  stale(self, args, slot) {
    const { cache } = this
    if (cache.freshness?.serves(slot, cache.time)) {
      return this.serveWhileLoading(self, args, slot, () => cache.ledger.stale('hits', args))
    }
    return this.overdue(self, args, slot, 'hits')
  }

  /**
   * What is there serves no longer, but may stand in. A load for it that waits for its turn is superseded: this caller does not wait so long.
   * @param {unknown} self
   * @param {any[]} args
   * @param {number} slot
   * @param {import('./stats.js').Answer} from what the core took the call for
   */
  overdue(self, args, slot, from) {
    const { cache } = this
    const { time } = cache
    const value = cache.slots.value(slot)
    const flight = cache.renew(args)
    const { held } = flight
    if (held !== undefined && time < held.deadline) flight.fallback = { value, isForFirst: true }
    const signals = signalsOf(cache, flight, args)
    cache.ledger.corrections.move(from, 'misses')
    if (flight.fallback === undefined) cache.ledger.tell('miss', args)
    return this.start(self, flight, signals, this.load)
  }

  /** What is there will expire soon. @param {unknown} self @param {any[]} args @param {number} slot */
  early(self, args, slot) {
    return this.serveWhileLoading(self, args, slot, () => this.cache.ledger.tell('hit', args))
  }

  /** What is there is loaded anew already, and serves. @param {unknown} self @param {any[]} args @param {number} slot */
  held(self, args, slot) {
    const { cache } = this
    const isStale = cache.freshness?.isStale(slot, cache.time)
    try {
      return cache.hand(slot, () => this.apart(self, args))
    } finally {
      if (isStale) cache.ledger.stale('coalesced', args)
      else {
        cache.ledger.corrections.move('coalesced', 'hits')
        cache.ledger.tell('hit', args)
      }
    }
  }

  /** @param {unknown} self @param {any[]} args @param {number} slot @param {() => void} count */
  serveWhileLoading(self, args, slot, count) {
    const { cache } = this
    const flight = cache.renew(args)
    const mayLeave = walked.signals
    flight.inBackground = true
    flight.isTold = false
    flight.isQueued = !cache.isAsync
    try {
      return cache.hand(slot, () => this.apart(self, args))
    } finally {
      // Also where no copy could be made and the function threw: a load that was begun runs.
      const signals = signalsIn(cache, args, mayLeave)
      count()
      if (signals.length > 0) equip(flight)
      // Fake timers hold back what `queueMicrotask` is given.
      if (flight.isQueued) Promise.resolve().then(() => this.loadLater(self, flight, args))
      else this.loadQuietly(self, flight)
    }
  }

  /** A sync function runs after its caller, who may have changed the arguments since. @param {unknown} self @param {Flight} flight @param {any[]} args */
  loadLater(self, flight, args) {
    flight.isQueued = false
    if (this.cache.isKeyOf(flight, self, args)) this.loadQuietly(self, flight)
    else this.cache.restore(flight)
  }

  /** @param {unknown} self @param {Flight} flight */
  loadQuietly(self, flight) {
    try {
      this.load(self, flight)
      flight.promise?.catch(() => {})
    } catch {
      // It is an event already.
    }
  }

  /**
   * A caller finds a load that began when nobody needed an old value, and what is there has expired since: for who joins it may stand in.
   * @param {Flight} flight
   * @returns {boolean} whether it may
   */
  cover(flight) {
    const { cache } = this
    const { fallback, held, promise, slot } = flight
    if (fallback !== undefined) return true
    if (held === undefined || promise === undefined || !(cache.time < held.deadline)) return false
    flight.fallback = { value: cache.slots.value(slot), isForFirst: false }
    // Callers of their own tell of its failure.
    flight.promise = this.orStale(flight, promise)
    flight.promise.catch(() => {})
    return true
  }

  /** A load threw at once. @param {Flight} flight @param {unknown} error */
  failed(flight, error) {
    let mayStandIn = false
    try {
      mayStandIn = this.cache.fail(flight, error)
    } catch {
      // The stack ends here as well: its caller gets what the function threw. The slot is given back when it is met again. To tell of it would take
      // more stack, but it counts.
      this.cache.ledger.counters.storeErrors++
    }
    const fail = () => {
      throw error
    }
    return mayStandIn ? this.standIn(flight, fail) : fail()
  }

  /**
   * What callers wait for: the load, unless there is an old value to stand in when it fails or takes too long. Waiting for others counts as loading.
   * @param {Flight} flight
   * @param {Promise<unknown>} loading
   */
  guard(flight, loading) {
    return flight.fallback === undefined || flight.loading !== undefined
      ? loading
      : this.orStale(flight, loading)
  }

  /** @param {Flight} flight @param {Promise<unknown>} loading */
  async orStale(flight, loading) {
    const { cache } = this
    flight.loading = loading
    const { timeout } = /** @type {import('./freshness.js').Freshness} */ (cache.freshness)
    // Fake timers may come while it waits.
    const { setTimeout, clearTimeout } = globalThis
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    // With its last caller, nobody waits for what has taken too long.
    flight.controller?.signal.addEventListener('abort', () => clearTimeout(timer))
    try {
      const late = new Promise(resolve => {
        if (timeout < Infinity) timer = setTimeout(resolve, Math.min(timeout, MAX_DELAY), LATE)
      })
      const first = await Promise.race([loading, late])
      // What was invalidated meanwhile, or has become too old, stands in for nothing.
      if (first !== LATE || !cache.canStandIn(flight)) return await loading
    } catch (error) {
      if (!flight.mayStandIn) throw error
    } finally {
      clearTimeout(timer)
    }
    return this.standIn(flight, () => loading)
  }

  /** @param {Flight} flight @param {() => unknown} otherwise what callers get when the old value cannot be copied */
  standIn(flight, otherwise) {
    const { ledger } = this.cache
    const { value, isForFirst } = flight.fallback ?? {}
    let answer = value
    try {
      if (isMaster(value)) answer = value.hand()
    } catch (error) {
      ledger.report(error)
      if (flight.mayStandIn) this.cache.answered(flight)
      return otherwise()
    }
    flight.isStale = flight.inBackground = true
    stoodIn(flight)
    if (isForFirst) {
      flight.isTold = false
      ledger.stale('misses', flight.args)
    }
    return answer
  }
}
