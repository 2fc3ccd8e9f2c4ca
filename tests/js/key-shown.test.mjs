import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mime } from '../../js/entry/inline.js'
import { assertDistinct, assertSame, recorder } from '../property/calls.mjs'

/** What a value shows only to who asks in the right way: hidden properties, tags, names out of order, methods that give their own object. */

const hidden = (value, name, held) => Object.defineProperty(value, name, { value: held, configurable: true })

test('hidden properties of an error are its own, but for where it was made', () => {
  const coded = code => hidden(new Error('m'), 'code', code)
  assertDistinct(coded('A'), coded('B'), new Error('m'))
  assertSame(coded('A'), coded('A'))
  assertSame(new TypeError('m'), new TypeError('m'), hidden(new TypeError('m'), 'stack', 'elsewhere'))
  assertSame(hidden(new Error('m'), 'fileName', 'a.js'), hidden(new Error('m'), 'sourceURL', 'b.js'))
  assertDistinct(Object.assign(new Error('m'), { line: 1 }), Object.assign(new Error('m'), { line: 2 }))
})

test('an instance whose method gives itself is nobody else', () => {
  class Own {
    constructor(id, x) {
      Object.assign(this, { id, x })
    }
    [mime.key]() {
      return this.id ?? this
    }
  }
  const [a, b] = [new Own(undefined, 'a'), new Own(undefined, 'b')]
  assertDistinct(a, b, [a], [b], new Own(1))
  assertSame(a, a)
  assertSame(new Own(1, 'a'), new Own(1, 'b'))
})

test('a proxy of an array that lists another name first', () => {
  const odd = extra => {
    const target = Object.assign([1], { extra })
    return new Proxy(target, {
      ownKeys: () => ['extra', '0', 'length'],
      get: (its, name) => (name === 'length' ? 2 : name === '1' ? 5 : its[name]),
    })
  }
  assertDistinct(odd(1), odd(2), [1, 5])
})

for (const [what, make] of Object.entries({
  'an empty object': () => ({}),
  'an object with an index': () => ({ 0: 1 }),
  'an object without a prototype': () => Object.create(null),
  'an error': () => new Error('m'),
  'a pattern': () => /a/,
})) {
  test(`the tag of ${what} is read at most once`, () => {
    let reads = 0
    const value = Object.defineProperty(make(), Symbol.toStringTag, {
      enumerable: true,
      // No string, so it says nothing.
      get: () => reads++,
    })
    const f = mime(x => x)
    assert.equal(f(value), value)
    assert.ok(reads <= 1, `${reads} times`)
  })
}

test('texts count whatever someone adds to Object.prototype', () => {
  const f = recorder()
  const values = [
    () => new URLSearchParams('a=1'),
    () => new URLSearchParams('a=2'),
    () => new Headers([['a', '1']]),
    () => new Headers([['a', '2']]),
    () => new URL('http://a'),
    () => new URL('http://b'),
  ].map(make => [make(), make()])
  let records
  Object.prototype.get = () => () => ''
  try {
    records = values.map(([value, like]) => [f(value), f(like)])
  } finally {
    delete Object.prototype.get
  }
  assert.equal(new Set(records.flat()).size, values.length)
  for (const [record, like] of records) assert.equal(record, like)
})
