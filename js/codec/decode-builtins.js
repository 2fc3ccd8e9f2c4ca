/**
 * Builtins out of bytes. What has children is a generator that asks for them: each yield is answered with the next value.
 */

import { UNFINISHED } from './object-reader.js'
import { corrupt } from './reader.js'
import * as tag from './tags.js'

/** @typedef {import('./object-reader.js').ObjectReader} ObjectReader */

const globals = /** @type {Record<string, any>} */ (globalThis)
const NodeBuffer = typeof globals.Buffer === 'function' ? globals.Buffer : undefined

/** An object without children. @param {ObjectReader} r @param {number} code @returns {object} */
export function leaf(r, code) {
  switch (code) {
    case tag.DATE:
      return new Date(r.float())
    case tag.REGEXP:
      return new RegExp(r.string(), r.string())
    case tag.BOXED: {
      const primitive = r.scalar(r.byte())
      if (primitive === null || primitive === undefined || typeof primitive === 'object')
        throw corrupt('a box of nothing')
      return Object(primitive)
    }
    case tag.BUFFER: {
      const size = r.count(1)
      const copy = new Uint8Array(size)
      copy.set(r.bytes.subarray(r.pos, r.pos + size))
      r.pos += size
      return copy.buffer
    }
    case tag.TEXT:
      return text(r)
    default:
      throw corrupt(`unknown tag ${code}`)
  }
}

/** @param {ObjectReader} r */
function text(r) {
  const name = tag.TEXTS[r.byte() - 1]
  if (name === undefined) throw corrupt('an unknown kind')
  const Class = builtin(name)
  if (name !== 'Headers') return new Class(r.string())
  const headers = new Class()
  for (let left = r.count(2); left > 0; left--) headers.append(r.string(), r.string())
  return headers
}

/** @param {ObjectReader} r @returns {Generator<undefined, object, unknown>} */
export function* map(r) {
  const size = r.count(2)
  const map = r.meet(new Map())
  for (let i = 0; i < size; i++) map.set(yield, yield)
  if (map.size !== size) throw corrupt('a key twice')
  return map
}

/** @param {ObjectReader} r @returns {Generator<undefined, object, unknown>} */
export function* set(r) {
  const size = r.count(1)
  const set = r.meet(new Set())
  for (let i = 0; i < size; i++) set.add(yield)
  if (set.size !== size) throw corrupt('a member twice')
  return set
}

/** @param {ObjectReader} r @returns {Generator<undefined, unknown, unknown>} */
export function* typed(r) {
  const name = tag.VIEWS[r.byte() - 1]
  if (name === undefined) throw corrupt('an unknown kind')
  const place = r.number(UNFINISHED)
  const buffer = yield
  if (!(buffer instanceof ArrayBuffer)) throw corrupt('a view of nothing')
  let view
  if (name !== 'Buffer') view = new (builtin(name))(buffer)
  else view = NodeBuffer === undefined ? new Uint8Array(buffer) : NodeBuffer.from(buffer)
  r.met[place] = view
  return view
}

/** @param {ObjectReader} r @returns {Generator<undefined, Error, unknown>} */
export function* error(r) {
  const name = tag.ERRORS[r.byte() - 1]
  if (name === undefined) throw corrupt('an unknown kind')
  // A class this runtime lacks becomes an Error of that name.
  const Class = globals[name] ?? Error
  const given = name === 'DOMException' ? [r.string(), r.string()] : name === 'AggregateError' ? [[]] : []
  const error = r.meet(new Class(...given))
  for (const hidden of tag.HIDDEN) delete error[hidden]
  if (Class === Error && name === 'DOMException') {
    define(error, 'message', given[0])
    define(error, 'name', given[1])
  } else if (Class === Error && name !== 'Error') {
    define(error, 'name', name)
  }
  for (let left = r.count(2); left > 0; left--) {
    const hidden = r.string()
    if (!tag.HIDDEN.includes(hidden)) throw corrupt('an unknown part of an error')
    define(error, hidden, yield)
  }
  return error
}

/** @param {object} target @param {string} name @param {unknown} value */
function define(target, name, value) {
  Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

/** @param {string} name */
function builtin(name) {
  const Class = globals[name]
  if (typeof Class !== 'function') throw corrupt(`this runtime has no ${name}`)
  return Class
}
