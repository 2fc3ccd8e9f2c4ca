/**
 * A key's bytes and its value's behind them, as they lie in a block that others may share: an ArrayBuffer, or only a view, for each costs more
 * than everything else that is done to a small one.
 *
 * @typedef {object} Piece
 * @property {Uint8Array} block
 * @property {number} at where in it the key begins
 * @property {number} keyLength
 * @property {number} length of both
 */

/** @type {Piece} */
export const NO_PIECE = Object.freeze({ block: new Uint8Array(0), at: 0, keyLength: 0, length: 0 })

/** @param {Uint8Array} key @param {Uint8Array} value @returns {Piece} a copy of the two */
export function joined(key, value) {
  const block = new Uint8Array(key.length + value.length)
  block.set(key)
  block.set(value, key.length)
  return { block, at: 0, keyLength: key.length, length: block.length }
}

/** @param {Piece} piece */
export function keyIn({ block, at, keyLength }) {
  return block.subarray(at, at + keyLength)
}

/** @param {Piece} piece */
export function valueIn({ block, at, keyLength, length }) {
  return block.subarray(at + keyLength, at + length)
}

/**
 * All of them, one behind the other: what lies together is copied at once.
 * @param {{ piece: Piece }[]} items
 * @param {Uint8Array} into
 */
export function copyAll(items, into) {
  let [to, from, end] = [0, 0, 0]
  let { block } = NO_PIECE
  const copy = () => {
    into.set(block.subarray(from, end), to)
    to += end - from
  }
  for (const { piece } of items) {
    if (piece.block !== block || piece.at !== end) {
      copy()
      block = piece.block
      from = piece.at
    }
    end = piece.at + piece.length
  }
  copy()
}
