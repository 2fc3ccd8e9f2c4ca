import { describe, test } from 'node:test'
import { mime } from '../../js/entry/inline.js'
import { assertByIdentity, assertDistinct, assertSame } from './calls.mjs'

/** Objects that pose as what they are not. Imported by tests/js/key-hostile.test.mjs. */

const dressed = (object, prototype) => Object.setPrototypeOf(object, prototype)
const hidden = (object, key, value) =>
  Object.defineProperty(object, key, { value, enumerable: false, configurable: true })

describe('forged prototypes go by identity', () => {
  const makers = {
    'no Map': () => Object.create(Map.prototype),
    'no Set': () => Object.create(Set.prototype),
    'no Date': () => Object.create(Date.prototype),
    'no RegExp': () => Object.create(RegExp.prototype),
    'no Array': () => Object.create(Array.prototype),
    'no Error': () => Object.create(Error.prototype),
    'no Uint8Array': () => Object.create(Uint8Array.prototype),
    'no URL': () => Object.create(URL.prototype),
    'no Request': () => Object.create(Request.prototype),
    'a Request as a Map': () => dressed(new Request('https://example.org/'), Map.prototype),
    'a Date as a Request': () => dressed(new Date(0), Request.prototype),
    'no Number': () => Object.create(Number.prototype),
    'a Date as a Map': () => dressed(new Date(0), Map.prototype),
    'a Map as a Date': () => dressed(new Map(), Date.prototype),
    'an Int8Array as a Uint8Array': () => dressed(new Int8Array(1), Uint8Array.prototype),
    'an array as an object': () => dressed([1], Object.prototype),
    'a Date as an object': () => dressed(new Date(0), Object.prototype),
    'a Date without a prototype': () => dressed(new Date(0), null),
  }
  for (const [what, make] of Object.entries(makers)) test(what, () => assertByIdentity(make))

  test('with an own property besides', () => {
    const date = time => Object.assign(dressed(new Date(time), null), { a: 1 })
    assertDistinct(date(0), date(1), { a: 1 })
    const array = length => Object.assign(dressed(Array(length), Object.prototype), { a: 1 })
    assertDistinct(array(1), array(2))
  })

  test('a Map that poses as an object is not the empty object', () => {
    assertDistinct(
      dressed(new Map([[1, 1]]), Object.prototype),
      dressed(new Map([[2, 2]]), Object.prototype),
      {},
    )
  })

  test('prototypes of classes are not the empty object', () => {
    class A {
      a() {}
    }
    class B {
      b() {}
    }
    assertDistinct(A.prototype, B.prototype, {}, Object.prototype, Map.prototype, RegExp.prototype)
  })
})

describe('spoofed tags and names', () => {
  test('Symbol.toStringTag', () => {
    const tagged = (object, value) =>
      Object.defineProperty(object, Symbol.toStringTag, { value, enumerable: true })
    assertDistinct(tagged({}, 'Map'), tagged({}, 'Set'), {}, tagged(new Map(), 'Set'), new Map(), new Set())
    assertDistinct(tagged(new Error('a'), 'Error'), tagged(Object.create(Error.prototype), 'Error'))
    assertDistinct(tagged(new Date(1), 'Object'), tagged(new Date(2), 'Object'))
    assertByIdentity(() => tagged(Object.create(RegExp.prototype), 'RegExp'))
  })

  test('a RegExp with flags of its own', () => {
    assertDistinct(/a/, /a/g, hidden(/a/, 'global', true), hidden(/a/i, 'flags', 'g'))
  })

  test('classes with one name, and with none', () => {
    const make = () => ({ Same: class { [mime.key]() { return 1 } } }).Same // biome-ignore format: one line
    const bare = () => class { [mime.key]() { return 1 } } // biome-ignore format: one line
    assertDistinct(new (make())(), new (make())(), new (bare())(), new (bare())())
  })

  test('objects with [mime.key]() that hide their constructor', () => {
    const make = () => ({ [mime.key]: () => 1 })
    assertDistinct(Object.create(make()), Object.create(make()))
    const bare = () => Object.assign(Object.create(null), { [mime.key]: () => 1 })
    assertDistinct(Object.create(bare()), Object.create(bare()))
  })
})

describe('proxies', () => {
  const proxied = (target, handler = {}) => new Proxy(target, handler)
  test('one that is honest counts as its target', () => {
    assertSame(proxied({ a: 1 }), { a: 1 })
    assertSame(proxied([1, 2]), [1, 2])
  })
  test('one that lies about its length', () => {
    const lying = length => proxied([1, 2], { get: (t, k) => (k === 'length' ? length : t[k]) })
    for (const length of [0, 1, 3, 2 ** 31, 2 ** 32 - 1]) assertDistinct(lying(length), [1, 2])
    for (const length of [-1, 1.5, NaN, '2', 2 ** 32, Infinity]) assertByIdentity(() => lying(length))
  })
  test('one that gives another prototype each time', () => {
    const list = [Object.prototype, Array.prototype, Map.prototype, null]
    const make = x => {
      let i = 0
      return proxied({ x }, { getPrototypeOf: () => list[i++ % list.length] })
    }
    assertDistinct(make(1), make(2))
  })
})

describe('properties that are hard to count', () => {
  test('an extra property beside a hidden item', () => {
    const make = x => Object.assign(hidden([1, 2], 0, 1), { x })
    assertDistinct(make(1), make(2))
  })
  test('a signal does not count on any container', () => {
    const signal = AbortSignal.abort()
    for (const make of [
      () => ({}),
      () => [1],
      () => new Map(),
      () => new Date(0),
      () => /a/,
      () => new Error('a'),
    ])
      assertSame(make(), Object.assign(make(), { signal }))
  })
  test('an own name of an Error, which is not enumerable', () => {
    assertDistinct(hidden(new Error('a'), 'name', 'X'), hidden(new Error('a'), 'name', 'Y'))
  })
})
