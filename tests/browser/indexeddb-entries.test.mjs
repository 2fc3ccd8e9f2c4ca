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
          tags: args => args.filter(arg => typeof arg === 'string'),
          store,
        })
        const g = mime(async x => ++calls && x, { name: 'g', version: '2', store })
        await f(1, { a: [2n] })
        await f('b')
        await g(new Date(5))
        await f.flush()
        const list = await store.entries()
        const shown = list.map(({ name, version, args, description, tags, size, age, timeLeft }) => [
          name,
          version,
          description,
          tags.join(),
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
        ['f', '1', '("b")', 'b', ['b'], true, true, true],
        ['f', '1', '(1, {a: [2n]})', '', [1, true], true, true, true],
        ['g', '2', '(Date 1970-01-01T00:00:00.005Z)', '', ['date 5'], true, true, true],
      ])
      assert.deepEqual([seen.cold, seen.one, seen.all, seen.none], [3, [false, true, 2], [false, true, 1], 0])
      assert.deepEqual(seen.raw, [])
    },
  )

  inBrowser('forget() reaches a load that runs, also the first of its function', async browser => {
    const page = await openPage(browser)
    const seen = await page.evaluate(async () => {
      const { mime, indexedDBStore } = await import('/js/entry/inline.js')
      const store = indexedDBStore()
      let finish
      const load = () => new Promise(resolve => (finish = resolve))
      const f = mime(load, { name: 'f', version: '1', store })
      await f.ready
      const first = f(1)
      while (finish === undefined) await sleep(1)
      store.forget()
      finish('old')
      return [await first, f.has(1), (await store.entries()).length]
    })
    assert.deepEqual(seen, ['old', false, 0])
  })

  inBrowser('what cannot be read of one does not hide the others', async browser => {
    const page = await openPage(browser)
    const seen = await page.evaluate(async () => {
      const { mime, indexedDBStore } = await import('/js/entry/inline.js')
      const long = mime(async text => text.length, { name: 'long', version: '1', store: indexedDBStore() })
      await long('x'.repeat(200_000))
      await long.flush()
      // Somebody else's: this key is none of the format.
      put(7, 'value')
      await store.flush()
      const short = indexedDBStore()
      const once = mime(async n => n, { name: 'once', version: '1', ttl: 300, store: short })
      await once(1)
      const list = (await short.entries()).map(({ name, args, description }) => [
        name,
        args.length,
        description,
      ])
      return list.sort()
    })
    assert.deepEqual(seen[0], ['f', 0, ''])
    assert.deepEqual([seen[1][0], seen[1][1]], ['long', 0])
    assert.match(seen[1][2], /^<digest [0-9a-f]{4}… of 195\.\d KB>$/)
    assert.deepEqual(seen[2], ['once', 1, '(1)'])
  })

  inBrowser('what is expired is not listed, and the time left goes down', async browser => {
    const page = await openPage(browser)
    const [first, later] = await page.evaluate(async () => {
      put(1, 'value', 3_600_000)
      put(2, 'value', 0)
      const first = await store.entries()
      await sleep(20)
      return [first, await store.entries()]
    })
    assert.deepEqual([first.length, later.length], [1, 1])
    for (const { age, timeLeft } of [first[0], later[0]])
      assert.ok(age >= 0 && Math.abs(age + timeLeft - 3_600_000) < 1e-3, `${age} + ${timeLeft}`)
    assert.ok(later[0].timeLeft < first[0].timeLeft)
  })

  inBrowser('a long list leaves time for others', async browser => {
    const page = await openPage(browser, { maxPendingEntries: 50_000 })
    const [length, turns] = await page.evaluate(async () => {
      for (let n = 0; n < 20_000; n++) put(n, { n })
      await store.flush()
      let turns = 0
      let isOver = false
      const turn = () => {
        turns++
        if (!isOver) setTimeout(turn)
      }
      setTimeout(turn)
      const { length } = await store.entries()
      isOver = true
      return [length, turns]
    })
    assert.equal(length, 20_000)
    assert.ok(turns >= 2, `${turns} turns`)
  })

  inBrowser('what is forgotten is gone from the memory of other tabs, and stays away', async browser => {
    const tabs = [await openPage(browser), await openPage(browser)]
    for (const tab of tabs) {
      await tab.evaluate(async () => {
        const { mime, indexedDBStore } = await import('/js/entry/inline.js')
        // Nothing is read before it is asked for.
        Object.assign(window, { shared: indexedDBStore({ hydrateBytes: 0 }) })
        for (const name of ['f', 'g'])
          window[name] = mime(async n => n, { name, version: '1', store: shared })
        await Promise.all([f(1), f(2), f(3), g(1)])
        await shared.flush()
      })
    }
    const [here, there] = tabs
    /** Who of f(1), f(2), f(3), g(1) is in memory there, and what a new store finds. */
    const left = async expected => {
      const has = () => [f.has(1), f.has(2), f.has(3), g.has(1)].map(Number).join('')
      for (let i = 0; i < 40 && (await there.evaluate(has)) !== expected; i++) await there.waitForTimeout(25)
      const inDatabase = await here.evaluate(async () => {
        const { indexedDBStore } = await import('/js/entry/inline.js')
        await shared.flush()
        const fresh = indexedDBStore({ hydrateBytes: 0 })
        const found = (await fresh.entries()).map(({ name, args }) => name + args)
        await fresh.close()
        return found.sort().join()
      })
      return [await here.evaluate(has), await there.evaluate(has), inDatabase]
    }
    assert.deepEqual(await left('1111'), ['1111', '1111', 'f1,f2,f3,g1'])
    // Not written yet: it is not written any more.
    await here.evaluate(async () => {
      await f(4)
      shared.forget((await shared.entries()).find(({ args }) => args[0] === 4))
      shared.forget((await shared.entries()).find(({ args }) => args[0] === 2))
    })
    assert.deepEqual(await left('1011'), ['1011', '1011', 'f1,f3,g1'])
    await here.evaluate(() => shared.forget({ namespace: 'f\0' + '1' }))
    assert.deepEqual(await left('0001'), ['0001', '0001', 'g1'])
    await here.evaluate(() => shared.forget())
    assert.deepEqual(await left('0000'), ['0000', '0000', ''])
  })
})
