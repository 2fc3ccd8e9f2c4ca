import { decode, encode, encodeBehind } from '../codec.js'
import { MimicError } from '../errors.js'
import { joined } from './piece.js'

/**
 * A result as a store keeps it: the codec's bytes. The high bits of the first one, which is a version, say what is with it: that the function
 * returned a promise of the value, so that a hit after a restart is a promise again; and that tags stand before the value, as a length of four
 * bytes and the codec's bytes of a list.
 */

const PROMISED = 0x80
const TAGGED = 0x40
const FLAGS = PROMISED | TAGGED
/** The first byte and the length. */
const HEAD = 5

/**
 * @param {{ value: any, isAsync?: boolean | undefined, tags?: readonly string[] | undefined }} entry
 * @returns {Uint8Array}
 * @throws the codec's coded error for what cannot be held
 */
export function encodeEntry({ value, isAsync, tags }) {
  const bytes = encode(value)
  const promised = isAsync ? PROMISED : 0
  if (tags === undefined || tags.length === 0) {
    bytes[0] |= promised
    return bytes
  }
  const names = encode(tags)
  const tagged = new Uint8Array(HEAD + names.length + bytes.length)
  new DataView(tagged.buffer).setUint32(1, names.length, true)
  tagged.set(names, HEAD)
  tagged.set(bytes, HEAD + names.length)
  tagged[0] = bytes[0] | promised | TAGGED
  return tagged
}

/**
 * The same behind a key, which is copied.
 * @param {Uint8Array} key
 * @param {Parameters<typeof encodeEntry>[0]} entry
 * @returns {import('./piece.js').Piece}
 * @throws the codec's coded error for what cannot be held
 */
export function encodeKeyed(key, entry) {
  if (entry.tags !== undefined && entry.tags.length > 0) return joined(key, encodeEntry(entry))
  const piece = encodeBehind(key, entry.value)
  if (entry.isAsync) piece.block[piece.at + key.length] |= PROMISED
  return piece
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ value: any, isAsync: boolean }}
 * @throws a coded error for what is damaged
 */
export function decodeEntry(bytes) {
  return takeEntry(bytes.slice())
}

/**
 * The same, of bytes that nobody needs any more.
 * @param {Uint8Array} bytes
 * @returns {{ value: any, isAsync: boolean }}
 * @throws a coded error for what is damaged
 */
export function takeEntry(bytes) {
  const isAsync = (bytes[0] & PROMISED) !== 0
  const start = valueAt(bytes)
  bytes[start] &= ~FLAGS
  return { value: decode(start === 0 ? bytes : bytes.subarray(start)), isAsync }
}

/**
 * @param {Uint8Array} bytes
 * @returns {readonly string[]}
 * @throws a coded error for what is damaged
 */
export function tagsOf(bytes) {
  const end = valueAt(bytes)
  return end === 0 ? [] : /** @type {string[]} */ (decode(bytes.slice(HEAD, end)))
}

/** Whether the entry that begins there has tags. @param {Uint8Array} bytes */
export function tagsStand(bytes, at = 0) {
  return (bytes[at] & TAGGED) !== 0
}

/** Where the value begins. @param {Uint8Array} bytes */
function valueAt(bytes) {
  if (!(bytes[0] & TAGGED)) return 0
  const end =
    bytes.length < HEAD ? Infinity : HEAD + new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true)
  if (end >= bytes.length) {
    throw new MimicError('ERR_VALUE_CORRUPT', `an entry of ${bytes.length} bytes ends inside its tags`)
  }
  return end
}
