import { codeOf, show } from '../errors.js'
import { Events } from './store.js'

/** What every store that writes counts and tells in the same way. */

/** @typedef {ReturnType<typeof noCounts>} Counts */

/** @returns what a store has counted when it begins */
export function noCounts() {
  return {
    hits: 0,
    misses: 0,
    sets: 0,
    written: 0,
    flushes: 0,
    dropped: 0,
    refused: 0,
    corrupt: 0,
    errors: 0,
    expired: 0,
  }
}

export class Voice {
  counters = noCounts()

  /** @param {Events} [events] */
  constructor(events = new Events()) {
    this.events = events
  }

  /** @param {number} count entries that are durable */
  written(count) {
    this.counters.written += count
    this.counters.flushes++
    this.events.emit('flush', { count })
  }

  /** @param {number} count @param {string} code @param {unknown} [cause] */
  dropped(count, code, cause) {
    this.counters.dropped += count
    this.events.emit('drop', { code, cause, count })
  }

  /** @param {number} count @param {unknown} [cause] @param {string} [namespace] */
  corrupt(count, cause, namespace) {
    if (count === 0) return
    this.counters.corrupt += count
    this.events.emit('corrupt', { code: 'ERR_STORE_CORRUPT', cause, namespace, count })
  }

  /** @param {string} code @param {unknown} cause @param {number} [count] */
  error(code, cause, count = 1) {
    this.counters.errors += count
    this.events.emit('error', { code, cause, count })
  }

  /** @param {string} namespace of a function whose result cannot be held @param {unknown} cause */
  refused(namespace, cause) {
    this.counters.refused++
    const code = codeOf(cause) || 'ERR_STORE_REFUSED'
    this.events.emit('refused', { code, cause, namespace, count: 1 })
    const [name] = namespace.split('\0', 1)
    this.events.warnOnce(`refused ${namespace}`, `a result of ${show(name)} is not persisted (${cause})`)
  }

  /** @param {string} what cannot be used @param {unknown} cause @param {string} [code] */
  unusable(what, cause, code = 'ERR_STORE_UNAVAILABLE') {
    this.events.emit('unavailable', { code, cause })
    this.events.warnOnce('unavailable', `${what} cannot be used, results stay in memory only (${cause})`)
  }
}
