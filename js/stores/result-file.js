import { MimicError } from '../errors.js'
import { hash } from '../hash.js'
import { decodeEntry, encodeEntry } from './entry.js'
import { sameBytes } from './store.js'

/**
 * One result by itself, as a file or a text in somebody's storage: who it belongs to, until when it is good, the codec's bytes, and a checksum over all of it.
 *
 * 0: magic and version, 8 bytes. 8: checksum, 32 hex digits. 40: stored-at, f64. 48: deadline, f64 (Infinity: never). 56: length of the owner's
 * bytes, u32. 60: those, then the entry's. Little-endian.
 *
 * @typedef {import('./store.js').StoreEntry} StoreEntry
 * @typedef {import('./store.js').NewEntry} NewEntry
 */

const MAGIC = 'MIMRES\x00\x01'
const CHECKSUM = 8
const STORED_AT = 40
const DEADLINE = 48
const LENGTH = 56
const OWNER = 60

/**
 * @param {Uint8Array} owner whose result it is; another owner's is not read
 * @param {NewEntry} entry
 * @returns {Uint8Array}
 * @throws the codec's coded error for a value that cannot be held
 */
export function packResult(owner, entry) {
  return packEncoded(owner, encodeEntry(entry), entry)
}

/**
 * The same of an entry that is encoded.
 * @param {Uint8Array} owner
 * @param {Uint8Array} encoded
 * @param {{ storedAt: number, deadline: number }} times
 * @returns {Uint8Array}
 */
export function packEncoded(owner, encoded, { storedAt, deadline }) {
  const bytes = new Uint8Array(OWNER + owner.length + encoded.length)
  const view = new DataView(bytes.buffer)
  view.setFloat64(STORED_AT, storedAt, true)
  view.setFloat64(DEADLINE, deadline, true)
  view.setUint32(LENGTH, owner.length, true)
  bytes.set(owner, OWNER)
  bytes.set(encoded, OWNER + owner.length)
  writeText(bytes, 0, MAGIC)
  writeText(bytes, CHECKSUM, checksum(bytes))
  return bytes
}

/**
 * @param {Uint8Array} bytes what the file has
 * @param {Uint8Array} owner
 * @returns {StoreEntry | undefined} nothing when it is another's
 * @throws {MimicError} a coded one for what is damaged
 */
export function unpackResult(bytes, owner) {
  const { owner: found, encoded, storedAt, deadline } = openResult(bytes)
  if (!sameBytes(found, owner)) return undefined
  return { ...decodeEntry(encoded), storedAt, deadline, ttl: deadline - storedAt }
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ owner: Uint8Array, encoded: Uint8Array, storedAt: number, deadline: number }} views of the bytes
 * @throws {MimicError} a coded one for what is damaged
 */
export function openResult(bytes) {
  if (bytes.length < OWNER || readText(bytes, 0, CHECKSUM) !== MAGIC) throw corrupt('is no result')
  if (readText(bytes, CHECKSUM, STORED_AT) !== checksum(bytes)) throw corrupt('is damaged')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const value = OWNER + view.getUint32(LENGTH, true)
  if (value > bytes.length) throw corrupt('is damaged')
  const storedAt = view.getFloat64(STORED_AT, true)
  const deadline = view.getFloat64(DEADLINE, true)
  return { owner: bytes.subarray(OWNER, value), encoded: bytes.subarray(value), storedAt, deadline }
}

/** @param {Uint8Array} bytes */
function checksum(bytes) {
  // A plain view: a Buffer hashes as something else.
  const { buffer, byteOffset, byteLength } = bytes
  return hash(new Uint8Array(buffer, byteOffset + STORED_AT, byteLength - STORED_AT)).slice(0, 32)
}

/** @param {Uint8Array} bytes @param {number} at @param {string} text */
function writeText(bytes, at, text) {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
}

/** @param {Uint8Array} bytes @param {number} from @param {number} to */
function readText(bytes, from, to) {
  return String.fromCharCode(...bytes.subarray(from, to))
}

/** @param {string} what */
function corrupt(what) {
  return new MimicError('ERR_STORE_CORRUPT', `the file of a result ${what}`)
}
