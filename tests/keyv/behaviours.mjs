import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromKeyv } from '../../js/entry/adapters.js'
import { createMime } from '../../js/entry/inline.js'

/**
 * What Keyv's own suite asks of a storage, asked of functions that have one behind them: namespaces that share a backend, values, quotes, and what
 * is there after its ttl. Single sets, reads and deletions are the matter of the suite of stores.
 * @param {string} name
 * @param {(namespace: string) => any} connect gives a Keyv of this namespace; all of them share one backend
 * @param {{ timeout?: string }} [options]
 */
export function keyvBehaviours(name, connect, options) {
  /** As a process that starts. @param {any} keyv @param {(...args: any[]) => unknown} [fn] @param {object} [more] */
  function started(keyv, fn = n => ({ n }), more) {
    const calls = []
    const store = fromKeyv(keyv, options)
    const settings = { name: 'load', version: '1', storeTimeout: '30s', ...more }
    const f = createMime({ store })(async (...args) => {
      calls.push(args)
      return fn(...args)
    }, settings)
    return { f, calls, store }
  }

  /** Two namespaces, in each of which 1 and 2 were loaded. */
  async function two(first, second) {
    const keyvs = [connect(first), connect(second)]
    for (const [i, keyv] of keyvs.entries()) {
      const { f } = started(keyv, n => `${i} ${n}`, { tags: ([text]) => [`t${text}`] })
      await Promise.all([1, 2].map(n => f.call(undefined, n)))
      await f.flush()
    }
    /** What each gives for 1 and 2 without a load. */
    const found = () => {
      const of = async keyv => {
        const { f } = started(keyv, () => 'gone')
        return Promise.all([1, 2].map(n => f.call(undefined, n)))
      }
      return Promise.all([first, second].map(namespace => of(connect(namespace))))
    }
    return { keyvs, found }
  }

  describe(`${name}: namespaces of one backend`, () => {
    test('do not collide', async () => {
      const { found } = await two('one', 'two')
      assert.deepEqual(await found(), [['0 1', '0 2'], ['1 1', '1 2']]) // biome-ignore format: one line
    })

    test('of what is invalidated in one the other hears nothing', async () => {
      const { keyvs, found } = await two('three', 'four')
      const { f } = started(keyvs[0])
      f.invalidate(1)
      await f.flush()
      assert.deepEqual(await found(), [['gone', '0 2'], ['1 1', '1 2']]) // biome-ignore format: one line
    })

    test('of what is cleared in one neither', async () => {
      const { keyvs, found } = await two('five', 'six')
      const { f } = started(keyvs[0])
      f.clear()
      await f.flush()
      assert.deepEqual(await found(), [['gone', 'gone'], ['1 1', '1 2']]) // biome-ignore format: one line
    })

    test('nor of what goes by its tag', async () => {
      const { keyvs, found } = await two('seven', 'eight')
      const { store } = started(keyvs[0])
      store.invalidateTags('load\u00001', tag => tag === 't1')
      await store.flush()
      const [[one], others] = await found()
      assert.deepEqual([one, others], ['gone', ['1 1', '1 2']])
    })

    test('may have any name', async () => {
      const { found } = await two(`it's`, `it"s; --\\ %`)
      assert.deepEqual(await found(), [['0 1', '0 2'], ['1 1', '1 2']]) // biome-ignore format: one line
    })
  })

  describe(`${name}: a result`, () => {
    const VALUES = {
      false: false,
      null: null,
      undefined: undefined,
      zero: 0,
      'an object': { fizz: 'buzz' },
      'a Buffer': Buffer.from('bar'),
      'an object with a Buffer': { buff: Buffer.from('buzz') },
      quotes: [`'`, `''`, `"`, '`', '\\', `'; DROP TABLE keyv; --`],
      'a BigInt': 9223372036854775807n,
    }

    test('comes back as it was, whatever it is', async () => {
      const first = started(connect('values'), kind => VALUES[kind])
      const kinds = Object.keys(VALUES)
      await Promise.all(kinds.map(kind => first.f.call(undefined, kind)))
      await first.f.flush()
      const second = started(connect('values'))
      for (const kind of kinds) assert.deepEqual(await second.f.call(undefined, kind), VALUES[kind], kind)
      assert.deepEqual([first.calls.length, second.calls], [kinds.length, []])
    })

    test('of many calls at once comes to each its own', async () => {
      const first = started(connect('many'))
      const all = Array.from({ length: 100 }, (_, n) => n)
      await Promise.all(all.map(n => first.f.call(undefined, n)))
      await first.f.flush()
      const second = started(connect('many'))
      const found = await Promise.all([...all, 100].map(n => second.f.call(undefined, n)))
      assert.deepEqual(found, [...all, 100].map(n => ({ n }))) // biome-ignore format: one line
      assert.deepEqual(second.calls, [[100]])
    })

    test('that cannot be kept is no failure, and nothing is there', async t => {
      t.mock.method(console, 'warn', () => {})
      const first = started(connect('symbol'), () => Symbol('value'))
      assert.equal(typeof (await first.f.call(undefined, 1)), 'symbol')
      await first.f.flush()
      const { refused, errors, written } = first.store.stats()
      assert.deepEqual([refused, errors, written], [1, 0, 1], 'the deletion of what was there before')
      assert.deepEqual(await started(connect('symbol')).f.call(undefined, 1), { n: 1 })
    })

    test('is gone from the backend too when its ttl is over', { timeout: 60_000 }, async () => {
      const keyv = connect('ttl')
      const names = new Set()
      const noting = new Proxy(keyv, {
        get(target, property) {
          const value = Reflect.get(target, property, target)
          if (typeof value !== 'function') return value
          return (...args) => {
            if (property === 'set' || property === 'delete') names.add(args[0])
            return value.apply(target, args)
          }
        },
      })
      const { f } = started(noting, n => n, { ttl: n => (n === 1 ? '300ms' : null) })
      await Promise.all([1, 2].map(n => f.call(undefined, n)))
      await f.flush()
      assert.equal(names.size, 2)
      const left = async () => (await Promise.all([...names].map(name => keyv.get(name)))).filter(Boolean)
      while ((await left()).length > 1) await new Promise(resolve => setTimeout(resolve, 5))
      assert.equal((await left()).length, 1)
    })
  })
}
