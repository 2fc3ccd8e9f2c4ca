import { Events } from '../store.js'

/** What a store counts, and tells. */
export class Voice {
  events = new Events()
  counters = {
    hits: 0,
    misses: 0,
    sets: 0,
    written: 0,
    flushes: 0,
    dropped: 0,
    refused: 0,
    corrupt: 0,
    foreign: 0,
    errors: 0,
    expired: 0,
    evicted: 0,
    quotaEvictions: 0,
    compactions: 0,
    reclaimed: 0,
  }

  /** @param {number} count */
  written(count) {
    this.counters.written += count
    this.counters.flushes++
    this.events.emit('flush', { count })
  }

  /** @param {number} count of entries that went so that the budget holds */
  evicted(count) {
    this.counters.evicted += count
    this.events.emit('evict', { count })
  }

  /** @param {number} bytes */
  compacted(bytes) {
    this.counters.compactions++
    this.counters.reclaimed += bytes
    this.events.emit('compact', { count: bytes })
  }

  /** @param {number} count @param {string} code @param {unknown} [cause] */
  dropped(count, code, cause) {
    this.counters.dropped += count
    this.events.emit('drop', { code, cause, count })
  }

  /** @param {number} count @param {unknown} [cause] */
  corrupt(count, cause) {
    if (count === 0) return
    this.counters.corrupt += count
    this.events.emit('corrupt', { code: 'ERR_STORE_CORRUPT', cause, count })
  }

  /** @param {string} code @param {unknown} cause */
  error(code, cause) {
    this.counters.errors++
    this.events.emit('error', { code, cause })
  }

  /** @param {unknown} cause */
  unavailable(cause) {
    this.events.emit('unavailable', { code: 'ERR_STORE_UNAVAILABLE', cause })
    this.events.warnOnce('unavailable', `IndexedDB cannot be used, results stay in memory only (${cause})`)
  }

  /** @param {string} namespace @param {unknown} cause */
  refused(namespace, cause) {
    this.counters.refused++
    const code = /** @type {any} */ (cause)?.code ?? 'ERR_STORE_REFUSED'
    this.events.emit('refused', { code, cause, namespace, count: 1 })
    const name = namespace.split('\0', 1)[0]
    this.events.warnOnce(`refused ${namespace}`, `a result of '${name}' is not persisted (${cause})`)
  }
}
