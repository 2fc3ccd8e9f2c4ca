/**
 * Writes tests/vectors/codec.json: named values and the bytes they have in the value format, version 1. The values are built by
 * `vectorValues`, which the tests import, so that the file holds bytes and nothing else. A change in this file's output is a change of
 * the format and needs a new version byte.
 */

import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { encode } from '../js/codec.js'

/** @returns {Record<string, unknown>} */
export function vectorValues() {
  const shared = { a: 1 }
  const cycle = { name: 'loop', self: undefined }
  cycle.self = cycle
  const sparse = [1, , 3]
  sparse[1000000] = 'far'
  const extra = Object.assign(['x'], { index: 0 })
  let deep = []
  for (let i = 0; i < 300; i++) deep = [deep]
  const error = new TypeError('bad', { cause: 'why' })
  error.stack = 'TypeError: bad'
  const aggregate = new AggregateError([1, 2], 'many')
  aggregate.stack = 'S'
  return {
    undefined: undefined,
    null: null,
    booleans: [true, false],
    integers: [0, 63, 64, -1, 2 ** 31 - 1, -(2 ** 31)],
    floats: [-0, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 31, Number.MAX_SAFE_INTEGER, 5e-324],
    bigints: [0n, 1n, -1n, 255n, 256n, -(2n ** 64n)],
    'string, empty': '',
    'string, ascii': 'hello',
    'string, 63 units': 'x'.repeat(63),
    'string, 64 units': 'x'.repeat(64),
    'string, 200 units': 'x'.repeat(200),
    'string, latin1': 'é\u00ff',
    'string, utf16': 'a→😀',
    'string, lone surrogate': '\ud800',
    'string, BOM and CRLF': '\ufeff\r\n',
    symbol: Symbol.for('app'),
    array: [1, 'a', null],
    sparse,
    'array with properties': extra,
    object: { id: 1, name: 'n', opts: { a: undefined }, tags: [] },
    'null prototype': Object.assign(Object.create(null), { a: 1 }),
    __proto__key: JSON.parse('{"__proto__":1}'),
    'symbol key': { a: 1, [Symbol.for('s')]: 2 },
    'same shape': [{ a: 1 }, { a: 2 }, Object.assign(Object.create(null), { a: 3 })],
    shared: [shared, shared],
    cycle,
    map: new Map([['k', new Map()]]),
    set: new Set([1, 'a']),
    date: new Date(1700000000000),
    'invalid date': new Date(Number.NaN),
    regexp: /a\/b/gi,
    boxed: [Object(1), Object('s'), Object(true), Object(1n), Object(Symbol.for('b'))],
    'array buffer': new Uint8Array([1, 2, 3]).buffer,
    views: [
      new DataView(new ArrayBuffer(2)),
      new Int16Array([-2]),
      new Float64Array([1.5]),
      new BigUint64Array([7n]),
    ],
    'window of a buffer': new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
    buffer: Buffer.from('buf'),
    error,
    'aggregate error': aggregate,
    url: new URL('https://example.org/a?b#c'),
    'search params': new URLSearchParams('a=1&a=2'),
    headers: new Headers([['x-a', '1']]),
    'date with properties': Object.assign(new Date(0), { note: 'n' }),
    'deeper than recursion': deep,
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  /** @type {Record<string, string>} */
  const vectors = {}
  for (const [name, value] of Object.entries(vectorValues()))
    vectors[name] = Buffer.from(encode(value)).toString('hex')
  writeFileSync(
    new URL('../tests/vectors/codec.json', import.meta.url),
    `${JSON.stringify(vectors, null, 2)}\n`,
  )
}
