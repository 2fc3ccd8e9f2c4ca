/** Bytes as text, for the module itself, for dumps, and for backends that keep texts. */

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

/**
 * Everybody's first call waits for this: native where it can be, and never a function for each character.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws where it can tell that this is none
 */
export function fromBase64(text) {
  const { Buffer } = globalThis
  // A copy: small Buffers share memory.
  if (Buffer !== undefined) return new Uint8Array(Buffer.from(text, 'base64'))
  const native = /** @type {any} */ (Uint8Array).fromBase64
  if (native !== undefined) return native.call(Uint8Array, text)
  const units = atob(text)
  const bytes = new Uint8Array(units.length)
  for (let i = 0; i < units.length; i++) bytes[i] = units.charCodeAt(i)
  return bytes
}
