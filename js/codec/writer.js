/**
 * Bytes, numbers and strings into a buffer that grows. It knows the value format's primitives and nothing of objects.
 */

import * as tag from './tags.js'

/** Small results share such a buffer, as Node's Buffers do: an ArrayBuffer of their own costs more than the encoding. */
const SLAB = 16_384
const MAX_SHARED = 1024
const MAX_SCRATCH = 1 << 20
/** Strings longer than this are worth a call to the platform, which is a longer way in browsers. */
const LONG = 'Buffer' in globalThis ? 64 : 255

const utf8 = new TextEncoder()
const NO_BYTES = new Uint8Array(0)

export class Writer {
  bytes = new Uint8Array(SLAB)
  /** @type {DataView | undefined} */
  view
  start = 0
  pos = 0
  /** @type {Uint8Array<ArrayBuffer>} */
  scratch = NO_BYTES

  /** The bytes written, in a view of their own. */
  result() {
    const { block, at, length } = this.written()
    return length === block.length ? block : new Uint8Array(block.buffer, at, length)
  }

  /** Where the bytes written are: in the slab, or in a copy. @returns {{ block: Uint8Array<ArrayBuffer>, at: number, length: number }} */
  written() {
    const { bytes, start, pos } = this
    const length = pos - start
    if (bytes.length === SLAB && length <= MAX_SHARED) {
      this.start = pos
      return { block: bytes, at: start, length }
    }
    const copy = bytes.slice(start, pos)
    if (bytes.length !== SLAB) {
      if (bytes.length <= MAX_SCRATCH) this.scratch = bytes
      this.use(new Uint8Array(SLAB))
      this.start = 0
    }
    return { block: copy, at: 0, length }
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  use(bytes) {
    this.bytes = bytes
    this.view = undefined
  }

  /** Makes room for `size` more bytes. @param {number} size */
  reserve(size) {
    if (this.pos + size > this.bytes.length) this.grow(size)
  }

  /** @param {number} size */
  grow(size) {
    const { bytes, start, pos } = this
    const used = pos - start
    const needed = used + size
    let larger
    if (needed <= SLAB / 2 && bytes.length === SLAB) larger = new Uint8Array(SLAB)
    else if (needed <= this.scratch.length) larger = this.scratch
    else larger = new Uint8Array(Math.max(needed * 2, SLAB * 4))
    if (larger === this.scratch) this.scratch = NO_BYTES
    larger.set(bytes.subarray(start, pos))
    this.use(larger)
    this.start = 0
    this.pos = used
  }

  /** @param {number} number an integer from 0 to 2 ** 32 - 1; the room is there */
  varint(number) {
    let rest = number
    while (rest > 0x7f) {
      this.bytes[this.pos++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.pos++] = rest
  }

  /** @param {number} code */
  byte(code) {
    this.reserve(1)
    this.bytes[this.pos++] = code
  }

  /** @param {number} code @param {number} number */
  head(code, number) {
    this.reserve(6)
    this.bytes[this.pos++] = code
    this.varint(number)
  }

  /** @param {number} value */
  number(value) {
    const int = value | 0
    if (int !== value || (int === 0 && 1 / value < 0)) return this.float(tag.FLOAT, value)
    this.reserve(6)
    if (int >= 0 && int < 64) {
      this.bytes[this.pos++] = tag.SMALL_INT | int
    } else {
      this.bytes[this.pos++] = tag.INT
      this.varint(((int << 1) ^ (int >> 31)) >>> 0)
    }
  }

  /** @param {number} code @param {number} value */
  float(code, value) {
    this.reserve(9)
    this.bytes[this.pos] = code
    // One NaN, whatever its bits are here.
    this.view ??= new DataView(this.bytes.buffer)
    this.view.setFloat64(this.pos + 1, value === value ? value : Number.NaN, true)
    this.pos += 9
  }

  /** @param {bigint} value */
  bigint(value) {
    let hex = (value < 0n ? -value : value).toString(16)
    if (hex.length & 1) hex = `0${hex}`
    const size = hex.length / 2
    this.reserve(6 + size)
    this.head(value < 0n ? tag.NEGATIVE_BIGINT : tag.BIGINT, size)
    for (let i = 0; i < size; i++) this.bytes[this.pos++] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  }

  /** @param {string} value */
  string(value) {
    const size = value.length
    if (size > LONG) return this.longString(value)
    this.reserve(6 + size * 2)
    const { bytes } = this
    let { pos } = this
    if (size < 64) {
      bytes[pos++] = tag.SHORT_LATIN1 | size
    } else {
      bytes[pos++] = tag.LATIN1
      if (size > 0x7f) bytes[pos++] = (size & 0x7f) | 0x80
      bytes[pos++] = size > 0x7f ? size >> 7 : size
    }
    let [i, all] = [0, 0]
    // Four at a time: a fifth less time than one by one.
    for (; i + 3 < size; i += 4, pos += 4) {
      const a = value.charCodeAt(i)
      const b = value.charCodeAt(i + 1)
      const c = value.charCodeAt(i + 2)
      const d = value.charCodeAt(i + 3)
      all |= a | b | c | d
      bytes[pos] = a
      bytes[pos + 1] = b
      bytes[pos + 2] = c
      bytes[pos + 3] = d
    }
    for (; i < size; i++) {
      const unit = value.charCodeAt(i)
      all |= unit
      bytes[pos++] = unit
    }
    if (all > 0xff) return this.utf16(value)
    this.pos = pos
  }

  /** @param {string} value */
  longString(value) {
    const size = value.length
    this.reserve(6 + size)
    const before = this.pos
    this.head(tag.LATIN1, size)
    const { bytes, pos } = this
    // As many bytes as units: all of it is ASCII.
    const done = utf8.encodeInto(value, bytes.subarray(pos, pos + size))
    if (done.read !== size) {
      for (let i = 0; i < size; i++) {
        const unit = value.charCodeAt(i)
        if (unit > 0xff) {
          this.pos = before
          return this.utf16(value)
        }
        bytes[pos + i] = unit
      }
    }
    this.pos = pos + size
  }

  /** @param {string} value */
  utf16(value) {
    const size = value.length
    this.reserve(6 + size * 2)
    this.head(tag.UTF16, size)
    const { bytes } = this
    let { pos } = this
    for (let i = 0; i < size; i++) {
      const unit = value.charCodeAt(i)
      bytes[pos++] = unit
      bytes[pos++] = unit >> 8
    }
    this.pos = pos
  }

  /** @param {Uint8Array} source */
  raw(source) {
    const size = source.length
    this.reserve(size)
    const { bytes, pos } = this
    if (size > 64) bytes.set(source, pos)
    else for (let i = 0; i < size; i++) bytes[pos + i] = source[i]
    this.pos = pos + size
  }

  /** @param {Uint8Array} source */
  buffer(source) {
    this.head(tag.BUFFER, source.length)
    this.raw(source)
  }
}
