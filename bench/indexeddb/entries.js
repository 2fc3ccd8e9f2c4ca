/** What is written: the same for everybody. */

const LENGTH = 200

/** Digits that do not compress: LevelDB would. */
const POOL = digits(1 << 20)

/** @param {number} length @returns {string} flat, not a rope */
function digits(length) {
  const pieces = []
  let state = 1
  for (let made = 0; made < length; made += 8) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    pieces.push((state >>> 0).toString(16).padStart(8, '0'))
  }
  return pieces.join('')
}

/** @param {number} i @param {number} length */
const piece = (i, length) =>
  POOL.slice((i * 211) % (POOL.length - LENGTH), ((i * 211) % (POOL.length - LENGTH)) + length)

/** @param {number} i @returns {string} 200 characters */
export const valueOf = i => `${i}:${piece(i, LENGTH)}`.slice(0, LENGTH)

/** @param {number} i */
export const nameOf = i => `key ${i}`

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
/** The cells of a number are four. */
const CELLS = 4
let cells = new Uint32Array(0)

/**
 * As a wrapped function would ask, with the cells of one number: its digest has just come out of the module, flat, and its bytes lie where others do.
 * @param {number} i
 * @returns {import('../../js/stores/store.js').StoreKey}
 */
export function keyOf(i) {
  const digest = decoder.decode(encoder.encode(i.toString(16).padStart(8, '0') + piece(i, 24)))
  if ((i + 1) * CELLS > cells.length) cells = new Uint32Array(Math.max(1 << 19, 2 * (i + 1) * CELLS))
  cells.set([32, 1, 5, i], i * CELLS)
  return {
    namespace: 'f\x001',
    digest,
    bytes: new Uint8Array(cells.buffer, 4 * i * CELLS, 4 * CELLS),
  }
}
