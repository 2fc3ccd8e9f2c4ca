// What is too large for memory, or may not be there at all, is persisted all the same: a store has bounds of its own.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'

function counted(run) {
  const f = (...args) => {
    f.calls++
    return run(...args)
  }
  f.calls = 0
  return f
}

const bounds = { 'no entries': { maxEntries: 0 }, 'few bytes': { maxBytes: 500 } }

for (const [name, bound] of Object.entries(bounds)) {
  describe(`a result that is refused: ${name}`, () => {
    test('a sync function', () => {
      const load = counted(n => 'x'.repeat(1000 + n))
      const f = createMime({ store: memoryStore() })(load, { name: 'f', version: '1', ...bound })
      assert.equal(f(1).length, 1001)
      assert.equal(f(1).length, 1001)
      assert.equal(f(2).length, 1002)
      assert.equal(load.calls, 2)
      assert.equal(f.stats().entries, 0)
      f.invalidate(1)
      f(1)
      assert.equal(load.calls, 3, 'what was invalidated is gone from the store, too')
    })

    test('an async function, in another run too', async () => {
      const store = memoryStore()
      const load = counted(async n => 'x'.repeat(1000 + n))
      const options = { name: 'f', version: '1', ...bound }
      const first = createMime({ store })(load, options)
      assert.equal((await first(1)).length, 1001)
      const second = createMime({ store })(load, options)
      assert.equal((await second(1)).length, 1001)
      assert.equal(load.calls, 1)
    })

    test('not where its tag was invalidated meanwhile', async () => {
      const own = createMime({ store: memoryStore() })
      const load = counted(async n => 'x'.repeat(1000 + n))
      const f = own(load, { name: 'f', version: '1', tags: ['t'], ...bound })
      const loading = f(2)
      own.invalidateTags('t')
      await loading
      await f(2)
      assert.equal(load.calls, 2)
    })
  })
}

test('who is told of it may invalidate it: the store has it by then', async () => {
  const load = counted(async n => 'x'.repeat(1000 + n))
  const f = createMime({ store: memoryStore() })(load, { name: 'f', version: '1', ...bounds['few bytes'] })
  const off = f.on('refused', () => f.invalidate(1))
  await f(1)
  off()
  await f(1)
  assert.equal(load.calls, 2)
})
