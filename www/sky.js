import { svg } from './dom.js'

/** The sky as a picture: fonts with such pictures are not everywhere. */

const CLOUD = 'M18 46a11 11 0 0 1 1-22 15 15 0 0 1 28-3 12.5 12.5 0 0 1 3 25z'
const BOLT = 'M33 44l-8 13h7l-3 11 11-15h-7l5-9z'

/** @param {number} cx @param {number} cy @param {number} r */
const sun = (cx, cy, r) => svg('circle', { class: 'sun', cx, cy, r })
/** @param {string} [transform] */
const cloud = (transform = '') => svg('path', { class: 'cloud', d: CLOUD, transform })
/** @param {string} name @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
const line = (name, x1, y1, x2, y2) => svg('line', { class: name, x1, y1, x2, y2 })
/** @param {number} cx @param {number} cy */
const flake = (cx, cy) => svg('circle', { class: 'flake', cx, cy, r: 3 })

/** @type {Record<string, () => Element[]>} */
const SKIES = {
  sunny: () => [sun(36, 36, 20)],
  fair: () => [sun(26, 26, 17), cloud('translate(22 24) scale(.7)')],
  cloudy: () => [sun(24, 22, 12), cloud('translate(4 8)')],
  rain: () => [
    cloud(),
    line('rain', 22, 53, 18, 63),
    line('rain', 35, 53, 31, 63),
    line('rain', 48, 53, 44, 63),
  ],
  storms: () => [cloud(), svg('path', { class: 'bolt', d: BOLT })],
  fog: () => [
    cloud('translate(0 -4)'),
    line('mist', 12, 50, 56, 50),
    line('mist', 18, 58, 62, 58),
    line('mist', 12, 66, 50, 66),
  ],
  snow: () => [cloud(), flake(20, 56), flake(36, 62), flake(50, 55)],
}

/** @param {string} sky */
export function drawSky(sky) {
  return svg(
    'svg',
    { viewBox: '0 0 72 72', class: 'sky', 'aria-hidden': 'true' },
    ...(SKIES[sky] ?? SKIES.fair)(),
  )
}
