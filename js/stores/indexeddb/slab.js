/**
 * The bytes of small entries, many to a block: an ArrayBuffer of its own costs more time than everything else that is done to one. A block is
 * kept while somebody has any entry of it; those in it are as old as each other, and leave memory together.
 */

const SIZE = 32 << 10
/** What is larger has a block of its own. */
const LARGE = SIZE / 8

export class Slab {
  #block = new Uint8Array(0)
  #end = 0

  /**
   * Copies the two, one behind the other.
   * @param {Uint8Array} key
   * @param {Uint8Array} value
   * @returns {{ block: Uint8Array, at: number }}
   */
  add(key, value) {
    const length = key.length + value.length
    if (length > LARGE) return { block: joined(new Uint8Array(length), 0, key, value), at: 0 }
    if (this.#end + length > this.#block.length) {
      this.#block = new Uint8Array(SIZE)
      this.#end = 0
    }
    const at = this.#end
    this.#end += length
    return { block: joined(this.#block, at, key, value), at }
  }
}

/** @param {Uint8Array} block @param {number} at @param {Uint8Array} key @param {Uint8Array} value */
function joined(block, at, key, value) {
  block.set(key, at)
  block.set(value, at + key.length)
  return block
}
