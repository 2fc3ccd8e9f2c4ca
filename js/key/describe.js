import { BYTES_KINDS } from './decode.js'

/**
 * The arguments of a decoded key in words, much as JavaScript would write them: `(42, "abc", {from: Date 2024-01-01T00:00:00.000Z})`.
 * However large the key, the text stays near its limit. `src/key/decode/describe.rs` gives the same text, unit by unit.
 *
 * @typedef {import('./decode.js').Node} Node
 * @typedef {import('./decode.js').Pairs} Pairs
 * @typedef {import('./decode.js').Tree} Tree
 */

/** Units of text; the value that passes it is still written, short as its own limits make it. */
const LIMIT = 1000
const MAX_TEXT = 80
const MAX_ROWS = 32
const MAX_LEVELS = 8

/**
 * @param {Node} node
 * @param {number} [limit]
 * @returns {string}
 */
export function describeNode(node, limit = LIMIT) {
  const writer = new Writer(limit)
  writer.value(node, 0)
  return writer.text
}

/**
 * @param {Tree} tree
 * @param {number} [limit]
 * @returns {string} what was called: the arguments, `this` first where it counts
 */
export function describeCall(tree, limit = LIMIT) {
  if (tree.digested) return `<digest ${tree.digested.hash.slice(0, 4)}… of ${sizeOf(tree.digested.cells)}>`
  const writer = new Writer(limit)
  writer.text = '('
  if (tree.self) {
    writer.text += 'this: '
    writer.value(tree.self, 0)
    if (tree.args.length > 0) writer.text += '; '
  }
  const args = tree.args.map(node => /** @type {Row} */ ({ node }))
  writer.rows(args, args.length, 0)
  return `${writer.text})`
}

/** @typedef {{ name?: Node, key?: Node, node: Node }} Row a property has a name, an entry of a Map a key */

class Writer {
  text = ''

  /** @param {number} limit */
  constructor(limit) {
    this.limit = limit
  }

  get full() {
    return this.text.length >= this.limit
  }

  /** @param {Node} node @param {number} level containers around it */
  value(node, level) {
    if (this.full) {
      this.text += '…'
      return
    }
    switch (node.type) {
      case 'number':
        this.text += numberText(node.value)
        return
      case 'bigint':
        this.text += `${start(node.value)}${node.value.length > MAX_TEXT ? '…' : ''}n`
        return
      case 'string':
        this.text += quote(node.value)
        return
      case 'symbol':
        this.text += `Symbol.for(${quote(node.value)})`
        return
      case 'boolean':
        this.text += node.value
        return
      case 'identity':
        this.text += `identity #${node.value}`
        return
      case 'holes':
        this.text += node.value === 1 ? '<1 hole>' : `<${node.value} holes>`
        return
      case 'cycle':
        this.text += `<circular *${node.value}>`
        return
      case 'signal':
        this.text += 'AbortSignal'
        return
      case 'array':
        return this.list('[', ']', rowsOf(node.items, node.extra), node.length + node.extra.length, level)
      case 'object':
        return this.list('{', '}', properties(node.entries), node.entries.length, level)
      case 'map': {
        const { entries, extra } = node
        const rows = [
          ...entries.slice(0, MAX_ROWS + 1).map(([key, node]) => ({ key, node })),
          ...properties(extra),
        ]
        return this.list(`Map(${entries.length}) {`, '}', rows, entries.length + extra.length, level)
      }
      case 'set': {
        const { items, extra } = node
        return this.list(
          `Set(${items.length}) {`,
          '}',
          rowsOf(items, extra),
          items.length + extra.length,
          level,
        )
      }
      case 'date':
        this.text += `Date ${dateText(node.value)}`
        return this.extra(node.extra, level)
      case 'regexp':
        this.text += `RegExp /${raw(node.source)}/${raw(node.flags)}`
        return this.extra(node.extra, level)
      case 'boxed':
        this.text += 'Object('
        this.value(node.inner, level)
        this.text += ')'
        return this.extra(node.extra, level)
      case 'bytes':
        return this.bytes(node.kind, node.value, level)
      case 'text':
        this.text += `${node.kind} ${quote(node.value)}`
        return this.extra(node.extra, level)
      case 'error':
        return this.error(node, level)
      case 'request':
        return this.request(node, level)
      case 'keyed':
        this.text += node.name === '' ? '(anonymous)' : raw(node.name)
        if (node.class !== undefined) this.text += ` #${node.class}`
        this.text += ' keyed '
        return this.deeper(node.inner, level)
      default:
        this.text += node.type
    }
  }

  /** A value one level down that stands in no list. @param {Node} node @param {number} level */
  deeper(node, level) {
    if (level < MAX_LEVELS) this.value(node, level + 1)
    else this.text += '…'
  }

  /**
   * @param {string} open
   * @param {string} close
   * @param {Row[]} rows at least the first MAX_ROWS + 1
   * @param {number} total how many there are
   * @param {number} level
   */
  list(open, close, rows, total, level) {
    this.text += open
    if (level < MAX_LEVELS) this.rows(rows, total, level + 1)
    else if (rows.length > 0) this.text += '…'
    this.text += close
  }

  /** @param {Row[]} rows @param {number} total @param {number} level */
  rows(rows, total, level) {
    let left = total
    for (const [i, { name, key, node }] of rows.entries()) {
      if (i > 0) this.text += ', '
      if (i === MAX_ROWS || this.full) {
        this.text += `… ${left} more`
        return
      }
      if (name) this.text += `${nameText(name)}: `
      if (key) {
        this.value(key, level)
        this.text += ' => '
      }
      this.value(node, level)
      left -= node.type === 'holes' ? node.value : 1
    }
  }

  /** @param {Pairs} extra @param {number} level */
  extra(extra, level) {
    if (extra.length > 0) this.list(' {', '}', properties(extra), extra.length, level)
  }

  /** @param {Extract<Node, { type: 'error' }>} node @param {number} level */
  error({ name, message, cause, errors, extra }, level) {
    this.text += raw(name)
    if (message.type !== 'holes') {
      this.text += ' '
      this.deeper(message, level)
    }
    const rows = properties(extra)
    if (errors.type !== 'holes') rows.unshift({ name: ERRORS, node: errors })
    if (cause.type !== 'holes') rows.unshift({ name: CAUSE, node: cause })
    const fields = Number(errors.type !== 'holes') + Number(cause.type !== 'holes')
    if (rows.length > 0) this.list(' {', '}', rows, extra.length + fields, level)
  }

  /** @param {Extract<Node, { type: 'request' }>} node @param {number} level */
  request({ method, url, headers, settings, body, extra }, level) {
    this.text += `Request ${raw(textOf(method))} ${quote(textOf(url))}`
    const rows = properties(extra)
    if (body.type !== 'holes') rows.unshift({ name: BODY, node: body })
    if (textOf(settings) !== '') rows.unshift({ name: SETTINGS, node: settings })
    if (textOf(headers) !== '') rows.unshift({ name: HEADERS, node: headers })
    const fields = rows.length - Math.min(extra.length, MAX_ROWS + 1)
    if (rows.length > 0) this.list(' {', '}', rows, extra.length + fields, level)
  }

  /** @param {string} kind @param {Uint8Array} bytes @param {number} level */
  bytes(kind, bytes, level) {
    const length = bytes.length / sizeOfElement(kind)
    /** @type {Row[]} */
    const rows = []
    for (let i = 0; i < length && i <= MAX_ROWS; i++) rows.push({ node: elementAt(kind, bytes, i) })
    this.list(`${kind}(${length}) [`, ']', rows, length, level)
  }
}

/** @type {Node} */
const CAUSE = { type: 'string', value: 'cause' }
/** @type {Node} */
const ERRORS = { type: 'string', value: 'errors' }
/** @type {Node} */
const HEADERS = { type: 'string', value: 'headers' }
/** @type {Node} */
const SETTINGS = { type: 'string', value: 'settings' }
/** @type {Node} */
const BODY = { type: 'string', value: 'body' }

/** @param {Node} node a string */
function textOf(node) {
  return node.type === 'string' ? node.value : ''
}

/** @param {Pairs} pairs @returns {Row[]} */
function properties(pairs) {
  return pairs.slice(0, MAX_ROWS + 1).map(([name, node]) => ({ name, node }))
}

/** @param {Node[]} items @param {Pairs} extra @returns {Row[]} */
function rowsOf(items, extra) {
  return [...items.slice(0, MAX_ROWS + 1).map(node => ({ node })), ...properties(extra)]
}

/** @param {Node} name @returns {string} the name of a property as an object literal has it */
export function nameText(name) {
  if (name.type === 'string') return isIdentifier(name.value) ? name.value : quote(name.value)
  return `[${describeNode(name)}]`
}

/** @param {string} name */
export function isIdentifier(name) {
  return name.length <= MAX_TEXT && /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name)
}

/** @param {number} value */
function numberText(value) {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** @param {number} time @returns {string} */
function dateText(time) {
  return time === time ? new Date(time).toISOString() : 'invalid'
}

/** @param {string} text @returns {string} the start of it; a pair of surrogates stays whole */
function start(text) {
  if (text.length <= MAX_TEXT) return text
  const pair = /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(MAX_TEXT - 1, MAX_TEXT + 1))
  return text.slice(0, pair ? MAX_TEXT - 1 : MAX_TEXT)
}

/** @param {string} text @returns {string} quoted; a long one with its length */
export function quote(text) {
  return JSON.stringify(start(text)) + (text.length > MAX_TEXT ? `… (${text.length} units)` : '')
}

/** Without quotes, but with control characters and lone surrogates made visible. @param {string} text */
function raw(text) {
  const visible = JSON.stringify(start(text))
    .slice(1, -1)
    .replace(/\\(["\\])/g, '$1')
  return text.length > MAX_TEXT ? `${visible}…` : visible
}

/** @param {number} cells @returns {string} tenths are rounded in whole numbers, which every language does alike */
function sizeOf(cells) {
  const tenths = Math.floor((cells * 10 + 64) / 128)
  if (tenths < 10_240) return `${Math.floor(tenths / 10)}.${tenths % 10} KB`
  const mega = Math.floor((cells * 10 + 65_536) / 131_072)
  return `${Math.floor(mega / 10)}.${mega % 10} MB`
}

/** @param {string} kind @returns {number} bytes */
export function sizeOfElement(kind) {
  return BYTES_KINDS.find(([name]) => name === kind)?.[1] ?? 1
}

/** @param {string} kind @param {Uint8Array} bytes @param {number} index @returns {Node} */
export function elementAt(kind, bytes, index) {
  const size = sizeOfElement(kind)
  const view = new DataView(bytes.buffer, bytes.byteOffset + index * size, size)
  switch (kind) {
    case 'BigInt64Array':
      return { type: 'bigint', value: String(view.getBigInt64(0, true)) }
    case 'BigUint64Array':
      return { type: 'bigint', value: String(view.getBigUint64(0, true)) }
    case 'Int8Array':
      return { type: 'number', value: view.getInt8(0) }
    case 'Int16Array':
      return { type: 'number', value: view.getInt16(0, true) }
    case 'Uint16Array':
      return { type: 'number', value: view.getUint16(0, true) }
    case 'Int32Array':
      return { type: 'number', value: view.getInt32(0, true) }
    case 'Uint32Array':
      return { type: 'number', value: view.getUint32(0, true) }
    case 'Float16Array':
      return { type: 'number', value: half(view.getUint16(0, true)) }
    case 'Float32Array':
      return { type: 'number', value: view.getFloat32(0, true) }
    case 'Float64Array':
      return { type: 'number', value: view.getFloat64(0, true) }
    default:
      return { type: 'number', value: view.getUint8(0) }
  }
}

/** A float of 16 bits; not every runtime reads them. @param {number} bits */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}
