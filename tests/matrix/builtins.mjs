import vm from 'node:vm'
import { distinct, same } from './pair.mjs'

/** Map, Set, Date, RegExp and boxed primitives, by content. */
const matched = () => {
  const pattern = /a/g
  pattern.test('aa')
  return pattern
}
const wrap = (Class, extra, ...rest) => Object.assign(new Class(...rest), extra)

export const builtins = [
  same('equal Maps', () => [new Map([['a', 1]])]),
  same('Map keys by content', () => [new Map([[{ a: 1 }, [2]]])]),
  distinct(
    'a value in a Map',
    () => [new Map([['a', 1]])],
    () => [new Map([['a', 2]])],
  ),
  distinct(
    'a key in a Map',
    () => [new Map([['a', 1]])],
    () => [new Map([['b', 1]])],
  ),
  distinct(
    'the type of a key in a Map',
    () => [new Map([[1, 1]])],
    () => [new Map([['1', 1]])],
  ),
  distinct(
    'a key that is an object in a Map',
    () => [new Map([[{ a: 1 }, 1]])],
    () => [new Map([[{ a: 2 }, 1]])],
  ),
  distinct(
    'the order of a Map',
    () => [
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ],
    () => [
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
  ),
  distinct(
    'a Map is not an object',
    () => [new Map([['a', 1]])],
    () => [{ a: 1 }],
  ),
  distinct(
    'a Map is not its entries',
    () => [new Map([['a', 1]])],
    () => [[['a', 1]]],
  ),
  distinct(
    'an empty Map is not an empty object',
    () => [new Map()],
    () => [{}],
  ),
  distinct(
    'an empty Map is not an empty Set',
    () => [new Map()],
    () => [new Set()],
  ),
  distinct(
    'undefined in a Map is not absence',
    () => [new Map([['a', undefined]])],
    () => [new Map()],
  ),
  same(
    'a Map of another realm',
    () => [vm.runInNewContext('new Map([["a", 1]])')],
    () => [new Map([['a', 1]])],
  ),
  distinct(
    'an extra property on a Map',
    () => [wrap(Map, { extra: 1 })],
    () => [new Map()],
  ),
  same('equal Sets', () => [new Set([1, 'a', [2]])]),
  distinct(
    'a member of a Set',
    () => [new Set([1])],
    () => [new Set([2])],
  ),
  distinct(
    'the type of a member',
    () => [new Set([1])],
    () => [new Set(['1'])],
  ),
  distinct(
    'the order of a Set',
    () => [new Set([1, 2])],
    () => [new Set([2, 1])],
  ),
  distinct(
    'brackets in a Set',
    () => [new Set([[1], 2])],
    () => [new Set([1, [2]])],
  ),
  distinct(
    'equal objects in a Set are still two',
    () => [new Set([{}, {}])],
    () => [new Set([{}])],
  ),
  distinct(
    'a Set is not an array',
    () => [new Set([1])],
    () => [[1]],
  ),
  distinct(
    'a Set of pairs is not a Map',
    () => [new Set([['a', 1]])],
    () => [new Map([['a', 1]])],
  ),
  distinct(
    'an empty Set is not an empty object',
    () => [new Set()],
    () => [{}],
  ),
  same(
    'a Set of another realm',
    () => [vm.runInNewContext('new Set([1])')],
    () => [new Set([1])],
  ),
  same('equal Dates', () => [new Date(86_400_000)]),
  same(
    'a Date however made',
    () => [new Date(0)],
    () => [new Date('1970-01-01T00:00:00Z')],
  ),
  distinct(
    'Dates a millisecond apart',
    () => [new Date(0)],
    () => [new Date(1)],
  ),
  distinct(
    'a Date is not its time',
    () => [new Date(0)],
    () => [0],
  ),
  distinct(
    'a Date is not its text',
    () => [new Date(0)],
    () => [new Date(0).toISOString()],
  ),
  distinct(
    'a Date is not an empty object',
    () => [new Date(0)],
    () => [{}],
  ),
  same(
    'invalid Dates',
    () => [new Date(NaN)],
    () => [new Date('no date')],
  ),
  distinct(
    'an invalid Date is not null',
    () => [new Date(NaN)],
    () => [null],
  ),
  distinct(
    'an invalid Date is not the epoch',
    () => [new Date(NaN)],
    () => [new Date(0)],
  ),
  distinct(
    'an invalid Date is not NaN',
    () => [new Date(NaN)],
    () => [NaN],
  ),
  same(
    'a Date of another realm',
    () => [vm.runInNewContext('new Date(5)')],
    () => [new Date(5)],
  ),
  distinct(
    'an extra property on a Date',
    () => [wrap(Date, { zone: 'UTC' }, 0)],
    () => [new Date(0)],
  ),
  same('equal patterns', () => [/a+/gi]),
  same(
    'a pattern however made',
    () => [/a+/g],
    () => [/a+/g],
  ),
  same(
    'where a pattern stands does not count',
    () => [matched()],
    () => [/a/g],
  ),
  distinct(
    'the source of a pattern',
    () => [/a/],
    () => [/b/],
  ),
  distinct(
    'the flags of a pattern',
    () => [/a/],
    () => [/a/i],
  ),
  distinct(
    'a pattern is not its text',
    () => [/a/],
    () => ['/a/'],
  ),
  distinct(
    'a pattern is not an empty object',
    () => [/a/],
    () => [{}],
  ),
  distinct(
    'the slash between source and flags',
    () => [/a\/g/],
    () => [/a/g],
  ),
  same(
    'a pattern of another realm',
    () => [vm.runInNewContext('/a/g')],
    () => [/a/g],
  ),
  same('equal boxed numbers', () => [Object(1)]),
  distinct(
    'a boxed number is not the number',
    () => [Object(1)],
    () => [1],
  ),
  distinct(
    'boxed numbers differ',
    () => [Object(1)],
    () => [Object(2)],
  ),
  distinct(
    'boxed zeros differ',
    () => [Object(0)],
    () => [Object(-0)],
  ),
  same('equal boxed strings', () => [Object('ab')]),
  distinct(
    'a boxed string is not the string',
    () => [Object('ab')],
    () => ['ab'],
  ),
  distinct(
    'boxed strings differ',
    () => [Object('ab')],
    () => [Object('ac')],
  ),
  distinct(
    'a boxed string is not its characters',
    () => [Object('ab')],
    () => [['a', 'b']],
  ),
  distinct(
    'an extra property on a boxed string',
    () => [Object.assign(Object('ab'), { x: 1 })],
    () => [Object('ab')],
  ),
  same('equal boxed booleans', () => [Object(true)]),
  distinct(
    'a boxed boolean is not the boolean',
    () => [Object(false)],
    () => [false],
  ),
  distinct(
    'boxed booleans differ',
    () => [Object(false)],
    () => [Object(true)],
  ),
  same('equal boxed bigints', () => [Object(1n)]),
  distinct(
    'a boxed bigint is not the bigint',
    () => [Object(1n)],
    () => [1n],
  ),
  distinct(
    'a boxed bigint is not a boxed number',
    () => [Object(1n)],
    () => [Object(1)],
  ),
  same('equal boxed symbols', () => [Object(Symbol.for('a'))]),
  distinct(
    'a boxed symbol is not the symbol',
    () => [Object(Symbol.for('a'))],
    () => [Symbol.for('a')],
  ),
]
