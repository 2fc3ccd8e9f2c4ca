import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { estimateSize } from '../../js/size.js'

/** Estimates are compared with one another, and with what V8 is known to take where that is plain. */

/** The same code where the runtime does not tell a Proxy from its target. */
const { getBuiltinModule } = process
process.getBuiltinModule = undefined
const { estimateSize: blindEstimate } = await import('../../js/size.js?blind')
process.getBuiltinModule = getBuiltinModule

const refuse = () => {
  throw new Error('hostile')
}
const near = (actual, expected, what) =>
  assert.ok(actual > expected * 0.8 && actual < expected * 1.25, `${what}: ${actual}, not about ${expected}`)
const times = (length, make) => Array.from({ length }, (_, i) => make(i))

test('primitives', () => {
  for (const value of [undefined, null, true, 0, -1, 2 ** 31 - 1, '', 'a'])
    assert.equal(estimateSize(value), 8)
  for (const value of [0.5, -0, NaN, 2 ** 31]) assert.equal(estimateSize(value), 24)
  assert.equal(estimateSize(1n), 32)
  assert.equal(estimateSize(2n ** 6400n), 24 + 808)
  assert.equal(estimateSize('x'.repeat(800)), 24 + 800)
  assert.equal(estimateSize('é'.repeat(800)), 24 + 800)
  assert.equal(estimateSize('→'.repeat(800)), 24 + 1600)
  assert.equal(estimateSize('→'), 32)
  assert.ok(estimateSize(Symbol('s')) > 8)
})

test('more content is never less', () => {
  const rising = [
    [null, {}, { a: 1, b: 2, c: 3, d: 4, e: 5 }, { a: 'text', b: 2, c: 3, d: 4, e: 0.5 }],
    [[], [1], [1, 2], [1, 'text'], [1, 'text', []], [1, 'text', [{}]]],
    [
      new Map(),
      new Map([[1, 'text']]),
      new Map([[1, {}]]),
      new Map([[{}, {}]]),
      new Map(times(9, i => [i, i])),
    ],
    [new Set(), new Set(['text']), new Set([{}]), new Set(times(9, i => i))],
    [new ArrayBuffer(0), new ArrayBuffer(100), new ArrayBuffer(1e6)],
    [Object('a'), Object('a long text'), Object('a long text'.repeat(100))],
    [/a/, /a long source/],
    [new Error(), new Error('text'), new Error('text', { cause: {} })],
    [() => 1, Object.assign(() => 1, { a: 'text' })],
  ]
  for (const values of rising) {
    const sizes = values.map(estimateSize)
    for (let i = 1; i < sizes.length; i++) assert.ok(sizes[i] > sizes[i - 1], `${sizes}, the one at ${i}`)
  }
})

test('fractions are boxed, but not in an array of numbers', () => {
  const ints = times(100, i => i)
  const fractions = times(100, i => i + 0.5)
  assert.equal(estimateSize(fractions), estimateSize(ints))
  assert.equal(estimateSize([...fractions, 'a']), estimateSize([...ints, 'a']) + 1600)
  assert.equal(
    estimateSize({ a: 1, b: 2, c: 3, d: 4, e: 0.5 }),
    estimateSize({ a: 1, b: 2, c: 3, d: 4, e: 5 }) + 16,
  )
})

test('what a view shows counts', () => {
  const buffer = new ArrayBuffer(100_000)
  near(estimateSize(new Uint8Array(buffer)), 100_000, 'the whole')
  near(estimateSize(new Uint8Array(buffer, 0, 5000)), 5200, 'a part')
  near(estimateSize(new Float64Array(5000)), 40_000, 'elements of 8 bytes')
  near(estimateSize(new DataView(buffer, 10, 5000)), 5200, 'a DataView')
  near(estimateSize(Buffer.alloc(5000)), 5200, 'a Buffer')
  near(estimateSize(new (class extends Uint8Array {})(5000)), 5200, 'a subclass')
  near(estimateSize(buffer), 100_000, 'a buffer')
})

test('own enumerable data properties of anything', () => {
  const note = 'x'.repeat(1000)
  const values = [() => 1, Promise.resolve(1), new (class A {})(), new Map(), new Date(), /a/, new URL('a:b')]
  values.push(new Error(), Object.create(null), new WeakMap(), new (class extends Set {})())
  for (const value of values) {
    const before = estimateSize(value)
    value.note = note
    near(estimateSize(value) - before, 1016, String(Object.prototype.toString.call(value)))
  }
  const hidden = Object.defineProperty({}, 'note', { value: note })
  assert.equal(estimateSize(hidden), estimateSize({}))
  assert.equal(estimateSize(Object.defineProperty({}, Symbol('s'), { value: note })), estimateSize({}))
  assert.ok(estimateSize({ [Symbol('s')]: note }) > 1000)
  const named = length => Object.fromEntries(times(1000, i => [`${i}`.padStart(length, 'k'), i]))
  assert.equal(estimateSize(named(96)) - estimateSize(named(16)), 80_000)
})

test('subclasses and other realms count their content', () => {
  const entries = times(1000, i => [i, i])
  const plain = estimateSize(new Map(entries))
  assert.equal(estimateSize(new (class extends Map {})(entries)), plain)
  assert.equal(estimateSize(runInNewContext('new Map(entries)', { entries })), plain)
  assert.equal(estimateSize(runInNewContext('({ a: [1, 2, 3] })')), estimateSize({ a: [1, 2, 3] }))
})

test('what is met again costs its slot', () => {
  const shared = { text: 'x'.repeat(10_000) }
  const once = estimateSize([shared])
  assert.equal(estimateSize([shared, shared, shared]), once + 16)
  assert.ok(estimateSize([shared, { ...shared }]) > once + 10_000)
  const round = { text: 'x'.repeat(1000), list: [] }
  round.list.push(round, round.list)
  round.map = new Map([[round, round]])
  assert.ok(estimateSize(round) > 1000 && estimateSize(round) < 1600)
})

test('20,000 levels', () => {
  assert.ok(estimateSize(times(20_000, i => i).reduce(inner => ({ inner }), null)) > 10_000 * 40)
})

test('hostile values: nothing of theirs runs, nothing is thrown', () => {
  let ran = 0
  const count = () => void ran++
  const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map(name => [name, refuse]))
  const revoked = target => {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
  }
  const values = [
    new Proxy({}, traps),
    new Proxy([], traps),
    new Proxy(() => 1, traps),
    new Proxy([1], { getOwnPropertyDescriptor: refuse }),
    new Proxy([1], { get: () => -1 }),
    new Proxy([1], { get: () => 1e300 }),
    new Proxy({}, { getPrototypeOf: () => Map.prototype }),
    revoked({}),
    revoked([]),
    Object.create(Map.prototype),
    Object.create(Date.prototype),
    Object.create(new Proxy({}, traps)),
    Object.setPrototypeOf([], new Proxy({}, traps)),
    Object.defineProperty({}, 'a', { get: count, enumerable: true }),
    Object.defineProperty([1], 0, { get: count, enumerable: true }),
    Object.defineProperty(new Map(), 'size', { get: count, enumerable: true }),
    Object.defineProperty(new Error(), 'message', { get: count }),
    { toJSON: count, valueOf: count, [Symbol.toPrimitive]: count, [Symbol.iterator]: count },
    class {
      static get a() {
        return count()
      }
    },
  ]
  const detached = new Uint8Array(8)
  structuredClone(detached.buffer, { transfer: [detached.buffer] })
  for (const [i, value] of [...values, detached, detached.buffer].entries()) {
    for (const size of [estimateSize(value), blindEstimate(value)])
      assert.ok(Number.isInteger(size) && size >= 8 && size < 2000, `value ${i}: ${size}`)
    const [outer, known] = [estimateSize([value, 'x'.repeat(5000)]), estimateSize(['x'.repeat(5000)])]
    assert.ok(outer > known && outer < known + 2000, `value ${i} in an array: ${outer}`)
  }
  estimateSize(new Proxy({ a: 1 }, { ownKeys: count, getPrototypeOf: count }))
  assert.equal(ran, 0)
  const refusing = new Proxy(times(100, String), { getOwnPropertyDescriptor: refuse })
  assert.ok(blindEstimate(refusing) < 2000, 'one that throws is left at once')
})

test('an error is not made to write its stack', t => {
  const { prepareStackTrace } = Error
  t.after(() => (Error.prepareStackTrace = prepareStackTrace))
  let asked = 0
  Error.prepareStackTrace = () => void asked++
  const values = [new Error('a'), {}]
  Error.captureStackTrace(values[1])
  assert.ok(estimateSize(values) > 100)
  assert.equal(asked, 0)
})

test('large lists are extrapolated', () => {
  const row = i => ({ id: i, name: `the name of ${i}`, on: true })
  const few = times(1000, row)
  const each = estimateSize(few) / 1000
  near(estimateSize(times(50_000, row)), each * 50_000, 'an array')
  near(estimateSize({ a: 1, rows: times(50_000, row), b: 2 }), each * 50_000, 'in an object')
  near(estimateSize(times(300, () => times(100, row))), each * 30_000, 'rows of rows')
  near(estimateSize(new Set(times(2 ** 15, row))), each * 2 ** 15, 'a Set')
  near(estimateSize(new Map(times(2 ** 15, i => [i, row(i)]))), (each + 28) * 2 ** 15, 'a Map')
  const dictionary = n => Object.fromEntries(times(n, i => [`k${1e6 + i}`, row(i)]))
  near(estimateSize(dictionary(2 ** 15)), estimateSize(dictionary(2 ** 11)) * 16, 'a dictionary')
  near(estimateSize(times(1_000_000, i => i)), 8_000_000, 'numbers')
})

test('sparse arrays cost what they hold', () => {
  const sparse = Object.assign([], { 5: 'a', 4000000000: 'x'.repeat(1000) })
  assert.ok(estimateSize(sparse) < 2000 && estimateSize(sparse) > 1000)
  assert.equal(estimateSize(new Array(1000)), 56 + 8000)
})

test('at most 10,000 parts are looked at', () => {
  const looks = {}
  const looking = target =>
    new Proxy(target, {
      getOwnPropertyDescriptor(of, name) {
        looks.count++
        return Reflect.getOwnPropertyDescriptor(of, name)
      },
    })
  const large = {
    'an array': times(50_000, i => i),
    'arrays in an array': times(200, () => looking(times(200, i => i))),
  }
  for (const [what, value] of Object.entries(large)) {
    looks.count = 0
    const size = blindEstimate(looking(value))
    near(size, estimateSize(what.startsWith('arrays') ? times(200, () => times(200, i => i)) : value), what)
    // Beside the parts, a few places of a long array.
    assert.ok(looks.count >= 9000 && looks.count <= 10_064, `${what}: ${looks.count}`)
  }
})

test('a chain of containers is not extrapolated link by link', () => {
  const chain = link => Array.from({ length: 20_000 }).reduce(link, 'end')
  for (const link of [
    inner => new Map([[inner, 1]]),
    inner => new Set([inner, 1]),
    inner => [inner, 1],
    inner => ({ inner }),
  ]) {
    const size = estimateSize(chain(link))
    assert.ok(size > 100_000 && size < 20_000 * 1000, `${size}`)
  }
})
