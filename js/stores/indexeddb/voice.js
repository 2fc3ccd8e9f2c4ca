import { noCounts, Voice as Common } from '../voice.js'

/** What a store counts, and tells. */
export class Voice extends Common {
  /** @override */
  counters = {
    ...noCounts(),
    foreign: 0,
    evicted: 0,
    quotaEvictions: 0,
    compactions: 0,
    reclaimed: 0,
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

  /** @param {unknown} cause */
  unavailable(cause) {
    this.unusable('IndexedDB', cause)
  }
}
