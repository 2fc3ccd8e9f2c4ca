/** @param {string[][]} rows the first is the head; every column but the first is of numbers @returns {string} a Markdown table */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  const line = row =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n')
}

/** @param {number} value */
export const nanoseconds = value => value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 })
/** @param {number} value how many times the time of the first */
export const times = value => `${value.toFixed(value < 10 ? 2 : 0)}×`
