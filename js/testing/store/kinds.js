import { VIEWS } from '../../codec/tags.js'

/**
 * One value at least of each kind that the codec knows, by name. Made anew each time, so that a store that keeps references is not compared with itself
 * after somebody changed it.
 * @type {Record<string, () => unknown>}
 */
export const KINDS = {
  undefined: () => undefined,
  null: () => null,
  booleans: () => [true, false],
  false: () => false,
  zero: () => 0,
  'minus zero': () => -0,
  NaN: () => NaN,
  numbers: () => [1, -1, 2 ** 31, -(2 ** 31), 0.1, 1e308, 5e-324, Infinity, -Infinity, 2 ** 53],
  bigints: () => [0n, -1n, 2n ** 63n, -(2n ** 64n), 123456789012345678901234567890n],
  'the empty string': () => '',
  strings: () =>
    ['ascii', 'é', 'e\u0301', '漢字', '🦀', 'a\0b', 'a\r\nb', '\uFEFF', ' x ', `'`, `''`, '"', '\\', `'; --`], // biome-ignore format: one line
  'lone surrogates': () => ['\uD800', '\uDC00x', 'x\uD83D'],
  'strings that look like something else': () =>
    ['1', 'true', 'null', 'undefined', '{"a":1}', '[1]', ':base64:QQ==', 'base64:QQ==', '1n', '__proto__'], // biome-ignore format: one line
  'a long string': () => 'long €'.repeat(40_000),
  symbols: () => [Symbol.for('a'), Symbol.for('')],
  'plain objects': () => ({ b: 1, a: { c: [], d: {} }, 'with space': null, 1: 'one' }),
  'undefined properties': () => ({ a: undefined, b: [undefined] }),
  'symbol keys': () => ({ [Symbol.for('k')]: 1 }),
  'null prototypes': () => Object.assign(Object.create(null), { a: 1 }),
  'a property __proto__': () => JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
  'objects of one shape': () => Array.from({ length: 100 }, (_, id) => ({ id, name: `n${id}` })),
  arrays: () => [[], [1, [2, [3]]], [null, undefined]],
  holes: () => {
    const array = [1, 2, 3]
    delete array[1]
    return array
  },
  'sparse arrays': () => {
    const array = []
    array[100_000] = 'far'
    return array
  },
  'arrays with properties': () => Object.assign([1, 2], { extra: 'x' }),
  'Map and Set': () => [
    new Map(),
    new Set(),
    new Map(/** @type {[unknown, unknown][]} */ ([[{ a: 1 }, new Set([1, 'a', null])], [NaN, -0]])), // biome-ignore format: one line
  ],
  dates: () => [new Date(0), new Date(1.7e12), new Date(NaN)],
  'regular expressions': () => [/a\/b/giu, /(?:)/, /\n/],
  'boxed primitives': () => [Object(1), Object('s'), Object(true), Object(1n), Object(Symbol.for('s'))],
  'array buffers': () => [new ArrayBuffer(0), new Uint8Array([0, 1, 255]).buffer],
  'typed arrays': () =>
    TYPED.filter(name => name in globalThis).map(name => {
      const Class = /** @type {any} */ (globalThis)[name]
      return name.startsWith('Big') ? new Class([1n, 0n]) : new Class([1, 0, 2])
    }),
  'data views': () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
  'views of one buffer': () => {
    const { buffer } = new Uint8Array([1, 2, 3, 4])
    return [new Uint8Array(buffer), new Uint16Array(buffer)]
  },
  'a view of a part': () => new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3),
  Buffer: () => {
    const { Buffer } = /** @type {any} */ (globalThis)
    return Buffer === undefined ? new Uint8Array(2) : Buffer.from('bytes')
  },
  'many bytes': () => new Uint8Array(200_000).map((_, i) => (i * 31) ^ (i >> 3)),
  errors: () => [
    new Error('plain'),
    new TypeError('typed', { cause: new RangeError('why') }),
    Object.assign(new Error('with properties'), { code: 'E_X', details: { a: 1 } }),
    new AggregateError([new SyntaxError('one')], 'many'),
  ],
  DOMException: () =>
    typeof DOMException === 'undefined' ? new Error('none') : new DOMException('gone', 'AbortError'),
  'URLs and headers': () => [
    new URL('https://example.org/a?b=1#c'),
    new URLSearchParams('a=1&a=2'),
    new Headers({ accept: '*/*', 'x-a': 'é' }),
  ],
  cycles: () => {
    /** @type {any} */
    const object = { list: [] }
    object.self = object
    object.list.push(object, new Map([['back', object]]))
    return object
  },
  'shared references': () => {
    const part = { part: true }
    return { a: part, b: [part, new Set([part])] }
  },
  'deep nesting': () => {
    /** @type {any} */
    let value = 'bottom'
    for (let i = 0; i < 1000; i++) value = i % 2 ? [value] : { value }
    return value
  },
}

const TYPED = VIEWS.filter(name => name !== 'DataView' && name !== 'Buffer')

/** What no store can hold outside this process. @type {Record<string, () => unknown>} */
export const REFUSED = {
  'a function': () => () => 1,
  'a unique symbol': () => Symbol('unique'),
  'an instance of some class': () => new (class Some {})(),
  'a function inside': () => ({ a: [1, { f() {} }] }),
  'a weak map': () => new WeakMap(),
}
