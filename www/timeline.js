import { calm } from './dom.js'

/**
 * The calls of the last seconds, moving to the left in four lanes.
 * @typedef {import('./lab.js').Call} Call
 */

const LANES = /** @type {const} */ (['ran', 'joined', 'stored', 'memory'])
const NAMES = { ran: 'ran', joined: 'joined', stored: 'IndexedDB', memory: 'memory' }
const SECONDS = 14
const RIPPLE = 700
const MOST = 400
const GUTTER = 84
const LANE = 38

export class Timeline {
  /** @type {Call[]} */
  #calls = []
  #isRunning = false

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    new ResizeObserver(() => this.#size()).observe(canvas)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw())
    this.#size()
  }

  /** @param {Call} call it may still run: its `end` comes later */
  add(call) {
    this.#calls.push(call)
    if (this.#calls.length > MOST) this.#calls.shift()
    this.#draw()
    this.#run()
  }

  /** Draws while there is anything to move. */
  #run() {
    if (this.#isRunning) return
    this.#isRunning = true
    const frame = () => {
      const past = performance.now() - (SECONDS + 1) * 1000
      this.#calls = this.#calls.filter(({ end = Infinity }) => end > past)
      this.#draw()
      this.#isRunning = this.#calls.length > 0
      if (!this.#isRunning) return
      if (calm.matches) setTimeout(frame, 1000)
      else requestAnimationFrame(frame)
    }
    frame()
  }

  #size() {
    const { canvas } = this
    const ratio = devicePixelRatio
    canvas.width = Math.round(canvas.clientWidth * ratio)
    canvas.height = Math.round((LANES.length * LANE + 22) * ratio)
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.#draw()
  }

  #draw() {
    const { canvas, context } = this
    const style = getComputedStyle(canvas)
    const color = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`)
    const [width, now] = [canvas.clientWidth, performance.now()]
    const scale = (width - GUTTER - 12) / (SECONDS * 1000)
    const xOf = (/** @type {number} */ time) => width - 12 - (now - time) * scale
    context.clearRect(0, 0, width, canvas.height)
    context.font = `600 13px ${style.fontFamily}`
    context.textBaseline = 'middle'
    LANES.forEach((lane, i) => {
      const y = i * LANE + LANE / 2
      context.fillStyle = color('line')
      context.fillRect(GUTTER, y - 0.5, width - GUTTER - 12, 1)
      context.fillStyle = color(lane)
      context.fillText(NAMES[lane], 0, y)
    })
    context.save()
    context.beginPath()
    context.rect(GUTTER - 8, 0, width - GUTTER + 8, canvas.height)
    context.clip()
    this.#drawTicks(xOf, now, color('quiet'))
    const beside = new Map()
    for (const call of this.#calls) {
      // Callers of one moment stand under each other.
      const place = `${call.outcome} ${Math.round(call.start / 80)}`
      const row = beside.get(place) ?? 0
      beside.set(place, row + 1)
      this.#drawCall(call, xOf, now, color(call.outcome), row)
    }
    context.restore()
  }

  /** @param {(time: number) => number} xOf @param {number} now @param {string} color */
  #drawTicks(xOf, now, color) {
    const { context } = this
    context.fillStyle = color
    context.font = `12px ${getComputedStyle(this.canvas).fontFamily}`
    context.textAlign = 'center'
    const y = LANES.length * LANE + 10
    for (let s = 4; s < SECONDS; s += 4) context.fillText(`${s} s ago`, xOf(now - s * 1000), y)
    context.textAlign = 'right'
    context.fillText('now', xOf(now), y)
    context.textAlign = 'left'
  }

  /** @param {Call} call @param {(time: number) => number} xOf @param {number} now @param {string} color @param {number} row */
  #drawCall(call, xOf, now, color, row) {
    const { context } = this
    const { outcome, start, end = now, error } = call
    const shift = row === 0 ? 0 : (row % 2 ? 1 : -1) * Math.min(14, 3.2 * Math.ceil(row / 2))
    const y = LANES.indexOf(outcome) * LANE + LANE / 2 + shift
    const [left, right] = [xOf(start), xOf(end)]
    const thick = outcome === 'ran' ? 12 : outcome === 'joined' ? 2.4 : 11
    context.fillStyle = color
    context.beginPath()
    context.roundRect(
      right - Math.max(right - left, thick),
      y - thick / 2,
      Math.max(right - left, thick),
      thick,
      thick / 2,
    )
    context.fill()
    if (error !== undefined) {
      context.fillStyle = getComputedStyle(this.canvas).getPropertyValue('--ink')
      context.fillText('✕', right + 4, y)
    }
    const age = (now - end) / RIPPLE
    if (calm.matches || call.end === undefined || age > 1) return
    context.strokeStyle = color
    context.globalAlpha = 1 - age
    context.lineWidth = 2
    context.beginPath()
    context.arc(right - 5, y, 6 + 13 * age, 0, 7)
    context.stroke()
    context.globalAlpha = 1
  }
}
