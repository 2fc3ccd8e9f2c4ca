import * as glue from '../pkg/my_mimic.js'
import { MimicError } from './errors.js'

/**
 * The bridge: the only file that imports `pkg/` or touches linear memory.
 *
 * An exception that leaves the module (a trap, or the caller's stack ending inside it) leaves the core in an unknown state. Recovery is to
 * forget everything: a new instance, every index emptied, one event. For a cache that is correct.
 */

/** Cells of 8 bytes in the key buffer. */
export const BUFFER_CELLS = 8192
const OUT_WORDS = 16
const NO_ROOM = -2147483648
const REMOVED_MAX = 4096

/**
 * The key buffer as typed arrays, and what the core reports beside a return value. Views die when wasm memory grows, so `refresh` is
 * called before a key is written and after every call that may allocate.
 */
export const memory = {
  u8: new Uint8Array(0),
  u16: new Uint16Array(0),
  u32: new Uint32Array(0),
  f64: new Float64Array(0),
  i64: new BigInt64Array(0),
  out: new Uint32Array(0),
  removed: new Uint32Array(0),
}

/** @type {WebAssembly.Memory | undefined} */
let wasmMemory
/** @type {import('../pkg/my_mimic.js').InitOutput} */
let raw
/** How large memory was when the views were made. */
let viewed = 0
/** @type {(() => WebAssembly.Module) | undefined} */
let moduleOf
let hashMode = 0

/** @type {Set<WeakRef<Index>>} */
const indexes = new Set()

/**
 * Where an index is in the core, and who is told when it goes, with what it had counted.
 * @typedef {{ handle: number, epoch: number, ref: WeakRef<Index>, left: ((core: import('./stats.js').CoreStats | undefined) => void)[] }} Place
 */

/** @type {FinalizationRegistry<Place>} */
const collected = new FinalizationRegistry(place => {
  indexes.delete(place.ref)
  const core = coreStatsOf(place)
  for (const tell of place.left) tell(core)
  if (place.epoch === epoch) guarded(() => glue.index_free(place.handle))
})

/** What an index counted that nobody has any more. @param {Place} place @returns {import('./stats.js').CoreStats | undefined} */
export function coreStatsOf(place) {
  return place.epoch === epoch ? guarded(() => glue.stats(place.handle)) : undefined
}

/** Counts instances: what a call learned from an older one means nothing. */
let epoch = 0

/**
 * An entry file says how its runtime gets the module; nothing is compiled before the first function is wrapped.
 * @param {() => WebAssembly.Module} source
 */
export function provideModule(source) {
  moduleOf ??= source
}

function seed() {
  const words = new Uint32Array(2)
  const source = /** @type {Partial<Crypto> | undefined} */ (globalThis.crypto)
  if (source?.getRandomValues !== undefined) return source.getRandomValues(words)
  words[0] = Math.random() * 2 ** 32
  words[1] = Math.random() * 2 ** 32
  return words
}

function boot() {
  const [high, low] = seed()
  glue.boot(high, low, hashMode)
  epoch++
  viewed = 0
  refresh()
}

/** Compiles and starts the core, once. */
export function start() {
  if (wasmMemory) return
  if (!moduleOf)
    throw new MimicError('ERR_WASM_MISSING', 'no WebAssembly module was provided; import my-mimic itself')
  let exports
  try {
    exports = glue.initSync({ module: moduleOf() })
  } catch (cause) {
    throw new MimicError(
      'ERR_WASM_BLOCKED',
      `WebAssembly could not be started (${cause}); a Content-Security-Policy must allow script-src 'wasm-unsafe-eval'`,
      { cause },
    )
  }
  raw = exports
  wasmMemory = raw.memory
  boot()
}

/** Memory grows ahead by this share of it, and by no less than so many bytes; beyond a GiB not. */
const AHEAD = 1 / 8
const AHEAD_MIN = 2 ** 18
const AHEAD_TO = 2 ** 30
let growsAhead = true

/**
 * Memory has grown, and the allocator takes only what it needs now. To the garbage collector every growth is a new buffer as large as all of the
 * memory, for which it soon collects everything. So here a larger piece is taken and given back, and the allocator has it in stock.
 */
function growAhead() {
  const { byteLength } = raw.memory.buffer
  if (!growsAhead || viewed === 0 || byteLength <= viewed || byteLength > AHEAD_TO) return
  const bytes = Math.max(AHEAD_MIN, byteLength * AHEAD) >>> 0
  try {
    raw.__wbindgen_free(raw.__wbindgen_malloc(bytes, 8), bytes, 8)
  } catch {
    // So much there is not: then only what is needed.
    growsAhead = false
  }
}

function refresh() {
  growAhead()
  const { buffer } = /** @type {WebAssembly.Memory} */ (wasmMemory)
  if (memory.u8.buffer === buffer) return
  viewed = buffer.byteLength
  const key = glue.key_ptr()
  memory.u8 = new Uint8Array(buffer, key, BUFFER_CELLS * 8)
  memory.u16 = new Uint16Array(buffer, key, BUFFER_CELLS * 4)
  memory.u32 = new Uint32Array(buffer, key, BUFFER_CELLS * 2)
  memory.f64 = new Float64Array(buffer, key, BUFFER_CELLS)
  memory.i64 = new BigInt64Array(buffer, key, BUFFER_CELLS)
  memory.out = new Uint32Array(buffer, glue.out_ptr(), OUT_WORDS)
  memory.removed = new Uint32Array(buffer, glue.removed_ptr(), REMOVED_MAX)
}

/** To be called before a key is written: a view on memory that has grown has no bytes. */
export function ensureViews() {
  if (memory.u8.length > 0) return
  if (broken !== undefined) mend()
  else refresh()
}

/** What left the module, until the core has been started anew. @type {{ error: unknown } | undefined} */
let broken
const NO_BYTES = new Uint8Array(0)

/** @param {unknown} error what left the module */
function recover(error) {
  broken = { error }
  // The stack may end here as well; then the next key finds no view and starts here again.
  memory.u8 = NO_BYTES
  mend()
}

function mend() {
  const error = broken?.error
  glue.__wbg_reset_state()
  raw = glue.initSync(/** @type {any} */ (undefined))
  wasmMemory = raw.memory
  boot()
  for (const ref of indexes) ref.deref()?.take()
  broken = undefined
  for (const ref of indexes) ref.deref()?.forget(error)
}

/**
 * @template T
 * @param {() => T} call a crossing
 * @returns {T | undefined} undefined after a recovery
 */
export function guarded(call) {
  try {
    if (broken !== undefined) mend()
    const answer = call()
    // It may have made the memory grow, and a key may be half written.
    ensureViews()
    return answer
  } catch (error) {
    broken = { error }
    memory.u8 = NO_BYTES
    recover(error)
    return undefined
  }
}

/** Keys longer than the buffer are absorbed into a digest piece by piece. */
export class LongKey {
  #handle = guarded(() => glue.hasher_new()) ?? 0

  /** @param {number} cells */
  absorb(cells) {
    guarded(() => glue.hasher_absorb(this.#handle, cells))
  }

  /** Remembers this point; `rollback` returns to it. */
  mark() {
    guarded(() => glue.hasher_mark(this.#handle))
  }

  rollback() {
    guarded(() => glue.hasher_rollback(this.#handle))
  }

  /**
   * @param {number} cells the last piece
   * @returns {number} cells of the digested key, now at the start of the buffer
   */
  finish(cells) {
    const length = guarded(() => glue.hasher_finish(this.#handle, cells)) ?? 0
    this.free()
    return length
  }

  free() {
    guarded(() => glue.hasher_free(this.#handle))
  }
}

/** The 256-bit digest of the key in the buffer. @param {number} cells @returns {Uint8Array} */
export function keyDigest(cells) {
  glue.key_digest(cells)
  ensureViews()
  return new Uint8Array(memory.out.buffer, memory.out.byteOffset, 32).slice()
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
    const ref = new WeakRef(this)
    /** @type {Place} */
    this.place = { handle: 0, epoch: 0, ref, left: [] }
    collected.register(this, this.place)
    indexes.add(ref)
    this.take()
  }

  /** Takes a place in the core that runs. */
  take() {
    this.epoch = epoch
    this.handle = glue.index_new(this.maxEntries, this.maxBytes)
    if (memory.u8.length === 0) refresh()
    this.place.handle = this.handle
    this.place.epoch = epoch
  }

  /**
   * @param {number} cells
   * @param {number} now
   * @returns {number} the slot on a hit; otherwise `~(slot << 1 | pending)`, where a miss has reserved the slot. NO_ROOM reads as a
   *   pending slot in which no load runs
   */
  probe(cells, now) {
    try {
      return glue.probe(this.handle, cells, now)
    } catch (error) {
      // Noted here: the stack may end at the very call of recover.
      broken = { error }
      memory.u8 = NO_BYTES
      recover(error)
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
    ensureViews()
    return memory.out[0]
  }

  /**
   * @param {number} slot
   * @param {number} generation
   * @param {number} deadline
   * @param {number} weight
   * @returns {number} how many slots it removed; -1 when the generation has moved on and nothing was stored
   */
  commit(slot, generation, deadline, weight) {
    try {
      return glue.commit(this.handle, slot, generation, deadline, weight)
    } catch (error) {
      // Noted here: the stack may end at the very call of recover.
      broken = { error }
      memory.u8 = NO_BYTES
      recover(error)
      return -1
    }
  }

  /** The value in a slot turns out to take this many bytes. @param {number} slot @param {number} weight @returns {number} as commit */
  weigh(slot, weight) {
    return guarded(() => glue.weigh(this.handle, slot, weight)) ?? -1
  }

  /** @param {number} slot @param {number} generation */
  abandon(slot, generation) {
    guarded(() => glue.abandon(this.handle, slot, generation))
  }

  /** @param {number} cells @param {number} deadline @param {number} weight @returns {number} slot, -1 when it was not stored */
  insert(cells, deadline, weight) {
    return guarded(() => glue.insert(this.handle, cells, deadline, weight)) ?? -1
  }

  /** How many slots the last insert removed. */
  insertRemoved() {
    ensureViews()
    return memory.out[1]
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

  /**
   * @param {number} count as returned by commit
   * @param {number} now
   * @param {(slot: number, cause: number) => void} each
   */
  eachRemoved(count, now, each) {
    ensureViews()
    if (count === 1) {
      const word = memory.removed[0]
      return each(word >>> 2, word & 3)
    }
    // A copy: a listener may call memoized functions itself.
    const removed = memory.removed.slice(0, count)
    for (const word of removed) each(word >>> 2, word & 3)
    // A full list: there may be more.
    if (count === REMOVED_MAX)
      this.eachRemoved(guarded(() => glue.sweep(this.handle, now, 0)) ?? 0, now, each)
  }

  /** Evicts until no more than `bytes` are held or `limit` entries have gone. @param {number} bytes @param {number} limit @returns {number} as commit */
  trim(bytes, limit) {
    return guarded(() => glue.trim(this.handle, bytes, limit)) ?? 0
  }

  /** Bytes of keys, bookkeeping and weights. */
  bytes() {
    this.trim(Infinity, 0)
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

/** The glue's classes and functions for persistence, in a started core. */
export function persistence() {
  start()
  return glue
}

/** For tests of the recovery and of collisions; no part of the package uses them. */
export const faults = {
  trap() {
    guarded(() => glue.force_trap())
  },
  /** @param {number} mode 0 the real hash, 1 always zero, 2 all ones */
  hash(mode) {
    hashMode = mode
    if (wasmMemory) recover(new MimicError('ERR_TEST', 'hash changed by a test'))
  },
}
