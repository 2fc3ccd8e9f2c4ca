// Run with --expose-gc: a hundred functions, each called and let go; what is left of them in the total.
import { createMime } from '../../js/entry/inline.js'
import { TagRegistry } from '../../js/tags.js'

/** Who is asked when tags are invalidated. */
let asked = 0
const { note } = TagRegistry.prototype
TagRegistry.prototype.note = function (tags) {
  asked = this.members.size
  return note.call(this, tags)
}

const mime = createMime()
function use() {
  const f = mime(n => n, { maxEntries: 2, tags: ['t'] })
  for (const n of [1, 2, 3, 4]) f(n)
  f(4)
  f(4)
}
for (let i = 0; i < 100; i++) use()
if (mime.stats().functions !== 100) throw new Error('they are there')
for (let i = 0; i < 200 && mime.stats().functions > 1; i++) {
  // A turn of its own: what was looked at through a weak reference lives until the turn ends.
  await new Promise(resolve => setTimeout(resolve, 5))
  globalThis.gc()
  await new Promise(resolve => setTimeout(resolve, 5))
}
const stats = mime.stats()
mime.invalidateTags('u')
console.log(JSON.stringify({ ...stats, asked }))
