// Sync loads inside sync loads: from its second load on a function uses one load object again and again, and nothing of one load may show in another.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { createMime } from '../../js/entry/inline.js'

/** Mulberry32. @param {number} seed */
function random(seed) {
  return (/** @type {number} */ below) => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const OPTIONS = [{}, { maxEntries: 5 }, { ttl: '1h' }, { maxBytes: 2000 }, { maxEntries: 3, ttl: 5 }]

/** Keys have versions; a load gives the one that its key had when it began, and on its way calls, sets, invalidates, clears, throws. */
function walk(seed) {
  const of = random(seed)
  const versions = new Array(12).fill(0)
  let depth = 0
  let now = 0
  const f = createMime()(load, { ...OPTIONS[of(OPTIONS.length)], clock: { now: () => now } })

  function load(key) {
    const version = versions[key]
    depth++
    try {
      for (let i = of(4); i > 0; i--) act()
      if (of(8) === 0) throw new Error(`load of ${key}`)
      return of(2) === 0 ? { key, version } : `${key} ${version}`
    } finally {
      depth--
    }
  }
  function act() {
    const key = of(versions.length)
    const what = of(20)
    now += of(3)
    if (what === 0) {
      versions[key]++
      f.invalidate(key)
    } else if (what === 1) {
      versions[key]++
      f.set([key], { key, version: versions[key] })
    } else if (what === 2) {
      for (const each of versions.keys()) versions[each]++
      f.clear()
    } else if (what === 3) {
      const known = f.peek(key)
      if (known !== undefined) check(known, key)
    } else if (depth < 8) {
      try {
        check(f(key), key)
      } catch (error) {
        if (!/^load of/.test(error.message)) throw error
      }
    }
  }
  function check(value, key) {
    const [of] = typeof value === 'string' ? value.split(' ').map(Number) : [value.key]
    assert.equal(of, key, `seed ${seed}: a value of another key`)
  }
  for (let i = 0; i < 300; i++) {
    act()
    for (const key of versions.keys()) {
      const known = f.peek(key)
      if (known === undefined) continue
      const version = typeof known === 'string' ? Number(known.split(' ')[1]) : known.version
      assert.equal(
        version,
        versions[key],
        `seed ${seed}, step ${i}: key ${key} remembers what was invalidated`,
      )
    }
  }
  assert.equal(f.stats().pending, 0, `seed ${seed}: a load that never ends`)
  const { loads, errors, storeErrors } = f.stats()
  assert.deepEqual([storeErrors, loads > errors], [0, true])
}

test('what a load does on its way shows in no other: 400 walks', () => {
  for (let seed = 0; seed < 400; seed++) walk(seed)
})

test('recursion', () => {
  for (const options of OPTIONS) {
    const fib = createMime()(n => (n < 2n ? n : fib(n - 1n) + fib(n - 2n)), {
      ...options,
      maxBytes: Infinity,
    })
    assert.equal(fib(20n), 6765n)
    assert.equal(fib(90n), 2880067194370816120n)
    assert.equal(fib.stats().pending, 0)
  }
})

test('where the stack ends, its error is what callers get, values stay right, and calls are remembered again', () => {
  // As the engine compiles, and as it does where nothing is optimised: there V8 throws `undefined` where the stack ends in a module.
  for (const flags of ['--opt', '--no-opt']) {
    setFlagsFromString(flags)
    let isOver = false
    const f = createMime()(n => (isOver || n < 0 ? n : f(n + 1)))
    f(-1)
    const deeper = (/** @type {number} */ depth) => (depth > 0 ? deeper(depth - 1) : f(0))
    for (let depth = 0; depth < 200; depth++) assert.throws(() => deeper(depth), RangeError)
    isOver = true
    const keys = Array.from({ length: 5000 }, (_, n) => n)
    for (let i = 0; i < 2; i++) for (const n of keys) assert.equal(f(n), n)
    const { loads } = f.stats()
    for (const n of keys) f(n)
    assert.deepEqual([f.stats().pending, f.stats().loads], [0, loads])
  }
  setFlagsFromString('--opt')
})

test('a promise, an iterator and a failure in between', async () => {
  const f = createMime()(n => {
    if (n === 'promise') return Promise.resolve(n)
    if (n === 'iterator') return [n].values()
    if (n === 'failure') throw new Error(n)
    return n
  })
  for (const n of [1, 2, 'iterator', 3, 'failure', 4, 'iterator', 5]) {
    if (n === 'failure') assert.throws(() => f(n))
    else if (n === 'iterator') assert.deepEqual([...f(n)], [n])
    else assert.equal(f(n), n)
  }
  assert.deepEqual([f.stats().pending, f.stats().entries], [0, 5])
  assert.equal(await f('promise'), 'promise')
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(n => f(n)),
    [1, 2, 3, 4, 5],
  )
  assert.deepEqual([f.stats().pending, f.stats().entries], [0, 6])
})
