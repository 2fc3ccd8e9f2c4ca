const CODES = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0))

/** @param {Uint8Array} bytes a multiple of four @returns {string} two lower-case digits a byte */
export function hex(bytes) {
  let text = ''
  for (let i = 0; i < bytes.length; i += 4) {
    const a = bytes[i]
    const b = bytes[i + 1]
    const c = bytes[i + 2]
    const d = bytes[i + 3]
    text += String.fromCharCode(
      CODES[a >> 4],
      CODES[a & 15],
      CODES[b >> 4],
      CODES[b & 15],
      CODES[c >> 4],
      CODES[c & 15],
      CODES[d >> 4],
      CODES[d & 15],
    )
  }
  return text
}
