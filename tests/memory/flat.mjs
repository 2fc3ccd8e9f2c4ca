// Run with --expose-gc: a function with the default bounds, called with many keys it never sees again. What memory does after the first.
import { memory } from '../../js/core.js'
import { createMime, mime } from '../../js/entry/inline.js'

const CALLS = Number(process.argv[2])
const f = mime(key => ({ key }))
/** Values of a kilobyte, bound by their bytes alone. */
const heavy = createMime({ maxBytes: '4MB' })(key => ({ key, text: 'x'.repeat(1000) + key }), {
  maxEntries: 1e6,
})

async function level() {
  for (let n = 0; n < 3; n++) {
    globalThis.gc()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return { heap: process.memoryUsage().heapUsed, wasm: memory.u8.buffer.byteLength }
}

let next = 0
function call(count) {
  for (const end = next + count; next < end; next++) {
    f(`a key of some length ${next}`)
    if (next % 10 === 0) heavy(next)
  }
}

call(CALLS / 10)
const before = await level()
call(CALLS)
const after = await level()
const { entries } = f.stats()
console.log(JSON.stringify({ before, after, entries, heavy: heavy.stats() }))
