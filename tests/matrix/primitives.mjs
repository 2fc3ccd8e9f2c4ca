import { distinct, same } from './pair.mjs'

/** Types are told apart, and numbers that print or round alike. */
const otherNaN = () => new Float64Array(new BigUint64Array([0xfff8000000000001n]).buffer)[0]
const unique = Symbol('unique')

export const primitives = [
  same('one number', () => [1]),
  same('one fraction', () => [0.1]),
  distinct(
    'two numbers',
    () => [1],
    () => [2],
  ),
  distinct(
    'a number is not its text',
    () => [1],
    () => ['1'],
  ),
  distinct(
    'a number is not a bigint',
    () => [1],
    () => [1n],
  ),
  distinct(
    'a number is not true',
    () => [1],
    () => [true],
  ),
  distinct(
    'a bigint is not its text',
    () => [1n],
    () => ['1'],
  ),
  distinct(
    'a bigint is not its literal',
    () => [1n],
    () => ['1n'],
  ),
  distinct(
    'a bigint is not true',
    () => [1n],
    () => [true],
  ),
  distinct(
    'true is not its text',
    () => [true],
    () => ['true'],
  ),
  distinct(
    'true is not false',
    () => [true],
    () => [false],
  ),
  distinct(
    'false is not zero',
    () => [false],
    () => [0],
  ),
  distinct(
    'false is not null',
    () => [false],
    () => [null],
  ),
  distinct(
    'null is not undefined',
    () => [null],
    () => [undefined],
  ),
  distinct(
    'null is not its text',
    () => [null],
    () => ['null'],
  ),
  distinct(
    'null is not zero',
    () => [null],
    () => [0],
  ),
  distinct(
    'null is not an empty string',
    () => [null],
    () => [''],
  ),
  distinct(
    'undefined is not its text',
    () => [undefined],
    () => ['undefined'],
  ),
  same('undefined is undefined', () => [undefined]),
  same('null is null', () => [null]),
  same('NaN is NaN', () => [NaN]),
  same(
    'NaN is NaN whatever its bits',
    () => [NaN],
    () => [otherNaN()],
  ),
  distinct(
    'NaN is not null',
    () => [NaN],
    () => [null],
  ),
  distinct(
    'NaN is not undefined',
    () => [NaN],
    () => [undefined],
  ),
  distinct(
    'NaN is not its text',
    () => [NaN],
    () => ['NaN'],
  ),
  distinct(
    'zero is not minus zero',
    () => [0],
    () => [-0],
  ),
  same('minus zero is minus zero', () => [-0]),
  same(
    'a number however computed',
    () => [3],
    () => [Number('1.5') * 2],
  ),
  distinct(
    'Infinity is not minus Infinity',
    () => [Infinity],
    () => [-Infinity],
  ),
  distinct(
    'Infinity is not null',
    () => [Infinity],
    () => [null],
  ),
  distinct(
    'Infinity is not its text',
    () => [Infinity],
    () => ['Infinity'],
  ),
  distinct(
    '0.1 + 0.2 is not 0.3',
    () => [0.1 + 0.2],
    () => [0.3],
  ),
  distinct(
    'the smallest number is not zero',
    () => [5e-324],
    () => [0],
  ),
  distinct(
    '2 ** 31 does not wrap around',
    () => [2 ** 31],
    () => [-(2 ** 31)],
  ),
  distinct(
    '2 ** 32 is not zero',
    () => [2 ** 32],
    () => [0],
  ),
  distinct(
    'neighbours at 2 ** 53',
    () => [2 ** 53],
    () => [2 ** 53 - 1],
  ),
  distinct(
    '1e21 is not its text',
    () => [1e21],
    () => ['1e21'],
  ),
  same('one bigint', () => [12n]),
  distinct(
    'bigints beyond the exact numbers',
    () => [2n ** 53n],
    () => [2n ** 53n + 1n],
  ),
  distinct(
    'a bigint and its negative',
    () => [1n],
    () => [-1n],
  ),
  distinct(
    '2n ** 64n is not 0n',
    () => [2n ** 64n],
    () => [0n],
  ),
  distinct(
    '2n ** 63n is not its negative',
    () => [2n ** 63n],
    () => [-(2n ** 63n)],
  ),
  distinct(
    '2n ** 64n - 1n is not -1n',
    () => [2n ** 64n - 1n],
    () => [-1n],
  ),
  same('a huge bigint', () => [3n ** 5000n]),
  distinct(
    'huge bigints',
    () => [3n ** 5000n],
    () => [3n ** 5000n + 1n],
  ),
  same('a registered symbol', () => [Symbol.for('a')]),
  distinct(
    'registered symbols of two names',
    () => [Symbol.for('a')],
    () => [Symbol.for('b')],
  ),
  same('the same unique symbol', () => [unique]),
  distinct('two unique symbols of one description', () => [Symbol('a')]),
  distinct(
    'a unique symbol is not a registered one',
    () => [Symbol('a')],
    () => [Symbol.for('a')],
  ),
  distinct(
    'a symbol is not its description',
    () => [Symbol.for('a')],
    () => ['a'],
  ),
  distinct(
    'a symbol is not its text',
    () => [Symbol.for('a')],
    () => ['Symbol(a)'],
  ),
  same('a well-known symbol', () => [Symbol.iterator]),
  distinct(
    'two well-known symbols',
    () => [Symbol.iterator],
    () => [Symbol.asyncIterator],
  ),
]
