import { corrupt, Reader } from './reader.js'
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
 *   | { type: 'request', method: Node, url: Node, headers: Node, settings: Node, body: Node, extra: Pairs }
 *   | { type: 'keyed', name: string, class?: number, inner: Node }} Node a bigint's value is decimal, or `0x…` beyond int64; a field
 *   that is missing (of an error, or a request's body) is a node of type holes
 *
 * @typedef {{ hash: string, cells: number }} Digested 64 hex digits; cells of the whole key
 * @typedef {{ args: Node[], self?: Node, digested?: Digested }} Tree
 */

const MAX_DEPTH = 64
const MAX_DATE = 8.64e15
/** Far beyond any key; keeps the arithmetic on lengths exact. */
const MAX_DIGESTED_CELLS = 2 ** 40
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

/** What can have extra properties: a plain object has only its own, bytes and signals count without any. */
const TAKES_EXTRA = new Set([
  tag.ARRAY,
  tag.MAP,
  tag.SET,
  tag.DATE,
  tag.REGEXP,
  tag.BOXED,
  tag.TEXT,
  tag.ERROR,
  tag.REQUEST,
])

/**
 * @param {Uint8Array} bytes a key as `storeKey` takes it
 * @returns {Tree}
 */
export function decodeKey(bytes) {
  return new Decoder(bytes).key()
}

/**
 * Whether a key means the same in another process.
 * @param {Uint8Array} bytes a key
 * @returns {boolean} also for a key held as a digest, which does not tell
 * @throws MimicError ERR_KEY_CORRUPT
 */
export function isPortable(bytes) {
  const decoder = new Decoder(bytes)
  decoder.key()
  return !decoder.metIdentity
}

class Decoder extends Reader {
  metIdentity = false
  /** Containers around the unit being read: the argument itself, or a container that was put off. */
  above = 0
  /** Containers put off, in the order they will come. @type {{ node: Node, above: number }[]} */
  waiting = []

  /** @returns {Tree} */
  key() {
    if (this.bytes.byteLength & 7) throw corrupt(this.cells, 'part of a cell')
    this.head()
    /** @type {Tree} */
    const tree = { args: [] }
    if (this.tag === tag.DIGESTED) {
      tree.digested = this.digested()
    } else if (this.tag === tag.CALL || this.tag === tag.METHOD_CALL) {
      const count = this.count(1)
      if (this.tag === tag.METHOD_CALL) {
        tree.self = this.peek() === tag.NULL ? this.value(0) : this.primitive(MAX_DEPTH)
      }
      for (let i = 0; i < count; i++) tree.args.push(this.argument())
    } else {
      throw this.fail('neither a call nor a digest')
    }
    if (this.at !== this.cells) throw corrupt(this.at, 'more than one key')
    return tree
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
        return { type: 'bigint', value: this.bigint() }
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
    const extra = this.tag === tag.EXTRA ? this.extra(depth + 1) : []
    return this.container(depth + 1, extra)
  }

  /** @param {number} depth @returns {Node} a place that is filled when the container comes */
  deferred(depth) {
    if (depth !== MAX_DEPTH) throw this.fail('a container put off too early')
    /** @type {Node} */
    const node = { type: 'deferred' }
    this.waiting.push({ node, above: this.above + depth })
    return node
  }

  /** @param {number} depth of its content @param {Pairs} extra @returns {Node} */
  container(depth, extra) {
    switch (this.tag) {
      case tag.ARRAY: {
        const length = this.arg
        return { type: 'array', length, items: this.items(length, depth), extra }
      }
      case tag.OBJECT:
        return { type: 'object', entries: this.properties(depth) }
      case tag.MAP: {
        /** @type {Pairs} */
        const entries = []
        for (let left = this.count(2); left > 0; left--) entries.push([this.value(depth), this.value(depth)])
        return { type: 'map', entries, extra }
      }
      case tag.SET: {
        const items = []
        for (let left = this.count(1); left > 0; left--) items.push(this.value(depth))
        return { type: 'set', items, extra }
      }
      case tag.DATE: {
        const value = this.canonicalFloat()
        if (value === value && !(Number.isInteger(value) && Math.abs(value) <= MAX_DATE))
          throw this.fail('a time')
        return { type: 'date', value, extra }
      }
      case tag.REGEXP:
        return { type: 'regexp', source: this.string(), flags: this.string(), extra }
      case tag.BOXED:
        return { type: 'boxed', inner: this.primitive(depth), extra }
      case tag.BYTES:
        return this.viewed()
      case tag.TEXT: {
        const kind = TEXT_KINDS.get(this.arg)
        if (kind === undefined) throw this.fail('an unknown kind')
        return { type: 'text', kind, value: this.string(), extra }
      }
      case tag.ERROR:
        return {
          type: 'error',
          name: this.string(),
          message: this.field(depth),
          cause: this.field(depth),
          errors: this.field(depth),
          extra,
        }
      case tag.REQUEST:
        return this.request(extra)
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

  /** Properties that someone added to the builtin which follows. @param {number} depth @returns {Pairs} */
  extra(depth) {
    if (this.arg === 0) throw this.fail('no extra properties')
    const extra = this.properties(depth)
    this.head()
    if (!TAKES_EXTRA.has(this.tag)) throw this.fail(`extra properties of tag ${this.tag}`)
    return extra
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

  /** @param {Pairs} extra @returns {Node} */
  request(extra) {
    const { arg } = this
    if (arg > 1) throw this.fail('an unknown kind')
    const text = () => /** @type {Node} */ ({ type: 'string', value: this.string() })
    return {
      type: 'request',
      method: text(),
      url: text(),
      headers: text(),
      settings: text(),
      body: arg === 1 ? this.bytesOf('ArrayBuffer', 1) : { type: 'holes', value: 1 },
      extra,
    }
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
    return this.bytesOf(kind, size)
  }

  /** @param {string} kind @param {number} size of an element @returns {Node} */
  bytesOf(kind, size) {
    const length = this.float()
    if (!(length >= 0 && length <= this.bytes.length && length % size === 0)) throw this.fail('a length')
    return { type: 'bytes', kind, value: new Uint8Array(this.payload(length)) }
  }

  /** @returns {{ type: 'identity', value: number }} */
  identity() {
    this.metIdentity = true
    const value = this.float()
    if (!(Number.isSafeInteger(value) && value > 0)) throw this.fail('an identity')
    return { type: 'identity', value }
  }
}
