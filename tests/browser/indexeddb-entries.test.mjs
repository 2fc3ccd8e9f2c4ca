import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { inBrowser, openPage, serving } from './store-harness.mjs'

/** What can be seen of a store, and deleted by hand. */

serving()

describe('entries', { concurrency: 1 }, () => {
  inBrowser(
    'are listed with name, arguments, size, age and time left; one, a function’s or all go',
    async browser => {
      const page = await openPage(browser)
      const seen = await page.evaluate(async () => {
        const { mime, indexedDBStore } = await import('/js/entry/inline.js')
        const store = indexedDBStore({ hydrateBytes: 0 })
        let calls = 0
        const f = mime(async (...args) => ++calls && args.length, {
          name: 'f',
          version: '1',
          ttl: '1h',
          store,
        })
        const g = mime(async x => ++calls && x, { name: 'g', version: '2', store })
        await f(1, { a: [2n] })
        await f('b')
        await g(new Date(5))
        await f.flush()
        const list = await store.entries()
        const shown = list.map(({ name, version, args, size, age, timeLeft }) => [
          name,
          version,
          args.map(arg =>
            arg instanceof Date ? `date ${+arg}` : typeof arg === 'object' ? arg.a[0] === 2n : arg,
          ),
          size > 10 && size < 200,
          age >= 0 && age < 10_000,
          timeLeft === Infinity || (timeLeft > 3_590_000 && timeLeft <= 3_600_000),
        ])
        const again = indexedDBStore({ hydrateBytes: 0 })
        await again.ready
        const cold = (await again.entries()).length
        store.forget(list.find(({ args }) => args[0] === 'b'))
        const one = [f.has('b'), f.has(1, { a: [2n] }), (await store.entries()).length]
        store.forget({ namespace: 'f\0' + '1' })
        const all = [f.has(1, { a: [2n] }), g.has(new Date(5)), (await store.entries()).length]
        store.forget()
        await store.flush()
        return {
          shown: shown.sort(),
          cold,
          one,
          all,
          none: (await store.entries()).length,
          raw: await again.entries(),
        }
      })
      assert.deepEqual(seen.shown, [
        ['f', '1', [1, true], true, true, true],
        ['f', '1', ['b'], true, true, true],
        ['g', '2', ['date 5'], true, true, true],
      ])
      assert.deepEqual([seen.cold, seen.one, seen.all, seen.none], [3, [false, true, 2], [false, true, 1], 0])
      assert.deepEqual(seen.raw, [])
    },
  )
})
