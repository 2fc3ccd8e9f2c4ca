/** Bytes as text, for backends that keep texts. */

/** So many arguments of a call every engine takes. */
const PIECE = 8192

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  const { Buffer } = globalThis
  if (Buffer !== undefined) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  }
  let text = ''
  for (let i = 0; i < bytes.length; i += PIECE) text += String.fromCharCode(...bytes.subarray(i, i + PIECE))
  return btoa(text)
}

/** @param {string} text @returns {Uint8Array} @throws where it can tell that this is none */
export function fromBase64(text) {
  const { Buffer } = globalThis
  // A copy: small Buffers share memory.
  if (Buffer !== undefined) return new Uint8Array(Buffer.from(text, 'base64'))
  return Uint8Array.from(atob(text), char => char.charCodeAt(0))
}
