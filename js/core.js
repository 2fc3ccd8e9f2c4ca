import * as glue from '../pkg/my_mimic.js'
import { MimicError } from './errors.js'

export { glue }

/**
 * The bridge: the only file that imports `pkg/` or touches linear memory.
 *
 * An exception that leaves the module (a trap, or the caller's stack ending inside it) leaves the core in an unknown state. Recovery is to
 * forget everything: a new instance, every index emptied, one event. For a cache that is correct.
 */

/** Cells of 8 bytes in the key buffer. */
export const BUFFER_CELLS = 8192
const OUT_WORDS = 16
export const REMOVED_MAX = 4096

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

/**
 * Whoever keeps something in the core takes a place in the new one when it was started anew, and then forgets what was in the old one.
 * @type {Set<WeakRef<{ take(): void, forget(error: unknown): void }>>}
 */
export const tenants = new Set()

/** Counts instances: what a call learned from an older one means nothing. */
export let epoch = 0

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
  try {
    if (source?.getRandomValues !== undefined) return source.getRandomValues(words)
  } catch {
    // Cloudflare's Workers have no such numbers outside a request.
  }
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
      `WebAssembly could not be started (${cause}); a Content-Security-Policy must allow script-src 'wasm-unsafe-eval', and the runtime must know WebAssembly's vectors (Chrome 91, Firefox 89, Safari 16.4 or newer)`,
      { cause },
    )
  }
  raw = exports
  wasmMemory = raw.memory
  boot()
}

/** Memory grows ahead by this share of it, but by no less and no more than so many bytes. */
const AHEAD = 1 / 8
const AHEAD_MIN = 2 ** 18
const AHEAD_MAX = 2 ** 25
let growsAhead = true

/**
 * Memory has grown, and the allocator takes only what it needs now. To the garbage collector every growth is a new buffer as large as all of the
 * memory, for which it soon collects everything. So here a larger piece is taken and given back, and the allocator has it in stock.
 */
function growAhead() {
  const { byteLength } = raw.memory.buffer
  if (!growsAhead || viewed === 0 || byteLength <= viewed) return
  const bytes = Math.min(AHEAD_MAX, Math.max(AHEAD_MIN, byteLength * AHEAD)) >>> 0
  try {
    raw.__wbindgen_free(raw.__wbindgen_malloc(bytes, 8), bytes, 8)
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error
    // So much there is not: then only what is needed.
    growsAhead = false
  }
}

/** Views of the memory as it is now. */
export function refresh() {
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
  if (wreck.isLeft) mend()
  else refresh()
}

/**
 * What left the module, until the core has been started anew. Noted without a call and without an object made, for the stack may end at either.
 * @type {{ isLeft: boolean, error: unknown }}
 */
export const wreck = { isLeft: false, error: undefined }
/** In place of a view: whoever writes the next key finds that it has no room and comes to `ensureViews`. */
export const NO_BYTES = new Uint8Array(0)

/** A new core in place of the one that something left. */
export function mend() {
  const { error } = wreck
  try {
    glue.__wbg_reset_state()
    raw = glue.initSync(/** @type {any} */ (undefined))
    wasmMemory = raw.memory
    boot()
    for (const ref of tenants) ref.deref()?.take()
    wreck.isLeft = false
    for (const ref of tenants) ref.deref()?.forget(error)
  } catch (again) {
    // What is half made is nobody's: the next key has no room either, and tries again.
    wreck.isLeft = true
    memory.u8 = NO_BYTES
    // V8 may throw nothing at all where the stack ends in the module.
    throw again ?? stackEnded()
  }
}

function stackEnded() {
  return new RangeError('Maximum call stack size exceeded')
}

/**
 * @template T
 * @param {() => T} call a crossing
 * @returns {T | undefined} undefined after a recovery
 */
export function guarded(call) {
  try {
    if (wreck.isLeft) mend()
    const answer = call()
    // It may have made the memory grow, and a key may be half written.
    ensureViews()
    return answer
  } catch (error) {
    wreck.isLeft = true
    wreck.error = error
    memory.u8 = NO_BYTES
    mend()
    return undefined
  }
}

const LEFT = 'the core was left in the middle of an operation'

/** A call found no room. So it is for every call where something left the core without being noted: to itself it is still busy. */
export function ensureIdle() {
  if (guarded(() => glue.key_ptr()) !== 0) return
  wreck.isLeft = true
  wreck.error = new MimicError('ERR_WASM_TRAP', LEFT)
  memory.u8 = NO_BYTES
  mend()
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

/**
 * The 256-bit digest of the key in the buffer.
 * @param {number} cells
 * @returns {Uint8Array}
 * @throws whatever left the core: the key is gone then, and no other digest may stand for it
 */
export function keyDigest(cells) {
  const done = guarded(() => glue.key_digest(cells))
  if (done === undefined) throw wreck.error ?? stackEnded()
  if (done !== 0) {
    ensureIdle()
    throw new MimicError('ERR_WASM_TRAP', LEFT)
  }
  return new Uint8Array(memory.out.buffer, memory.out.byteOffset, 32).slice()
}

/**
 * XXH64 over `pieces`, one after another, at most as many bytes as the key buffer has: into the first two words of
 * `memory.out`.
 * @param {Uint8Array[]} pieces
 * @returns {boolean} whether it was possible
 */
export function checksum(...pieces) {
  ensureViews()
  let length = 0
  for (const piece of pieces) {
    if (length + piece.length > memory.u8.length) return false
    memory.u8.set(piece, length)
    length += piece.length
  }
  return guarded(() => glue.bytes_checksum(length)) === 0
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
  /** And nobody notes it. */
  trapUnnoted() {
    try {
      glue.force_trap()
    } catch {}
  },
  /** @param {number} mode 0 the real hash, 1 always zero, 2 all ones */
  hash(mode) {
    hashMode = mode
    if (!wasmMemory) return
    wreck.error = new MimicError('ERR_TEST', 'hash changed by a test')
    mend()
  },
}
