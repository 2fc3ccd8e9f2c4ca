import {
  ensureIdle,
  ensureViews,
  epoch,
  glue,
  guarded,
  memory,
  mend,
  NO_BYTES,
  refresh,
  REMOVED_MAX,
  start,
  tenants,
  wreck,
} from './core.js'

const NO_ROOM = -2147483648
/** The deadline of what is not to be kept: past at any time. */
const PAST = -Infinity

/**
 * Where an index is in the core, and who is told when it goes, with what it had counted.
 * @typedef {{ handle: number, epoch: number, ref: WeakRef<Index>, left: ((core: import('./stats.js').CoreStats | undefined) => void)[] }} Place
 */

/** @type {FinalizationRegistry<Place>} */
const collected = new FinalizationRegistry(place => {
  tenants.delete(place.ref)
  const core = coreStatsOf(place)
  for (const tell of place.left) tell(core)
  if (place.epoch === epoch) guarded(() => glue.index_free(place.handle))
})

/** What an index counted that nobody has any more. @param {Place} place @returns {import('./stats.js').CoreStats | undefined} */
export function coreStatsOf(place) {
  return place.epoch === epoch ? guarded(() => glue.stats(place.handle)) : undefined
}

/**
 * One function's index. Slots and generations are numbers that mean nothing after `epoch` has changed.
 */
export class Index {
  /**
   * @param {number} maxEntries
   * @param {number} maxBytes of keys, bookkeeping and weights
   * @param {(error: unknown) => void} forget called when a recovery has emptied the index
   */
  constructor(maxEntries, maxBytes, forget) {
    start()
    this.maxEntries = maxEntries
    this.maxBytes = maxBytes
    this.forget = forget
    this.handle = 0
    this.epoch = 0
    this.removedByInsert = 0
    const ref = new WeakRef(this)
    /** @type {Place} */
    this.place = { handle: 0, epoch: 0, ref, left: [] }
    collected.register(this, this.place)
    tenants.add(ref)
    this.take()
  }

  /** Takes a place in the core that runs. */
  take() {
    this.handle = glue.index_new(this.maxEntries, this.maxBytes)
    this.epoch = epoch
    this.place.handle = this.handle
    this.place.epoch = epoch
    if (memory.u8.length === 0) refresh()
  }

  /**
   * @param {number} cells
   * @param {number} now
   * @returns {number} the slot on a hit; otherwise `~(slot << 1 | pending)`, where a miss has reserved the slot. NO_ROOM reads as a
   *   pending slot in which no load runs
   */
  probe(cells, now) {
    try {
      const found = glue.probe(this.handle, cells, now)
      if (found === NO_ROOM) ensureIdle()
      return found
    } catch (error) {
      // Noted here: the stack may end at the very call of mend.
      wreck.isLeft = true
      wreck.error = error
      memory.u8 = NO_BYTES
      mend()
      return NO_ROOM
    }
  }

  /**
   * Reserves the slot of a key for a load, whatever is there.
   * @param {number} cells
   * @param {number} now
   * @returns {number | undefined} the slot; nothing when there is no room
   */
  claim(cells, now) {
    const claimed = guarded(() => glue.claim(this.handle, cells, now)) ?? NO_ROOM
    return claimed === NO_ROOM ? undefined : claimed >> 1
  }

  /** @param {number} cells @param {number} now @returns {number} slot, -1 nothing, `-2 - slot` pending */
  find(cells, now) {
    return guarded(() => glue.find(this.handle, cells, now)) ?? -1
  }

  /** The generation of the slot that the last probe or claim reserved. */
  generation() {
    if (memory.u8.length === 0) ensureViews()
    return memory.out[0]
  }

  /**
   * @param {number} slot
   * @param {number} generation
   * @param {number} deadline
   * @param {number} weight
   * @param {number} [now] NaN where it is not known: the time of the latest operation
   * @returns {number} how many slots it removed; -1 when the generation has moved on and nothing was stored
   */
  commit(slot, generation, deadline, weight, now = NaN) {
    // A core that is half made has no place for it yet, or another's.
    if (this.epoch !== epoch) return -1
    try {
      const until = this.deadlineFor(weight, deadline)
      const removed = glue.commit(this.handle, slot, generation, until, weight, now)
      if (memory.u8.length === 0) ensureViews()
      return removed
    } catch (error) {
      // Noted here: the stack may end at the very call of mend.
      wreck.isLeft = true
      wreck.error = error
      memory.u8 = NO_BYTES
      mend()
      return -1
    }
  }

  /** For the core 4 GiB are the most that anything weighs, so what is larger than the bound is refused here. @param {number} weight @param {number} deadline */
  deadlineFor(weight, deadline) {
    return weight > this.maxBytes ? PAST : deadline
  }

  /** The value in a slot turns out to take this many bytes. @param {number} slot @param {number} weight @param {number} now @returns {number} as commit */
  weigh(slot, weight, now) {
    return guarded(() => glue.weigh(this.handle, slot, weight, now)) ?? -1
  }

  /** @param {number} slot @param {number} generation */
  abandon(slot, generation) {
    guarded(() => glue.abandon(this.handle, slot, generation))
  }

  /** @param {number} cells @param {number} deadline @param {number} weight @returns {number} slot, -1 when it was not stored */
  insert(cells, deadline, weight) {
    const until = this.deadlineFor(weight, deadline)
    const before = epoch
    const slot = guarded(() => glue.insert(this.handle, cells, until, weight)) ?? -1
    if (slot < 0) ensureIdle()
    // After a recovery nothing in memory is of this insert.
    this.removedByInsert = epoch === before ? memory.out[1] : -1
    return slot
  }

  /** How many slots the last insert removed; below 0 where the core was lost over it. */
  insertRemoved() {
    return this.removedByInsert
  }

  /** @param {number} cells @returns {number} the slot that left, -1 when there was none */
  remove(cells) {
    return guarded(() => glue.remove(this.handle, cells)) ?? -1
  }

  /** @param {number} slot */
  removeSlot(slot) {
    guarded(() => glue.remove_slot(this.handle, slot))
  }

  clear() {
    guarded(() => glue.clear(this.handle))
  }

  /** Frees what has expired. @param {number} now @param {number} limit steps @returns {number} how many slots it removed */
  sweep(now, limit) {
    return guarded(() => glue.sweep(this.handle, now, limit)) ?? 0
  }

  /** When `sweep` has something to do; Infinity when nothing can expire. @returns {number} */
  nextDue() {
    return guarded(() => glue.next_due(this.handle)) ?? Infinity
  }

  /** The only one that the last commit removed: `slot << 2 | cause`. */
  removed() {
    return memory.removed[0]
  }

  /**
   * @param {number} count as returned by commit
   * @param {() => number} now the time, where there may be more
   * @param {(slot: number, cause: number) => void} each
   */
  eachRemoved(count, now, each) {
    // Copied: a listener may call memoized functions itself.
    const removed = memory.removed.slice(0, count)
    for (let i = 0; i < count; i++) {
      const word = removed[i]
      each(word >>> 2, word & 3)
    }
    // A full list: there may be more.
    if (count === REMOVED_MAX) this.eachRemoved(this.sweep(now(), 0), now, each)
  }

  /**
   * Evicts until no more than `bytes` are held or `limit` entries have gone.
   * @param {number} bytes
   * @param {number} limit
   * @param {number} now NaN where it is not known: the time of the latest operation
   * @returns {number} as commit
   */
  trim(bytes, limit, now) {
    return guarded(() => glue.trim(this.handle, bytes, limit, now)) ?? 0
  }

  /** Another bound, which holds from the next entry on. @param {number} maxBytes */
  bound(maxBytes) {
    this.maxBytes = maxBytes
    guarded(() => glue.index_bound(this.handle, maxBytes))
  }

  /** Bytes of keys, bookkeeping and weights. */
  bytes() {
    this.trim(Infinity, 0, NaN)
    return this.held()
  }

  /** The same after an operation that says how many slots it removed, before any other of any index. */
  held() {
    return memory.out[8] + memory.out[9] * 2 ** 32
  }

  /** @param {number} slot @returns {string} 32 hex digits */
  digest(slot) {
    guarded(() => glue.digest(this.handle, slot))
    ensureViews()
    let hex = ''
    for (const byte of new Uint8Array(memory.out.buffer, memory.out.byteOffset, 16))
      hex += byte.toString(16).padStart(2, '0')
    return hex
  }

  /** @param {number} slot @returns {Uint8Array} a copy of the key's cells */
  keyOf(slot) {
    return guarded(() => glue.key_of(this.handle, slot)) ?? new Uint8Array(0)
  }

  /**
   * What is in a slot, expired or not; nothing is touched.
   * @param {number} slot
   * @returns {{ state: 'vacant' | 'pending' | 'resident', deadline: number, weight: number }}
   */
  entry(slot) {
    const state = guarded(() => glue.entry(this.handle, slot)) ?? -1
    if (state < 0) return { state: 'vacant', deadline: Infinity, weight: 0 }
    const [deadline] = new Float64Array(memory.out.slice(4, 6).buffer)
    return { state: state === 1 ? 'resident' : 'pending', deadline, weight: memory.out[6] }
  }

  /** How many slots there are: every slot in use is below it. */
  slots() {
    return guarded(() => glue.slots(this.handle)) ?? 0
  }

  /** @returns {import('./stats.js').CoreStats | undefined} */
  stats() {
    return guarded(() => glue.stats(this.handle))
  }
}
