import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browser, openPage, reload, server, sharing, until } from './store-harness.mjs'

/** What others do to our database while we have it open, and before. */

sharing()

/** A page without a store, to do something to it from elsewhere. */
async function openOther() {
  const page = await browser.context.newPage()
  await page.goto(`${server.origin}/blank`)
  await page.evaluate(() => {
    /** An open or a deletion, and whether somebody was in its way. */
    globalThis.request = (method, ...args) => {
      const asked = indexedDB[method](...args)
      const state = { blocked: false, done: false, error: null }
      asked.onblocked = () => (state.blocked = true)
      asked.onsuccess = () => {
        state.done = true
        globalThis.connection = asked.result
      }
      asked.onerror = () => (state.error = asked.error.name)
      globalThis.state = state
      return new Promise(resolve => {
        for (const type of ['success', 'error', 'blocked']) asked.addEventListener(type, () => resolve(state))
      })
    }
  })
  return page
}

/** Writes until it can be written again. @returns what was said meanwhile */
async function recovers(page, n) {
  await until(
    page,
    async n => {
      put(n, 'recovered')
      await store.flush()
      return store.stats().available === 1
    },
    n,
  )
  await reload(page)
  assert.equal(await page.evaluate(n => read(n), n), 'recovered')
}

const said = (page, name) => page.evaluate(name => events.filter(event => event.name === name), name)

describe('a higher version of the database', { concurrency: 1 }, () => {
  test('does not wait for us; we go on in memory, and persist again when it is gone', async () => {
    const page = await openPage(browser)
    await page.evaluate(() => {
      put(1, 'persisted')
      return store.flush()
    })
    const other = await openOther()
    const state = await other.evaluate(() => request('open', 'my-mimic', 2))
    assert.deepEqual(state, { blocked: false, done: true, error: null })
    const got = await page.evaluate(async () => {
      put(2, 'in memory')
      await store.flush()
      return [await read(1), await read(2), store.stats().available]
    })
    assert.deepEqual(got, ['persisted', 'in memory', 0])
    const [{ code, cause }] = await said(page, 'error')
    assert.deepEqual([code, cause.split(':')[0]], ['ERR_STORE_WRITE', 'VersionError'])
    // It is not ours to delete.
    await reload(page)
    assert.equal(await page.evaluate(() => read(1)), undefined)
    assert.deepEqual(
      await page.evaluate(async () => (await indexedDB.databases()).map(({ version }) => version)),
      [2],
    )
    assert.equal(page.warnings.length, 1, String(page.warnings))
    await other.evaluate(() => {
      connection.close()
      return request('deleteDatabase', 'my-mimic')
    })
    await recovers(page, 3)
  })
})

describe('an open that others are in the way of', { concurrency: 1 }, () => {
  /** A deletion that waits for a connection that does not go. */
  async function blocked() {
    const holder = await openOther()
    await holder.evaluate(() => request('open', 'my-mimic', 1))
    const deleter = await openOther()
    const state = await deleter.evaluate(() => request('deleteDatabase', 'my-mimic'))
    assert.deepEqual([state.blocked, state.done], [true, false])
    return { holder, deleter }
  }

  test('at the start: does not hang, works in memory and says so, and persists later', async () => {
    const { holder, deleter } = await blocked()
    const page = await openPage(browser, { openTimeout: 300 })
    const got = await page.evaluate(async () => {
      put(1, 'in memory')
      await store.flush()
      return [await read(1), store.stats().available, store.stats().dropped]
    })
    assert.deepEqual(got, ['in memory', 0, 1])
    assert.equal(page.warnings.length, 1, String(page.warnings))
    assert.match(page.warnings[0], /did not open 'my-mimic' within 300 ms/)
    assert.equal((await said(page, 'unavailable'))[0].code, 'ERR_STORE_UNAVAILABLE')
    const [{ code, cause }] = await said(page, 'error')
    assert.deepEqual([code, /within 300 ms/.test(cause)], ['ERR_STORE_WRITE', true])
    await holder.evaluate(() => connection.close())
    await until(deleter, () => state.done)
    await recovers(page, 2)
  })

  test('while we have it open: the deletion waits for them, not for us, and no call waits for it', async () => {
    const page = await openPage(browser, { openTimeout: 300 })
    await page.evaluate(() => {
      put(1, 'before')
      return store.flush()
    })
    const { holder, deleter } = await blocked()
    const got = await page.evaluate(async () => {
      put(2, 'meanwhile')
      await store.flush()
      return [await read(1), await read(2), store.stats().available]
    })
    assert.deepEqual(got, ['before', 'meanwhile', 0])
    await holder.evaluate(() => connection.close())
    await until(deleter, () => state.done)
    await recovers(page, 3)
    assert.equal(await page.evaluate(() => read(1)), undefined)
  })

  test('what opens after we gave up is closed again, and in nobody’s way', async () => {
    const { holder, deleter } = await blocked()
    await openPage(browser, { openTimeout: 300 })
    await holder.evaluate(() => connection.close())
    await until(deleter, () => state.done)
    const state = await deleter.evaluate(() => request('deleteDatabase', 'my-mimic'))
    assert.deepEqual([state.blocked, state.done], [false, true])
  })
})

describe('the database deleted', { concurrency: 1 }, () => {
  /** Deletes it ten times while a page writes. */
  async function whileWriting(page, remove) {
    await page.evaluate(() => {
      globalThis.isDone = false
      globalThis.longest = 0
      globalThis.writing = (async () => {
        for (let round = 0; !isDone; round++) {
          for (let n = 0; n < 50; n++) put(n, `${n} ${'x'.repeat(2000)}`)
          const began = performance.now()
          await store.flush()
          longest = Math.max(longest, performance.now() - began)
          globalThis.rounds = round
        }
      })()
    })
    for (let n = 0; n < 10; n++) {
      const before = await page.evaluate(() => globalThis.rounds ?? 0)
      await remove()
      await until(page, before => rounds > before, before)
    }
    const slowest = await page.evaluate(async () => {
      isDone = true
      await writing
      // Everything set from here on is after the last deletion.
      for (let n = 100; n < 150; n++) put(n, `${n} ${'x'.repeat(2000)}`)
      await store.flush()
      return globalThis.longest
    })
    // Far from its answer's timeout.
    assert.ok(slowest < 8000, `a flush took ${slowest} ms`)
  }

  /** Nothing is there but what was written, and what was acknowledged after the last deletion. */
  async function holds(page) {
    const before = await page.evaluate(() => store.stats())
    const fresh = await openPage(browser)
    const got = await fresh.evaluate(async () => {
      let [wrong, acknowledged] = [0, 0]
      for (let n = 0; n < 150; n++) {
        const value = await read(n)
        if (value !== undefined && value !== `${n} ${'x'.repeat(2000)}`) wrong++
        if (n >= 100 && value !== undefined) acknowledged++
      }
      return { wrong, acknowledged, corrupt: store.stats().corrupt, entries: store.stats().entries }
    })
    // The first fifty may have gone with the last deletion, whatever the page still has in memory.
    assert.deepEqual({ ...got, entries: 0 }, { wrong: 0, acknowledged: 50, corrupt: 0, entries: 0 })
    assert.deepEqual([before.corrupt, before.available], [0, 1])
  }

  test('from another tab: nobody waits for us, and we forget what was in it', async () => {
    const page = await openPage(browser, { hydrateBytes: 0 })
    await page.evaluate(() => {
      put(1, 'before')
      return store.flush()
    })
    await reload(page, { hydrateBytes: 0 })
    const other = await openOther()
    assert.deepEqual(await other.evaluate(() => request('deleteDatabase', 'my-mimic')), {
      blocked: false,
      done: true,
      error: null,
    })
    const got = await page.evaluate(async () => [await read(1), store.stats().corrupt])
    assert.deepEqual(got, [undefined, 0])
    await recovers(page, 2)
  })

  test('from another tab in the middle of writing: no write hangs, nothing is torn, it goes on', async () => {
    const page = await openPage(browser)
    const other = await openOther()
    await whileWriting(page, async () => {
      const state = await other.evaluate(() => request('deleteDatabase', 'my-mimic'))
      assert.equal(state.error, null)
      await until(other, () => globalThis.state.done)
    })
    await holds(page)
  })

  test('by the developer tools in the middle of writing: the same', async () => {
    const page = await openPage(browser)
    const cdp = await browser.context.newCDPSession(page)
    await whileWriting(page, () =>
      cdp.send('IndexedDB.deleteDatabase', { securityOrigin: server.origin, databaseName: 'my-mimic' }),
    )
    await holds(page)
  })
})

describe('a database that is not as we made it', { concurrency: 1 }, () => {
  test('somebody else’s of the same name: it is left alone, and we work in memory', async () => {
    const other = await openOther()
    await other.evaluate(
      () =>
        new Promise(resolve => {
          const asked = indexedDB.open('my-mimic', 1)
          asked.onupgradeneeded = () =>
            asked.result.createObjectStore('theirs').put('their value', 'their key')
          asked.onsuccess = () => resolve(asked.result.close())
        }),
    )
    const page = await openPage(browser)
    const got = await page.evaluate(async () => {
      put(1, 'in memory')
      await store.flush()
      return [await read(1), store.stats().available]
    })
    assert.deepEqual(got, ['in memory', 0])
    assert.equal(page.warnings.length, 1, String(page.warnings))
    const theirs = await page.evaluate(() =>
      raw(['theirs'], 'readonly', ([store], done) => {
        store.get('their key').onsuccess = ({ target }) => done(target.result)
      }),
    )
    assert.equal(theirs, 'their value')
  })

  test('records that are none of ours, under any key: counted, and ours are read', async () => {
    const page = await openPage(browser)
    await page.evaluate(async () => {
      put(1, 'ours')
      await store.flush()
      await raw(['heads', 'bodies'], 'readwrite', ([heads, bodies]) => {
        const strange = ['text', 7, { a: 1 }, new Uint8Array(3), new Uint8Array(200_000), null, new Date(0)]
        const keys = [[1e300, 'x', 0], ['x'], 'key', -5, new Date(1), [[1], 2, 3], [1, 'a', 2, 3, 4, 5]]
        for (const [i, value] of strange.entries()) heads.put(value, keys[i])
        bodies.put('a body', [5, 'alone', 0])
      })
    })
    await reload(page, { hydrateBytes: 0 })
    const got = await page.evaluate(async () => {
      put(2, 'more')
      await store.flush()
      put(3, 'and more')
      await store.flush()
      return [await read(1), await read(2), store.stats()]
    })
    assert.deepEqual(got.slice(0, 2), ['ours', 'more'])
    assert.deepEqual([got[2].errors, got[2].available], [0, 1])
    assert.equal(got[2].corrupt + got[2].foreign, 7)
    await reload(page)
    const after = await page.evaluate(async () => [await read(1), await read(2), await read(3)])
    assert.deepEqual(after, ['ours', 'more', 'and more'])
  })
})
