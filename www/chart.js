import { make, put, svg } from './dom.js'
import { bytesText, count, coarse } from './show.js'
import { roundUp } from './usage.js'

/**
 * Bytes as an area and entries as a line, with the time below and the budget where it is in sight. A pointer or the arrow keys go back in time.
 *
 * @typedef {import('./usage.js').Usage} Usage
 * @typedef {import('./usage.js').Sample} Sample
 */

const HEIGHT = 200
const [TOP, RIGHT, BOTTOM, LEFT] = [26, 44, 24, 64]
const FLOOR = HEIGHT - BOTTOM
/** Milliseconds between the marks of time. */
const MARKS = [15_000, 30_000, 60_000]

export class Chart {
  #width = 0
  /** The time that is looked at. @type {number | undefined} */
  #at

  /** @param {HTMLElement} host @param {Usage} usage */
  constructor(host, usage) {
    this.usage = usage
    this.svg = svg('svg', {
      class: 'usage-chart',
      height: HEIGHT,
      role: 'slider',
      tabindex: 0,
      'aria-label': 'Bytes and entries over the last minutes',
      'aria-orientation': 'horizontal',
    })
    this.readout = make('output', { class: 'quiet' })
    host.append(this.svg, this.readout)
    this.#listen()
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = contentRect.width
      this.draw()
    }).observe(host)
  }

  draw() {
    const { samples } = this.usage
    if (samples.length === 0 || this.#width === 0) return
    const now = samples[samples.length - 1].at
    const span = this.usage.span(now)
    const width = this.#width
    const most = Math.max(...samples.map(({ bytes }) => bytes))
    const { budget } = samples[samples.length - 1]
    // A budget far above would press everything else to the ground.
    const isNear = budget <= 3 * most
    const high = roundUp(Math.max(1000, isNear ? budget : 0, most))
    const many = 2 * roundUp(Math.max(2, ...samples.map(({ entries }) => entries)) / 2)
    const scale = {
      x: (/** @type {number} */ at) => width - RIGHT - ((now - at) / span) * (width - RIGHT - LEFT),
      bytes: (/** @type {number} */ n) => FLOOR - (n / high) * (FLOOR - TOP),
      entries: (/** @type {number} */ n) => FLOOR - (n / many) * (FLOOR - TOP),
    }
    this.scale = { ...scale, now, span }
    this.svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`)
    this.svg.replaceChildren(
      ...axes(width, high, many),
      ...times(scale.x, now, span, width),
      ...curves(samples, scale),
      ...budgetLine(budget, isNear ? scale.bytes(budget) : TOP - 18, isNear, width),
      ...this.#cursor(),
    )
  }

  #listen() {
    this.svg.addEventListener('pointermove', event => {
      if (this.scale === undefined) return
      const { now, span } = this.scale
      const part = (this.#width - RIGHT - event.offsetX) / (this.#width - RIGHT - LEFT)
      this.#look(now - part * span)
    })
    this.svg.addEventListener('pointerleave', () => this.#look(undefined))
    this.svg.addEventListener('blur', () => this.#look(undefined))
    this.svg.addEventListener('keydown', event => {
      const { samples } = this.usage
      const last = samples.length - 1
      const i = this.#at === undefined ? last : this.usage.nearest(this.#at)
      const steps = { ArrowLeft: i - 1, ArrowDown: i - 1, ArrowRight: i + 1, ArrowUp: i + 1, PageUp: i + 10, PageDown: i - 10, Home: 0, End: last } // biome-ignore format: one line
      const to = steps[/** @type {keyof typeof steps} */ (event.key)]
      if (to === undefined && event.key !== 'Escape') return
      event.preventDefault()
      this.#look(to === undefined || to >= last ? undefined : samples[Math.max(0, to)].at)
    })
  }

  /** @param {number | undefined} at nothing: now */
  #look(at) {
    this.#at = at
    this.draw()
  }

  /** The sample that is looked at, in words and as a mark. */
  #cursor() {
    const { samples } = this.usage
    const last = samples.length - 1
    const i = this.#at === undefined ? last : this.usage.nearest(this.#at)
    const { at, bytes, entries, budget } = samples[i]
    const { x, now, span, bytes: byBytes, entries: byEntries } = /** @type {any} */ (this.scale)
    const when = i === last ? 'now' : `${coarse(now - at)} ago`
    const text = `${when}: ${bytesText(bytes)} of ${bytesText(budget)}, ${count(entries)} ${entries === 1 ? 'entry' : 'entries'}`
    put(this.readout, text)
    const state = { min: -Math.round(span / 1000), max: 0, now: Math.round((at - now) / 1000), text }
    for (const [name, value] of Object.entries(state))
      this.svg.setAttribute(`aria-value${name}`, String(value))
    const dots = [
      svg('circle', { class: 'dot-bytes', cx: x(at), cy: byBytes(bytes), r: 4.5 }),
      svg('circle', { class: 'dot-entries', cx: x(at), cy: byEntries(entries), r: 4.5 }),
    ]
    if (i === last) return dots
    return [svg('line', { class: 'cursor', x1: x(at), x2: x(at), y1: TOP, y2: FLOOR }), ...dots]
  }
}

/** @param {number} width @param {number} high bytes @param {number} many entries */
function axes(width, high, many) {
  return [0, 0.5, 1].flatMap(part => {
    const y = FLOOR - part * (FLOOR - TOP)
    return [
      svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y, y2: y }),
      label(bytesText(part * high), LEFT - 8, y + 4, 'end', 'of-bytes'),
      label(count(part * many), width - RIGHT + 8, y + 4, 'start', 'of-entries'),
    ]
  })
}

/** @param {(at: number) => number} x @param {number} now @param {number} span @param {number} width */
function times(x, now, span, width) {
  const step = MARKS.find(mark => span / mark <= (width < 500 ? 3 : 5)) ?? MARKS[MARKS.length - 1]
  const labels = [label('now', x(now), HEIGHT - 6, 'end')]
  for (let ago = step; ago <= span; ago += step) {
    const text = ago % 60_000 === 0 ? `${ago / 60_000} min ago` : `${ago / 1000} s ago`
    labels.push(label(text, x(now - ago), HEIGHT - 6, ago + step > span ? 'start' : 'middle'))
  }
  return labels
}

/** @param {Sample[]} samples @param {Record<'x' | 'bytes' | 'entries', (n: number) => number>} scale */
function curves(samples, scale) {
  /** @param {'bytes' | 'entries'} what */
  const line = what =>
    samples
      .map(
        (sample, i) =>
          `${i ? 'L' : 'M'}${scale.x(sample.at).toFixed(1)} ${scale[what](sample[what]).toFixed(1)}`,
      )
      .join('')
  const [first, last] = [samples[0], samples[samples.length - 1]]
  return [
    svg('path', { class: 'bytes-area', d: `${line('bytes')}L${scale.x(last.at)} ${FLOOR}L${scale.x(first.at)} ${FLOOR}Z` }), // biome-ignore format: one line
    svg('path', { class: 'bytes-line', d: line('bytes') }),
    svg('path', { class: 'entries-line', d: line('entries') }),
  ]
}

/** @param {number} budget @param {number} y @param {boolean} isNear @param {number} width */
function budgetLine(budget, y, isNear, width) {
  const text = isNear ? `budget ${bytesText(budget)}` : `budget ${bytesText(budget)}, far above ↑`
  return [
    svg('line', { class: 'budget-line', x1: LEFT, x2: width - RIGHT, y1: y, y2: y }),
    label(text, width - RIGHT, y + 13, 'end', 'of-budget'),
  ]
}

/** @param {string} text @param {number} x @param {number} y @param {string} anchor @param {string} [name] */
function label(text, x, y, anchor, name = 'of-time') {
  return svg('text', { x, y, class: name, 'text-anchor': anchor }, document.createTextNode(text))
}
