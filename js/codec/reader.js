/**
 * Numbers and strings out of bytes that may be anything: every length is held against the bytes that are left before anything is made of
 * it.
 */

import { MimicError } from '../errors.js'
import * as tag from './tags.js'

const latin1Slice = /** @type {Record<string, any>} */ (globalThis).Buffer?.prototype?.latin1Slice
const NO_BYTES = new Uint8Array(0)
/** As many units as may be arguments of one call everywhere. */
const CHUNK = 4096

/** Short strings met lately, found by their bytes: most are names and words that come again. @type {string[]} */
const words = new Array(1024).fill('')
const LONGEST_WORD = 24

/** @param {string} what @param {unknown} [cause] */
export function corrupt(what, cause) {
  return new MimicError(
    'ERR_VALUE_CORRUPT',
    `stored value: ${what}`,
    cause === undefined ? undefined : { cause },
  )
}

export class Reader {
  /** @type {Uint8Array} */
  bytes = NO_BYTES
  end = 0
  pos = 0
  /** @type {DataView | undefined} */
  view = undefined

  /** @param {Uint8Array} bytes @param {number} pos where to begin */
  open(bytes, pos) {
    this.bytes = bytes
    this.end = bytes.length
    this.pos = pos
  }

  /** @param {number} size of what is known to be there */
  skip(size) {
    this.pos += size
  }

  /** Lets go of the bytes. */
  close() {
    this.bytes = NO_BYTES
    this.view = undefined
  }

  byte() {
    if (this.pos >= this.end) throw corrupt('ends too early')
    return this.bytes[this.pos++]
  }

  varint() {
    const first = this.byte()
    if (first < 0x80) return first
    let number = first & 0x7f
    for (let scale = 0x80; scale <= 0x10000000; scale *= 0x80) {
      const byte = this.byte()
      number += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (number > 0xffffffff) break
        return number
      }
    }
    throw corrupt('a number is too long')
  }

  /** A count of things that take at least `least` bytes each. @param {number} least */
  count(least) {
    const count = this.varint()
    if (count * least > this.end - this.pos) throw corrupt('a length reaches beyond the end')
    return count
  }

  float() {
    const { bytes, pos } = this
    if (pos + 8 > this.end) throw corrupt('ends too early')
    this.pos += 8
    this.view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    return this.view.getFloat64(pos, true)
  }

  bigint() {
    const size = this.count(1)
    if (size === 0) throw corrupt('an empty bigint')
    let hex = ''
    for (const end = this.pos + size; this.pos < end; this.pos++)
      hex += this.bytes[this.pos].toString(16).padStart(2, '0')
    return BigInt(`0x${hex}`)
  }

  /** @param {number} size */
  latin1(size) {
    const { bytes, pos } = this
    if (pos + size > this.end) throw corrupt('a length reaches beyond the end')
    this.pos = pos + size
    if (size === 0) return ''
    if (size > LONGEST_WORD) return longLatin1(bytes, pos, size)
    const slot =
      (size * 53 + bytes[pos] * 31 + bytes[pos + (size >> 1)] * 17 + bytes[pos + size - 1] * 7) & 1023
    const known = words[slot]
    if (known.length === size) {
      let i = 0
      while (i < size && known.charCodeAt(i) === bytes[pos + i]) i++
      if (i === size) return known
    }
    return (words[slot] = shortLatin1(bytes, pos, size))
  }

  utf16() {
    const size = this.count(2)
    let text = ''
    for (let left = size; left > 0; ) {
      /** @type {number[]} */
      const units = []
      for (let i = Math.min(left, CHUNK); i > 0; i--)
        units.push(this.bytes[this.pos++] | (this.bytes[this.pos++] << 8))
      text += String.fromCharCode.apply(null, units)
      left -= units.length
    }
    return text
  }

  /** @returns {string} */
  string() {
    const code = this.byte()
    if (code >= tag.SHORT_LATIN1) return this.latin1(code & 63)
    if (code === tag.LATIN1) return this.latin1(this.count(1))
    if (code === tag.UTF16) return this.utf16()
    throw corrupt('a string is missing')
  }
}

/** @param {Uint8Array} b @param {number} p @param {number} size 1 to LONGEST_WORD */
function shortLatin1(b, p, size) {
  const from = String.fromCharCode
  let text = ''
  const end = p + size
  for (; p + 8 <= end; p += 8) {
    text += from(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7])
  }
  if (p + 4 <= end) {
    text += from(b[p], b[p + 1], b[p + 2], b[p + 3])
    p += 4
  }
  for (; p < end; p++) text += from(b[p])
  return text
}

/** @param {Uint8Array} bytes @param {number} pos @param {number} size @returns {string} */
function longLatin1(bytes, pos, size) {
  if (latin1Slice !== undefined) return latin1Slice.call(bytes, pos, pos + size)
  let text = ''
  for (let end = pos + size; pos < end; pos += CHUNK) {
    const units = /** @type {any} */ (bytes.subarray(pos, Math.min(pos + CHUNK, end)))
    text += String.fromCharCode.apply(null, units)
  }
  return text
}
