import { BUFFER_CELLS, ensureViews, LongKey, memory } from '../core.js'
import { ASCII, BIGINT64, BIGINT_TEXT, FLOAT64, INT32, UTF16 } from './tags.js'

/**
 * Writes cells into the key buffer. A key longer than the buffer is absorbed into a digest piece by piece, so no key, however long, makes
 * the buffer grow. Words are written as aligned typed-array elements: cheaper than DataView.
 */

/** A key longer than this is not walked to its end: 128 MiB of cells, which only shared references to shared references reach. */
const MAX_CELLS = 2 ** 24
/** Strings from this length on are written in pieces. */
const LONG_STRING = 2048
const PIECE_CHARS = 8192

const encoder = new TextEncoder()

let pos = 0
/** Cells already absorbed. */
let absorbed = 0
/** @type {LongKey | undefined} */
let long
/** Where the current argument starts in the buffer, or -1 when its start has been absorbed. */
let argumentStart = 0
let absorbedBefore = 0

/** Thrown inside the walk when a key passes MAX_CELLS. */
export const TOO_LONG = new RangeError('the key is too long to be walked')

/** @returns {number} how many walks are put aside, for `close` */
export function open() {
  ensureViews()
  pos = 0
  absorbed = 0
  argumentStart = 0
  return interrupted.length
}

/** Cells written since `open`, where none were absorbed. */
export function written() {
  return pos
}

/** A point that `rewind` can return to. */
export function beginArgument() {
  if (resumable) resume()
  argumentStart = pos
  absorbedBefore = absorbed
}

/** Takes back everything since `beginArgument`. */
export function rewind() {
  if (resumable) resume()
  if (argumentStart >= 0) {
    pos = argumentStart
    return
  }
  long?.rollback()
  absorbed = absorbedBefore
  pos = 0
  argumentStart = 0
}

/**
 * @param {number} level what `open` returned
 * @param {number} maxCells longest key held as it is
 * @returns {number} cells of the key in the buffer
 */
export function close(level, maxCells) {
  if (resumable) resume()
  if (interrupted.length !== level) {
    interrupted.length = level
    throw TOO_LONG
  }
  if (long === undefined) {
    if (pos <= maxCells) return pos
    long = new LongKey()
  }
  const key = long
  long = undefined
  return key.finish(pos)
}

/** Drops a walk that failed. @param {number} level what `open` returned */
export function discard(level) {
  if (resumable) resume()
  if (interrupted.length > level) interrupted.length = level
  long?.free()
  long = undefined
}

function spill() {
  if (resumable) {
    resume()
    if (pos <= BUFFER_CELLS >> 1) return
  }
  if (long === undefined) {
    long = new LongKey()
    ensureViews()
  }
  if (argumentStart >= 0) {
    // The mark must stand exactly where the argument starts.
    const rest = memory.u32.slice(argumentStart * 2, pos * 2)
    long.absorb(argumentStart)
    long.mark()
    absorbedBefore = absorbed + argumentStart
    absorbed = absorbedBefore
    ensureViews()
    memory.u32.set(rest, 0)
    pos -= argumentStart
    argumentStart = -1
  }
  long.absorb(pos)
  ensureViews()
  absorbed += pos
  pos = 0
}

/** Called for each container: a single string may be of any length. */
export function checkLength() {
  if (absorbed > MAX_CELLS) throw TOO_LONG
}

/**
 * Walks that user code interrupted with another call, innermost last. The interrupting key must stand at the start of the buffer until its
 * call has looked it up, so the outer walk comes back only when it writes again: `pos` then stands at the buffer's end, which is checked anyway.
 * @type {{ pos: number, absorbed: number, long: LongKey | undefined, argumentStart: number, absorbedBefore: number, cells: Uint32Array }[]}
 */
const interrupted = []
let resumable = false

/** Puts the current walk aside. */
export function interrupt() {
  if (!resumable) {
    ensureViews()
    interrupted.push({
      pos,
      absorbed,
      long,
      argumentStart,
      absorbedBefore,
      cells: memory.u32.slice(0, pos * 2),
    })
  }
  resumable = false
  long = undefined
}

/** The interrupting key is complete: the outer walk comes back when it writes again. */
export function resumeLater() {
  resumable = true
  pos = BUFFER_CELLS
}

function resume() {
  const outer = interrupted.pop()
  resumable = false
  if (outer === undefined) return
  ensureViews()
  ;({ pos, absorbed, long, argumentStart, absorbedBefore } = outer)
  memory.u32.set(outer.cells, 0)
}

/** @param {number} tag @param {number} arg */
export function head(tag, arg) {
  if (pos === BUFFER_CELLS) spill()
  const { u32 } = memory
  const at = pos++ << 1
  u32[at] = tag
  u32[at + 1] = arg
}

/** @param {number} value a payload cell */
export function float(value) {
  if (pos === BUFFER_CELLS) spill()
  if (value === value) {
    memory.f64[pos++] = value
    return
  }
  const at = pos++ << 1
  memory.u32[at] = 0
  memory.u32[at + 1] = 0x7ff80000
}

/** @param {number} value */
export function number(value) {
  if ((value | 0) === value && (value !== 0 || 1 / value > 0)) return head(INT32, value)
  head(FLOAT64, 0)
  float(value)
}

/** @param {bigint} value */
export function bigint(value) {
  if (BigInt.asIntN(64, value) === value) {
    head(BIGINT64, 0)
    if (pos === BUFFER_CELLS) spill()
    memory.i64[pos++] = value
    return
  }
  asciiText(BIGINT_TEXT, value.toString(16))
}

/** @param {string} value */
export function string(value) {
  const length = value.length
  if (length >= LONG_STRING) return longString(value)
  if (pos + 2 + (length >> 2) >= BUFFER_CELLS) spill()
  const { u32 } = memory
  let at = pos << 1
  let units = 0
  u32[at] = ASCII
  u32[at + 1] = length
  at += 2
  let i = 0
  for (; i + 4 <= length; i += 4) {
    const a = value.charCodeAt(i)
    const b = value.charCodeAt(i + 1)
    const c = value.charCodeAt(i + 2)
    const d = value.charCodeAt(i + 3)
    units |= a | b | c | d
    u32[at++] = a | (b << 8) | (c << 16) | (d << 24)
  }
  if (i < length) {
    let word = 0
    for (let shift = 0; i < length; i++, shift += 8) {
      const unit = value.charCodeAt(i)
      units |= unit
      word |= unit << shift
    }
    u32[at++] = word
  }
  if (units > 0x7f) return wideString(value)
  if (at & 1) u32[at++] = 0
  pos = at >> 1
}

/** A short string with a unit beyond ASCII, over what `string` has written. @param {string} value */
function wideString(value) {
  const { u32 } = memory
  const length = value.length
  let at = pos << 1
  u32[at] = UTF16
  u32[at + 1] = length
  at += 2
  for (let i = 0; i < length; i += 2) {
    u32[at++] = value.charCodeAt(i) | (i + 1 < length ? value.charCodeAt(i + 1) << 16 : 0)
  }
  if (at & 1) u32[at++] = 0
  pos = at >> 1
}

/** @param {string} value */
function longString(value) {
  let wide = false
  for (let i = 0; i < value.length && !wide; i++) wide = value.charCodeAt(i) > 0x7f
  if (!wide) return asciiText(ASCII, value)
  head(UTF16, value.length)
  for (let from = 0; from < value.length; from += PIECE_CHARS) {
    const to = Math.min(value.length, from + PIECE_CHARS)
    const cells = (to - from + 3) >> 2
    reserve(cells)
    const { u16 } = memory
    let at = pos << 2
    for (let i = from; i < to; i++) u16[at++] = value.charCodeAt(i)
    for (pos += cells; at < pos << 2; ) u16[at++] = 0
  }
}

/** @param {number} tag @param {string} value ASCII */
function asciiText(tag, value) {
  head(tag, value.length)
  for (let from = 0; from < value.length; from += PIECE_CHARS) {
    const piece = value.slice(from, from + PIECE_CHARS)
    const cells = (piece.length + 7) >> 3
    reserve(cells)
    const start = pos << 3
    pos += cells
    encoder.encodeInto(piece, memory.u8.subarray(start))
    memory.u8.fill(0, start + piece.length, pos << 3)
  }
}

/** @param {Uint8Array} value */
export function bytes(value) {
  for (let from = 0; from < value.length; from += PIECE_CHARS) {
    const piece = value.subarray(from, from + PIECE_CHARS)
    const cells = (piece.length + 7) >> 3
    reserve(cells)
    const start = pos << 3
    pos += cells
    memory.u8.set(piece, start)
    memory.u8.fill(0, start + piece.length, pos << 3)
  }
}

/**
 * Cells written before, such as the name of a property.
 * @param {Float64Array} cells none of them a NaN, whose bits a copy may change
 */
export function copy(cells) {
  const count = cells.length
  if (pos + count > BUFFER_CELLS) spill()
  const { f64 } = memory
  for (let i = 0; i < count; i++) f64[pos++] = cells[i]
}

/** @param {number} cells at most half the buffer */
function reserve(cells) {
  if (pos + cells > BUFFER_CELLS) spill()
}

/**
 * The cells of a string, to be written again and again with `copy`.
 * @param {string} value ASCII, shorter than LONG_STRING: so no cell is a NaN
 * @returns {Float64Array}
 */
export function cellsOf(value) {
  if (pos + 2 + (value.length >> 2) >= BUFFER_CELLS) spill()
  const before = pos
  string(value)
  const cells = memory.f64.slice(before, pos)
  pos = before
  return cells
}
