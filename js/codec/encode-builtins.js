/**
 * Builtins to bytes. What has children is a generator that yields them where they stand; a driver writes them.
 */

import * as path from './path.js'
import * as tag from './tags.js'
import * as types from './types.js'

const { getOwnPropertyDescriptor } = Object

/** @typedef {import('./object-writer.js').ObjectWriter} ObjectWriter */

/**
 * What is neither an error nor a view.
 * @param {ObjectWriter} w
 * @param {any} value
 * @param {string} kind
 * @returns {Generator<unknown, void, void>}
 */
export function* builtin(w, value, kind) {
  const { level } = w
  if (kind === 'Map' || kind === 'Set') {
    // A copy first: what reading a member runs may change the collection.
    /** @type {unknown[]} */
    const members = []
    if (kind === 'Map')
      types.mapForEach.call(value, (/** @type {unknown} */ v, /** @type {unknown} */ k) => members.push(k, v))
    else types.setForEach.call(value, (/** @type {unknown} */ v) => members.push(v))
    w.head(kind === 'Map' ? tag.MAP : tag.SET, kind === 'Map' ? members.length / 2 : members.length)
    for (let i = 0; i < members.length; i++) {
      w.path[level] = path.member(kind, members, i)
      yield members[i]
    }
  } else if (kind === 'Date') {
    w.float(tag.DATE, types.dateTime.call(value))
  } else if (kind === 'RegExp') {
    w.byte(tag.REGEXP)
    w.string(types.regexpSource.call(value))
    w.string(types.regexpFlags.call(value))
  } else if (kind === 'ArrayBuffer') {
    checkBuffer(w, value)
    w.buffer(new Uint8Array(value))
  } else if (tag.TEXTS.includes(kind)) {
    w.head(tag.TEXT, tag.TEXTS.indexOf(kind) + 1)
    if (kind !== 'Headers') return w.string(types.textOf(kind, value))
    const lines = types.headerLines(value)
    w.reserve(5)
    w.varint(lines.length / 2)
    for (const line of lines) w.string(line)
  } else {
    w.byte(tag.BOXED)
    w.scalar(types.unbox(kind, value), level)
  }
}

/**
 * @param {ObjectWriter} w
 * @param {any} value
 * @param {string} kind
 * @returns {Generator<unknown, void, void>}
 */
export function* typed(w, value, kind) {
  const { buffer, offset, length } = types.viewed(kind, value)
  checkBuffer(w, buffer)
  w.head(tag.VIEW, tag.VIEWS.indexOf(kind) + 1)
  if (kind !== 'Buffer' && offset === 0 && length === buffer.byteLength) {
    w.path[w.level] = 'buffer'
    yield buffer
  } else {
    // A window onto something larger: what lies outside it was not returned by anybody and is not stored.
    w.meet({})
    w.buffer(new Uint8Array(buffer, offset, length))
  }
}

/** @param {ObjectWriter} w @param {object} buffer */
function checkBuffer(w, buffer) {
  const objection = types.bufferObjection(buffer)
  if (objection !== '') throw w.refusal(objection, w.level)
}

/**
 * @param {ObjectWriter} w
 * @param {any} error
 * @param {string} kind
 * @returns {Generator<unknown, void, void>}
 */
export function* error(w, error, kind) {
  const { level } = w
  w.head(tag.ERROR, tag.ERRORS.indexOf(kind) + 1)
  const isDom = kind === 'DOMException'
  if (isDom) for (const text of types.domExceptionTexts(error)) w.string(text)
  /** @type {string[]} */
  const names = []
  /** @type {unknown[]} */
  const values = []
  for (const name of tag.HIDDEN) {
    const own = getOwnPropertyDescriptor(error, name)
    if (own?.enumerable) continue
    const isText = name === 'name' || name === 'message' || name === 'stack'
    if (own === undefined && (!isText || (isDom && name !== 'stack'))) continue
    w.path[level] = name
    const value = error[name]
    // What is its own counts, whatever it is.
    if (own === undefined && typeof value !== 'string') continue
    if (own === undefined && value === (name === 'name' ? kind : '')) continue
    names.push(name)
    values.push(value)
  }
  w.reserve(5)
  w.varint(names.length)
  for (let i = 0; i < names.length; i++) {
    w.string(names[i])
    w.path[level] = names[i]
    yield values[i]
  }
}
