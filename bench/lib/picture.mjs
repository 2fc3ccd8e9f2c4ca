/** Colours that are told apart without seeing colours as most do (Okabe and Ito); the last but one is ours. */
const COLOURS = ['#999999', '#e69f00', '#56b4e9', '#009e73', '#cc79a7', '#d55e00', '#000000']

const WIDTH = 240
const HEIGHT = 150
const ACROSS = 4
const EDGE = { left: 34, right: 10, top: 24, bottom: 22 }
const LEGEND = 34

/**
 * A small chart for each trace, hit ratio over capacity, as SVG.
 *
 * @param {string[]} traces
 * @param {string[]} names of the policies
 * @param {{ trace: string, capacity: number, ratios: Record<string, number> }[]} points
 */
export function picture(traces, names, points) {
  const rows = Math.ceil(traces.length / ACROSS)
  const size = [WIDTH * Math.min(ACROSS, traces.length), HEIGHT * rows + LEGEND]
  const charts = traces.map((trace, i) => {
    const at = `translate(${(i % ACROSS) * WIDTH} ${Math.floor(i / ACROSS) * HEIGHT + LEGEND})`
    const own = points.filter(point => point.trace === trace)
    return `<g transform="${at}">${chart(trace, names, own)}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(' ')}" font-family="sans-serif" font-size="10">`,
    `<rect width="${size[0]}" height="${size[1]}" fill="#fff"/>`,
    legend(names),
    ...charts,
    '</svg>\n',
  ].join('\n')
}

/** @param {string[]} names */
function legend(names) {
  const items = names.map((name, i) => {
    const x = 14 + i * 84
    return `<path d="M${x} 16h18" ${stroke(i)}/><text x="${x + 23}" y="20">${name}</text>`
  })
  return `<g>${items.join('')}<text x="${14 + names.length * 84}" y="20" fill="#666">hit ratio % over entries</text></g>`
}

/** @param {string} trace @param {string[]} names @param {{ capacity: number, ratios: Record<string, number> }[]} points */
function chart(trace, names, points) {
  const logs = points.map(({ capacity }) => Math.log(capacity))
  const all = points.flatMap(({ ratios }) => names.map(name => ratios[name]))
  const x = scale(Math.min(...logs), Math.max(...logs), EDGE.left, WIDTH - EDGE.right)
  const [low, high] = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all))]
  const y = scale(low, high, HEIGHT - EDGE.bottom, EDGE.top)
  const lines = names.map((name, i) => {
    const path = points.map(({ ratios }, at) => `${x(logs[at])} ${y(ratios[name])}`).join('L')
    return `<path d="M${path}" ${stroke(i)}/>`
  })
  const [first, last] = [points[0], points[points.length - 1]]
  return [
    `<text x="${EDGE.left}" y="${EDGE.top - 8}" font-weight="bold">${trace}</text>`,
    `<path d="M${EDGE.left} ${EDGE.top}V${HEIGHT - EDGE.bottom}H${WIDTH - EDGE.right}" fill="none" stroke="#bbb"/>`,
    `<text x="${EDGE.left - 4}" y="${EDGE.top + 4}" text-anchor="end">${high}</text>`,
    `<text x="${EDGE.left - 4}" y="${HEIGHT - EDGE.bottom}" text-anchor="end">${low}</text>`,
    `<text x="${EDGE.left}" y="${HEIGHT - 8}">${first.capacity}</text>`,
    `<text x="${WIDTH - EDGE.right}" y="${HEIGHT - 8}" text-anchor="end">${last.capacity}</text>`,
    ...lines,
  ].join('')
}

/** @param {number} i */
function stroke(i) {
  const ours = i === COLOURS.length - 2
  return `fill="none" stroke="${COLOURS[i]}" stroke-width="${ours ? 2.5 : 1.2}"${i === COLOURS.length - 1 ? ' stroke-dasharray="3 2"' : ''}`
}

/** @param {number} from @param {number} to @param {number} first @param {number} last @returns {(value: number) => number} */
function scale(from, to, first, last) {
  const by = to > from ? (last - first) / (to - from) : 0
  return value => Math.round((first + (value - from) * by) * 10) / 10
}
