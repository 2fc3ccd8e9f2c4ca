import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browser, openPage, sharing, until } from './store-harness.mjs'

/** What is deleted or stored anew, here or in another tab, while something older is on its way into the database: that must not come behind it. */

sharing()

const LONG = 60_000

/** From now on a page packs nothing, until `release`. */
const hold = page =>
  page.evaluate(() => {
    const { postMessage } = MessagePort.prototype
    const held = []
    MessagePort.prototype.postMessage = function (...args) {
      held.push(() => Reflect.apply(postMessage, this, args))
    }
    globalThis.release = () => {
      MessagePort.prototype.postMessage = postMessage
      for (const post of held) post()
    }
  })

const set = (page, n, value, tags = ['t']) =>
  page.evaluate(
    ([n, value, tags]) => store.set(key(n), { value, storedAt: Date.now(), deadline: Infinity, tags }),
    [n, value, tags],
  )

const reads = (page, ns) => page.evaluate(ns => Promise.all(ns.map(n => read(n))), ns)

const gone = page => until(page, () => store.getSync(key(1)) === undefined)

/** What waits has been taken to be packed, and no more comes. */
const begin = page =>
  page.evaluate(async () => {
    globalThis.done = store.flush()
    while (store.stats().pending > 0) await sleep(1)
  })

const finish = page =>
  page.evaluate(async () => {
    release()
    await done
  })

describe('what is packed when its deletion is heard is not written any more', { concurrency: 1 }, () => {
  const ways = {
    'a key': [() => store.delete(key(1)), 'kept'],
    'a function': [() => store.clear(key(1).namespace), undefined],
    'a tag': [() => store.invalidateTags(key(1).namespace, tag => tag === 't', ['t']), 'kept'],
  }
  for (const [what, [deletion, other]] of Object.entries(ways)) {
    for (const [how, value] of Object.entries({ 'one record': 'old', parts: 'old'.repeat(100_000) })) {
      test(`${what}, of another tab; in ${how}`, async () => {
        const a = await openPage(browser)
        const b = await openPage(browser, { flushAfter: LONG })
        await set(a, 1, 'oldest')
        await a.evaluate(() => store.flush())
        await hold(b)
        await set(b, 1, value)
        await set(b, 2, 'kept', [])
        await begin(b)
        await a.evaluate(deletion)
        await a.evaluate(() => store.flush())
        await gone(b)
        await finish(b)
        const seen = [undefined, other]
        assert.deepEqual(await reads(await openPage(browser), [1, 2]), seen)
        // That it has looked once more.
        await a.evaluate(() => store.entries())
        assert.deepEqual(await reads(a, [1, 2]), seen)
        assert.deepEqual(await reads(b, [1, 2]), seen)
      })
    }

    test(`${what}, by the tab itself`, async () => {
      const a = await openPage(browser, { flushAfter: LONG })
      await hold(a)
      await set(a, 1, 'old')
      await set(a, 2, 'kept', [])
      await begin(a)
      await a.evaluate(deletion)
      await finish(a)
      assert.deepEqual(await reads(await openPage(browser), [1, 2]), [undefined, other])
    })

    test(`${what}, and the page goes`, async () => {
      const a = await openPage(browser)
      const b = await openPage(browser, { flushAfter: LONG })
      await hold(b)
      await set(b, 1, 'old')
      await set(b, 2, 'kept', [])
      await begin(b)
      await a.evaluate(deletion)
      await gone(b)
      const values = await b.evaluate(() => {
        const values = []
        const { put } = IDBObjectStore.prototype
        IDBObjectStore.prototype.put = function (value, ...rest) {
          if (this.name === 'bodies') values.push(new TextDecoder().decode(value))
          return Reflect.apply(put, this, [value, ...rest])
        }
        dispatchEvent(new Event('pagehide'))
        return values.join()
      })
      assert.deepEqual([values.includes('old'), values.includes('kept')], [false, other !== undefined])
      await finish(b)
      await b.evaluate(() => store.flush())
      assert.deepEqual(await reads(await openPage(browser), [1, 2]), [undefined, other])
    })
  }
})

test('what is set after it has heard takes nothing of it back, and is written', async () => {
  const a = await openPage(browser)
  const b = await openPage(browser, { flushAfter: LONG })
  await hold(b)
  await set(b, 1, 'old')
  await begin(b)
  await a.evaluate(() => {
    store.delete(key(1))
    return store.flush()
  })
  await gone(b)
  await set(b, 1, 'new')
  await finish(b)
  assert.deepEqual(await reads(await openPage(browser), [1]), [undefined])
  await b.evaluate(() => store.flush())
  assert.deepEqual(await reads(await openPage(browser), [1]), ['new'])
})

test('what is only replaced meanwhile is written: the newer value may never be', async () => {
  const a = await openPage(browser, { flushAfter: LONG })
  await hold(a)
  await set(a, 1, 'older')
  await begin(a)
  await set(a, 1, 'newer')
  await finish(a)
  assert.deepEqual(await reads(await openPage(browser), [1]), ['older'])
})

test('a write that fails then leaves nothing but the deletion', async () => {
  const a = await openPage(browser)
  const b = await openPage(browser, { flushAfter: LONG })
  await set(a, 1, 'oldest')
  await a.evaluate(() => store.flush())
  await hold(b)
  await set(b, 1, 'old')
  await set(b, 2, 'dropped', [])
  await begin(b)
  await a.evaluate(() => store.delete(key(1)))
  await gone(b)
  const dropped = await b.evaluate(async () => {
    const { commit } = IDBTransaction.prototype
    IDBTransaction.prototype.commit = function () {
      Object.defineProperty(this, 'error', { value: new DOMException('full', 'QuotaExceededError') })
      this.abort()
    }
    release()
    await done
    IDBTransaction.prototype.commit = commit
    const { dropped } = store.stats()
    await store.flush()
    return dropped
  })
  assert.equal(dropped, 1)
  assert.deepEqual(await reads(await openPage(browser), [1, 2]), [undefined, undefined])
})

test('what is issued already is deleted as soon as it is written, not when there is a rest', async () => {
  const a = await openPage(browser, { flushAfter: LONG })
  const b = await openPage(browser, { flushAfter: LONG })
  await set(b, 1, 'old')
  await b.evaluate(async () => {
    let isHeld = true
    raw(['heads', 'bodies'], 'readwrite', ([heads]) => {
      const spin = () => isHeld && (heads.count().onsuccess = spin)
      spin()
    })
    const { commit } = IDBTransaction.prototype
    const issued = new Promise(resolve => {
      IDBTransaction.prototype.commit = function () {
        resolve()
        return Reflect.apply(commit, this, [])
      }
    })
    globalThis.release = () => (isHeld = false)
    globalThis.done = store.flush()
    await issued
  })
  await a.evaluate(() => store.delete(key(1)))
  await gone(b)
  await finish(b)
  await until(b, () => store.stats().pending === 0, undefined, 5000)
  await b.evaluate(() => store.flush())
  assert.deepEqual(await reads(await openPage(browser), [1]), [undefined])
})

describe('what another tab has stored since is the answer, also when what is older is written later', {
  concurrency: 1,
}, () => {
  /** A page that says how often others have written. */
  const listening = async () => {
    const page = await openPage(browser, { flushAfter: LONG, maxPendingEntries: 2 })
    await page.evaluate(() => {
      globalThis.heard = 0
      globalThis.channel = new BroadcastChannel('my-mimic my-mimic')
      channel.onmessage = ({ data }) => data.type === 'wrote' && heard++
    })
    return page
  }
  const stores = async (page, n, value, others) => {
    await set(page, n, value)
    await page.evaluate(() => store.flush())
    for (const other of others) await until(other, () => heard > 0)
  }
  const flushed = page => page.evaluate(() => store.flush())

  /** A tab that packs what is older than what the other one has stored meanwhile. */
  async function overtaken() {
    const [a, b] = [await listening(), await listening()]
    await hold(a)
    await set(a, 1, 'old')
    await begin(a)
    await a.waitForTimeout(5)
    await stores(b, 1, 'new', [a])
    return [a, b]
  }

  for (const [how, value] of Object.entries({ 'one record': 'new', parts: 'new'.repeat(100_000) })) {
    test(`in ${how}, and the tab writes at once`, async () => {
      const [a, b] = [await listening(), await listening()]
      await set(a, 1, 'old')
      await set(a, 2, 'other')
      await a.waitForTimeout(5)
      await stores(b, 1, value, [a])
      await flushed(a)
      for (const page of [a, b, await openPage(browser)])
        assert.deepEqual(await reads(page, [1, 2]), [value, 'other'])
      assert.equal(await a.evaluate(() => store.stats().dropped), 0)
    })
  }

  test('and the tab finds it while it packs', async () => {
    const [a, b] = await overtaken()
    await reads(a, [99])
    await finish(a)
    for (const page of [a, b, await openPage(browser)]) assert.deepEqual(await reads(page, [1]), ['new'])
    assert.equal(await a.evaluate(() => segments().then(({ length }) => length)), 1)
  })

  test('and the tab finds it while it packs, and goes', async () => {
    const [a] = await overtaken()
    await set(a, 2, 'other')
    await a.evaluate(async () => {
      await read(99)
      dispatchEvent(new Event('pagehide'))
    })
    await finish(a)
    assert.deepEqual(await reads(await openPage(browser), [1, 2]), ['new', 'other'])
  })

  test('and what waits here is dropped for more', async () => {
    const [a, b] = [await listening(), await listening()]
    await stores(b, 1, 'oldest', [a])
    await set(a, 1, 'old')
    await a.waitForTimeout(5)
    await stores(b, 1, 'new', [])
    await a.evaluate(() => store.entries())
    for (const n of [2, 3, 4]) await set(a, n, 'other')
    await flushed(a)
    assert.deepEqual(await reads(await openPage(browser), [1, 3, 4]), ['new', 'other', 'other'])
  })

  test('and this tab has replaced it since: what it has stored last', async () => {
    const [a] = await overtaken()
    await reads(a, [99])
    await set(a, 1, 'newest')
    await finish(a)
    assert.notDeepEqual(await reads(await openPage(browser), [1]), ['old'])
    await flushed(a)
    assert.deepEqual(await reads(await openPage(browser), [1]), ['newest'])
  })

  test('what the tab has stored after that stays, and what a clock that was ahead says is no newer', async () => {
    for (const ahead of [-5, 3_600_000]) {
      const [a, b] = [await listening(), await listening()]
      await b.evaluate(async ahead => {
        const storedAt = Date.now() + ahead
        store.set(key(1), { value: 'first', storedAt, deadline: Infinity })
        await store.flush()
      }, ahead)
      await until(a, () => heard > 0)
      await set(a, 1, 'second')
      await flushed(a)
      assert.deepEqual(await reads(await openPage(browser), [1]), ['second'])
    }
  })
})
