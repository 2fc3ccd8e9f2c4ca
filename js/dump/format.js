import { fromBase64, toBase64 } from '../base64.js'
import { decode, encode } from '../codec.js'
import { MimicError, MimicTypeError, show } from '../errors.js'
import { hash } from '../hash.js'
import { isPortable } from '../key/decode.js'
import { tagsOf, takeEntry } from '../stores/entry.js'

/**
 * A dump as text: Base64, so that it stands in HTML, JSON and JavaScript as it is. ARCHITECTURE.md has the format. What is read may come from
 * anybody: it is checked whole before anything is done with it.
 *
 * @typedef {object} Row an entry
 * @property {Uint8Array} key its cells
 * @property {number} storedAt epoch milliseconds
 * @property {number} until epoch milliseconds until when it is fresh
 * @property {Uint8Array} value as a store keeps it: with tags, and whether it was promised
 *
 * @typedef {object} ReadRow
 * @property {Uint8Array} key
 * @property {number} storedAt
 * @property {number} until
 * @property {unknown} value
 * @property {boolean} isAsync
 * @property {readonly string[]} tags
 *
 * @typedef {{ at: number, functions: Map<string, ReadRow[]> }} Read by name and version; `at`: when it was made
 */

const MAGIC = Uint8Array.of(0x4d, 0x49, 0x4d, 0x58)
const VERSION = 1
const SUM = 16
const HEAD = MAGIC.length + 1 + SUM
/** Base64 may be broken into lines. */
const NOT_BASE64 = /[^A-Za-z0-9+/=\t\n\f\r ]/

/** @param {number} at @param {[namespace: string, rows: Row[]][]} functions @returns {string} */
export function pack(at, functions) {
  const rows = functions.map(([namespace, all]) => [
    namespace,
    all.map(({ key, storedAt, until, value }) => [key, storedAt, until, value]),
  ])
  const payload = encode([at, rows])
  const bytes = new Uint8Array(HEAD + payload.length)
  bytes.set(MAGIC)
  bytes[MAGIC.length] = VERSION
  bytes.set(sumOf(payload), MAGIC.length + 1)
  bytes.set(payload, HEAD)
  return toBase64(bytes)
}

/**
 * @param {unknown} dump
 * @returns {Read}
 * @throws MimicTypeError `ERR_INVALID_ARGUMENT` for no dump at all, MimicError `ERR_DUMP_VERSION` for one of another version, `ERR_DUMP_CORRUPT`
 *   for whatever else
 */
export function unpack(dump) {
  const text = textOf(dump)
  try {
    return read(bytesOf(text))
  } catch (cause) {
    if (cause instanceof MimicError && cause.code.startsWith('ERR_DUMP')) throw cause
    throw corrupt('it is not what mime.dump() wrote', cause)
  }
}

/** @param {any} dump */
function textOf(dump) {
  const text = typeof dump === 'object' && dump !== null ? dump.text : dump
  if (typeof text === 'string') return text
  throw new MimicTypeError(
    'ERR_INVALID_ARGUMENT',
    `mime.load(dump) takes what mime.dump() gave, or its text; got ${show(dump)}`,
  )
}

/** @param {Uint8Array} bytes @returns {Read} */
function read(bytes) {
  if (bytes.length < HEAD || MAGIC.some((byte, i) => byte !== bytes[i]))
    throw corrupt('it does not begin as one')
  if (bytes[MAGIC.length] !== VERSION) {
    throw new MimicError(
      'ERR_DUMP_VERSION',
      `the dump is of version ${bytes[MAGIC.length]}, this my-mimic knows ${VERSION}: use the same my-mimic on both sides`,
    )
  }
  const payload = bytes.subarray(HEAD)
  const sum = bytes.subarray(MAGIC.length + 1, HEAD)
  if (sumOf(payload).some((byte, i) => byte !== sum[i])) throw corrupt('it was cut off or changed on the way')
  const [at, functions] = listOf(decode(payload), payload.length)
  /** @type {Map<string, ReadRow[]>} */
  const found = new Map()
  for (const each of listOf(functions, payload.length)) {
    const [namespace, rows] = listOf(each, 2)
    if (typeof namespace !== 'string') throw corrupt('a function without a name')
    found.set(namespace, Array.from(listOf(rows, payload.length), readRow))
  }
  return { at: time(at), functions: found }
}

/** @param {unknown} row @returns {ReadRow} */
function readRow(row) {
  const [key, storedAt, until, bytes] = listOf(row, 4)
  if (!(key instanceof Uint8Array && bytes instanceof Uint8Array)) throw corrupt('an entry without bytes')
  // Here an identity would be that of something else.
  if (!isPortable(key)) throw corrupt('a key that means nothing here')
  if (typeof until !== 'number' || Number.isNaN(until)) throw corrupt('an entry without an end')
  const tags = Array.from(listOf(tagsOf(bytes), bytes.length))
  if (!tags.every(tag => typeof tag === 'string' && tag !== '')) throw corrupt('a tag that is none')
  return { key, storedAt: time(storedAt), until, tags, ...takeEntry(bytes) }
}

/** An array may say that it is long without taking any bytes. @param {unknown} list @param {number} most @returns {any[]} */
function listOf(list, most) {
  if (Array.isArray(list) && list.length <= most) return list
  throw corrupt('a list is missing')
}

/** @param {unknown} value @returns {number} */
function time(value) {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw corrupt('a time is missing')
}

/** @param {string} what @param {unknown} [cause] */
function corrupt(what, cause) {
  return new MimicError('ERR_DUMP_CORRUPT', `the dump cannot be read: ${what}; nothing was loaded`, { cause })
}

/** @param {Uint8Array} payload */
function sumOf(payload) {
  const digits = hash(payload)
  return Uint8Array.from({ length: SUM }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

/** @param {string} text @throws where it is none: Node takes more than browsers do */
function bytesOf(text) {
  if (NOT_BASE64.test(text)) throw corrupt('it is not Base64')
  return fromBase64(text)
}
