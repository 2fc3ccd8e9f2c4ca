import { Buffer } from 'node:buffer'
import { checksum, memory } from '../../core.js'
import { MimicError } from '../../errors.js'
import { lendBuffer } from '../../key.js'

/**
 * What stands in a file: a header with a salt, then frames. A frame is a segment with what orders its records against those of other files. See
 * ARCHITECTURE.md.
 *
 * The salt makes a frame that somebody hid in a value none: only frames of this file are found behind damage.
 */

export const FILE_HEADER = 32
export const FRAME_FIXED = 32
const SUM = 8
const RECORD = 64
/** As many as a head of 60 KiB can have. */
export const MAX_RECORDS = 960
const MAX_BLOCK = 60 * 1024
const VERSION = 1
const FILE_MAGIC = 0x444d494d
const FRAME_MAGIC = 0x464d494d
export const FILE_MAGIC_BYTES = Uint8Array.of(0x4d, 0x49, 0x4d, 0x44)
export const FRAME_MAGIC_BYTES = Uint8Array.of(0x4d, 0x49, 0x4d, 0x46)
/** Of a head, which is a segment's. */
export const HEAD_MAGIC_BYTES = Uint8Array.of(0x4d, 0x49, 0x4d, 0x47)
const TAGGED = 1

/** The kinds of a record, as its flags say. */
export const ENTRY = 0
export const DELETED = 1
export const CLEARED = 2
export const PART = 4

/** @param {Uint8Array} bytes */
const viewOf = bytes => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** @param {Uint8Array[]} pieces @returns {boolean} whether their checksum is in the first two words of `memory.out` now */
function summed(pieces) {
  lendBuffer()
  return checksum(...pieces)
}

/** Whether eight bytes are the checksum over pieces. @param {DataView} view @param {number} at @param {...Uint8Array} pieces */
function matches(view, at, ...pieces) {
  if (!summed(pieces)) return false
  return view.getUint32(at, true) === memory.out[0] && view.getUint32(at + 4, true) === memory.out[1]
}

/** @param {DataView} view @param {number} at @param {...Uint8Array} pieces */
function putSum(view, at, ...pieces) {
  if (!summed(pieces)) throw new MimicError('ERR_STORE_WRITE', 'the core was restarted')
  view.setUint32(at, memory.out[0], true)
  view.setUint32(at + 4, memory.out[1], true)
}

/** @returns {Uint8Array} the header of a new file */
export function fileHeader() {
  const header = new Uint8Array(FILE_HEADER)
  const view = viewOf(header)
  view.setUint32(0, FILE_MAGIC, true)
  view.setUint32(4, VERSION, true)
  globalThis.crypto.getRandomValues(header.subarray(8, 24))
  putSum(view, 24, header.subarray(0, 24))
  return header
}

/** @param {Uint8Array} header @returns {Uint8Array | 'foreign' | 'damaged'} the salt */
export function saltOf(header) {
  const view = viewOf(header)
  if (view.getUint32(0, true) !== FILE_MAGIC) return 'damaged'
  if (view.getUint32(4, true) !== VERSION) return 'foreign'
  return matches(view, 24, header.subarray(0, 24)) ? header.slice(8, 24) : 'damaged'
}

/** @param {number} records */
export const headerLength = records => FRAME_FIXED + 8 * records + SUM

/**
 * What stands before a head and its body.
 * @param {Uint8Array} salt
 * @param {Uint8Array} head
 * @param {number} bodyLength
 * @param {Float64Array} stamps one a record
 * @param {boolean} tagged whether some value of it has tags
 */
export function frameHeader(salt, head, bodyLength, stamps, tagged) {
  const header = new Uint8Array(headerLength(stamps.length))
  const view = viewOf(header)
  view.setUint32(0, FRAME_MAGIC, true)
  view.setUint32(4, tagged ? TAGGED : 0, true)
  view.setUint32(8, head.length, true)
  view.setUint32(12, bodyLength, true)
  view.setUint32(16, stamps.length, true)
  header.set(head.subarray(head.length - SUM), 24)
  stamps.forEach((stamp, i) => view.setFloat64(FRAME_FIXED + 8 * i, stamp, true))
  putSum(view, header.length - SUM, salt, header.subarray(0, header.length - SUM))
  return header
}

/**
 * @typedef {object} FrameHeader
 * @property {number} length of the header
 * @property {number} headLength
 * @property {number} bodyLength
 * @property {Float64Array} stamps
 * @property {boolean} tagged
 * @property {Uint8Array} headSum
 */

/**
 * @param {(length: number) => Uint8Array | undefined} take the first bytes, undefined when there are not so many
 * @param {Uint8Array} salt
 * @returns {FrameHeader | 'short' | 'damaged'}
 */
export function readFrameHeader(take, salt) {
  const fixed = take(FRAME_FIXED)
  if (fixed === undefined) return 'short'
  const view = viewOf(fixed)
  const records = view.getUint32(16, true)
  if (view.getUint32(0, true) !== FRAME_MAGIC || records === 0 || records > MAX_RECORDS) return 'damaged'
  const length = headerLength(records)
  const header = take(length)
  if (header === undefined) return 'short'
  const whole = viewOf(header)
  if (!matches(whole, length - SUM, salt, header.subarray(0, length - SUM))) return 'damaged'
  const stamps = new Float64Array(records)
  for (let i = 0; i < records; i++) stamps[i] = whole.getFloat64(FRAME_FIXED + 8 * i, true)
  return {
    length,
    headLength: whole.getUint32(8, true),
    bodyLength: whole.getUint32(12, true),
    stamps,
    tagged: (whole.getUint32(4, true) & TAGGED) !== 0,
    headSum: header.slice(24, 32),
  }
}

/**
 * A checked head: the part of an index that a segment is.
 */
export class Head {
  /** @param {Uint8Array} bytes kept, so a copy of what is read */
  constructor(bytes) {
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.records = this.view.getUint32(8, true)
    this.start = bytes.length - SUM - RECORD * this.records
    this.namespaces = this.#names()
  }

  /**
   * @param {Uint8Array} bytes
   * @param {FrameHeader} frame
   * @returns {Head | undefined} nothing when it is damaged
   */
  static check(bytes, { headSum, stamps, bodyLength }) {
    const at = bytes.length - SUM
    if (bytes.length > MAX_BLOCK || bodyLength > MAX_BLOCK || at < 24) return undefined
    if (!headSum.every((byte, i) => byte === bytes[at + i])) return undefined
    if (!matches(viewOf(bytes), at, bytes.subarray(0, at))) return undefined
    const head = new Head(bytes)
    return head.records === stamps.length && head.#fits(bodyLength) ? head : undefined
  }

  #names() {
    // A mark at its beginning is part of a name.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    let at = 24
    return Array.from({ length: this.view.getUint16(6, true) }, () => {
      const length = this.view.getUint16(at, true)
      const name = decoder.decode(this.bytes.subarray(at + 2, at + 2 + length))
      at += 2 + length
      return name
    })
  }

  /** Every record's bytes are in the body, its namespace is one. @param {number} bodyLength */
  #fits(bodyLength) {
    for (let i = 0; i < this.records; i++) {
      if (this.offset(i) + this.length(i) > bodyLength) return false
      if (this.namespace(i) >= this.namespaces.length) return false
    }
    return true
  }

  /** @param {number} i */
  at(i) {
    return this.start + RECORD * i
  }

  /** @param {number} i @returns {string} 32 hex digits */
  digest(i) {
    const at = this.at(i)
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, 16).toString('hex')
  }

  /** @param {number} i */
  offset(i) {
    return this.view.getUint32(this.at(i) + 16, true)
  }

  /** @param {number} i */
  keyLength(i) {
    return this.view.getUint32(this.at(i) + 20, true)
  }

  /** Of key and value. @param {number} i */
  length(i) {
    return this.keyLength(i) + this.view.getUint32(this.at(i) + 24, true)
  }

  /** @param {number} i */
  namespace(i) {
    return this.view.getUint16(this.at(i) + 28, true)
  }

  /** @param {number} i */
  kind(i) {
    return this.view.getUint16(this.at(i) + 30, true)
  }

  /** @param {number} i */
  part(i) {
    return this.view.getUint16(this.at(i) + 32, true)
  }

  /** @param {number} i */
  parts(i) {
    return this.view.getUint16(this.at(i) + 34, true)
  }

  /** @param {number} i */
  storedAt(i) {
    return this.view.getFloat64(this.at(i) + 40, true)
  }

  /** @param {number} i */
  deadline(i) {
    return this.view.getFloat64(this.at(i) + 48, true)
  }

  /** Whether these are the bytes that were written. @param {number} i @param {Uint8Array} bytes key and value */
  verifies(i, bytes) {
    const at = this.at(i)
    return matches(this.view, at + 56, this.bytes.subarray(at, at + 56), bytes)
  }

  /** Whether record `j` of another head is part of the same write. @param {number} i @param {Head} other @param {number} j */
  sameWrite(i, other, j) {
    const [a, b] = [this.at(i), other.at(j)]
    /** Digest; parts, whole; times. @type {[number, number][]} */
    const spans = [[0, 16], [34, 56]] // biome-ignore format: one line
    return spans.every(([from, to]) => {
      for (let at = from; at < to; at++) if (this.bytes[a + at] !== other.bytes[b + at]) return false
      return true
    })
  }
}
