import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browser, openPage, reload, server, sharing, start, until } from './store-harness.mjs'

/** Clocks that are wrong, and clocks that are set: nothing lives longer than its ttl from when it is seen, and what was said last counts. */

sharing()

const HOUR = 3_600_000
const TEN_YEARS = 10 * 365 * 24 * HOUR

/** A page whose clock is wrong, from before its first script. */
const clockAt = offset => `
  globalThis.offset = ${offset}
  Date.now = (right => () => right() + globalThis.offset)(Date.now)`

/** A page without a store. */
async function openBlank(offset) {
  const page = await browser.context.newPage()
  await page.addInitScript(clockAt(offset))
  await page.goto(`${server.origin}/blank`)
  return page
}

/** Of two entries. */
const livesOf = page =>
  page.evaluate(async () => {
    const entries = await Promise.all([1, 2].map(n => store.get(key(n))))
    return entries.map(
      entry => entry && { left: entry.deadline - Date.now(), deadline: entry.deadline, ttl: entry.ttl },
    )
  })

describe('a clock that was ahead', { concurrency: 1 }, () => {
  test('what another tab deletes while it is written anew stays deleted, whose write comes last', async () => {
    const wrong = await openPage(browser, {}, clockAt(HOUR))
    await wrong.evaluate(() => {
      for (const n of [1, 2, 3]) put(n, 'of the future', 60_000)
      return store.flush()
    })
    await wrong.close()
    const page = await openPage(browser, {}, clockAt(0))
    await page.evaluate(async () => {
      for (const n of [1, 2, 3]) await read(n)
      await store.flush()
      // Its deletion was written before, and only its message comes now.
      const { namespace, digest } = key(1)
      const digests = [digest, key(2).digest]
      new BroadcastChannel('my-mimic my-mimic').postMessage({ type: 'deleted', namespace, digests })
    })
    await until(page, () => store.getSync(key(2)) === undefined)
    await page.evaluate(() => store.flush())
    for (let round = 0; round < 2; round++) {
      await reload(page)
      const values = await page.evaluate(() => Promise.all([1, 2, 3].map(n => read(n))))
      assert.deepEqual(values, [undefined, undefined, 'of the future'])
    }
  })

  test('by an hour or ten years: what it stored lives for its ttl from when it is seen, and no page begins that anew', async () => {
    // In this order: by the later clock the other's would have expired.
    for (const [n, by] of [
      [2, TEN_YEARS],
      [1, HOUR],
    ]) {
      const wrong = await openPage(browser, {}, clockAt(by))
      await wrong.evaluate(n => {
        put(n, 'of the future', 60_000)
        return store.flush()
      }, n)
      await wrong.close()
    }
    const page = await openPage(browser, {}, clockAt(0))
    const seen = await livesOf(page)
    for (const { left, ttl } of seen) {
      assert.ok(left <= 60_000 && left > 0, JSON.stringify(seen))
      assert.equal(ttl, 60_000)
    }
    await page.evaluate(() => store.flush())
    for (let round = 0; round < 2; round++) {
      await reload(page)
      for (const [i, { left, deadline, ttl }] of (await livesOf(page)).entries()) {
        assert.ok(deadline <= seen[i].deadline && left > 0, JSON.stringify([seen[i], deadline, left]))
        assert.equal(ttl, 60_000)
      }
    }
    await page.evaluate(() => (globalThis.offset = 60_000))
    assert.deepEqual(await livesOf(page), [undefined, undefined])
    const late = await openPage(browser, {}, clockAt(60_000))
    assert.deepEqual(await livesOf(late), [undefined, undefined])
  })

  test('and was set back: what is written and deleted afterwards counts, in every tab', async () => {
    const other = await openPage(browser, {}, clockAt(0))
    await other.evaluate(() => {
      globalThis.heard = 0
      new BroadcastChannel('my-mimic my-mimic').onmessage = () => heard++
    })
    const page = await openPage(browser, {}, clockAt(HOUR))
    await page.evaluate(async () => {
      for (const n of [1, 2, 3, 4]) put(n, 'old')
      await store.flush()
      offset = 0
      put(1, 'new')
      store.delete(key(2))
      await store.flush()
    })
    // It has read none of this, and its own clock was never wrong.
    await until(other, () => heard >= 2)
    await other.evaluate(async () => {
      put(3, 'new')
      store.delete(key(4))
      await store.flush()
    })
    await reload(other)
    const got = await other.evaluate(() => Promise.all([1, 2, 3, 4].map(n => read(n))))
    assert.deepEqual(got, ['new', undefined, 'new', undefined])
  })

  test('entries() shows nothing negative and nothing above the ttl', async () => {
    const wrong = await openPage(browser, {}, clockAt(TEN_YEARS))
    await wrong.evaluate(() => {
      put(1, 1, 60_000)
      put(2, 2)
      return store.flush()
    })
    const page = await openPage(browser, { hydrateBytes: 0 }, clockAt(0))
    const list = await page.evaluate(() => store.entries())
    assert.deepEqual(
      list.map(({ age, timeLeft }) => [age, timeLeft]),
      [
        [0, 60_000],
        [0, Infinity],
      ],
    )
  })
})

test('a clock that was behind: what has expired by the right one is a miss, and what has not lives on', async () => {
  const wrong = await openPage(browser, {}, clockAt(-TEN_YEARS))
  await wrong.evaluate(by => {
    put(1, 'short', 60_000)
    put(2, 'long', by + 60_000)
    return store.flush()
  }, TEN_YEARS)
  const page = await openPage(browser, {}, clockAt(0))
  const [short, long] = await livesOf(page)
  assert.equal(short, undefined)
  assert.ok(long.left > 0 && long.left <= 60_000, JSON.stringify(long))
  assert.equal(await page.evaluate(() => store.stats().corrupt), 0)
})

test('a clock that is set to and fro while the page is there: right values, no life above the ttl, no error', async () => {
  const page = await openPage(browser, {}, clockAt(0))
  const seen = await page.evaluate(
    async offsets => {
      const seen = { wrong: 0, tooLong: 0, negative: 0, hits: 0 }
      let round = 0
      const values = new Map()
      for (const to of offsets) {
        offset = to
        for (let n = 0; n < 20; n++) {
          const entry = await store.get(key(n))
          if (entry === undefined) continue
          seen.hits++
          if (entry.value !== values.get(n)) seen.wrong++
          const left = entry.deadline - Date.now()
          if (left > entry.ttl) seen.tooLong++
          if (left <= 0) seen.negative++
        }
        for (let n = round % 2; n < 20; n += 2) {
          values.set(n, `${n} of round ${round}`)
          put(n, values.get(n), 10_000 * (n + 1))
        }
        round++
        await store.flush()
      }
      const { corrupt, errors, dropped } = store.stats()
      return { ...seen, faults: corrupt + errors + dropped }
    },
    [0, HOUR, 0, -HOUR, HOUR, TEN_YEARS, 0, -TEN_YEARS, 0, 5000, 0, 15_000, 0],
  )
  assert.ok(seen.hits > 50, JSON.stringify(seen))
  assert.deepEqual({ ...seen, hits: 0 }, { wrong: 0, tooLong: 0, negative: 0, hits: 0, faults: 0 })
  await reload(page)
  const late = await page.evaluate(() => Promise.all(Array.from({ length: 20 }, (_, n) => read(n))))
  // The last two rounds wrote half of them each, and nothing older comes back.
  for (const [n, value] of late.entries()) {
    if (value !== undefined) assert.equal(value, `${n} of round ${n % 2 === 0 ? 12 : 11}`)
  }
})

test('through mime: a result of a clock ten years ahead is served, and gone after its ttl, reloads or not', async () => {
  const define = () => {
    const run = async () => {
      const { mime, indexedDBStore } = await import('/js/entry/inline.js')
      globalThis.calls = 0
      globalThis.f = mime(async x => `${x} of call ${++calls}`, { ttl: '1500ms', name: 'f', version: '1', store: indexedDBStore() }) // biome-ignore format: one line
      await f.ready
    }
    return run()
  }
  const wrong = await openBlank(TEN_YEARS)
  await wrong.evaluate(define)
  await wrong.evaluate(async () => {
    await f(1)
    await f.flush()
  })
  await wrong.close()
  const page = await openBlank(0)
  await page.evaluate(define)
  assert.deepEqual(await page.evaluate(async () => [await f(1), calls]), ['1 of call 1', 0])
  await page.evaluate(() => f.flush())
  const end = Date.now() + 20_000
  for (;;) {
    await page.reload()
    await page.evaluate(define)
    const [value, calls] = await page.evaluate(async () => [await f(1), globalThis.calls])
    assert.equal(value, '1 of call 1')
    if (calls === 1) break
    assert.ok(Date.now() < end, 'it lives for ever')
  }
})

test('a wrong clock does no harm to who has no ttl', async () => {
  const wrong = await openPage(browser, {}, clockAt(TEN_YEARS))
  await wrong.evaluate(() => {
    put(1, 'for ever')
    return store.flush()
  })
  const page = await openPage(browser, {}, clockAt(0))
  const before = await page.evaluate(async () => [await read(1), store.stats().written])
  assert.deepEqual(before, ['for ever', 0])
  await page.evaluate(() => store.flush())
  assert.equal(await page.evaluate(() => store.stats().written), 0)
  await page.close()
  await start(wrong)
  assert.equal(await wrong.evaluate(() => read(1)), 'for ever')
})
