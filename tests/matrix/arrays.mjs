import vm from 'node:vm'
import { distinct, same } from './pair.mjs'

/** Arrays by content: items, holes and extra properties. */
const sparse = (length, items = {}) => {
  const array = Object.assign([], items)
  array.length = length
  return array
}
const mark = Symbol('mark')
function argumentsOf(..._) {
  return arguments
}
const itsArguments = argumentsOf(1, 2)

export const arrays = [
  same('equal arrays', () => [[1, 'a', null]]),
  same('empty arrays', () => [[]]),
  same('nested arrays', () => [[[1], [2, [3]]]]),
  same('a hundred numbers', () => [Array.from({ length: 100 }, (_, i) => i / 3)]),
  distinct(
    'an item differs',
    () => [[1, 2]],
    () => [[1, 3]],
  ),
  distinct(
    'the order of items counts',
    () => [[1, 2]],
    () => [[2, 1]],
  ),
  distinct(
    'the length counts',
    () => [[1]],
    () => [[1, 1]],
  ),
  distinct(
    'brackets count',
    () => [[[1], 2]],
    () => [[1, [2]]],
  ),
  distinct(
    'depth counts',
    () => [[1]],
    () => [[[1]]],
  ),
  distinct(
    'digits do not flow between items',
    () => [[1, 23]],
    () => [[12, 3]],
  ),
  distinct(
    'characters do not flow between items',
    () => [['a', 'bc']],
    () => [['ab', 'c']],
  ),
  distinct(
    'a comma in an item',
    () => [['a,b']],
    () => [['a', 'b']],
  ),
  distinct(
    'quotes in an item',
    () => [['a","b']],
    () => [['a', 'b']],
  ),
  distinct(
    'a quote across two items',
    () => [["a','b"]],
    () => [['a', 'b']],
  ),
  distinct(
    'an item is not its text',
    () => [[1]],
    () => [['1']],
  ),
  distinct(
    'an array is not its text',
    () => [[1, 2]],
    () => ['1,2'],
  ),
  distinct(
    'NaN is not null in an array',
    () => [[NaN]],
    () => [[null]],
  ),
  distinct(
    'undefined is not null in an array',
    () => [[undefined]],
    () => [[null]],
  ),
  distinct(
    '-0 is not 0 in an array',
    () => [[-0]],
    () => [[0]],
  ),
  distinct(
    'a trailing undefined counts in an array',
    () => [[1, undefined]],
    () => [[1]],
  ),
  distinct(
    'a function in an array is not null',
    () => [[parseInt]],
    () => [[null]],
  ),
  distinct(
    'a hole is not undefined',
    () => [new Array(1)],
    () => [[undefined]],
  ),
  distinct(
    'a hole is not null',
    () => [new Array(1)],
    () => [[null]],
  ),
  distinct(
    'the number of holes counts',
    () => [new Array(2)],
    () => [new Array(3)],
  ),
  distinct(
    'the place of a hole counts',
    () => [sparse(2, { 1: 1 })],
    () => [sparse(2, { 0: 1 })],
  ),
  distinct(
    'a hole in the middle',
    () => [sparse(3, { 0: 1, 2: 3 })],
    () => [[1, undefined, 3]],
  ),
  same('equal holes', () => [sparse(3, { 1: 1 })]),
  same(
    'a hole however made',
    () => [sparse(2, { 0: 1 })],
    () => {
      const array = [1, 2]
      delete array[1]
      return [array]
    },
  ),
  same('a long sparse array', () => [sparse(10_000_000, { 9999999: 1 })]),
  distinct(
    'the last of a long sparse array',
    () => [sparse(1_000_000, { 999999: 1 })],
    () => [sparse(1_000_000, { 999998: 1 })],
  ),
  distinct(
    'an extra property counts',
    () => [Object.assign([1], { extra: 1 })],
    () => [[1]],
  ),
  distinct(
    'the value of an extra property counts',
    () => [Object.assign([1], { extra: 1 })],
    () => [Object.assign([1], { extra: 2 })],
  ),
  same('equal extra properties', () => [Object.assign([1], { extra: 1 })]),
  distinct(
    'a negative index is an extra property',
    () => [Object.assign([1], { '-1': 1 })],
    () => [[1]],
  ),
  distinct(
    'a fractional index is an extra property',
    () => [Object.assign([1], { 0.5: 1 })],
    () => [[1]],
  ),
  distinct(
    'a symbol on an array counts',
    () => [Object.assign([1], { [mark]: 1 })],
    () => [[1]],
  ),
  distinct(
    'an extra property is no item',
    () => [Object.assign([1], { extra: 2 })],
    () => [[1, { extra: 2 }]],
  ),
  distinct(
    'the match of a pattern is more than its groups',
    () => ['ab'.match(/b/)],
    () => [['b']],
  ),
  distinct(
    'an array is not an object with its indexes',
    () => [['a']],
    () => [{ 0: 'a' }],
  ),
  same(
    'an array of another realm',
    () => [vm.runInNewContext('[1, [2]]')],
    () => [[1, [2]]],
  ),
  same(
    'a frozen array',
    () => [Object.freeze([1])],
    () => [[1]],
  ),
  distinct(
    'an arguments object is not an array',
    () => [argumentsOf(1, 2)],
    () => [[1, 2]],
  ),
  distinct(
    'an arguments object is not a plain object',
    () => [argumentsOf(1, 2)],
    () => [{ 0: 1, 1: 2 }],
  ),
  same('one arguments object', () => [itsArguments]),
  same(
    'spread arguments',
    () => [[...argumentsOf(1, 2)]],
    () => [[1, 2]],
  ),
]
