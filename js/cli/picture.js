import { printable } from './printable.js'

/** Tables and bars. */

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█']

/** @param {number} share from 0 to 1 @param {number} width @returns {string} something for everything above 0 */
export function bar(share, width) {
  const filled = Math.max(share > 0 ? 1 : 0, Math.round(share * width * 8))
  const text = '█'.repeat(filled >> 3) + EIGHTHS[filled & 7]
  return text.padEnd(width)
}

/** The same on a ground that shows what is missing. @param {number} share @param {number} width */
export function gauge(share, width) {
  const filled = Math.round(share * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

/** @typedef {string | { text: string, right?: boolean, raw?: boolean }} Cell `raw`: made by this package */

/**
 * @param {string[]} head
 * @param {Cell[][]} rows
 * @returns {string} lines, none ending in blanks
 */
export function table(head, rows) {
  const all = [head, ...rows].map(row => row.map(cellOf))
  const widths = head.map((_, i) => Math.max(...all.map(row => widthOf(row[i].text))))
  // A heading stands as what is below it.
  const right = head.map((_, i) => all.length > 1 && all[1][i].right)
  return all
    .map(row => row.map(({ text }, i) => padded(text, widths[i], right[i])).join('  ').trimEnd()) // biome-ignore format: one line
    .join('\n')
}

/** @param {Cell} cell */
function cellOf(cell) {
  const { text, right = false, raw = false } = typeof cell === 'string' ? { text: cell } : cell
  return { text: raw ? text : printable(text), right }
}

/** @param {string} text @param {number} width @param {boolean} right */
function padded(text, width, right) {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? blanks + text : text + blanks
}

/** @param {string} text */
function widthOf(text) {
  return [...text].length
}

/** @param {number} count @param {string} one @param {string} [many] */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** A number that stands right. @param {number} value */
export function figure(value) {
  return { text: value.toLocaleString('en'), right: true }
}
