import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browser, openPage, sharing, until } from './store-harness.mjs'

/** What tabs do to each other's entries: a deletion hides what was there before it, and nothing that came after it, here nor in the database. */

sharing()

/** Long enough for whatever a tab writes on hearing of a deletion. */
const REACTION = 300

const set = (page, n, value, tags = undefined, namespace = undefined) =>
  page.evaluate(
    async ([n, value, tags, namespace]) => {
      store.set(key(n, namespace), { value, storedAt: Date.now(), deadline: Infinity, tags })
      await store.flush()
    },
    [n, value, tags, namespace],
  )

const reads = (page, ns, namespace = undefined) =>
  page.evaluate(([ns, namespace]) => Promise.all(ns.map(n => read(n, namespace))), [ns, namespace])

describe('what is stored after a deletion stays, whatever another tab knew', { concurrency: 1 }, () => {
  const ways = {
    'a key': n => store.delete(key(n)),
    'a function': n => store.clear(key(n).namespace),
    'a tag': n => store.invalidateTags(key(n).namespace, tag => tag === 't', ['t']),
    'an entry by hand': n => store.forget(key(n)),
    'what cannot be stored': n =>
      store.set(key(n), { value: () => {}, storedAt: Date.now(), deadline: Infinity }),
  }
  for (const [what, deletion] of Object.entries(ways)) {
    test(what, async () => {
      const a = await openPage(browser)
      const b = await openPage(browser)
      const knowledge = {
        'was stored by it': async n => set(b, n, 'old', ['t']),
        'was read by it': async n => {
          await set(a, n, 'old', ['t'])
          await b.waitForTimeout(20)
          await reads(b, [n])
        },
        'was only told of': async n => set(a, n, 'old', ['t']),
        'is unknown to it': async () => {},
      }
      for (const [n, [how, know]] of Object.entries(knowledge).entries()) {
        await know(n)
        await a.waitForTimeout(20)
        await a.evaluate(`(${deletion})(${n})`)
        await a.waitForTimeout(5)
        await set(a, n, 'new', ['t'])
        await b.waitForTimeout(REACTION)
        const later = await openPage(browser)
        assert.deepEqual([how, ...(await reads(later, [n]))], [how, 'new'])
        assert.deepEqual([how, ...(await reads(b, [n]))], [how, 'new'])
        await later.close()
      }
    })
  }
})

for (const [what, deletion] of Object.entries({
  'a key': () => store.delete(key(1)),
  'a function': () => store.clear(key(1).namespace),
})) {
  test(`the deletion of ${what} hides what is read from the database before it is written`, async () => {
    const a = await openPage(browser, { flushAfter: 60_000 })
    const b = await openPage(browser)
    await set(a, 1, 'old')
    await a.waitForTimeout(20)
    await a.evaluate(deletion)
    await b.waitForTimeout(50)
    assert.deepEqual(await reads(b, [1]), [undefined])
    // It takes over more, and what was deleted is still there.
    const c = await openPage(browser)
    await set(c, 2, 'other')
    await b.waitForTimeout(20)
    assert.deepEqual(await reads(b, [2, 1]), ['other', undefined])
  })
}

test('a tab that opens between a deletion and its write finds it out by itself', async () => {
  const a = await openPage(browser, { flushAfter: 60_000 })
  await set(a, 1, 'old')
  await a.evaluate(() => store.delete(key(1)))
  const b = await openPage(browser)
  assert.deepEqual(await reads(b, [1]), ['old'])
  await a.evaluate(() => store.flush())
  await until(b, () => store.getSync(key(1)) === undefined, undefined, 5000)
})

test('tags of two functions are asked for in one turn: only what has the tag goes', async () => {
  const a = await openPage(browser)
  const functions = ['f\0v1', 'g\0v1', 'h\0v1']
  for (const namespace of functions) {
    await a.evaluate(async namespace => {
      const storedAt = Date.now()
      for (let n = 0; n < 100; n++)
        store.set(key(n, namespace), { value: n, storedAt, deadline: Infinity, tags: [`t${n}`] })
      await store.flush()
    }, namespace)
  }
  const b = await openPage(browser, { hydrateBytes: 0 })
  const entries = await b.evaluate(async functions => {
    for (const namespace of functions) store.invalidateTags(namespace, tag => tag === 't5', ['t5'])
    await store.flush()
    return store.stats().entries
  }, functions)
  assert.equal(entries, 297)
  const later = await openPage(browser)
  for (const namespace of functions) assert.deepEqual(await reads(later, [4, 5], namespace), [4, undefined])
})

test('a tag that another tab has taken from an entry meanwhile does not delete it', async () => {
  const a = await openPage(browser)
  const b = await openPage(browser)
  await set(a, 1, 'old', ['before'])
  await set(b, 1, 'new', ['after'])
  await a.evaluate(async () => {
    store.invalidateTags('f\0v1', tag => tag === 'before', ['before'])
    await store.flush()
  })
  assert.deepEqual(await reads(await openPage(browser), [1]), ['new'])
})

test('what is too large to be stored does not leave what another tab had stored before', async () => {
  for (const isTold of [true, false]) {
    const options = { name: `told: ${isTold}`, maxPendingBytes: 1 << 20 }
    const a = await openPage(browser, options)
    const b = await openPage(browser, options)
    if (!isTold) await b.evaluate(() => void (BroadcastChannel.prototype.postMessage = () => {}))
    await set(b, 1, 'old')
    await a.waitForTimeout(20)
    await a.evaluate(async () => {
      put(1, 'new'.repeat(1 << 20))
      await store.flush()
    })
    assert.deepEqual(await reads(await openPage(browser, options), [1]), [undefined])
  }
})

test('what waits is dropped for more than there is room for: what it replaced elsewhere does not come back', async () => {
  const options = { maxPendingEntries: 2, flushAfter: 60_000 }
  const a = await openPage(browser, options)
  const b = await openPage(browser, options)
  await set(b, 1, 'old')
  await a.waitForTimeout(20)
  await a.evaluate(async () => {
    for (const n of [1, 2, 3]) put(n, 'new')
    await store.flush()
  })
  assert.deepEqual(await reads(await openPage(browser), [1, 2, 3]), [undefined, 'new', 'new'])
})

test('more than memory has room for is read in one turn: nothing is missed', async () => {
  const a = await openPage(browser)
  await a.evaluate(async () => {
    for (let n = 0; n < 40; n++) put(n, `${n} ${'x'.repeat(50_000)}`)
    await store.flush()
  })
  const b = await openPage(browser, { memoryBytes: 500_000 })
  const found = await b.evaluate(async () => {
    const values = await Promise.all(Array.from({ length: 40 }, (_, n) => read(n)))
    const { heldBytes, misses } = store.stats()
    return [values.map(value => parseInt(value, 10)), heldBytes <= 500_000, misses]
  })
  assert.deepEqual(found, [Array.from({ length: 40 }, (_, n) => n), true, 0])
})

describe('what was dropped stays in memory only as long as nobody stores or deletes it', {
  concurrency: 1,
}, () => {
  const drops = {
    'larger than the database may be': a => set(a, 1, 'old'.repeat(100_000)),
    'not written': async a => {
      await a.evaluate(() => {
        globalThis.commit = IDBTransaction.prototype.commit
        IDBTransaction.prototype.commit = function () {
          Object.defineProperty(this, 'error', { value: new DOMException('full', 'QuotaExceededError') })
          this.abort()
        }
      })
      await set(a, 1, 'old')
      await a.evaluate(() => void (IDBTransaction.prototype.commit = commit))
    },
  }
  for (const [what, drop] of Object.entries(drops)) {
    test(`${what}: another tab stores it`, async () => {
      const options = { maxBytes: 200_000 }
      const a = await openPage(browser, options)
      const b = await openPage(browser, options)
      await drop(a)
      assert.match((await reads(a, [1]))[0], /^old/)
      assert.equal(await a.evaluate(() => store.stats().dropped), 1)
      await set(b, 1, 'new')
      await until(a, () => store.getSync(key(1))?.value === 'new', undefined, 5000)
    })

    test(`${what}: another tab deletes it`, async () => {
      const options = { maxBytes: 200_000 }
      const a = await openPage(browser, options)
      const b = await openPage(browser, options)
      await drop(a)
      await b.evaluate(() => store.delete(key(1)))
      await until(a, () => store.getSync(key(1)) === undefined, undefined, 1000)
      assert.equal(await a.evaluate(() => store.stats().pending), 0)
    })
  }

  test('a deletion that was not heard of went with that of what it replaced', async () => {
    const options = { maxBytes: 200_000 }
    const a = await openPage(browser, options)
    const b = await openPage(browser, options, () => delete globalThis.BroadcastChannel)
    await drops['larger than the database may be'](a)
    await b.evaluate(() => {
      store.delete(key(1))
      return store.flush()
    })
    // It deletes what hides nothing.
    const c = await openPage(browser, options)
    await set(c, 2, 'other')
    await until(a, () => store.getSync(key(1)) === undefined, undefined, 5000)
  })
})

test('tags of what another tab has stored cannot be asked when reading fails: everything of the function goes', async () => {
  const a = await openPage(browser)
  const b = await openPage(browser)
  await set(b, 1, 'old', ['t'])
  await a.waitForTimeout(20)
  await a.evaluate(async () => {
    const { transaction } = IDBDatabase.prototype
    IDBDatabase.prototype.transaction = () => {
      IDBDatabase.prototype.transaction = transaction
      throw new DOMException('once', 'UnknownError')
    }
    store.invalidateTags('f\0v1', tag => tag === 't', ['t'])
    await store.flush()
  })
  assert.deepEqual(await a.evaluate(() => events.map(({ code }) => code)), ['ERR_STORE_READ', undefined])
  assert.deepEqual(await reads(await openPage(browser), [1]), [undefined])
})

test('who has a lock has written what was deleted before: it does not come behind what others set under theirs', async () => {
  const a = await openPage(browser, { flushAfter: 60_000 })
  await set(a, 1, 'old')
  await a.evaluate(async () => {
    store.delete(key(1))
    await store.lock(key(1), new AbortController().signal)
  })
  assert.deepEqual(await reads(await openPage(browser), [1]), [undefined])
})
