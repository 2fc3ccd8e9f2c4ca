import { ensureViews, memory } from '../../js/core.js'
import { Index } from '../../js/core-index.js'
import '../../js/entry/inline.js'

const TTL = 3_600_000
const HEADS = [32, 1, 9, 24]

/**
 * New keys through an index in the core.
 * @param {number} entries at most
 * @param {number} inserts
 * @returns {Generator<[number, number]>} how many there were, and how large wasm memory is: after each `entries`, a tenth of all, and at the end
 */
export function* churn(entries, inserts) {
  const index = new Index(entries, Infinity, error => {
    throw error
  })
  const step = Math.max(entries, Math.floor(inserts / 10))
  for (let n = 0, next = entries; n < inserts; ) {
    ensureViews()
    memory.u32.set(HEADS)
    memory.f64[2] = n
    memory.f64[3] = -n
    memory.f64[4] = 1 / (n + 1)
    const now = n / 1000
    const slot = ~index.probe(5, now) >> 1
    const removed = index.commit(slot, index.generation(), now + TTL, 100)
    if (removed < 0) throw new Error(`insert ${n} was refused`)
    if (++n === next || n === inserts) {
      yield [n, memory.u8.buffer.byteLength]
      next = n + step
    }
  }
}
