import { BYTES_KINDS } from './decode.js'
import { ERRORS } from './kinds.js'
import { rememberBody } from './request.js'

/**
 * What one node of a key stands for: a primitive, or an object that has nothing inside yet. Classes are taken from this runtime when it
 * starts, so that nobody's replacement is called; what it lacks, or does not take, is undefined.
 *
 * @typedef {import('./decode.js').Node} Node
 */

const globals = /** @type {Record<string, any>} */ (globalThis)
const { defineProperty } = Object
/** @type {Map<string, any>} */
const classes = new Map()
for (const name of [
  ...ERRORS,
  'AggregateError',
  'URL',
  'URLSearchParams',
  ...BYTES_KINDS.map(([kind]) => kind),
])
  if (typeof globals[name] === 'function') classes.set(name, globals[name])
const { Temporal } = globals
const NodeBuffer = classes.get('Buffer')
const bufferFrom = NodeBuffer?.from

/** An array with more holes than this, and four times as many as items, is kept as a dictionary. */
const MAX_EMPTY = 64

/**
 * @param {object} target
 * @param {PropertyKey} name
 * @param {unknown} value
 * @param {boolean} [enumerable]
 */
export function define(target, name, value, enumerable = true) {
  // Not by assignment: that would call a setter, the one of `__proto__` first of all.
  const descriptor = { __proto__: null, value, enumerable, writable: true, configurable: true }
  defineProperty(target, name, /** @type {PropertyDescriptor} */ (descriptor))
}

/** @param {Node} node @returns {unknown} undefined for what has no value of its own */
export function primitiveOf(node) {
  switch (node.type) {
    case 'null':
      return null
    case 'boolean':
    case 'number':
    case 'string':
      return node.value
    case 'bigint':
      return node.value[0] === '-' ? -BigInt(node.value.slice(1)) : BigInt(node.value)
    case 'symbol':
      return Symbol.for(node.value)
  }
}

/** @param {Extract<Node, { type: 'request' }>} node */
function requestOf(node) {
  const { method, url, headers, settings, body } = node
  /** @type {Record<string, unknown>} */
  const init = {
    method: primitiveOf(method),
    headers: pairsOf(headers),
    ...Object.fromEntries(pairsOf(settings)),
  }
  const request = () => new globals.Request(primitiveOf(url), init)
  if (body.type !== 'bytes') return request()
  init.body = body.value
  init.duplex = 'half'
  const made = request()
  rememberBody(made, body.value)
  return made
}

/** @param {Node} lines each `name: value` */
function pairsOf(lines) {
  const text = /** @type {string} */ (primitiveOf(lines))
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const end = line.indexOf(': ')
      return [line.slice(0, end), line.slice(end + 2)]
    })
}

/** @param {Node} node @returns {object | undefined} undefined for a primitive and for what cannot be made here */
export function make(node) {
  switch (node.type) {
    case 'object':
      return {}
    case 'array':
      return arrayOf(node.length, node.items.length)
    case 'map':
      return new Map()
    case 'set':
      return new Set()
    case 'date':
      return new Date(node.value)
    case 'boxed': {
      const inner = primitiveOf(node.inner)
      return inner === undefined ? undefined : Object(inner)
    }
    case 'bytes':
      return bytesOf(node.kind, /** @type {ArrayBuffer} */ (node.value.buffer))
    case 'request':
      return attempt(() => requestOf(node))
    case 'error':
      return errorOf(node.name)
    case 'regexp':
      return attempt(() => new RegExp(node.source, node.flags))
    case 'text':
      return attempt(() => textOf(node.kind, node.value))
  }
}

/** @param {number} length @param {number} items runs of holes count as one */
function arrayOf(length, items) {
  /** @type {unknown[]} */
  const array = []
  if (length > items * 4 + MAX_EMPTY) {
    // An engine told a length makes room for it; told a far index it makes a dictionary.
    define(array, length - 1, undefined)
    delete array[length - 1]
  } else {
    array.length = length
  }
  return array
}

/** @param {string} kind @param {ArrayBuffer} buffer the decoder's own copy, which has just these bytes @returns {object | undefined} */
function bytesOf(kind, buffer) {
  if (kind === 'ArrayBuffer') return buffer
  const Class = classes.get(kind)
  if (Class === undefined) return undefined
  return kind === 'Buffer' ? Reflect.apply(bufferFrom, NodeBuffer, [buffer]) : new Class(buffer)
}

/** @param {string} name @returns {object | undefined} without a message or any other field */
function errorOf(name) {
  const Class = ERRORS.includes(name) ? classes.get(name) : undefined
  if (Class === undefined) return undefined
  const error = name === 'AggregateError' ? new Class([]) : new Class()
  delete error.errors
  return error
}

/** @param {string} kind @param {string} text @returns {object | undefined} */
function textOf(kind, text) {
  if (kind === 'Headers') return headersOf(text)
  if (kind.startsWith('Temporal.')) return Temporal?.[kind.slice('Temporal.'.length)]?.from(text)
  const Class = classes.get(kind)
  return Class && new Class(text)
}

/** @param {string} lines `name: value`, each with a line end */
function headersOf(lines) {
  // Looked up when one is met: in Node the first look at it loads a whole HTTP client.
  const headers = new globals.Headers()
  for (const line of lines.split('\n').slice(0, -1)) {
    const colon = line.indexOf(': ')
    headers.append(line.slice(0, colon), line.slice(colon + 2))
  }
  return headers
}

/** A syntax, a calendar or a time zone that this runtime does not know. @param {() => object | undefined} construct */
function attempt(construct) {
  try {
    return construct()
  } catch {
    return undefined
  }
}
