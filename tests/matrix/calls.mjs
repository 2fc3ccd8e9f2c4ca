import { distinct, same } from './pair.mjs'

/** All arguments count, and where one ends and the next begins. */
const long = Array.from({ length: 1000 }, (_, i) => i)

export const calls = [
  same('no arguments twice', () => []),
  distinct(
    'no argument is not undefined',
    () => [],
    () => [undefined],
  ),
  distinct(
    'no argument is not null',
    () => [],
    () => [null],
  ),
  distinct(
    'no argument is not an empty string',
    () => [],
    () => [''],
  ),
  distinct(
    'no argument is not an empty object',
    () => [],
    () => [{}],
  ),
  distinct(
    'no argument is not an empty array',
    () => [],
    () => [[]],
  ),
  distinct(
    'a trailing undefined counts',
    () => [1],
    () => [1, undefined],
  ),
  distinct(
    'a leading undefined counts',
    () => [1],
    () => [undefined, 1],
  ),
  distinct(
    'the number of undefineds counts',
    () => [undefined],
    () => [undefined, undefined],
  ),
  distinct(
    'the second argument counts',
    () => [1, 2],
    () => [1, 3],
  ),
  distinct(
    'the third argument counts',
    () => [1, 2, 3],
    () => [1, 2, 4],
  ),
  distinct(
    'the order of arguments counts',
    () => [1, 2],
    () => [2, 1],
  ),
  distinct(
    'digits do not flow from one number into the next',
    () => [1, 23],
    () => [12, 3],
  ),
  distinct(
    'characters do not flow from one string into the next',
    () => ['a', 'bc'],
    () => ['ab', 'c'],
  ),
  distinct(
    'an empty string keeps its place',
    () => ['', 'a'],
    () => ['a', ''],
  ),
  distinct(
    'a control character is no separator',
    () => ['a\u0001b'],
    () => ['a', 'b'],
  ),
  distinct(
    'NUL is no separator',
    () => ['a\0b'],
    () => ['a', 'b'],
  ),
  distinct(
    'a bar is no separator',
    () => ['a|b'],
    () => ['a', 'b'],
  ),
  distinct(
    'a comma is no separator',
    () => ['a,b'],
    () => ['a', 'b'],
  ),
  distinct(
    'a hyphen is no separator',
    () => ['a-b'],
    () => ['a', 'b'],
  ),
  distinct(
    'JSON text is not the array it describes',
    () => ['["a"]'],
    () => [['a']],
  ),
  distinct(
    'JSON text is not the object it describes',
    () => ['{"a":1}'],
    () => [{ a: 1 }],
  ),
  distinct(
    'JSON text is not the number it describes',
    () => ['1'],
    () => [1],
  ),
  distinct(
    'a quoted string is not the string',
    () => ['"a"'],
    () => ['a'],
  ),
  distinct(
    'one array is not its items',
    () => [[1, 2]],
    () => [1, 2],
  ),
  distinct(
    'an array of undefined is not undefined',
    () => [[undefined]],
    () => [undefined],
  ),
  distinct(
    'an empty array is not an array in an array',
    () => [[]],
    () => [[[]]],
  ),
  distinct(
    'brackets of arrays do not move between arguments',
    () => [[1], [2, 3]],
    () => [[1, 2], [3]],
  ),
  same('a thousand arguments', () => [...long]),
  distinct(
    'the thousandth argument counts',
    () => [...long],
    () => long.slice(0, 999),
  ),
  distinct(
    'the last of a thousand arguments counts',
    () => [...long],
    () => [...long.slice(0, 999), 'x'],
  ),
  same('mixed arguments', () => [1, 'a', null, undefined, true, 2n, { a: [1] }]),
  distinct(
    'strings of one 32-bit sum (31 a step)',
    () => ['Aa'],
    () => ['BB'],
  ),
  distinct(
    'strings of one 32-bit sum (33 a step)',
    () => ['Aa'],
    () => ['B@'],
  ),
]
