import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode } from '../../js/codec.js'

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const VALUES = Number(process.env.FUZZ_VALUES ?? 100_000)
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 200_000)

/** mulberry32 @param {number} seed */
function random(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  return { below: n => next() % n, float: () => next() / 2 ** 32, pick: list => list[next() % list.length] }
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  63,
  64,
  127,
  128,
  2 ** 31,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 53,
  0.1,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
]
const UNITS = ['a', 'é', '→', '\ud800', '\udfff', '\0', '\r\n', '\ufeff', '😀', '\u00ff', '\u0100']
const VIEWS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint32Array, Float32Array, Float64Array]
const ERRORS = [Error, TypeError, RangeError, SyntaxError, URIError]

/** A random value of the kinds structuredClone holds too. */
function make(rng, depth, pool) {
  const { below, pick, float } = rng
  const text = () => {
    let s = ''
    for (let left = below(below(8) ? 6 : 90); left > 0; left--)
      s += below(3) ? 'abcdefgh'[below(8)] : pick(UNITS)
    return s
  }
  const child = () => make(rng, depth - 1, pool)
  const keep = object => {
    pool.push(object)
    return object
  }
  switch (below(depth > 0 ? 26 : 10)) {
    case 0:
      return pick([undefined, null, true, false])
    case 1:
      return pick(NUMBERS)
    case 2:
      return below(1000) - 500
    case 3:
      return (float() - 0.5) * 10 ** below(20)
    case 4:
      return BigInt(below(2 ** 31)) ** BigInt(below(6)) * (below(2) ? 1n : -1n)
    case 5:
    case 6:
      return text()
    case 7:
      return keep(new Date(below(2 ** 31)))
    case 8:
      return pool.length > 0 ? pick(pool) : null
    case 9:
      return keep(
        pick([() => /a(b)/gi, () => Object(1), () => Object('s'), () => Object(false), () => Object(5n)])(),
      )
    case 10:
      return keep(crypto.getRandomValues(new Uint8Array(below(20))).buffer)
    case 11: {
      const Kind = pick(VIEWS)
      const view = new Kind(below(10))
      for (let i = 0; i < view.length; i++) view[i] = below(256)
      return keep(below(3) ? view : view.subarray(1))
    }
    case 12: {
      const map = keep(new Map())
      for (let left = below(5); left > 0; left--) map.set(child(), child())
      return map
    }
    case 13: {
      const set = keep(new Set())
      for (let left = below(5); left > 0; left--) set.add(child())
      return set
    }
    case 14: {
      const error = keep(new (pick(ERRORS))(text(), below(2) ? { cause: child() } : undefined))
      return error
    }
    case 15: {
      const array = keep([])
      for (let left = below(5); left > 0; left--) array[below(12)] = child()
      if (below(2)) array[text()] = child()
      return array
    }
    case 16:
    case 17:
    case 18:
    case 19: {
      const array = keep([])
      for (let left = below(6); left > 0; left--) array.push(child())
      return array
    }
    default: {
      const object = keep({})
      for (let left = below(6); left > 0; left--) {
        const name = below(4) ? pick(['id', 'name', 'opts', 'tags', 'toString', '7']) : text()
        Object.defineProperty(object, name, {
          value: child(),
          writable: true,
          enumerable: true,
          configurable: true,
        })
      }
      return object
    }
  }
}

/** What every engine agrees on in an error: its own clone of the stack is none of ours. */
test(`${VALUES} random values equal their structured clones (seed ${SEED})`, () => {
  const rng = random(SEED)
  let unclonable = 0
  const clone = (/** @type {unknown} */ value) => {
    try {
      return structuredClone(value)
    } catch (error) {
      // V8 writes an error that is among its own causes, and cannot read what it wrote. Then the value itself says what is right.
      if (error.message !== 'Unable to deserialize cloned data.') throw error
      unclonable++
      return value
    }
  }
  for (let n = 0; n < VALUES; n++) {
    const value = make(rng, 1 + rng.below(4), [])
    const bytes = encode(value)
    const back = decode(bytes)
    try {
      assert.deepStrictEqual(back, clone(value))
      // What was read is written the same: identity, holes and order are all there.
      assert.ok(Buffer.compare(encode(back), bytes) === 0)
    } catch (error) {
      error.message = `value ${n} of seed ${SEED}: ${error.message}`
      throw error
    }
  }
  assert.ok(unclonable <= VALUES / 10_000, `${unclonable} without a clone`)
})

/** @param {unknown} value @returns {boolean} */
function isBounded(value, seen = new Set(), budget = { left: 1e6 }) {
  const stack = [value]
  while (stack.length > 0) {
    const top = stack.pop()
    if (--budget.left < 0) return false
    if (typeof top !== 'object' || top === null || seen.has(top)) continue
    seen.add(top)
    if (ArrayBuffer.isView(top) || top instanceof ArrayBuffer) continue
    if (top instanceof Map) stack.push(...top.keys(), ...top.values())
    else if (top instanceof Set) stack.push(...top)
    else stack.push(...Object.values(top))
  }
  return true
}

test(`${INPUTS} damaged inputs are refused or read within bounds (seed ${SEED})`, () => {
  const rng = random(SEED + 1)
  const corpus = []
  for (let n = 0; n < 500; n++) corpus.push(encode(make(rng, 1 + rng.below(4), [])))
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let refused = 0
  let read = 0
  for (let n = 0; n < INPUTS; n++) {
    let bytes = Uint8Array.from(rng.pick(corpus))
    const how = rng.below(4)
    if (how === 0) {
      bytes = bytes.subarray(0, rng.below(bytes.length))
    } else if (how === 1) {
      bytes = new Uint8Array(1 + rng.below(60))
      for (let i = 1; i < bytes.length; i++) bytes[i] = rng.below(3) ? rng.below(33) : rng.below(256)
      bytes[0] = 1
    } else {
      for (let left = 1 + rng.below(3); left > 0; left--) bytes[rng.below(bytes.length)] = rng.below(256)
      if (how === 3) {
        const other = rng.pick(corpus)
        bytes.set(other.subarray(0, Math.min(other.length, bytes.length) >> 1), 0)
      }
    }
    try {
      const value = decode(bytes)
      read++
      assert.ok(isBounded(value), 'more than the bytes say')
    } catch (error) {
      if (error.code !== 'ERR_VALUE_CORRUPT') {
        error.message = `input ${n} of seed ${SEED}, ${Buffer.from(bytes).toString('hex')}: ${error.message}`
        throw error
      }
      refused++
    }
  }
  assert.ok(refused > INPUTS / 10 && read > INPUTS / 100, `${refused} refused, ${read} read`)
  const grown = process.memoryUsage().rss - before
  assert.ok(grown < 300e6, `${Math.round(grown / 1e6)} MB more than before`)
})

test('claims larger than the input cost nothing', () => {
  const huge = [255, 255, 255, 255, 15]
  const before = process.memoryUsage()
  const start = performance.now()
  for (const code of [7, 8, 9, 10, 16, 18, 20, 22, 23, 27]) {
    assert.throws(() => decode(Uint8Array.from([1, code, ...huge])), { code: 'ERR_VALUE_CORRUPT' })
  }
  // The longest sparse array, ten thousand times over.
  const bytes = [1, 20, 0x90, 0x4e]
  for (let i = 0; i < 10000; i++) bytes.push(21, ...huge, 0)
  assert.equal(decode(Uint8Array.from(bytes))[9999].length, 0xffffffff)
  // Arrays that each claim all that is left, inside one another.
  const nested = [1]
  for (let i = 0; i < 20000; i++) nested.push(20, 0x90, 0x4e)
  assert.throws(() => decode(Uint8Array.from(nested)), { code: 'ERR_VALUE_CORRUPT' })
  assert.ok(process.memoryUsage().rss - before.rss < 200e6)
  assert.ok(performance.now() - start < 5000)
})
