import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createMime, mime } from '../../js/entry/inline.js'
import { RecentCalls, WINDOW } from '../../js/window.js'
import { worthOf } from '../../js/worth.js'

const native = performance.now
/** Milliseconds; each reading takes a hundredth. */
let time = 0
beforeEach(() => {
  performance.now = () => (time += 0.01)
})
afterEach(() => {
  performance.now = native
})
const near = (actual, expected, most = 0.1) =>
  assert.ok(Math.abs(actual - expected) <= most, `${actual} is not about ${expected}`)

describe('the time of loads', () => {
  test('of a sync function, its failures too; hits have none', () => {
    const f = mime(n => {
      time += 5
      if (n < 0) throw new Error('below 0')
      return n
    })
    for (const n of [1, 2, 1, 2, 1]) f(n)
    assert.throws(() => f(-1))
    const { loads, errors, loadTime, meanLoadTime } = f.stats()
    assert.deepEqual([loads, errors], [3, 1])
    near(loadTime, 15)
    near(meanLoadTime, 5)
  })

  test('of many loads at once only some are read, and stand for the others', () => {
    let readings = 0
    const { now } = performance
    performance.now = () => {
      readings++
      return time
    }
    try {
      const f = mime(n => {
        time += 0.25
        return n
      })
      for (let n = 0; n < 1000; n++) f(n)
      assert.ok(readings < 500, `${readings} readings`)
      near(f.stats().loadTime, 250)
      near(f.stats().meanLoadTime, 0.25)
      readings = 0
      const seldom = mime(n => {
        time += 2
        return n
      })
      for (let n = 0; n < 1000; n++) seldom(n)
      assert.ok(readings >= 2000, `${readings} readings`)
      near(seldom.stats().loadTime, 2000)
    } finally {
      performance.now = now
    }
  })

  test('of loads inside loads, each stands for its own', () => {
    const f = mime(n => {
      time += 0.1
      return n === 0 ? 0 : f(n - 1) + 1
    })
    for (let n = 0; n < 300; n++) f(n * 3)
    const { loads, loadTime } = f.stats()
    assert.equal(loads, 898)
    // Each third load has two more inside it: 0.1, 0.2 and 0.3. They come in turns, as the timed ones do, so it may be any of these.
    assert.ok(loadTime > 0.1 * loads && loadTime < 0.4 * loads, `${loadTime} of ${loads}`)
  })

  test('of an async function up to its result; who joins has none', async () => {
    const f = mime(async n => {
      await null
      time += 20
      return n
    })
    await Promise.all([f(1), f(1), f(1)])
    await assert.rejects(mime(async () => Promise.reject(new Error('no')))())
    near(f.stats().loadTime, 20)
    assert.equal(f.stats().coalesced, 2)
  })

  test('a function that was never called has none', () => {
    const { loadTime, meanLoadTime, hitRatio, recent, worth } = mime(() => 1).stats()
    assert.deepEqual([loadTime, meanLoadTime, hitRatio, recent.calls, recent.hitRatio], [0, 0, 0, 0, 0])
    assert.equal(worth.verdict, 'unknown')
  })
})

describe('the hit ratio', () => {
  test('of all calls, and of those of the last minute', () => {
    const f = mime(n => n)
    for (let n = 0; n < 100; n++) f(n)
    assert.deepEqual([f.stats().hitRatio, f.stats().recent.calls], [0, 100])
    time += 2 * WINDOW
    f(100)
    for (let i = 0; i < 3; i++) for (let n = 0; n < 100; n++) f(n)
    const { hitRatio, recent } = f.stats()
    near(hitRatio, 300 / 401, 1e-9)
    // The first hundred calls may have come at any time of two minutes: half of them count.
    near(recent.calls, 351, 1)
    near(recent.hitRatio, 300 / 351, 0.01)
    assert.equal(recent.seconds, 60)
  })

  test('a pause after many loads at once is seen by the first load after it', async () => {
    const f = mime(n => n)
    for (let n = 0; n < 1000; n++) f(n)
    await null
    time += 2 * WINDOW
    f(1000)
    time += WINDOW
    for (let i = 0; i < 10; i++) f(i)
    const { recent } = f.stats()
    near(recent.calls, 10, 1)
  })

  test('who asks often gets it exactly', () => {
    const f = mime(n => n)
    for (let n = 0; n < 100; n++) f(n)
    time += WINDOW / 4
    f.stats()
    time += WINDOW
    for (let n = 0; n < 100; n++) f(n)
    const { recent } = f.stats()
    near(recent.calls, 100, 5)
    near(recent.hitRatio, 1, 0.05)
  })

  test('calls between two marks came evenly', () => {
    const recent = new RecentCalls()
    recent.mark(0, 0, 0)
    recent.mark(WINDOW, 100, 50)
    assert.deepEqual(recent.until(WINDOW * 1.5, 200, 150), { calls: 150, hits: 125 })
    assert.deepEqual(recent.until(WINDOW * 3, 200, 150), { calls: 50, hits: 50 })
    assert.equal(recent.marks.length, 2)
  })

  test('few marks are kept, and a clock set back begins anew', () => {
    const recent = new RecentCalls()
    let at = 0
    for (let i = 0; i < 1000; i++, at += 1000) if (recent.isDue(at)) recent.mark(at, i, i)
    assert.ok(recent.marks.length <= 10, `${recent.marks.length} marks`)
    assert.ok(recent.isDue(0))
    recent.mark(0, 1000, 1000)
    assert.deepEqual(recent.until(1, 1010, 1000), { calls: 1010, hits: 1000 })
    assert.equal(recent.marks.length, 1)
  })
})

describe('worth it?', () => {
  test('a slow function gains, one that never hits loses', () => {
    const slow = mime(n => {
      time += 3
      return n
    })
    for (let i = 0; i < 50; i++) slow(i % 10)
    const { saved, spent, verdict } = slow.stats().worth
    assert.equal(verdict, 'gain')
    near(saved, 40 * 3, 1)
    assert.ok(spent > 0 && spent < saved)

    const fresh = mime(n => n + 1)
    for (let i = 0; i < 999; i++) fresh(i)
    assert.equal(fresh.stats().worth.verdict, 'unknown')
    fresh(999)
    assert.equal(fresh.stats().worth.verdict, 'loss')
  })

  test('a trivial function loses by its keys, however often it hits', () => {
    const f = mime((a, b) => a + b)
    for (let i = 0; i < 2000; i++) f(i % 10, 1)
    const { worth, hitRatio } = f.stats()
    assert.equal(hitRatio, 0.995)
    assert.equal(worth.verdict, 'loss')
  })

  test('keys that cannot be made anew leave it unknown', () => {
    const long = mime(text => text.length, { maxKeyBytes: 256 })
    for (let i = 0; i < 1000; i++) long('x'.repeat(1000) + i)
    assert.equal(long.stats().worth.verdict, 'unknown')
  })

  test('stats() counts nothing, runs nothing of the user, and leaves the order of eviction alone', () => {
    let runs = 0
    class Id {
      [mime.key]() {
        runs++
        return 1
      }
    }
    const f = mime(() => 1, {
      key: (id, object) => {
        runs++
        return [id, object]
      },
    })
    const args = [
      new Id(),
      {
        get x() {
          runs++
          return 1
        },
      },
    ]
    f(...args)
    const before = runs
    const { hits, misses, entries } = f.stats()
    f.stats()
    assert.deepEqual([runs, hits, misses, entries], [before, 0, 1, 1])
    assert.equal(f.stats().hits, 0)
  })

  /** Loads that took so many milliseconds. */
  const loadsOf = (...times) => ({
    loadTime: times.reduce((all, one) => all + one, 0),
    timedLoads: times.length,
    longestLoad: Math.max(0, ...times),
  })

  test('what a clock reading takes is not the load’s', () => {
    assert.equal(worthOf(10, 10, loadsOf(0), 1).saved, 0)
    near(worthOf(10, 10, loadsOf(1), 0.5).saved, 10, 0.2)
    assert.equal(worthOf(10, 10, loadsOf(), 1).verdict, 'unknown')
    assert.equal(worthOf(10, 10, loadsOf(1), undefined).verdict, 'unknown')
  })

  test('a clock that was slow to answer once does not count as slow', async () => {
    // A module of its own, which has measured nothing yet.
    const { worthOf } = await import(`${new URL('../../js/worth.js', import.meta.url)}?slow`)
    let readings = 0
    performance.now = () => (time += readings++ < 9 ? 1 : 0.01)
    near(worthOf(10, 10, loadsOf(1), 0.5).saved, 10, 0.2)
  })

  test('a few loads whose code runs for the first time make no gain', () => {
    // Of `n => n + 1`, called 20,000 times with ten numbers, as they were measured; the second is async.
    const sync = [0.3093, 0.0049, 0.0021, 0.0014, 0.0156, 0.0016, 0.0012, 0.0015, 0.0027, 0.0012]
    const async = [0.1725, 0.0799, 0.0167, 0.0099, 0.0089, 0.0117, 0.0066, 0.0051, 0.0365, 0.0107]
    for (const cold of [sync, async, sync.slice(0, 1), [...sync, 50]]) {
      assert.equal(worthOf(19_990, 20_000, loadsOf(...cold), 0.0002).verdict, 'unknown')
    }
    // Whatever the first one had to prepare.
    assert.equal(worthOf(19_990, 20_000, loadsOf(80, ...sync), 0.0002).verdict, 'unknown')
  })

  test('loads that are slow by themselves do, however few', () => {
    for (const slow of [[5], [5, 5], [2, 0.8, 0.9], Array(1000).fill(0.05)]) {
      assert.equal(worthOf(1990, 2000, loadsOf(...slow), 0.0002).verdict, 'gain')
    }
    const rare = Array.from({ length: 1000 }, (_, i) => (i % 20 === 0 ? 1 : 0.0004))
    assert.equal(worthOf(1990, 2000, loadsOf(...rare), 0.0002).verdict, 'gain')
  })
})

describe('mime.stats()', () => {
  test('sums up the functions of one mime', async () => {
    const own = createMime()
    const add = own((a, b) => a + b)
    const load = own(
      async n => {
        if (n < 0) throw new Error('below 0')
        return n
      },
      { maxEntries: 1 },
    )
    for (const b of [1, 2, 1]) add(1, b)
    await Promise.all([load(1), load(1), load(2)])
    await assert.rejects(load(-1))
    load.clear()
    createMime()(() => 1)()
    const total = own.stats()
    assert.deepEqual(
      [total.functions, total.hits, total.misses, total.coalesced, total.loads, total.errors, total.entries],
      [2, 1, 5, 1, 5, 1, 2],
    )
    assert.deepEqual(total.removals, { expired: 0, size: 1, invalidated: 1, replaced: 0 })
    assert.equal(total.bytes, add.stats().bytes + load.stats().bytes)
    near(total.hitRatio, 1 / 7, 1e-9)
    near(total.loadTime, add.stats().loadTime + load.stats().loadTime, 1e-9)
    assert.equal(total.meanLoadTime, total.loadTime / 5)
    assert.equal(total.recent.calls, 7)
  })

  test('names the functions for which memoizing is a loss', () => {
    const own = createMime()
    const bad = own(n => n, { name: 'bad' })
    const good = own(
      n => {
        time += 5
        return n
      },
      { name: 'good' },
    )
    for (let i = 0; i < 1000; i++) bad(i)
    for (let i = 0; i < 1000; i++) good(1)
    assert.deepEqual(own.stats().losses, ['bad'])
    assert.equal(own.stats().worth.verdict, 'gain')
  })

  test('what collected functions had counted stays in the total', async () => {
    const script = fileURLToPath(new URL('../memory/collected.mjs', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script])
    const { functions, loads, hits, misses, entries, bytes, removals, recent, asked } = JSON.parse(stdout)
    assert.ok(functions <= 2, `${functions} functions are left`)
    assert.deepEqual([loads, hits, misses, removals.size], [400, 200, 400, 200])
    assert.ok(entries <= 2 && bytes < 1000)
    // What is of now has gone with them.
    assert.ok(recent.calls <= 12, `${recent.calls} recent calls`)
    assert.ok(asked <= 2, `${asked} functions with tags`)
  })
})
