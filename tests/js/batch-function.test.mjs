import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { loader } from '../calls/wrapped.mjs'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'

const ENTRY = new URL('../../js/entry/inline.js', import.meta.url)
const run = promisify(execFile)
const _tick = () => new Promise(resolve => setImmediate(resolve))

describe('the function', () => {
  test('has the name of the loader and takes one key; this and further arguments are no part of the call', async () => {
    const load = loader()
    const f = mime.batch(async function users(keys) {
      return load(keys)
    })
    assert.equal(f.name, 'users')
    assert.equal(f.length, 1)
    const api = { f }
    await Promise.all([f(1), api.f(1), ...[1, 2].map(f)])
    assert.deepEqual(load.calls, [[1, 2]])
    assert.equal(f.stats().entries, 2)
    await Promise.all([1, 2].map(f))
    assert.equal(load.calls.length, 1)
  })

  test('the loader has no this', async () => {
    let self = 1
    const f = mime.batch(function (keys) {
      self = this
      return keys
    })
    await f.call({}, 1)
    assert.equal(self, undefined)
  })

  test('all verbs work', async () => {
    const load = loader()
    const events = []
    const f = mime.batch(load, { onEvent: event => events.push(event) })
    f.set([1], 'one')
    assert.equal(await f(1), 'one')
    assert.equal(f.has(1), true)
    assert.equal(await f.peek(1), 'one')
    assert.equal(f.explain(1).outcome, 'hit')
    assert.match(f.explain(2).text, /argument 1: 1 against 2/)
    assert.equal(f.invalidate(1), true)
    assert.equal(f.has(1), false)
    await Promise.all([f(1), f(2)])
    ;[1].forEach(f.invalidate)
    assert.deepEqual([f.has(1), f.has(2)], [false, true])
    f.clear()
    assert.equal(f.stats().entries, 0)
    assert.equal(typeof f.on('error', () => {}), 'function')
    await f.ready
    await f.flush()
    assert.throws(() => f.set(1, 1), { code: 'ERR_INVALID_ARGUMENT' })
  })

  test('refresh, tags, invalidateIf and singleFlight go by single keys', async () => {
    const mime = createMime()
    const load = loader(key => ({ key }))
    const f = mime.batch(load, { tags: ([key]) => [`user:${key}`], singleFlight: false })
    const [one, again, two] = await Promise.all([f(1), f(1), f(2)])
    assert.equal(one, again)
    assert.notEqual(await f.refresh(1, 'no part of the call'), one)
    assert.deepEqual(load.calls, [[1, 2], [1]])
    assert.equal(await f(2), two)
    await Promise.all([f(3), f.refresh(3)])
    assert.deepEqual(load.calls.at(-1), [3])
    assert.equal(mime.invalidateTags('user:2'), 1)
    assert.equal(
      f.invalidateIf(([key]) => key === 1),
      1,
    )
    await Promise.all([1, 2, 3].map(f))
    assert.deepEqual(load.calls.at(-1), [1, 2])
  })

  test('a loader that asks for a key of its own batch is told, where the runtime can tell', async () => {
    const f = mime.batch(async keys => {
      await f(keys[0])
      return keys
    })
    await assert.rejects(f(1), { code: 'ERR_SELF_AWAIT' })
  })

  test('is wrapped: again with the same options it is itself, with others it is refused', () => {
    const f = mime.batch(async keys => keys, '5m')
    assert.equal(mime(f), f)
    assert.equal(mime(f, 300), f)
    assert.throws(() => mime(f, '6m'), { code: 'ERR_ALREADY_WRAPPED' })
    assert.throws(() => mime.batch(5), { code: 'ERR_NOT_A_FUNCTION' })
    assert.throws(() => mime.batch(class {}), { code: 'ERR_NOT_A_FUNCTION' })
    assert.throws(() => mime.batch(async keys => keys, 'soon'), { code: 'ERR_INVALID_OPTION' })
  })

  test('results persist under the name and the source of the loader', async () => {
    const store = memoryStore()
    let calls = 0
    const make = source => {
      const mime = createMime({ store })
      return mime.batch(
        new Function('count', `return async function users(keys) { ${source} }`)(() => calls++),
      )
    }
    const first = make('count(); return keys.map(key => key + 1)')
    assert.deepEqual(await Promise.all([first(1), first(2)]), [2, 3])
    const same = make('count(); return keys.map(key => key + 1)')
    assert.deepEqual(await Promise.all([same(1), same(2)]), [2, 3])
    assert.equal(calls, 1)
    const changed = make('count(); return keys.map(key => key + 2)')
    assert.equal(await changed(1), 3)
    assert.equal(calls, 2)
  })

  test('a store that answers later is asked before the first batch', async () => {
    const inner = memoryStore()
    const store = { on: () => () => {}, flush: async () => {}, stats: () => ({}) }
    for (const method of ['get', 'set', 'delete', 'clear'])
      store[method] = (...args) => inner[method](...args)
    await mime.batch(async keys => keys.map(() => 'first'), { store, name: 'users', version: '1' })(1)
    const f = mime.batch(async keys => keys.map(() => 'second'), { store, name: 'users', version: '1' })
    assert.equal(await f(1), 'first')
  })

  test('a version in the defaults counts', async () => {
    const store = memoryStore()
    const mime = createMime({ store, version: '7', name: 'users' })
    await mime.batch(keys => keys.map(() => 'first'))(1)
    assert.equal(await mime.batch(keys => keys.map(() => 'second'))(1), 'first')
  })

  test('the loader runs in the async context of the first caller of its batch', async () => {
    const context = new AsyncLocalStorage()
    const seen = []
    const f = mime.batch(
      async keys => {
        seen.push([context.getStore(), ...keys])
        return keys
      },
      { maxBatchSize: 2 },
    )
    await Promise.all(['a', 'b', 'c'].map((name, key) => context.run(name, () => f(key))))
    assert.deepEqual(seen, [
      ['a', 0, 1],
      ['c', 2],
    ])
  })
})

describe('runtimes without process.nextTick', () => {
  /** Runs in a process that has lost it before the module is loaded. */
  const without = async (prepare, extra = '') => {
    const source = `
      ${prepare}
      const { mime } = await import('${ENTRY}')
      const calls = []
      const f = mime.batch(async keys => { calls.push(keys); return keys })
      const later = async () => { for (let i = 0; i < 20; i++) await undefined; return f(2) }
      await Promise.all([f(1), later()])
      await Promise.all([f(3), f(4)])
      console.log(JSON.stringify(calls))
      ${extra}
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], {
      timeout: 20_000,
    })
    return JSON.parse(stdout)
  }

  test('a timer takes its place, and the process ends by itself', async () => {
    assert.deepEqual(await without('process.nextTick = undefined'), [
      [1, 2],
      [3, 4],
    ])
  })

  test('in workerd too, whose nextTick comes too early', async () => {
    const workerd = `
      process.nextTick = (job, ...args) => queueMicrotask(() => job(...args))
      Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Cloudflare-Workers' } })
    `
    assert.deepEqual(await without(workerd), [
      [1, 2],
      [3, 4],
    ])
  })

  test('in a page a message does', async () => {
    // Node, unlike a page, stays alive for a channel.
    const page = 'process.nextTick = undefined; globalThis.document = {}; globalThis.setTimeout = undefined'
    assert.deepEqual(await without(page, 'process.exit()'), [
      [1, 2],
      [3, 4],
    ])
  })

  test('with it, a batch holds no process: one asked for at the very end is still loaded', async () => {
    const source = `
      import { mime } from '${ENTRY}'
      mime.batch(keys => { console.log(keys.length); return keys })(1)
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], {
      timeout: 20_000,
    })
    assert.equal(stdout.trim(), '1')
  })
})
