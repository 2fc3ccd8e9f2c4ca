import { MimicError } from '../errors.js'
import * as tag from './tags.js'

/** The cells of a key one after another, and the numbers and strings in them; each as the encoder writes it, or ERR_KEY_CORRUPT. */

/** Characters made from char codes at a time: arguments of one call lie on the stack. */
const PIECE = 4096

/** Tags whose head has no argument. */
const PLAIN_HEADS = new Set([
  tag.UNDEFINED,
  tag.NULL,
  tag.FALSE,
  tag.TRUE,
  tag.FLOAT64,
  tag.BIGINT64,
  tag.SYMBOL,
  tag.IDENTITY,
  tag.DATE,
  tag.REGEXP,
  tag.BOXED,
  tag.ERROR,
  tag.DEFERRED,
  tag.ABORT_SIGNAL,
  tag.DIGESTED,
])

/** @param {number} cell @param {string} what @returns {MimicError} */
export function corrupt(cell, what) {
  return new MimicError(
    'ERR_KEY_CORRUPT',
    `the bytes are not a key of format version 1: ${what} at cell ${cell}`,
  )
}

export class Reader {
  at = 0
  /** The head read last. */
  tag = 0
  arg = 0

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.cells = bytes.byteLength >>> 3
  }

  /** @param {string} what */
  fail(what) {
    return corrupt(this.at - 1, what)
  }

  head() {
    if (this.at >= this.cells) throw corrupt(this.at, 'the end')
    this.tag = this.view.getUint32(this.at * 8, true)
    this.arg = this.view.getUint32(this.at * 8 + 4, true)
    this.at++
    if (this.arg !== 0 && PLAIN_HEADS.has(this.tag)) throw this.fail('an argument that must be 0')
  }

  /** @param {number} wanted a tag */
  expect(wanted) {
    this.head()
    if (this.tag !== wanted) throw this.fail(`tag ${this.tag} in place of ${wanted}`)
  }

  /** The tag of the next head, 0 at the end. */
  peek() {
    return this.at < this.cells ? this.view.getUint32(this.at * 8, true) : 0
  }

  /** @param {number} least cells that each needs @returns {number} the head's argument, when so many can follow */
  count(least) {
    if (this.arg * least > this.cells - this.at) throw this.fail('more values than cells')
    return this.arg
  }

  float() {
    if (this.at >= this.cells) throw corrupt(this.at, 'the end')
    return this.view.getFloat64(this.at++ * 8, true)
  }

  /** A float that is NaN in one way only. */
  canonicalFloat() {
    const value = this.float()
    if (value !== value) {
      const { view, at } = this
      if (view.getUint32(at * 8 - 8, true) !== 0 || view.getUint32(at * 8 - 4, true) !== 0x7ff80000)
        throw this.fail('a NaN')
    }
    return value
  }

  number() {
    const value = this.canonicalFloat()
    if ((value | 0) === value && !Object.is(value, -0)) throw this.fail('an int32 as a float')
    return value
  }

  int64() {
    if (this.at >= this.cells) throw corrupt(this.at, 'the end')
    return this.view.getBigInt64(this.at++ * 8, true)
  }

  /** @param {number} length @returns {Uint8Array} what follows; the padding must be zeros */
  payload(length) {
    const start = this.at * 8
    const cells = Math.ceil(length / 8)
    if (cells > this.cells - this.at) throw this.fail('more bytes than cells')
    this.at += cells
    for (let i = start + length; i < this.at * 8; i++) {
      if (this.bytes[i] !== 0) throw this.fail('padding')
    }
    return this.bytes.subarray(start, start + length)
  }

  /** A bigint beyond int64: its digits after `0x`. */
  bigint() {
    const hex = this.ascii()
    if (!/^-?[1-9a-f][0-9a-f]{15,}$/.test(hex) || /^(?:-?[1-7].{15}|-80{15})$/.test(hex))
      throw this.fail('a bigint')
    return hex.replace(/^-?/, '$&0x')
  }

  string() {
    this.head()
    if (this.tag !== tag.ASCII && this.tag !== tag.UTF16)
      throw this.fail(`tag ${this.tag} in place of a string`)
    return this.text()
  }

  /** The string whose head was read. */
  text() {
    return this.tag === tag.ASCII ? this.ascii() : this.utf16()
  }

  ascii() {
    const bytes = this.payload(this.arg)
    let text = ''
    for (let from = 0; from < bytes.length; from += PIECE) {
      const piece = bytes.subarray(from, from + PIECE)
      for (const byte of piece) if (byte > 0x7f) throw this.fail('a byte beyond ASCII')
      text += String.fromCharCode(...piece)
    }
    return text
  }

  utf16() {
    const bytes = this.payload(this.arg * 2)
    let text = ''
    let all = 0
    for (let from = 0; from < bytes.length; from += PIECE * 2) {
      const units = new Uint16Array(Math.min(PIECE, (bytes.length - from) >> 1))
      for (let i = 0; i < units.length; i++)
        all |= units[i] = bytes[from + 2 * i] | (bytes[from + 2 * i + 1] << 8)
      text += String.fromCharCode(...units)
    }
    if (all <= 0x7f) throw this.fail('an ASCII string as a wide one')
    return text
  }
}
