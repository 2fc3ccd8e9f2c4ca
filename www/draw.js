import { make, svg } from './dom.js'
import { drawSky } from './sky.js'

/** An answer as something to look at. @type {Record<string, (value: any) => Node[]>} */
export const DRAWINGS = {
  weather: ({ place, day, sky, low, high, hours }) => {
    const when =
      day instanceof Date ? day.toLocaleDateString('en', { dateStyle: 'medium', timeZone: 'UTC' }) : 'today'
    return [
      make(
        'div',
        { class: 'weather' },
        drawSky(sky),
        make(
          'div',
          {},
          make('p', { class: 'big' }, `${Math.round(high)}°`, make('small', {}, ` / ${Math.round(low)}°`)),
          make('p', {}, `${place}, ${when}: ${sky}`),
        ),
      ),
      curve(hours, low, high),
    ]
  },
  primes: ({ below, count, largest, twins, histogram }) => {
    const most = Math.max(...histogram)
    const bars = [...histogram].map((n, i) =>
      svg('rect', { x: i * 10 + 1, width: 8, y: 60 - (56 * n) / most, height: (56 * n) / most, rx: 2 }),
    )
    return [
      make(
        'p',
        { class: 'big' },
        count.toLocaleString('en'),
        make('small', {}, ` primes below ${below.toLocaleString('en')}`),
      ),
      make(
        'p',
        {},
        `The largest is ${largest.toLocaleString('en')}; ${twins.toLocaleString('en')} pairs of twins. How they thin out:`,
      ),
      svg(
        'svg',
        {
          viewBox: '0 0 320 60',
          class: 'chart',
          preserveAspectRatio: 'none',
          role: 'img',
          'aria-label': 'primes in each 32nd of the range',
        },
        ...bars,
      ),
    ]
  },
  mandelbrot: ({ width, height, steps, pixels }) => {
    const canvas = make('canvas', {
      width,
      height,
      class: 'picture',
      role: 'img',
      'aria-label': 'the Mandelbrot set',
    })
    const context = canvas.getContext('2d')
    const image = context.createImageData(width, height)
    for (let i = 0; i < pixels.length; i++) image.data.set(colorOf(pixels[i], steps), i * 4)
    context.putImageData(image, 0, 0)
    return [canvas]
  },
}

/** @param {unknown} error */
export function drawError(error) {
  const { name = 'Error', message = String(error) } = /** @type {any} */ (error) ?? {}
  return [
    make('p', { class: 'thrown' }, make('b', {}, `${name}: `), message),
    make('p', { class: 'quiet' }, 'Errors are not remembered: the next call runs again.'),
  ]
}

/** @param {Float32Array} hours @param {number} low @param {number} high */
function curve(hours, low, high) {
  const points = [...hours].map((t, h) => [(h * 320) / 23, 56 - (48 * (t - low)) / (high - low || 1)])
  const line = points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
  const label = `24 hours between ${Math.round(low)} and ${Math.round(high)} degrees`
  return svg(
    'svg',
    { viewBox: '0 0 320 60', class: 'chart', preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    svg('path', { d: `${line}L320 60L0 60Z`, class: 'area' }),
    svg('path', { d: line, class: 'curve', 'vector-effect': 'non-scaling-stroke' }),
  )
}

/** @param {number} n @param {number} steps */
function colorOf(n, steps) {
  if (n >= steps) return [18, 20, 38, 255]
  const t = Math.sqrt(n / steps)
  return [
    255 * Math.min(1, 0.12 + 1.5 * t),
    255 * Math.min(1, 0.15 + 0.9 * t),
    255 * Math.min(1, 0.38 + 0.35 * Math.sin(9 * t)),
    255,
  ]
}
