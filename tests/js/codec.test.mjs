import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import vm from 'node:vm'
import { decode, encode } from '../../js/codec.js'
import { vectorValues } from '../../scripts/vectors-codec.mjs'
import { again, same } from '../codec/kit.mjs'

test('primitives', () => {
  const numbers = [
    0,
    -0,
    1,
    -1,
    63,
    64,
    0.1,
    NaN,
    Infinity,
    -Infinity,
    2 ** 31,
    2 ** 31 - 1,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 53,
    5e-324,
  ]
  for (const value of [undefined, null, true, false, ...numbers])
    assert.ok(Object.is(again(value), value), String(value))
  for (const value of [0n, 1n, -1n, 2n ** 53n + 1n, -(2n ** 64n), 3n ** 5000n, -(3n ** 5000n)])
    assert.equal(again(value), value)
  assert.equal(again(Symbol.for('x')), Symbol.for('x'))
})

test('every string', () => {
  const strings = [
    '',
    'a',
    '\0',
    '\ud800',
    '\udc00\ud800',
    '\ufeffx',
    '\r\n',
    'é',
    'e\u0301',
    '→',
    '😀',
    '\u00ff',
    '\u0100',
    '\u0080\u009f',
  ]
  for (const text of strings) {
    assert.equal(again(text), text)
    for (const size of [23, 24, 25, 62, 63, 64, 65, 66, 4095, 4097, 70000]) {
      assert.equal(again('x'.repeat(size) + text), 'x'.repeat(size) + text)
      assert.equal(again(text.repeat(size)), text.repeat(size))
    }
    assert.deepStrictEqual(Object.keys(again({ [text]: 1 })), [text])
  }
})

test('arrays: holes, extra properties, sparse ones cheaply', () => {
  for (const array of [[], [1, 2], [undefined], [, 1], [1, ,], new Array(5), [[], [[]]]]) {
    const back = same(array)
    assert.equal(back.length, array.length)
    assert.deepStrictEqual(Object.keys(back), Object.keys(array))
  }
  same(Object.assign([1, 2], { index: 0, [Symbol.for('s')]: 1 }))
  same(Object.assign([1, , 3], { extra: true }))
  const match = /b(?<n>c)/d.exec('abc')
  const back = again(match)
  assert.deepStrictEqual(Object.entries(back), Object.entries(match))
  const sparse = []
  sparse[4294967294] = 'last'
  sparse[7] = 'seven'
  const bytes = encode(sparse)
  assert.ok(bytes.length < 40)
  assert.deepStrictEqual(Object.entries(decode(bytes)), Object.entries(sparse))
  assert.equal(decode(bytes).length, 4294967295)
  const empty = new Array(4e9)
  assert.equal(again(empty).length, 4e9)
  same(Array.from({ length: 5000 }, (_, i) => i))
})

test('plain objects', () => {
  for (const object of [
    {},
    { a: undefined },
    { b: 1, a: 2 },
    { 2: 'b', 1: 'a' },
    { '': 0 },
    { toString: 1, constructor: 2 },
  ]) {
    assert.deepStrictEqual(Object.entries(same(object)), Object.entries(object))
    same(Object.assign(Object.create(null), object))
  }
  const trap = JSON.parse('{"__proto__":{"polluted":1},"x":2}')
  for (let i = 0; i < 3; i++) {
    const back = same(trap)
    assert.ok(Object.hasOwn(back, '__proto__'))
    assert.equal(back.polluted, undefined)
  }
  const bare = Object.create(null)
  const name = '__proto__'
  bare[name] = 1
  assert.deepStrictEqual(Object.entries(same(bare)), [['__proto__', 1]])
  same({ [Symbol.for('k')]: 1, a: 2 })
  same(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i])))
  let reads = 0
  assert.deepStrictEqual(
    again({
      get a() {
        return ++reads
      },
    }),
    { a: 1 },
  )
  assert.deepStrictEqual(
    again(
      (function () {
        return arguments
      })('x'),
    ),
    { 0: 'x' },
  )
  assert.deepStrictEqual(again(Object.defineProperty({ a: 1 }, 'hidden', { value: 2 })), { a: 1 })
  // More lists of names than are numbered or remembered, twice over.
  const many = Array.from({ length: 700 }, (_, i) => ({ [`p${i}`]: i, q: 1 }))
  same([...many, ...many])
  assert.deepStrictEqual(encode([...many, ...many]), encode([...many, ...many]))
})

test('collections, dates, expressions, boxes', () => {
  const m = same(
    new Map([
      [1, 'a'],
      ['1', new Map()],
      [NaN, { a: 1 }],
      [{ k: 1 }, undefined],
    ]),
  )
  assert.equal(m.get(NaN).a, 1)
  same(new Set([1, '1', NaN, new Set([{}])]))
  same(new Date(0))
  assert.ok(Number.isNaN(again(new Date(NaN)).getTime()))
  const sticky = /a(b)\/\n/dgimsuy
  sticky.lastIndex = 3
  const back = again(sticky)
  assert.deepEqual([back.source, back.flags, back.lastIndex], [sticky.source, sticky.flags, 0])
  same(/(?:)/)
  for (const value of [1, -0, NaN, 's', '', true, false, 1n, Symbol.for('b')]) same(Object(value))
  same(Object.assign(new Map([[1, 2]]), { note: 'n' }))
  same(Object.assign(Object('abc'), { note: 'n' }))
  same(Object.assign(new Date(5), { [Symbol.for('z')]: { deep: [1] } }))
})

test('bytes', () => {
  same(new ArrayBuffer(0))
  same(new Uint8Array([1, 2, 3]).buffer)
  const kinds = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ]
  if (globalThis.Float16Array) kinds.push(globalThis.Float16Array)
  for (const Kind of kinds) same(new Kind([0, 1, 2.5, 100]))
  same(new BigInt64Array([-1n, 2n ** 62n]))
  same(new BigUint64Array([2n ** 63n]))
  same(new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2))
  const buffer = same(Buffer.from('hello'))
  assert.ok(Buffer.isBuffer(buffer))
  const window = again(new Uint8Array(100).subarray(10, 12))
  assert.equal(window.buffer.byteLength, 2)
  const [a, b, c] = again((ab => [new Uint8Array(ab), new Uint16Array(ab), ab])(new ArrayBuffer(4)))
  assert.equal(a.buffer, b.buffer)
  assert.equal(a.buffer, c)
  same(crypto.getRandomValues(new Uint8Array(60000)))
})

test('errors', () => {
  for (const Class of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    const error = Object.assign(new Class('m', { cause: { a: 1 } }), { code: 'E_X' })
    const back = same(error)
    assert.ok(back instanceof Class)
    assert.deepEqual(
      [back.name, back.message, back.code, back.cause, back.stack],
      [error.name, 'm', 'E_X', { a: 1 }, error.stack],
    )
    assert.deepEqual(Object.keys(back), ['code'])
  }
  const bare = again(new Error())
  assert.ok(!Object.hasOwn(bare, 'message') && !Object.hasOwn(bare, 'cause') && !Object.hasOwn(bare, 'name'))
  assert.ok(Object.hasOwn(again(new Error('x', { cause: undefined })), 'cause'))
  const many = same(new AggregateError([new TypeError('a'), 1], 'm'))
  assert.ok(many.errors[0] instanceof TypeError)
  class NotFound extends RangeError {
    name = 'NotFound'
  }
  const own = again(new NotFound('x'))
  assert.equal(Object.getPrototypeOf(own), RangeError.prototype)
  assert.equal(own.name, 'NotFound')
  class Inherited extends Error {}
  Inherited.prototype.name = 'Inherited'
  assert.equal(again(new Inherited()).name, 'Inherited')
  assert.ok(!Object.keys(again(new Inherited())).includes('name'))
  const loop = new Error('loop')
  loop.cause = loop
  const back = again(loop)
  assert.equal(back.cause, back)
  const dom = again(new DOMException('m', 'AbortError'))
  assert.ok(dom instanceof DOMException)
  assert.deepEqual([dom.name, dom.message, dom.code], ['AbortError', 'm', 20])
  const stackless = new Error('x')
  delete stackless.stack
  assert.ok(!Object.hasOwn(again(stackless), 'stack'))
  for (const name of ['message', 'stack', 'name']) {
    for (const value of [{ a: 1 }, 5, null, undefined]) {
      const odd = Object.defineProperty(new Error('m'), name, { value, configurable: true, writable: true })
      const { [name]: got } = again(odd)
      assert.deepEqual([got, Object.hasOwn(again(odd), name)], [value, true], `${name} ${value}`)
    }
  }
})

test('texts of the platform', () => {
  assert.equal(same(new URL('https://u:p@example.org/a?b=c#d')).href, 'https://u:p@example.org/a?b=c#d')
  assert.equal(same(new URLSearchParams('a=1&a=2&b=%20')).toString(), 'a=1&a=2&b=+')
  const headers = new Headers([
    ['a', '1'],
    ['set-cookie', 'x=1'],
    ['set-cookie', 'y=2'],
  ])
  assert.deepEqual([...again(headers)], [...headers])
})

test('identity inside a value', () => {
  const shared = { n: 1 }
  const value = {
    a: shared,
    b: [shared],
    c: new Map([[shared, shared]]),
    d: new Set([shared]),
    self: undefined,
  }
  value.self = value
  const back = again(value)
  assert.equal(back.self, back)
  for (const other of [back.b[0], ...back.c.keys(), ...back.c.values(), ...back.d])
    assert.equal(other, back.a)
  const date = new Date()
  const [x, y] = again([date, date])
  assert.equal(x, y)
  const list = Array.from({ length: 100 }, () => ({ shared }))
  const all = again([...list, ...list])
  for (let i = 0; i < 100; i++) assert.equal(all[i], all[i + 100])
})

test('depth', () => {
  const kinds = {
    object: v => ({ v }),
    array: v => [v],
    map: v => new Map([[1, v]]),
    set: v => new Set([v]),
    sparse: v => [, v],
    error: v => Object.assign(new Error('e', { cause: v }), { stack: '' }),
    bare: v => Object.assign(Object.create(null), { v }),
  }
  const inside = {
    object: v => v.v,
    array: v => v[0],
    map: v => v.get(1),
    set: v => [...v][0],
    sparse: v => v[1],
    error: v => v.cause,
    bare: v => v.v,
  }
  for (const kind in kinds) {
    let value = 'end'
    for (let i = 0; i < 20000; i++) value = kinds[kind](value)
    let back = again(value)
    for (let i = 0; i < 20000; i++) back = inside[kind](back)
    assert.equal(back, 'end', kind)
  }
  const top = {}
  let chain = top
  for (let i = 0; i < 20000; i++) chain = chain.next = {}
  chain.top = top
  const back = again(top)
  let end = back
  while (end.next) end = end.next
  assert.equal(end.top, back)
})

test('other realms', () => {
  const back = again(
    vm.runInNewContext(
      '({ a: [1, new Map([[1, new Date(5)]])], e: new TypeError("x"), u: new Uint8Array([1]), r: /x/g })',
    ),
  )
  assert.deepStrictEqual(back.a, [1, new Map([[1, new Date(5)]])])
  assert.ok(back.e instanceof TypeError)
  assert.deepStrictEqual(back.u, new Uint8Array([1]))
  assert.deepStrictEqual(back.r, /x/g)
})

test('golden vectors: the same bytes everywhere and always', () => {
  const vectors = JSON.parse(readFileSync(new URL('../vectors/codec.json', import.meta.url), 'utf8'))
  const values = vectorValues()
  assert.deepEqual(Object.keys(vectors).sort(), Object.keys(values).sort())
  for (const [name, value] of Object.entries(values)) {
    assert.equal(Buffer.from(encode(value)).toString('hex'), vectors[name], name)
    // Node 20 holds two invalid dates for different.
    if (name !== 'deeper than recursion' && name !== 'invalid date')
      assert.deepStrictEqual(decode(Buffer.from(vectors[name], 'hex')), value, name)
  }
})
