import { bareMiss } from './bare.js'
import { looksLater } from './batch.js'
import { Cache } from './cache.js'
import { elected } from './elect.js'
import { becomeAsync } from './early.js'
import { detached } from './flight.js'
import { walked } from './key.js'
import { argsAsCalled, steady } from './late.js'
import { isThenable } from './oneshot.js'
import { receiverOf } from './receiver.js'
import { Reloading } from './reload.js'
import { share } from './share.js'
import { leavable, signalFor, signalsIn, signalsOf } from './signals.js'
import { isAsyncFunction } from './source.js'
import { snapshot } from './swap.js'
import { callUnread } from './unread.js'
import { dress } from './verbs.js'
import { inside, selfAwait, waitsForItself } from './waits.js'

/**
 * The wrapper: every branch of a call.
 * @typedef {import('./flight.js').Flight} Flight
 * @typedef {import('./stores/store.js').StoreEntry} StoreEntry
 */

/**
 * @template {(...args: any[]) => any} F
 * @param {F} fn
 * @param {import('./options.js').Settings} settings
 * @param {import('./create.js').Shared} shared
 * @returns {import('./index.js').Mimed<F>}
 */
export function memoize(fn, settings, shared) {
  const cache = new Cache(settings, shared, isAsyncFunction(fn))
  const once = elected(cache, later, revive, (flight, loading) => reloading.guard(flight, loading))
  const reloading = new Reloading(cache, start, once, apart, fly)
  const bare = bareMiss(cache, fn, { fly, fail })
  const mayStray = settings.store !== undefined || looksLater(fn)

  const { mimed } = {
    /** @this {unknown} @param {any[]} args */
    mimed(...args) {
      const self = receiverOf(this)
      const found = cache.probe(self, args)
      if (found >= 0) return cache.isPlain ? cache.values.get(found) : hit(self, args, found)
      const slot = ~found >> 1
      return ~found & 1 ? join(self, args, slot) : miss(self, args, slot)
    },
  }

  /** @param {unknown} self @param {any[]} args @param {number} slot */
  function hit(self, args, slot) {
    const { freshness, time } = cache
    if (freshness?.isStale(slot, time)) return reloading.stale(self, args, slot)
    if (freshness?.isEarly(slot, time)) return reloading.early(self, args, slot)
    const signal = signalFor(cache, args)
    try {
      return cache.hand(slot, () => apart(self, args), signal)
    } finally {
      cache.ledger.tell('hit', args)
    }
  }

  /** Nobody loads this key yet. @param {unknown} self @param {any[]} args @param {number} slot */
  function miss(self, args, slot) {
    if (cache.isBare && isBareCall() && !cache.isAsync && cache.ledger.counters.loads > 0) {
      return bare(self, args, slot)
    }
    const { unread } = walked
    if (unread.length > 0) {
      cache.reclaim(slot)
      return callUnread(cache, args, unread, {
        again: kept => {
          // It was counted once already.
          cache.ledger.corrections.misses--
          return Reflect.apply(mimed, self, kept)
        },
        alone: kept => cache.ledger.tell('miss', kept),
        apart: kept => apart(self, kept),
        adopt: (kept, promise) => reloading.adopt(self, kept, promise, false),
      })
    }
    const flight = cache.begin(slot, args)
    const signals = signalsOf(cache, flight, args)
    if (cache.tellsMisses) cache.ledger.tell('miss', args)
    const { key } = flight
    if (key === undefined || cache.backing === undefined) return start(self, flight, signals)
    const entry = cache.backing.getSync(key, cache.isAsync)
    if (entry !== undefined) return revive(flight, entry)
    return start(self, flight, signals, cache.isAsync ? readThenLoad : load)
  }

  /** A load of this key runs. @param {unknown} self @param {any[]} args @param {number} slot */
  function join(self, args, slot) {
    const { cells } = cache
    const flight = cache.flights.get(slot)
    if (flight?.held && cache.answers(slot, flight)) return reloading.held(self, args, slot)
    if (flight?.isQueued) return reloading.overdue(self, args, slot, 'coalesced')
    const isAnswered = flight?.isStale && cache.canStandIn(flight)
    if (flight && cache.isAsync && !isAnswered && waitsForItself(flight)) {
      cache.ledger.tell('coalesced', args)
      return selfAwait(cache.settings.name)
    }
    // For an old value to stand in, who does not share otherwise shares as well.
    const isShared = flight?.promise && (reloading.cover(flight) || cache.settings.singleFlight)
    if (isShared) {
      const signals = signalsIn(cache, args)
      // Where he may yet have to call the function himself, with what he gave.
      const { tagged, settings } = cache
      const mayCall = tagged !== undefined || mayStray || settings.clone || flight.hidesSignal
      const kept = mayCall ? snapshot(args) : args
      const again = () => Reflect.apply(mimed, self, kept)
      return share(cache, flight, args, { signals, mayStray }, () => apart(self, kept), again)
    }
    // This very call runs further up the stack, loads are not shared, or there was no room. Before anyone is told, who may call.
    cache.reclaim(slot)
    const signals = signalsIn(cache, args)
    cache.ledger.alone(flight !== undefined, cells, args)
    return start(self, detached(args), signals)
  }

  /** @param {unknown} self @param {any[]} args */
  function apart(self, args) {
    const { counters } = cache.ledger
    /** @param {unknown} error @returns {never} */
    const failed = error => {
      counters.errors++
      throw error
    }
    counters.loads++
    let result
    try {
      result = Reflect.apply(fn, self, args)
    } catch (error) {
      failed(error)
    }
    return isThenable(result) ? Promise.resolve(result).catch(failed) : result
  }

  /**
   * @param {unknown} self
   * @param {Flight} flight
   * @param {readonly AbortSignal[]} signals of the first caller
   * @param {(self: unknown, flight: Flight) => any} [way] to its value
   */
  function start(self, flight, signals, way = load) {
    if (signals.length > 0) return leavable(cache, flight, signals, () => way(self, flight))
    const result = way(self, flight)
    return flight.promise === undefined ? result : flight.handOut(result)
  }

  /** @param {unknown} self @param {Flight} flight */
  function load(self, flight) {
    const began = cache.ledger.tally.begin(cache.isAsync)
    let result
    try {
      // A function that has not shown yet what it returns is taken for an async one.
      result =
        cache.isAsync || cache.ledger.counters.loads === 0
          ? inside(flight, fn, self)
          : Reflect.apply(fn, self, flight.args)
    } catch (error) {
      return fail(flight, error, began)
    } finally {
      flight.onStack = false
      cache.ledger.counters.loads++
    }
    if (isThenable(result)) return fly(flight, result, began)
    cache.loaded(flight, began)
    return cache.settle(flight, result)
  }

  /** After the call that began it. @param {unknown} self @param {Flight} flight */
  function later(self, flight) {
    const args = argsAsCalled(cache, flight, self)
    if (args !== undefined) flight.args = args
    else {
      flight.isStray = true
      cache.restore(flight)
    }
    return load(self, flight)
  }

  /** @param {Flight} flight @param {PromiseLike<unknown>} result @param {number} began */
  function fly(flight, result, began) {
    if (!cache.isAsync) becomeAsync(cache)
    return flight.fly(reloading.guard(flight, settleLater(flight, result, began)))
  }

  /** @param {Flight} flight @param {unknown} error @param {number} began */
  function fail(flight, error, began) {
    cache.loaded(flight, began)
    return reloading.failed(flight, error)
  }

  /** The store may have it. @param {unknown} self @param {Flight} flight */
  function readThenLoad(self, flight) {
    steady(flight)
    const read = async () => {
      const entry = await cache.ask(flight)
      flight.controller?.signal.throwIfAborted()
      return entry === undefined ? once(self, flight) : revive(flight, entry)
    }
    return flight.fly(read())
  }

  /** @param {Flight} flight @param {PromiseLike<unknown>} result @param {number} began */
  async function settleLater(flight, result, began) {
    let value
    try {
      value = await result
    } catch (error) {
      cache.fail(flight, error)
      throw error
    } finally {
      cache.loaded(flight, began)
    }
    return cache.settle(flight, value, flight.held ? Promise.resolve(value) : (flight.own ?? flight.promise))
  }

  /** @param {Flight} flight @param {StoreEntry} entry */
  function revive(flight, entry) {
    return cache.revive(flight, entry, cache.isAsync || entry.isAsync === true)
  }

  return /** @type {any} */ (dress(mimed, fn, cache, reloading))
}

/** Whether the walk of the last call met nothing that its load would have to know. A Request that nobody has read is an identity as well. */
function isBareCall() {
  return walked.identities.length === 0 && !walked.signals
}
