/**
 * Names and values are somebody else's: what would move the cursor, colour the terminal or turn the direction of the text is shown as an escape.
 */

/** C0, DEL and C1; marks and isolates of direction; what ends a line elsewhere; what has no width. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu

/** @param {string} char */
function escaped(char) {
  const code = char.charCodeAt(0)
  if (char === '\n') return '\\n'
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : jsonEscape(char)
}

/** @param {string} char */
function jsonEscape(char) {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** @param {string} text @returns {string} for one line */
export function printable(text) {
  return text.replace(UNSAFE, escaped)
}

/** @param {string} text @returns {string} its lines stay */
export function printableLines(text) {
  return text.replace(UNSAFE, char => (char === '\n' ? char : escaped(char)))
}

/** @param {unknown} value @returns {string} JSON that is safe to look at, and means the same */
export function jsonText(value) {
  return JSON.stringify(value, null, 2).replace(UNSAFE, char => (char === '\n' ? char : jsonEscape(char)))
}
