import { unref } from './unref.js'
import { stopwatch, systemClock } from './clock.js'

/**
 * Frees what has expired and is never read again: one timer for all functions of the process, which keeps none alive, and none while
 * nothing can expire. It is set for when something is next due, does at most a millisecond of work, and goes on in the next turn.
 *
 * What goes by a clock of its own cannot be waited for: such a function is looked at every 10 seconds, by its own clock's time.
 *
 * @typedef {object} Swept what is swept: a `Cache`
 * @property {boolean} isSwept whether it is being looked after
 * @property {{ clock: import('./clock.js').Clock }} settings
 * @property {() => number} readClock
 * @property {{ sweep(now: number, limit: number): number, nextDue(): number }} index
 * @property {(count: number) => void} drop
 * @property {() => void} announce
 *
 * @typedef {object} Host
 * @property {(job: () => void, delay: number) => unknown} start
 * @property {(timer: any) => void} stop
 * @property {() => number} now the time of deadlines
 * @property {() => number} stopwatch the time that work takes
 */

/** Steps of the core in one call of it, and calls at once: the bound where the stopwatch stands still, as in a Worker's request. */
export const STEPS = 64
export const CALLS = 32
/** Milliseconds after which no further call begins. */
export const SLICE = 0.5
/** What is due so close together is done together. */
const LEAST_DELAY = 100
/** A timer that is overdue so long is lost: some hosts drop them when the request has ended that set them. */
const LOST_AFTER = 1000
const OWN_CLOCK_DELAY = 10_000
const MAX_DELAY = 2 ** 31 - 1
const CROWD = 1000
/** The core's last millisecond: from then on everything is due all the time, whether it has expired or not. */
const LAST_TIME = 2 ** 52

export class Sweeper {
  /** @type {Set<WeakRef<Swept>>} */
  watched = new Set()
  /** Who is still to be looked at in this round. @type {WeakRef<Swept>[]} */
  round = []
  /** @type {unknown} */
  timer = undefined
  /** When the timer is to go off, and when something is due. */
  wakeAt = Infinity
  next = Infinity
  /** So many are looked through for those that are gone. */
  crowd = CROWD

  /** @param {Host} host */
  constructor(host) {
    this.host = host
  }

  /** Something expires in a cache. @param {Swept} cache @param {number} deadline @param {number} now by the cache's clock */
  expect(cache, deadline, now) {
    if (!(deadline < Infinity)) return
    const isNew = !cache.isSwept
    if (isNew) {
      cache.isSwept = true
      if (this.watched.size >= this.crowd) this.thinOut()
      this.watched.add(new WeakRef(cache))
    }
    if (cache.settings.clock === systemClock) this.plan(deadline, now)
    else if (isNew) this.plan(this.host.now() + OWN_CLOCK_DELAY, this.host.now())
  }

  /** Functions that are gone are not waited for: the timer may be a long way off. */
  thinOut() {
    for (const ref of this.watched) if (ref.deref() === undefined) this.watched.delete(ref)
    this.crowd = Math.max(CROWD, 2 * this.watched.size)
  }

  /** @param {number} at @param {number} now */
  plan(at, now) {
    if (at < this.next) this.next = at
    if (this.next + LEAST_DELAY < this.wakeAt || now > this.wakeAt + LOST_AFTER) this.wait(now)
  }

  /** Sets the timer for what is due next. @param {number} now */
  wait(now) {
    this.arm(now, Math.min(Math.max(this.next - now, LEAST_DELAY), MAX_DELAY))
  }

  /** @param {number} now @param {number} delay */
  arm(now, delay) {
    const { host } = this
    try {
      if (this.timer !== undefined) host.stop(this.timer)
      this.timer = host.start(() => this.wake(), delay)
      this.wakeAt = now + delay
    } catch {
      // No timers here, as in a Worker outside a request: the next entry tries again, and each cleans up a little itself.
      this.timer = undefined
      this.wakeAt = Infinity
    }
  }

  wake() {
    const { host } = this
    if (this.round.length === 0) {
      this.round = [...this.watched]
      this.next = Infinity
    }
    this.timer = undefined
    // What is expected while this runs starts no timer.
    this.wakeAt = host.now()
    this.slice()
    const now = host.now()
    if (this.round.length > 0) this.arm(now, 0)
    else if (this.next < Infinity) this.wait(now)
    else this.wakeAt = Infinity
  }

  slice() {
    const { host, round } = this
    const began = host.stopwatch()
    for (let calls = 0; calls < CALLS && round.length > 0; calls++) {
      if (host.stopwatch() - began >= SLICE) return
      const ref = round[round.length - 1]
      const cache = ref.deref()
      const next = cache === undefined ? Infinity : this.sweep(cache)
      if (next === undefined) continue
      round.pop()
      if (next < this.next) this.next = next
      if (next < Infinity) continue
      this.watched.delete(ref)
      if (cache !== undefined) cache.isSwept = false
    }
  }

  /** @param {Swept} cache @returns {number | undefined} when to look at it again; undefined for at once */
  sweep(cache) {
    const { index, settings } = cache
    const now = cache.readClock()
    const isOwn = settings.clock !== systemClock
    // A clock that fails for once is no reason to throw everything away.
    if (Number.isNaN(now)) return this.host.now() + OWN_CLOCK_DELAY
    const removed = index.sweep(now, STEPS)
    cache.drop(removed)
    cache.announce()
    const due = index.nextDue()
    const isDue = due <= now
    // Where it is so in vain, to come back at once would be to spin, and nobody else would have his turn.
    if (isDue && (removed > 0 || now < LAST_TIME)) return undefined
    return isDue || (isOwn && due < Infinity) ? this.host.now() + OWN_CLOCK_DELAY : due
  }
}

// Taken when the module loads: a test's fake timers are not to count it, nor to run it.
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis
const { process } = /** @type {any} */ (globalThis)
const AsyncResource = process?.getBuiltinModule?.('node:async_hooks')?.AsyncResource
/** The timer belongs to no request, and keeps nothing of one alive. @type {{ runInAsyncScope<T>(job: () => T): T } | undefined} */
const outside = AsyncResource && new AsyncResource('MyMimicSweeper')

/** @param {() => void} job @param {number} delay */
function start(job, delay) {
  const begin = () => startTimer(job, delay)
  return unref(outside === undefined ? begin() : outside.runInAsyncScope(begin))
}

export const sweeper = new Sweeper({ start, stop: stopTimer, now: systemClock.now, stopwatch })
