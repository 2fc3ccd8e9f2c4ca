import { MimicError } from '../errors.js'
import * as tag from './tags.js'

/**
 * The cells of a key back into a tree of what was written. Keys may come from a damaged or foreign store: whatever the bytes, this gives a
 * tree or throws ERR_KEY_CORRUPT. The encoder never nests deeper than 64 containers before it puts one off, so anything deeper is corrupt and
 * the recursion here is bounded by the format; containers put off are read from a queue. `src/key/decode.rs` accepts exactly the same keys.
 *
 * @typedef {[Node, Node][]} Pairs
 * @typedef {{ type: 'undefined' | 'null' | 'signal' | 'deferred' }
 *   | { type: 'boolean', value: boolean }
 *   | { type: 'number', value: number }
 *   | { type: 'bigint', value: string }
 *   | { type: 'string', value: string }
 *   | { type: 'symbol', value: string }
 *   | { type: 'identity', value: number }
 *   | { type: 'holes', value: number }
 *   | { type: 'cycle', value: number }
 *   | { type: 'array', length: number, items: Node[], extra: Pairs }
 *   | { type: 'object', entries: Pairs }
 *   | { type: 'map', entries: Pairs, extra: Pairs }
 *   | { type: 'set', items: Node[], extra: Pairs }
 *   | { type: 'date', value: number, extra: Pairs }
 *   | { type: 'regexp', source: string, flags: string, extra: Pairs }
 *   | { type: 'boxed', inner: Node, extra: Pairs }
 *   | { type: 'bytes', kind: string, value: Uint8Array }
 *   | { type: 'text', kind: string, value: string, extra: Pairs }
 *   | { type: 'error', name: string, message: Node, cause: Node, errors: Node, extra: Pairs }
 *   | { type: 'keyed', name: string, class?: number, inner: Node }} Node a bigint's value is decimal, or `0x…` beyond int64; an error's field
 *   that is missing is a node of type holes
 *
 * @typedef {{ hash: string, cells: number }} Digested 64 hex digits; cells of the whole key
 * @typedef {{ args: Node[], self?: Node, digested?: Digested }} Tree
 */

const MAX_DEPTH = 64
const MAX_DATE = 8.64e15
/** Far beyond any key; keeps the arithmetic on lengths exact. */
const MAX_DIGESTED_CELLS = 2 ** 40
/** Characters made from char codes at a time: arguments of one call lie on the stack. */
const PIECE = 4096

export const DIGESTED = 34

/** Names and element sizes of the kinds of tag 24. @type {[name: string, size: number][]} */
export const BYTES_KINDS = [
  ['', 0],
  ['ArrayBuffer', 1],
  ['DataView', 1],
  ['Int8Array', 1],
  ['Uint8Array', 1],
  ['Uint8ClampedArray', 1],
  ['Int16Array', 2],
  ['Uint16Array', 2],
  ['Int32Array', 4],
  ['Uint32Array', 4],
  ['Float16Array', 2],
  ['Float32Array', 4],
  ['Float64Array', 8],
  ['BigInt64Array', 8],
  ['BigUint64Array', 8],
  ['Buffer', 1],
]

/** Names of the kinds of tag 25. @type {Map<number, string>} */
const TEXT_KINDS = new Map([
  [1, 'URL'],
  [2, 'URLSearchParams'],
  [3, 'Headers'],
  [16, 'Temporal.Instant'],
  [17, 'Temporal.ZonedDateTime'],
  [18, 'Temporal.PlainDateTime'],
  [19, 'Temporal.PlainDate'],
  [20, 'Temporal.PlainTime'],
  [21, 'Temporal.PlainYearMonth'],
  [22, 'Temporal.PlainMonthDay'],
  [23, 'Temporal.Duration'],
])

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
  DIGESTED,
])

/**
 * @param {Uint8Array} bytes a key as `storeKey` takes it
 * @returns {Tree}
 */
export function decodeKey(bytes) {
  return new Decoder(bytes).key()
}

/** @param {number} cell @param {string} what @returns {MimicError} */
function corrupt(cell, what) {
  return new MimicError(
    'ERR_KEY_CORRUPT',
    `the bytes are not a key of format version 1: ${what} at cell ${cell}`,
  )
}

class Decoder {
  at = 0
  /** The head read last. */
  tag = 0
  arg = 0
  /** Containers around the unit being read: the argument itself, or a container that was put off. */
  above = 0
  /** Containers put off, in the order they will come. @type {{ node: Node, above: number }[]} */
  waiting = []

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

  /** @returns {Tree} */
  key() {
    if (this.bytes.byteLength & 7) throw corrupt(this.cells, 'part of a cell')
    this.head()
    /** @type {Tree} */
    const tree = { args: [] }
    if (this.tag === DIGESTED) {
      tree.digested = this.digested()
    } else if (this.tag === tag.CALL || this.tag === tag.METHOD_CALL) {
      const count = this.count(1)
      if (this.tag === tag.METHOD_CALL) {
        this.expect(tag.IDENTITY)
        tree.self = this.identity()
      }
      for (let i = 0; i < count; i++) tree.args.push(this.argument())
    } else {
      throw this.fail('neither a call nor a digest')
    }
    if (this.at !== this.cells) throw corrupt(this.at, 'more than one key')
    return tree
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

  /** @returns {Digested} */
  digested() {
    let hash = ''
    for (const byte of this.payload(32)) hash += byte.toString(16).padStart(2, '0')
    const cells = this.float()
    if (!(Number.isInteger(cells) && cells >= 0 && cells <= MAX_DIGESTED_CELLS)) throw this.fail('a length')
    return { hash, cells }
  }

  /** One argument with the containers put off in it, which follow first in first out. */
  argument() {
    const root = this.value(0)
    for (let i = 0; i < this.waiting.length; i++) {
      const { node, above } = this.waiting[i]
      this.above = above
      Object.assign(node, this.value(0))
    }
    this.above = 0
    this.waiting = []
    return root
  }

  /** @param {number} depth containers around it in this unit @returns {Node} */
  value(depth) {
    this.head()
    switch (this.tag) {
      case tag.UNDEFINED:
        return { type: 'undefined' }
      case tag.NULL:
        return { type: 'null' }
      case tag.FALSE:
      case tag.TRUE:
        return { type: 'boolean', value: this.tag === tag.TRUE }
      case tag.INT32:
        return { type: 'number', value: this.arg | 0 }
      case tag.FLOAT64:
        return { type: 'number', value: this.number() }
      case tag.BIGINT64:
        return { type: 'bigint', value: String(this.int64()) }
      case tag.BIGINT_TEXT:
        return this.bigintText()
      case tag.ASCII:
      case tag.UTF16:
        return { type: 'string', value: this.text() }
      case tag.SYMBOL:
        return { type: 'symbol', value: this.string() }
      case tag.IDENTITY:
        return this.identity()
      case tag.CYCLE:
        if (this.arg < 1 || this.arg > this.above + depth) throw this.fail('a cycle to nowhere')
        return { type: 'cycle', value: this.arg }
      case tag.DEFERRED:
        return this.deferred(depth)
    }
    if (depth === MAX_DEPTH) throw this.fail(`tag ${this.tag} where a container should have been put off`)
    return this.container(depth + 1)
  }

  /** @param {number} depth @returns {Node} a place that is filled when the container comes */
  deferred(depth) {
    if (depth !== MAX_DEPTH) throw this.fail('a container put off too early')
    /** @type {Node} */
    const node = { type: 'deferred' }
    this.waiting.push({ node, above: this.above + depth })
    return node
  }

  /** @param {number} depth of its content @returns {Node} */
  container(depth) {
    switch (this.tag) {
      case tag.ARRAY: {
        const length = this.arg
        return { type: 'array', length, items: this.items(length, depth), extra: this.extra(depth) }
      }
      case tag.OBJECT:
        return { type: 'object', entries: this.properties(depth) }
      case tag.MAP: {
        /** @type {Pairs} */
        const entries = []
        for (let left = this.count(2); left > 0; left--) entries.push([this.value(depth), this.value(depth)])
        return { type: 'map', entries, extra: this.extra(depth) }
      }
      case tag.SET: {
        const items = []
        for (let left = this.count(1); left > 0; left--) items.push(this.value(depth))
        return { type: 'set', items, extra: this.extra(depth) }
      }
      case tag.DATE: {
        const value = this.canonicalFloat()
        if (value === value && !(Number.isInteger(value) && Math.abs(value) <= MAX_DATE))
          throw this.fail('a time')
        return { type: 'date', value, extra: this.extra(depth) }
      }
      case tag.REGEXP:
        return { type: 'regexp', source: this.string(), flags: this.string(), extra: this.extra(depth) }
      case tag.BOXED:
        return { type: 'boxed', inner: this.primitive(depth), extra: this.extra(depth) }
      case tag.BYTES:
        return this.viewed()
      case tag.TEXT: {
        const kind = TEXT_KINDS.get(this.arg)
        if (kind === undefined) throw this.fail('an unknown kind')
        return { type: 'text', kind, value: this.string(), extra: this.extra(depth) }
      }
      case tag.ERROR:
        return {
          type: 'error',
          name: this.string(),
          message: this.field(depth),
          cause: this.field(depth),
          errors: this.field(depth),
          extra: this.extra(depth),
        }
      case tag.KEYED:
        return this.keyed(depth)
      case tag.ABORT_SIGNAL:
        return { type: 'signal' }
    }
    throw this.fail(`tag ${this.tag}`)
  }

  /** @param {number} length @param {number} depth @returns {Node[]} items and runs of holes */
  items(length, depth) {
    /** @type {Node[]} */
    const items = []
    for (let left = length; left > 0; ) {
      if (this.peek() === tag.HOLES) {
        this.head()
        if (this.arg < 1 || this.arg > left) throw this.fail('holes')
        items.push({ type: 'holes', value: this.arg })
        left -= this.arg
      } else {
        items.push(this.value(depth))
        left--
      }
    }
    return items
  }

  /** Pairs of a name and a value. @param {number} depth @returns {Pairs} */
  properties(depth) {
    /** @type {Pairs} */
    const entries = []
    for (let left = this.count(2); left > 0; left--) {
      const name = this.value(depth)
      if (name.type !== 'string' && name.type !== 'symbol' && name.type !== 'identity') {
        throw this.fail('a property without a name')
      }
      entries.push([name, this.value(depth)])
    }
    return entries
  }

  /** The properties that a builtin has besides its content. @param {number} depth @returns {Pairs} */
  extra(depth) {
    if (this.peek() !== tag.EXTRA) return []
    this.head()
    if (this.arg === 0) throw this.fail('no extra properties')
    return this.properties(depth)
  }

  /** @param {number} depth */
  primitive(depth) {
    const inner = this.value(depth)
    const { type } = inner
    if (type === 'number' || type === 'string' || type === 'boolean' || type === 'bigint') return inner
    if (type === 'symbol' || type === 'identity') return inner
    throw this.fail('a box without a primitive')
  }

  /** A field of an error, or a hole where it has none. @param {number} depth @returns {Node} */
  field(depth) {
    if (this.peek() !== tag.HOLES) return this.value(depth)
    this.head()
    if (this.arg !== 1) throw this.fail('holes')
    return { type: 'holes', value: 1 }
  }

  /** @param {number} depth @returns {Node} */
  keyed(depth) {
    const { arg } = this
    if (arg > 1) throw this.fail('an unknown kind')
    const name = this.string()
    if (arg === 0) return { type: 'keyed', name, inner: this.value(depth) }
    this.expect(tag.IDENTITY)
    const { value } = this.identity()
    return { type: 'keyed', name, class: value, inner: this.value(depth) }
  }

  /** @returns {Node} */
  viewed() {
    const [kind, size] = BYTES_KINDS[this.arg] ?? ['', 0]
    if (size === 0) throw this.fail('an unknown kind')
    const length = this.float()
    if (!(length >= 0 && length <= this.bytes.length && length % size === 0)) throw this.fail('a length')
    return { type: 'bytes', kind, value: this.payload(length).slice() }
  }

  /** @returns {{ type: 'identity', value: number }} */
  identity() {
    const value = this.float()
    if (!(Number.isSafeInteger(value) && value > 0)) throw this.fail('an identity')
    return { type: 'identity', value }
  }

  /** @returns {Node} */
  bigintText() {
    const hex = this.ascii()
    if (!/^-?[1-9a-f][0-9a-f]{15,}$/.test(hex) || /^(?:-?[1-7].{15}|-80{15})$/.test(hex))
      throw this.fail('a bigint')
    return { type: 'bigint', value: hex.replace(/^-?/, '$&0x') }
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
