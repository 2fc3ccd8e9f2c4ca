const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** @param {Uint8Array} bytes @returns {string} two lower-case digits a byte */
export function hex(bytes) {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte]
  return text
}
