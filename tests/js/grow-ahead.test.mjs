import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ensureViews, glue, memory } from '../../js/core.js'
import { createMime } from '../../js/entry/inline.js'

/** How often memory grows while so many entries come, each with a key of 8 KB. */
function growths(f, count) {
  let grown = 0
  let { buffer } = memory.out
  for (let i = 0; i < count; i++) {
    f('x'.repeat(8000) + i)
    ensureViews()
    if (memory.out.buffer !== buffer) grown++
    buffer = memory.out.buffer
  }
  return grown
}

test('memory grows in large pieces, beyond a gibibyte too', () => {
  const mime = createMime({ maxBytes: Infinity })
  const f = mime(() => 1, { maxEntries: 1e6 })
  const g = mime(() => 1, { maxEntries: 1e6 })
  f(1)
  assert.ok(growths(f, 5000) < 50)
  // Nobody writes there, so it is not taken from the machine.
  glue.initSync(/** @type {any} */ (undefined)).memory.grow(2 ** 14)
  ensureViews()
  assert.ok(memory.out.buffer.byteLength > 2 ** 30)
  const grown = growths(g, 10_000)
  assert.ok(grown < 10, `${grown} times for 80 MB`)
})
