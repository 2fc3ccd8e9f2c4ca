// Run with --expose-gc: what a function that is collected took of the budget is free for another.
import { createMime } from '../../js/entry/inline.js'

const mime = createMime({ maxBytes: 100_000 })
const make = () => mime(n => n, { sizeOf: () => 1000 })
function fill() {
  const f = make()
  for (let n = 0; n < 80; n++) f(n)
}
fill()
const left = make()
for (let i = 0; i < 200 && mime.stats().functions > 1; i++) {
  await new Promise(resolve => setTimeout(resolve, 5))
  globalThis.gc()
  await new Promise(resolve => setTimeout(resolve, 5))
}
for (let n = 0; n < 80; n++) left(n)
console.log(JSON.stringify(mime.stats()))
