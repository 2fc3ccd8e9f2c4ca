import vm from 'node:vm'
import { distinct, same } from './pair.mjs'

/** Plain objects by content. */
const key = Symbol('key')
const toJSON = () => 1
const bare = content => Object.assign(Object.create(null), content)
const wide = () => Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`name${i}`, i]))

export const objects = [
  same('equal objects', () => [{ id: 1, name: 'a', opts: { a: 1, b: 2 } }]),
  same('empty objects', () => [{}]),
  same(
    'the order of keys',
    () => [{ a: 1, b: 2 }],
    () => [{ b: 2, a: 1 }],
  ),
  same(
    'the order of nested keys',
    () => [{ x: { a: 1, b: 2 }, y: 0 }],
    () => [{ y: 0, x: { b: 2, a: 1 } }],
  ),
  same(
    'the order of keys that look like numbers',
    () => [{ 10: 'x', 9: 'y', a: 1 }],
    () => [{ a: 1, 9: 'y', 10: 'x' }],
  ),
  same(
    'a numeric key and its text',
    () => [{ 1: 'a' }],
    () => [{ 1: 'a' }],
  ),
  distinct(
    'a value differs',
    () => [{ a: 1 }],
    () => [{ a: 2 }],
  ),
  distinct(
    'a key differs',
    () => [{ a: 1 }],
    () => [{ b: 1 }],
  ),
  distinct(
    'a key more',
    () => [{ a: 1 }],
    () => [{ a: 1, b: 2 }],
  ),
  distinct(
    'values change places',
    () => [{ a: 1, b: 2 }],
    () => [{ a: 2, b: 1 }],
  ),
  distinct(
    'a nested value differs',
    () => [{ a: { b: { c: 1 } } }],
    () => [{ a: { b: { c: 2 } } }],
  ),
  distinct(
    'a property moves out of the nested object',
    () => [{ a: { b: 1, c: 2 } }],
    () => [{ a: { b: 1 }, c: 2 }],
  ),
  distinct(
    'a property of undefined counts',
    () => [{ a: undefined }],
    () => [{}],
  ),
  distinct(
    'a property of undefined beside others',
    () => [{ a: undefined, b: 1 }],
    () => [{ b: 1 }],
  ),
  distinct(
    'undefined under another key',
    () => [{ a: undefined }],
    () => [{ b: undefined }],
  ),
  distinct(
    'undefined is not null in an object',
    () => [{ a: undefined }],
    () => [{ a: null }],
  ),
  distinct(
    'NaN is not null in an object',
    () => [{ a: NaN }],
    () => [{ a: null }],
  ),
  distinct(
    '-0 is not 0 in an object',
    () => [{ a: -0 }],
    () => [{ a: 0 }],
  ),
  distinct(
    'a bigint is not a number in an object',
    () => [{ a: 1n }],
    () => [{ a: 1 }],
  ),
  distinct(
    'a number is not its text in an object',
    () => [{ a: 1 }],
    () => [{ a: '1' }],
  ),
  distinct(
    'a Date is not its text in an object',
    () => [{ a: new Date(0) }],
    () => [{ a: new Date(0).toJSON() }],
  ),
  distinct(
    'a function in an object counts',
    () => [{ a: toJSON }],
    () => [{}],
  ),
  distinct(
    'a symbol in an object counts',
    () => [{ a: Symbol.for('a') }],
    () => [{}],
  ),
  same('a key named toJSON is a key', () => [{ toJSON }]),
  distinct(
    'toJSON is not called',
    () => [{ toJSON }],
    () => [1],
  ),
  distinct(
    'toJSON hides nothing',
    () => [{ toJSON, a: 1 }],
    () => [{ toJSON, a: 2 }],
  ),
  distinct(
    'punctuation in a key',
    () => [{ 'a:1,b': 2 }],
    () => [{ a: 1, b: 2 }],
  ),
  distinct(
    'quotes in a key',
    () => [{ 'a":1,"b': 2 }],
    () => [{ a: 1, b: 2 }],
  ),
  distinct(
    'an empty key counts',
    () => [{ '': 1 }],
    () => [{}],
  ),
  distinct(
    'a NUL in a key counts',
    () => [{ 'a\0': 1 }],
    () => [{ a: 1 }],
  ),
  distinct(
    'lone surrogates in keys',
    () => [{ '\ud800': 1 }],
    () => [{ '\ud801': 1 }],
  ),
  distinct(
    'a lone surrogate in a value',
    () => [{ a: '\ud800' }],
    () => [{ a: '\ufffd' }],
  ),
  same(
    'null prototypes count as plain',
    () => [bare({ a: 1 })],
    () => [{ a: 1 }],
  ),
  same(
    'an empty object without a prototype',
    () => [bare({})],
    () => [{}],
  ),
  same(
    'an object of another realm',
    () => [vm.runInNewContext('({ a: 1, b: { c: 2 } })')],
    () => [{ a: 1, b: { c: 2 } }],
  ),
  distinct(
    'objects of another realm differ',
    () => [vm.runInNewContext('({ a: 1 })')],
    () => [{ a: 2 }],
  ),
  distinct(
    'an own __proto__ counts',
    () => [JSON.parse('{"__proto__":1}')],
    () => [{}],
  ),
  distinct(
    'the content of an own __proto__ counts',
    () => [JSON.parse('{"__proto__":{"a":1}}')],
    () => [JSON.parse('{"__proto__":{"a":2}}')],
  ),
  same('an own __proto__ twice', () => [JSON.parse('{"__proto__":1}')]),
  distinct(
    'an own key named constructor counts',
    () => [{ constructor: 1 }],
    () => [{}],
  ),
  same('an own key named hasOwnProperty', () => [{ hasOwnProperty: 1 }]),
  distinct(
    'an own key named length is no array',
    () => [{ length: 0 }],
    () => [[]],
  ),
  distinct(
    'an object with indexes is no array',
    () => [{ 0: 1, length: 1 }],
    () => [[1]],
  ),
  distinct(
    'an empty object is no empty array',
    () => [{}],
    () => [[]],
  ),
  distinct(
    'an object is not its text',
    () => [{}],
    () => ['[object Object]'],
  ),
  distinct(
    'a symbol key counts',
    () => [{ [key]: 1 }],
    () => [{}],
  ),
  distinct(
    'the value under a symbol key counts',
    () => [{ [key]: 1 }],
    () => [{ [key]: 2 }],
  ),
  same('one unique symbol key', () => [{ [key]: 1 }]),
  distinct('two unique symbol keys of one description', () => [{ [Symbol('a')]: 1 }]),
  same('a registered symbol key', () => [{ [Symbol.for('a')]: 1 }]),
  same(
    'the order of symbol keys',
    () => [{ [Symbol.for('a')]: 1, [Symbol.for('b')]: 2 }],
    () => [{ [Symbol.for('b')]: 2, [Symbol.for('a')]: 1 }],
  ),
  distinct(
    'a symbol key is no string key',
    () => [{ [Symbol.for('a')]: 1 }],
    () => [{ a: 1 }],
  ),
  distinct(
    'a symbol key is not its text',
    () => [{ [Symbol.for('a')]: 1 }],
    () => [{ 'Symbol(a)': 1 }],
  ),
  same(
    'a getter counts as what it gives',
    () => [
      {
        get a() {
          return 1
        },
      },
    ],
    () => [{ a: 1 }],
  ),
  distinct(
    'getters that give different values',
    () => [
      {
        get a() {
          return 1
        },
      },
    ],
    () => [
      {
        get a() {
          return 2
        },
      },
    ],
  ),
  same(
    'a frozen object',
    () => [Object.freeze({ a: 1 })],
    () => [{ a: 1 }],
  ),
  same('an object that posed as a Date', () => [{ [Symbol.toStringTag]: 'Date' }]),
  distinct(
    'an object that poses as a Date is none',
    () => [{ [Symbol.toStringTag]: 'Date' }],
    () => [new Date(0)],
  ),
  same('two thousand properties', () => [wide()]),
  distinct(
    'one of two thousand properties',
    () => [wide()],
    () => [{ ...wide(), name1234: 'x' }],
  ),
]
