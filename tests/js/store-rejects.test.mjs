// A store of one's own that fails later, in whatever kind of promise.
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { createMime, memoryStore } from '../../js/entry/inline.js'

const boom = new Error('boom')
const PROMISES = {
  'a promise': () => Promise.reject(boom),
  'one of another realm': () => runInNewContext('Promise.reject(boom)', { boom }),
  'somebody’s own': () => ({ then: (_, reject) => void reject(boom) }),
}

for (const [what, failing] of Object.entries(PROMISES)) {
  test(`${what}: an event each time, and nothing unhandled`, async () => {
    /** @type {unknown[]} */
    const unhandled = []
    const note = error => unhandled.push(error)
    process.on('unhandledRejection', note)
    const store = { ...memoryStore(), set: failing, delete: failing, clear: failing, invalidateTags: failing }
    /** @type {unknown[]} */
    const told = []
    const mime = createMime({ store })
    const f = mime(x => x, { name: 'f', tags: ['t'] })
    f.on('error', ({ error }) => told.push(error))
    assert.equal(f(1), 1)
    f.invalidate(1)
    f.clear()
    mime.invalidateTags('t')
    await turn()
    process.off('unhandledRejection', note)
    assert.deepEqual([told, f.stats().storeErrors, unhandled], [[boom, boom, boom, boom], 4, []])
  })
}
