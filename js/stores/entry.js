import { decode, encode } from '../codec.js'

/**
 * A result as a store keeps it: the codec's bytes. The high bit of the first one, which is a version, says that the function returned a
 * promise of the value, so that a hit after a restart is a promise again.
 */

const PROMISED = 0x80

/**
 * @param {{ value: any, isAsync?: boolean | undefined }} entry
 * @returns {Uint8Array}
 * @throws the codec's coded error for what cannot be held
 */
export function encodeEntry({ value, isAsync }) {
  const bytes = encode(value)
  if (isAsync) bytes[0] |= PROMISED
  return bytes
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ value: any, isAsync: boolean }}
 * @throws the codec's coded error for what is damaged
 */
export function decodeEntry(bytes) {
  if (!(bytes[0] & PROMISED)) return { value: decode(bytes), isAsync: false }
  const plain = bytes.slice()
  plain[0] &= ~PROMISED
  return { value: decode(plain), isAsync: true }
}
