/** @typedef {import('./passes.js').Measured} Measured */

const HEADS = ['calls', 'hits', 'time', 'speed-up']
const WIDTHS = [6, 6, 9, 10]
const GROUP = WIDTHS.reduce((sum, width) => sum + width + 1, -1)
const FIRST = 15

/**
 * One row a pass, the four columns for each function.
 * @param {Measured[]} results
 * @returns {string}
 */
export function table(results) {
  const rule = '─'.repeat(FIRST) + results.map(() => `─┼─${'─'.repeat(GROUP)}`).join('')
  const rows = results[0].passes.map((pass, i) =>
    row(
      pass.name,
      results.map(result => cells(result, i)),
    ),
  )
  return [
    row(
      '',
      results.map(({ title }) => title.padStart(Math.ceil((GROUP + title.length) / 2)).padEnd(GROUP)),
    ),
    row(
      '',
      results.map(() => columns(HEADS)),
    ),
    rule,
    ...rows,
  ].join('\n')
}

/** @param {string} name @param {string[]} groups */
function row(name, groups) {
  return [name.padEnd(FIRST), ...groups].join(' │ ').trimEnd()
}

/** @param {string[]} texts */
function columns(texts) {
  return texts.map((text, i) => text.padStart(WIDTHS[i])).join(' ')
}

/** @param {Measured} result @param {number} i */
function cells({ passes }, i) {
  const { calls, hits, ms } = passes[i]
  return columns([String(calls), hits === undefined ? '–' : String(hits), time(ms), times(passes[0].ms / ms)])
}

/** @param {number} ms */
export function time(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(2)} ms`
}

/** @param {number} factor */
function times(factor) {
  return `${factor >= 10 ? factor.toFixed(0) : factor.toFixed(1)}×`
}
