import assert from 'node:assert/strict'
import test from 'node:test'
import vm from 'node:vm'
import { decode, encode, registerType } from '../../js/codec.js'
import { vectorValues } from '../../scripts/vectors-codec.mjs'
import { again, corrupt, refused } from '../codec/kit.mjs'

test('registered types', () => {
  class Money {
    #amount
    constructor(amount) {
      this.#amount = amount
    }
    get amount() {
      return this.#amount
    }
  }
  refused(
    { price: new Money(1) },
    /^value\.price is an instance of Money, which cannot be stored; a plain object with what is in it can$/,
  )
  registerType(Money, { encode: m => ({ amount: m.amount }), decode: d => new Money(d.amount) })
  const money = new Money(5)
  const back = again({ a: money, b: money })
  assert.ok(back.a instanceof Money)
  assert.equal(back.a.amount, 5)
  assert.equal(back.a, back.b)
  class Euro extends Money {}
  refused(new Euro(1), /^value is an instance of Euro/)
  class Node {
    next = null
  }
  registerType(Node, {
    name: 'app/Node',
    encode: n => [n.next],
    decode: ([next]) => Object.assign(new Node(), { next }),
  })
  let list = null
  for (let i = 0; i < 20000; i++) list = Object.assign(new Node(), { next: list })
  let length = 0
  for (let node = again(list); node; node = node.next) length++
  assert.equal(length, 20000)
  const loop = new Node()
  loop.next = loop
  refused(loop, /inside its own data/)
  class Bad {}
  registerType(Bad, {
    encode: () => {
      throw new Error('no')
    },
    decode: () => {
      throw new Error('no')
    },
  })
  refused({ x: new Bad() }, /^value\.x<Bad> could not be read: no$/)
  registerType(Bad, {
    encode: () => 1,
    decode: () => {
      throw new Error('no')
    },
  })
  assert.throws(() => again(new Bad()), { code: 'ERR_VALUE_CORRUPT' })
  registerType(Bad, { encode: () => 1, decode: () => 1, name: 'Renamed' })
  registerType(Bad, { encode: () => () => {}, decode: () => 1 })
  refused([new Bad()], /^value\[0\]<Bad> is a function/)
  class Unit {}
  assert.throws(() => registerType(Unit, { name: 'Money', encode() {}, decode() {} }), /another class's/)
  assert.throws(() => registerType(Map, { encode() {}, decode() {} }), /builtin/)
  assert.throws(() => registerType({}, { encode() {}, decode() {} }), TypeError)
  assert.throws(() => registerType(Unit, {}), TypeError)
  corrupt([1, 32, 0xc0 | 4, ...Buffer.from('Nope'), 1])
})

test('refusals, with the path', () => {
  class Socket {}
  refused(() => {}, /^value is a function, which cannot be stored$/)
  refused({ f: function go() {} }, /^value\.f is a function \(go\)/)
  refused(
    { user: { socket: new Socket() } },
    /^value\.user\.socket is an instance of Socket, which cannot be stored/,
  )
  refused([1, { 'a b': [Symbol('u')] }], /^value\[1\]\["a b"\]\[0\] is a unique symbol, Symbol\(u\)/)
  refused({ [Symbol('u')]: 1 }, /^value has a property under a unique symbol/)
  refused({ [Symbol.for('r')]: new Socket() }, /^value\[Symbol\.for\("r"\)\] is an instance/)
  refused(new Map([['k', new WeakMap()]]), /^value\.get\("k"\) is a WeakMap, which cannot be stored$/)
  refused(new Map([[new WeakSet(), 1]]), /^value\.keys\(\)\[0\] is a WeakSet/)
  refused(new Set([1, Promise.resolve()]), /^value\.values\(\)\[1\] is a Promise/)
  refused(new Error('e', { cause: new Socket() }), /^value\.cause is an instance/)
  refused(Object.assign(new Date(), { s: new Socket() }), /^value\.s is an instance/)
  refused([, new Socket()], /^value\[1\] is an instance/)
  for (const value of [
    new ReadableStream(),
    new Response(),
    new Blob(['x']),
    new AbortController().signal,
    (function* () {})(),
  ]) {
    refused({ a: value }, /^value\.a /)
  }
  for (const value of [
    Math,
    JSON,
    globalThis.Atomics,
    new WeakRef({}),
    new SharedArrayBuffer(1),
    new Uint8Array(new SharedArrayBuffer(1)),
  ]) {
    refused({ a: value }, /^value\.a/)
  }
  class Sub extends Map {}
  refused(new Sub(), /instance of Sub/)
  refused(Object.setPrototypeOf([], Object.prototype), /^value /)
  refused(Object.setPrototypeOf([], null), /^value /)
  refused(Object.setPrototypeOf(new Date(), Object.prototype), /^value is \[object Date\]/)
  for (const stripped of [new Map([[1, 2]]), new Set([1]), new DataView(new ArrayBuffer(1)), new Date()]) {
    for (const proto of [Object.prototype, null, vm.runInNewContext('Object.prototype')]) {
      const value = Object.setPrototypeOf(stripped, proto)
      refused({ a: value }, /^value\.a (is|has) /)
      let deep = value
      for (let i = 0; i < 300; i++) deep = [deep]
      refused(deep, /^value\[0\]/)
    }
  }
  refused(
    Object.setPrototypeOf(new Map(), Object.prototype),
    /^value is a builtin that was given the prototype/,
  )
  refused(Object.create(Map.prototype), /^value is a Map, which cannot be stored/)
  refused(Object.create({ a: 1 }), /prototype of its own, which would be lost; a plain object can be stored$/)
  refused(Object.create(Error.prototype), /^value is an Error by its prototype alone/)
  refused(
    {
      p: new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('trap')
          },
        },
      ),
    },
    /^value\.p could not be read: trap/,
  )
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  refused([proxy], /^value\[0\] could not be read/)
  refused(
    {
      a: {
        get b() {
          throw new Error('boom')
        },
      },
    },
    /^value\.a\.b could not be read: boom$/,
  )
  refused({ a: new Proxy(new Map(), {}) }, /^value\.a/)
  if (ArrayBuffer.prototype.resize) refused(new ArrayBuffer(1, { maxByteLength: 2 }), /resizable/)
  const buffer = new ArrayBuffer(1)
  const view = new Uint8Array(buffer)
  structuredClone(buffer, { transfer: [buffer] })
  refused(buffer, /detached/)
  refused(view, /detached/)
  let deep = new Socket()
  for (let i = 0; i < 20000; i++) deep = { d: deep }
  refused(deep, /^value(\.d){8}…(\.d){8} is an instance of Socket/)
  // A class may borrow a name; its instances are still its own.
  refused(new (class Map {})(), /instance of Map/)
  refused(
    new (class Date {
      get [Symbol.toStringTag]() {
        return 'Date'
      }
    })(),
    /instance of Date/,
  )
})

test('re-entrant: getters and registered types that encode and decode', () => {
  class Wrapped {
    constructor(inner) {
      this.inner = inner
    }
  }
  registerType(Wrapped, { encode: w => encode(w.inner), decode: b => new Wrapped(decode(b)) })
  const value = { before: 'b'.repeat(100), w: new Wrapped({ x: [1, new Wrapped('in')] }), after: { x: 1 } }
  const back = again(value)
  assert.deepStrictEqual(back, value)
  const kept = encode('kept')
  const object = {
    a: 1,
    get b() {
      return encode({ a: 1, b: 'x'.repeat(20000) }).length
    },
    c: { a: 1, b: 2 },
  }
  assert.deepStrictEqual(again(object), { a: 1, b: object.b, c: { a: 1, b: 2 } })
  assert.equal(decode(kept), 'kept')
  refused(
    {
      get a() {
        try {
          encode(() => {})
        } catch {}
        return () => {}
      },
    },
    /^value\.a is a function/,
  )
})

test('results do not change under later calls', () => {
  const results = []
  for (let i = 0; i < 2000; i++) results.push(encode({ i, text: 'x'.repeat(i % 1500) }))
  results.forEach((bytes, i) => assert.deepStrictEqual(decode(bytes), { i, text: 'x'.repeat(i % 1500) }))
})

test('corrupt bytes', () => {
  corrupt([])
  corrupt([2, 1])
  corrupt([1])
  corrupt([1, 0])
  corrupt([1, 1, 1])
  corrupt([1, 200])
  corrupt([1, 9, 255, 255, 255, 255, 15])
  corrupt([1, 20, 255, 255, 255, 255, 15])
  corrupt([1, 5, 255, 255, 255, 255, 255, 1])
  corrupt([1, 12, 0])
  corrupt([1, 17, 0])
  corrupt([1, 21, 3, 1, 3, 1])
  corrupt([1, 22, 2, 0x81, 1, 0x81, 1])
  corrupt([1, 23, 2, 0x81, 0x81])
  corrupt([1, 16, 5, 2, 0xc1, 97, 0xc1, 97, 1, 1])
  corrupt([1, 25, 0xc1, 40, 0xc0])
  corrupt([1, 31, 20, 0, 8, 1, 0xc6, ...Buffer.from('length'), 0x81])
  corrupt([1, 30, 1, 0xc1, 97])
  corrupt([1, 28, 5, 27, 1, 0])
  corrupt([1, 29, 1, 1, 0xc1, 97, 1])
  assert.throws(() => decode('x'), { code: 'ERR_VALUE_CORRUPT' })
  for (const value of Object.values(vectorValues())) {
    const bytes = encode(value)
    for (let end = 0; end < bytes.length; end++)
      assert.throws(() => decode(bytes.subarray(0, end)), { code: 'ERR_VALUE_CORRUPT' })
  }
})
