import { systemClock } from './clock.js'
import { Emitter, say } from './events.js'
import { callsOf, Tally } from './stats.js'

/** What happens to one function's cache: counted, and told to whoever listens. */
export class Ledger {
  /**
   * @param {import('./options.js').Settings} settings
   * @param {() => void} changed called when who listens to what has changed
   */
  constructor({ name, onEvent, maxEntries, maxKeyCells }, changed) {
    this.tally = new Tally(name)
    this.counters = this.tally.counters
    this.corrections = this.tally.corrections
    this.maxKeyCells = maxKeyCells
    /** Nothing is kept, whatever its size. */
    this.holdsNothing = maxEntries === 0
    this.events = new Emitter(name, onEvent, changed)
    /** Something that cannot be cached was warned of. */
    this.warned = false
  }

  /** How a call was answered. @param {'hit' | 'miss' | 'stale' | 'coalesced'} type @param {any[]} args */
  tell(type, args) {
    if (this.events.hears(type)) this.events.emit({ type, args })
  }

  /** A call has a run of its own. @param {boolean} isTwin the core took it for one who joins @param {number} cells of its key; 0 is not counted by the core @param {any[]} args */
  alone(isTwin, cells, args) {
    if (isTwin) this.corrections.move('coalesced', 'misses')
    else if (cells === 0) this.corrections.misses++
    this.tell('miss', args)
  }

  /** A call was answered with an expired value. @param {import('./stats.js').Answer} from what the core took it for @param {any[]} args */
  stale(from, args) {
    this.corrections.move(from, 'stale')
    this.tell('stale', args)
  }

  /**
   * An entry left.
   * @param {import('./stats.js').Cause} cause
   * @param {() => unknown} value
   * @param {boolean} isComing it is a Response, of which a copy that nobody reads would keep the connection open
   */
  removed(cause, value, isComing) {
    if (isComing) return this.events.emit(lazily(cause, value))
    try {
      this.events.emit({ type: 'remove', cause, value: value() })
    } catch (error) {
      // No copy can be made for the listener.
      this.report(error)
      this.events.emit({ type: 'remove', cause, value: undefined })
    }
  }

  /** A result was larger than all may be. @param {number} bytes */
  refused(bytes) {
    if (this.holdsNothing) return
    this.counters.refused++
    this.events.emit({ type: 'refused', bytes })
  }

  /** Entries were invalidated together. @param {number} count */
  cleared(count) {
    if (count > 0) this.events.emit({ type: 'remove', cause: 'invalidated', count })
  }

  /** The core was started anew. @param {unknown} error */
  trapped(error) {
    this.counters.traps++
    this.events.emit({ type: 'trap', error })
  }

  /** A load failed whose callers never see it. @param {any} error */
  failed(error) {
    this.events.emit({ type: 'error', error, code: error?.code })
  }

  /** The cache or a callback failed, which no caller sees. @param {unknown} error */
  report(error) {
    this.counters.storeErrors++
    this.failed(error)
  }

  /** Reports a failure, and says it once. @param {any} error */
  warn(error) {
    this.report(error)
    if (this.warned) return
    this.warned = true
    say(`my-mimic: ${error?.code ?? ''} ${error?.message ?? error}`)
  }

  /** @param {import('./core-index.js').Index} index @param {number} now the time of the function's clock */
  stats(index, now) {
    const { tally, maxKeyCells } = this
    const core = index.stats()
    tally.keyTime.refresh(index, maxKeyCells, now, callsOf(tally.counts(core)))
    const time = systemClock.now()
    if (tally.recent.isDue(time)) tally.mark(time, core)
    tally.pause()
    return tally.snapshot(core)
  }
}

/** @param {import('./stats.js').Cause} cause @param {() => unknown} value @returns {any} an event whose value is made when it is asked for */
function lazily(cause, value) {
  let made = value
  return {
    type: 'remove',
    cause,
    get value() {
      const first = made()
      made = () => first
      return first
    },
  }
}
