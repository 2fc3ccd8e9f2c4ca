import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browser, openPage, reload, sharing, until } from './store-harness.mjs'

/** Segments move and go under other tabs: what they delete meanwhile, and what they believe is there. */

sharing()

/** A tab that hears nothing of the others. */
const deaf = () => {
  delete globalThis.BroadcastChannel
}

/** Bytes in the database. */
const stored = page =>
  page.evaluate(() =>
    raw(['heads', 'bodies'], 'readonly', (stores, done) => {
      let sum = 0
      for (const store of stores) {
        store.getAll().onsuccess = ({ target }) => {
          for (const block of target.result) sum += block.length
          done(sum)
        }
      }
    }),
  )

/** From so many small segments on they are compacted. */
const MANY = 32

/** Writes a segment for each value; what is to be compacted of them has been read then, and waits for `goOn()`. */
async function write(page, value) {
  const values = Array.from({ length: MANY }, (_, n) => value(n))
  await page.evaluate(async values => {
    const { Database } = await import('/js/stores/database.js')
    const { replace } = Database.prototype
    globalThis.compacted = new Promise(resolve => store.on('compact', resolve))
    const reached = new Promise(reach => {
      Database.prototype.replace = async function (...asked) {
        Database.prototype.replace = replace
        reach()
        await new Promise(resolve => (globalThis.goOn = resolve))
        globalThis.isDone = await Reflect.apply(replace, this, asked)
        return isDone
      }
    })
    for (const [n, value] of values.entries()) {
      put(n, value)
      await store.flush()
    }
    await reached
  }, values)
}

test('a deletion stays as long as what it hides, also where another tab has moved that unheard', async () => {
  const options = { maxBytes: 200_000 }
  const page = await openPage(browser, options, deaf)
  await write(page, n => `old ${n}`)
  const other = await openPage(browser, options, deaf)
  assert.ok((await other.evaluate(() => store.stats().segments)) >= MANY)
  await page.evaluate(() => {
    goOn()
    return compacted
  })
  await other.evaluate(async () => {
    store.delete(key(5))
    await store.flush()
    // For the last one something has to go.
    for (let n = 100; n < 104; n++) {
      put(n, 'x'.repeat(55_000))
      await store.flush()
    }
  })
  const size = await stored(other)
  assert.ok(size <= options.maxBytes, `${size} bytes`)
  const fresh = await openPage(browser, options, deaf)
  for (const tab of [fresh, other]) assert.equal(await tab.evaluate(() => read(5)), undefined)
})

test('the budget holds also in a tab that has not heard where everything is now', async () => {
  const options = { maxBytes: 300_000 }
  const page = await openPage(browser, options, deaf)
  await write(page, () => 'x'.repeat(5000))
  const other = await openPage(browser, options, deaf)
  await page.evaluate(() => {
    goOn()
    return compacted
  })
  await other.evaluate(async () => {
    for (let n = 100; n < 106; n++) {
      put(n, 'y'.repeat(50_000))
      await store.flush()
    }
  })
  const size = await stored(other)
  assert.ok(size <= options.maxBytes, `${size} bytes`)
  assert.equal(await other.evaluate(() => store.stats().bytes), size)
})

test('other tabs are told of a compaction', async () => {
  const page = await openPage(browser)
  await write(page, n => n)
  const other = await openPage(browser)
  assert.ok((await other.evaluate(() => store.stats().segments)) >= MANY)
  await page.evaluate(() => goOn())
  await until(other, () => store.stats().segments <= 3)
  assert.deepEqual(await other.evaluate(async () => [await read(0), await read(31)]), [0, 31])
})

test('a compaction does not bring back what was deleted, and swept, since it read it', async () => {
  const page = await openPage(browser)
  await write(page, n => `old ${n}`)
  const other = await openPage(browser)
  await other.evaluate(async () => {
    for (let n = 0; n < 32; n++) store.delete(key(n))
    await store.flush()
  })
  const sweeping = await openPage(browser)
  await until(sweeping, async () => (await segments()).length === 0)
  await page.evaluate(() => goOn())
  await until(page, () => globalThis.isDone !== undefined)
  assert.equal(await page.evaluate(() => isDone), false)
  const fresh = await openPage(browser)
  for (const tab of [fresh, page, other])
    assert.deepEqual(await tab.evaluate(async () => [await read(0), await read(31), store.stats().errors]), [
      undefined,
      undefined,
      0,
    ])
})

test('what a page wrote that was leaving goes for the budget when the next one comes', async () => {
  const options = { maxBytes: 200_000 }
  const page = await openPage(browser, options)
  await page.evaluate(async () => {
    for (let n = 0; n < 3; n++) {
      put(n, 'x'.repeat(55_000))
      await store.flush()
    }
    put(3, 'x'.repeat(55_000))
    dispatchEvent(new Event('pagehide'))
    await store.flush()
  })
  assert.ok((await stored(page)) > options.maxBytes)
  await reload(page, options)
  await until(page, () => store.stats().bytes <= 200_000)
  assert.ok((await stored(page)) <= options.maxBytes)
  assert.equal(await page.evaluate(async () => (await read(3)).length), 55_000)
})

test('what could not be read once is looked for again', async () => {
  const page = await openPage(browser)
  const other = await openPage(browser)
  await page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype
    IDBDatabase.prototype.transaction = () => {
      IDBDatabase.prototype.transaction = transaction
      throw new DOMException('for once', 'UnknownError')
    }
  })
  await other.evaluate(() => {
    put(1, 'there')
    return store.flush()
  })
  // Until it has heard of it, it does not look.
  await until(page, async () => (await read(1)) !== undefined || events.length > 0)
  assert.equal(await page.evaluate(() => read(1)), 'there')
  assert.deepEqual(await page.evaluate(() => events.map(({ code }) => code)), ['ERR_STORE_READ'])
})
