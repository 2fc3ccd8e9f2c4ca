import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Budget } from '../../js/budget.js'
import { createMime } from '../../js/entry/inline.js'
import { Heap } from '../../js/heap.js'

/** Every value counts as so many bytes. */
const sized = sizeOf => ({ sizeOf, maxEntries: 100_000 })

describe('maxBytes of createMime is one bound over all its functions', () => {
  test('the sum stays below it, keys and bookkeeping counted exactly', () => {
    const mime = createMime({ maxBytes: 100_000 })
    const fs = [1, 2, 3].map(k =>
      mime(
        n => n * k,
        sized(() => 100 * k),
      ),
    )
    for (let n = 0; n < 3000; n++) {
      for (const f of fs) {
        f(n)
        if (n % 50 === 0) assert.ok(mime.stats().bytes <= 100_000, `${mime.stats().bytes} bytes`)
      }
    }
    assert.ok(mime.stats().bytes > 90_000, `only ${mime.stats().bytes} bytes are used`)
    const [one, two] = fs
    // The same key, another size: the difference is the values' alone.
    const [a, b] = [one, two].map(f => f.stats().bytes / f.stats().entries)
    assert.equal(b - a, 100)
  })

  test('a function that takes less than its share loses nothing', () => {
    const mime = createMime({ maxBytes: 200_000 })
    const small = mime(
      n => n,
      sized(() => 500),
    )
    for (let n = 0; n < 50; n++) small(n)
    const greedy = mime(
      n => n,
      sized(() => 100),
    )
    for (let n = 0; n < 20_000; n++) greedy(n)
    assert.equal(small.stats().entries, 50)
    assert.equal(small.stats().removals.size, 0)
    assert.ok(greedy.stats().removals.size > 18_000)
    assert.ok(mime.stats().bytes <= 200_000)
  })

  test('what has no key and what is not kept takes nothing from others', () => {
    const mime = createMime({ maxBytes: 100_000 })
    const key = n => {
      if (n === 'broken') throw new Error('no key')
      return n
    }
    const a = mime(n => n, { key, ...sized(() => 1000) })
    const b = mime(n => n, { key, ...sized(n => (n === 'large' ? 200_000 : 10)) })
    for (let n = 0; n < 80; n++) {
      a(n)
      b.set(['broken'], n)
      b.set(['large'], 'large')
      b('large')
      a.set(['broken'], n)
      b('broken')
    }
    assert.deepEqual([a.stats().entries, a.stats().removals.size], [80, 0])
    assert.equal(mime.stats().bytes, a.stats().bytes + b.stats().bytes)
  })

  test('what clear and invalidate freed is free for others', () => {
    const mime = createMime({ maxBytes: 100_000 })
    const [a, b] = [0, 1].map(() =>
      mime(
        n => n,
        sized(() => 1000),
      ),
    )
    for (let n = 0; n < 80; n++) a(n)
    a.clear()
    for (let n = 0; n < 80; n++) b(n)
    assert.equal(b.stats().entries, 80)
  })

  test('one large value takes the place of many small ones, a few hundred at a time', () => {
    const mime = createMime({ maxBytes: 1e6 })
    const small = mime(
      n => n,
      sized(() => 100),
    )
    for (let n = 0; n < 6000; n++) small(n)
    const before = small.stats().entries
    const large = mime(
      n => n,
      sized(() => 300_000),
    )
    large(1)
    assert.equal(before - small.stats().entries, 512)
    for (let n = 0; n < 20; n++) small(-n)
    assert.ok(mime.stats().bytes <= 1e6)
    assert.ok(large.has(1), 'it takes less than its share')
  })

  test('a listener that hears of an eviction may call memoized functions', () => {
    const mime = createMime({ maxBytes: 20_000 })
    const other = mime(
      n => n,
      sized(() => 100),
    )
    let n = 0
    const f = mime(x => x, { ...sized(() => 100), onEvent: ({ type }) => type === 'remove' && other(n++) })
    for (let i = 0; i < 1000; i++) f(i)
    assert.ok(n > 500)
    f(-1)
    assert.ok(mime.stats().bytes <= 20_000)
  })

  test('a function’s own maxBytes is its own bound', () => {
    const mime = createMime({ maxBytes: 100_000 })
    const f = mime(n => n, { ...sized(() => 100), maxBytes: 5000 })
    const g = mime(
      n => n,
      sized(() => 100),
    )
    for (let n = 0; n < 300; n++) f(n) && g(n)
    assert.ok(f.stats().bytes <= 5000 && f.stats().bytes > 4000)
    assert.ok(g.stats().bytes > 40_000)
  })

  test('configure changes it for all; Infinity is no bound', () => {
    const mime = createMime({ maxBytes: 1e6 })
    const f = mime(
      n => n,
      sized(() => 100),
    )
    for (let n = 0; n < 1000; n++) f(n)
    mime.configure({ maxBytes: '10KB' })
    f(-1)
    f(-2)
    assert.ok(mime.stats().bytes <= 10_000)
    mime.configure({ ttl: 60 })
    assert.ok(mime.stats().bytes <= 10_000)
    assert.throws(() => mime.configure({ maxBytes: -1 }), { code: 'ERR_INVALID_OPTION' })
    assert.throws(() => createMime({ maxBytes: 'lots' }), { code: 'ERR_INVALID_OPTION' })
    assert.throws(() => mime.configure({ maxBytes: null }), { code: 'ERR_INVALID_OPTION' })
    assert.throws(() => createMime({ maxBytes: null }), { code: 'ERR_INVALID_OPTION' })
    const free = createMime({ maxBytes: Infinity })
    const g = free(n => n)
    g('x'.repeat(1000))
    assert.ok(g.stats().bytes < 2000, 'nothing needs to be estimated')
  })

  test('a bound that is set later counts what is there already', () => {
    const mime = createMime({ maxBytes: Infinity })
    const [f, g] = [0, 1].map(() => mime(n => n, sized(() => 1000))) // biome-ignore format: one line
    for (let n = 0; n < 500; n++) f(n)
    mime.configure({ maxBytes: 100_000 })
    g(1)
    assert.ok(mime.stats().bytes <= 100_000, `${mime.stats().bytes} bytes`)
    assert.equal(g.stats().entries, 1)
    mime.configure({ maxBytes: Infinity })
    for (let n = 0; n < 500; n++) g(n)
    mime.configure({ maxBytes: 100_000 })
    f(-1)
    assert.ok(mime.stats().bytes <= 100_000, `${mime.stats().bytes} bytes`)
  })

  test('loads that run in some functions do not undo it for the others', async () => {
    const mime = createMime({ maxBytes: 200_000 })
    const fails = []
    const hung = [0, 1].map(() =>
      mime(async key => (key === 0 ? 0 : new Promise((_, reject) => fails.push(reject))), {
        maxEntries: 1e5,
      }),
    )
    const fs = [0, 1, 2, 3].map(() => mime(n => n, sized(() => 1000))) // biome-ignore format: one line
    const loads = []
    for (const f of hung) for (let i = 0; i < 60; i++) loads.push(f('x'.repeat(1000) + i))
    for (const f of hung) await f(0)
    for (let n = 0; n < 100; n++) {
      for (const f of fs) {
        f(n)
        assert.ok(mime.stats().bytes <= 200_000, `${mime.stats().bytes} bytes`)
      }
    }
    assert.ok(fs.every(f => f.stats().entries > 10))
    // Their place is everybody's again, though nothing was stored.
    fails.forEach(fail => void fail(new Error('no')))
    await Promise.allSettled(loads)
    for (let n = 100; n < 200; n++) for (const f of fs) f(n)
    assert.ok(mime.stats().bytes > 195_000, `only ${mime.stats().bytes} bytes are used`)
    // And who has entries again gives them like all others.
    const [first] = hung
    for (let i = 0; i < 300; i++) first.set(['y'.repeat(1000) + i], i)
    assert.ok(fs.every(f => f.stats().entries > 30))
    assert.ok(first.stats().entries > 30 && mime.stats().bytes <= 200_000)
  })

  test('what has expired goes first, though its function was not called since', () => {
    let time = 0
    for (const clock of [undefined, { now: () => time }]) {
      time = 0
      const mime = createMime({ maxBytes: 200_000 })
      const ttl = n => (n < 50 ? '1h' : '5ms')
      const f = mime(n => n, { clock, ttl, ...sized(() => 1000) })
      const g = mime(n => n, sized(() => 1000)) // biome-ignore format: one line
      for (let n = 0; n < 150; n++) f(n)
      time = 6
      for (const end = performance.now() + 10; performance.now() < end; );
      for (let n = 0; n < 80; n++) g(n)
      const { expired, size } = f.stats().removals
      assert.ok(expired > 20 && size === 0, `${expired} expired, ${size} did not`)
      for (let n = 0; n < 50; n++) assert.ok(f.has(n))
    }
  })

  test('the largest gives no more than it has beyond the next one, however little that is of the budget', () => {
    const mime = createMime({ maxBytes: 3000 * 10 * 165 + 12 * 165 })
    const options = sized(() => 100)
    for (let i = 0; i < 3000; i++) {
      const f = mime(n => n, options)
      for (let n = 0; n < 10; n++) f(n)
    }
    const hot = mime(n => n, options)
    for (let n = 0; n < 12; n++) hot(n)
    const before = mime.stats()
    assert.deepEqual([before.entries, before.removals.size], [30_012, 0])
    hot('new')
    assert.equal(hot.stats().entries, 10)
    assert.ok(mime.stats().bytes <= before.bytes)
  })

  test('functions that are alike give alike, and what exceeds the sum only', () => {
    const mime = createMime({ maxBytes: 300_000 })
    const fs = [1, 2, 3].map(() => mime(n => n, sized(() => 100))) // biome-ignore format: one line
    const small = mime(n => n, sized(() => 100)) // biome-ignore format: one line
    for (let n = 0; n < 300; n++) small(n)
    for (let n = 0; n < 5000; n++) for (const f of fs) f(n)
    const entries = fs.map(f => f.stats().entries)
    assert.equal(small.stats().entries, 300)
    assert.ok(Math.max(...entries) - Math.min(...entries) <= 4, `${entries} entries`)
    assert.ok(mime.stats().bytes > 299_000 && mime.stats().bytes <= 300_000)
  })

  describe('what a store costs does not grow with the number of functions', () => {
    /** The core of a function that takes `bytes`, of which it can give those beyond `loads`; and how often it is asked. */
    const fake = (asked, bytes, loads = 0) => {
      const cache = {
        bytes,
        index: {
          place: { left: [] },
          bytes: () => {
            asked.count++
            return cache.bytes
          },
        },
        trim(to, limit) {
          asked.count++
          const before = cache.bytes
          while (cache.bytes > Math.max(to, loads) && before - cache.bytes < limit) cache.bytes--
          return before - cache.bytes
        },
      }
      return cache
    }

    test('of functions asked', () => {
      const each = [30, 3000].map(count => {
        const asked = { count: 0 }
        const budget = new Budget(count * 100)
        const kept = []
        for (let i = 0; i < count; i++) {
          // Every third one has nothing but loads that run.
          const cache = fake(asked, 0, i % 3 === 0 ? Infinity : 0)
          const share = budget.join(cache)
          kept.push({ cache, share })
          budget.stored(share, (cache.bytes = 100))
        }
        const [, { cache, share }] = kept
        // All that is spent was found to be.
        cache.bytes += count * 10
        for (let n = 0; n < 200; n++) budget.stored(share, cache.bytes)
        assert.ok(budget.total <= budget.max)
        asked.count = 0
        for (let n = 0; n < 100; n++) budget.stored(share, ++cache.bytes)
        assert.ok(budget.total <= budget.max)
        return asked.count / 100
      })
      const [few, many] = each
      assert.ok(many <= few + 1 && many < 12, `${few} and ${many}`)
    })

    test('of functions compared', () => {
      let looks = 0
      const members = Array.from({ length: 10_000 }, (_, i) => ({
        place: -1,
        size: (i * 7919) % 10_007,
        get bytes() {
          looks++
          return this.size
        },
      }))
      const heap = new Heap()
      for (const member of members) heap.put(member)
      looks = 0
      for (let n = 0; n < 1000; n++) {
        const member = members[(n * 31) % members.length]
        member.size = (n * 7907) % 20_011
        heap.put(member)
        if (n % 10 === 0) heap.remove(heap.first)
      }
      assert.ok(looks < 1000 * 4 * Math.log2(members.length), `${looks} looks`)
      const left = members.filter(({ place }) => place >= 0)
      assert.equal(left.length, heap.members.length)
      const sizes = left.map(({ size }) => size).sort((a, b) => b - a)
      for (const [i, size] of sizes.entries()) {
        assert.deepEqual([heap.first.size, heap.second], [size, sizes[i + 1] ?? 0])
        heap.remove(heap.first)
      }
      assert.equal(heap.first, undefined)
    })
  })

  test('a collected function no longer counts', async () => {
    const script = fileURLToPath(new URL('../memory/budget.mjs', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script])
    const { functions, entries } = JSON.parse(stdout)
    assert.equal(functions, 1)
    assert.equal(entries, 80)
  })
})

describe('what is larger than the bound', () => {
  test('is handed on, not kept, counted, and an event', async () => {
    const mime = createMime({ maxBytes: 10_000 })
    const events = []
    const options = {
      ...sized(n => n),
      onEvent: event => event.type === 'refused' && events.push(event.bytes),
    }
    const f = mime(n => n, options)
    const g = mime(async n => n, options)
    assert.equal(f(100), 100)
    assert.equal(f(20_000), 20_000)
    assert.equal(await g(30_000), 30_000)
    f.set([1], 40_000)
    assert.deepEqual(events, [20_000, 30_000, 40_000])
    assert.deepEqual([f.stats().refused, g.stats().refused, mime.stats().refused], [2, 1, 3])
    assert.deepEqual([f.stats().entries, g.stats().entries], [1, 0])
  })

  test('also where it is more than the core can count', async () => {
    const events = []
    const onEvent = event => event.type === 'refused' && events.push(event.bytes)
    const sizes = [9e9, Infinity]
    const mime = createMime({ maxBytes: 8e9 })
    const f = mime(n => n, { ...sized(n => n), onEvent })
    const g = mime(async n => n, { ...sized(n => n), onEvent, ttl: 60 })
    const own = createMime({ maxBytes: Infinity })(n => n, { ...sized(n => n), onEvent, maxBytes: '8GB' })
    for (const size of sizes) {
      assert.equal(await g(size), size)
      for (const sync of [f, own]) {
        assert.equal(sync(size), size)
        sync.set([1], 1)
        sync.set([1], size)
        assert.equal(sync.has(1), false)
      }
    }
    assert.deepEqual([mime.stats().refused, mime.stats().entries], [6, 0])
    assert.deepEqual([own.stats().refused, own.stats().entries, own.stats().pending], [4, 0, 0])
    assert.deepEqual([events.filter(bytes => bytes === 9e9).length, events.length], [5, 10])
    f(7e9)
    assert.equal(f.stats().entries, 1)
    // A function that nobody listens to takes the short way.
    const quiet = mime(n => n, { sizeOf: n => n })
    for (const size of [1, ...sizes]) quiet(size)
    assert.deepEqual([quiet.stats().refused, quiet.stats().entries], [2, 1])
  })

  test('nothing is refused for its size where nothing is kept at all, or too old', () => {
    const clock = { time: 5, now: () => clock.time }
    const mime = createMime({ clock })
    const none = mime(n => n, { maxEntries: 0 })
    const off = mime(n => n, { ttl: 0 })
    none(1)
    none.set([1], 2)
    off(1)
    off.set([1], 2)
    assert.equal(mime.stats().refused, 0)
  })
})
