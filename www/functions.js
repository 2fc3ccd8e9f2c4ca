/** The functions to play with. None knows that it is memoized. */

const SKIES = ['sunny', 'fair', 'cloudy', 'rain', 'storms', 'fog', 'snow']
const DELAY = 900

/**
 * A slow service, pretended.
 * @param {string | { lat: number, lon: number }} place
 * @param {Date} [day]
 */
async function weather(place, day) {
  const named = typeof place === 'string' ? place.trim() : place && `${place.lat}°, ${place.lon}°`
  if (!named || named.includes('undefined'))
    throw new TypeError("weather takes a place: 'Lisbon' or { lat: 38.7, lon: -9.1 }")
  if (day !== undefined && !(day instanceof Date))
    throw new TypeError("the day is a date: Date('2026-08-01')")
  await new Promise(resolve => setTimeout(resolve, DELAY))
  let seed = 2166136261
  for (const char of `${named.toLowerCase()}${day?.getTime()}`)
    seed = Math.imul(seed ^ char.charCodeAt(0), 16777619)
  const random = () => ((seed = Math.imul(seed ^ (seed >>> 15), 2246822519)) >>> 8) / 2 ** 24
  random()
  const [mean, swing, phase] = [4 + 22 * random(), 3 + 5 * random(), random()]
  const hours = Float32Array.from(
    { length: 24 },
    (_, h) => mean - swing * Math.cos(((h - 3 + phase) / 12) * Math.PI) + random(),
  )
  const sky = SKIES[Math.floor(random() * (mean < 8 ? 7 : 5))]
  return { place: named, day, sky, low: Math.min(...hours), high: Math.max(...hours), hours }
}

/**
 * Primes below a number, by trial division: slow on purpose.
 * @param {number} below
 */
function primes(below) {
  if (typeof below !== 'number' || !(below >= 3 && below <= 3_000_000)) {
    throw new RangeError('primes takes a number from 3 to 3000000')
  }
  const found = [2]
  for (let n = 3; n < below; n += 2) {
    let isPrime = true
    for (let i = 1; found[i] * found[i] <= n; i++) {
      if (n % found[i] === 0) {
        isPrime = false
        break
      }
    }
    if (isPrime) found.push(n)
  }
  const histogram = new Uint32Array(32)
  for (const prime of found) histogram[Math.floor((prime * histogram.length) / below)]++
  const twins = found.filter((prime, i) => found[i + 1] === prime + 2).length
  return { below, count: found.length, largest: found[found.length - 1], twins, histogram }
}

/**
 * How fast each point of a picture escapes.
 * @param {{ x?: number, y?: number, zoom?: number, steps?: number }} [view]
 */
function mandelbrot({ x = -0.6, y = 0, zoom = 1, steps = 1500 } = {}) {
  for (const [name, value] of Object.entries({ x, y, zoom, steps })) {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`${name} is a number`)
  }
  if (!(zoom > 0) || steps < 1 || steps > 5000) throw new RangeError('zoom is above 0, steps from 1 to 5000')
  const [width, height] = [280, 180]
  const pixels = new Uint16Array(width * height)
  const scale = 3 / (zoom * width)
  for (let row = 0; row < height; row++) {
    const ci = y + (row - height / 2) * scale
    for (let column = 0; column < width; column++) {
      const cr = x + (column - width / 2) * scale
      let [zr, zi, n] = [0, 0, 0]
      for (; n < steps && zr * zr + zi * zi <= 4; n++) {
        const next = zr * zr - zi * zi + cr
        zi = 2 * zr * zi + ci
        zr = next
      }
      pixels[row * width + column] = n
    }
  }
  return { width, height, steps, pixels }
}

/**
 * @typedef {object} Spec
 * @property {(...args: any[]) => any} fn
 * @property {string} kind
 * @property {string} about
 * @property {string[]} examples
 */

/** @type {Record<string, Spec>} */
export const SPECS = {
  weather: {
    fn: weather,
    kind: 'async, slow',
    about: `A forecast from a service that takes ${DELAY / 1000} seconds to answer. Its first caller waits; nobody else does.`,
    examples: [
      "'Lisbon'",
      "'Oslo', Date('2026-08-01')",
      '{ lat: 38.7, lon: -9.1 }',
      '{ lon: -9.1, lat: 38.7 }',
    ],
  },
  primes: {
    fn: primes,
    kind: 'sync, heavy',
    about: 'Finds all primes below a number, one division after another, while the page stands still.',
    examples: ['1_000_000', '2_000_000', '2e6', '50_000'],
  },
  mandelbrot: {
    fn: mandelbrot,
    kind: 'sync, a picture',
    about:
      'Computes a picture of the Mandelbrot set. The 100 KB of its typed array survive a reload, type and all.',
    examples: [
      '',
      '{ x: -0.7436, y: 0.1318, zoom: 400 }',
      '{ x: -1.7497, zoom: 60, steps: 4000 }',
      '{ x: 0.2925, y: 0.0149, zoom: 900 }',
    ],
  },
}
