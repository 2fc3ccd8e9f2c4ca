import vm from 'node:vm'
import { distinct, same } from './pair.mjs'

/** ArrayBuffer, DataView, typed arrays and Buffer by kind and viewed bytes. */
const bytes = (...list) => Uint8Array.from(list).buffer
const zeros = () => new ArrayBuffer(16)
const KINDS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  globalThis.Float16Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
].filter(Kind => Kind !== undefined)
const big = last => {
  const array = new Uint8Array(100_000)
  array[99_999] = last
  return array
}
class Bytes extends Uint8Array {}

const ofEachKind = KINDS.flatMap((Kind, i) => {
  const Next = KINDS[(i + 1) % KINDS.length]
  return [
    same(`equal ${Kind.name}s`, () => [new Kind(zeros())]),
    distinct(
      `a ${Kind.name} is not a ${Next.name}`,
      () => [new Kind(zeros())],
      () => [new Next(zeros())],
    ),
    distinct(
      `an empty ${Kind.name} is not an empty ${Next.name}`,
      () => [new Kind(0)],
      () => [new Next(0)],
    ),
    distinct(
      `the length of a ${Kind.name}`,
      () => [new Kind(1)],
      () => [new Kind(2)],
    ),
  ]
})

export const binaries = [
  ...ofEachKind,
  distinct(
    'a byte differs',
    () => [Uint8Array.of(1, 2)],
    () => [Uint8Array.of(1, 3)],
  ),
  distinct(
    'the last of many bytes',
    () => [big(1)],
    () => [big(2)],
  ),
  same('many bytes', () => [big(1)]),
  distinct(
    'a typed array is not an array',
    () => [Uint8Array.of(1, 2)],
    () => [[1, 2]],
  ),
  distinct(
    'a typed array is not an object',
    () => [Uint8Array.of(1, 2)],
    () => [{ 0: 1, 1: 2 }],
  ),
  distinct(
    'a typed array is not an empty object',
    () => [new Uint8Array(0)],
    () => [{}],
  ),
  distinct(
    '-0 in a Float64Array',
    () => [Float64Array.of(-0)],
    () => [Float64Array.of(0)],
  ),
  distinct(
    'a bigint in a BigInt64Array',
    () => [BigInt64Array.of(1n)],
    () => [BigInt64Array.of(-1n)],
  ),
  same(
    'only the viewed bytes count',
    () => [new Uint8Array(bytes(9, 1, 2, 9), 1, 2)],
    () => [Uint8Array.of(1, 2)],
  ),
  distinct(
    'another view of one buffer',
    () => [new Uint8Array(bytes(1, 2, 3), 0, 2)],
    () => [new Uint8Array(bytes(1, 2, 3), 1, 2)],
  ),
  same('equal ArrayBuffers', () => [bytes(1, 2)]),
  distinct(
    'ArrayBuffers differ',
    () => [bytes(1, 2)],
    () => [bytes(1, 3)],
  ),
  distinct(
    'the length of an ArrayBuffer',
    () => [new ArrayBuffer(1)],
    () => [new ArrayBuffer(2)],
  ),
  distinct(
    'an ArrayBuffer is not a view of it',
    () => [bytes(1, 2)],
    () => [Uint8Array.of(1, 2)],
  ),
  distinct(
    'an ArrayBuffer is not an empty object',
    () => [bytes(1, 2)],
    () => [{}],
  ),
  same('equal DataViews', () => [new DataView(bytes(1, 2))]),
  same(
    'only the viewed bytes of a DataView',
    () => [new DataView(bytes(9, 1, 2), 1)],
    () => [new DataView(bytes(1, 2))],
  ),
  distinct(
    'DataViews differ',
    () => [new DataView(bytes(1, 2))],
    () => [new DataView(bytes(1, 3))],
  ),
  distinct(
    'a DataView is not a Uint8Array',
    () => [new DataView(bytes(1, 2))],
    () => [Uint8Array.of(1, 2)],
  ),
  same('equal Buffers', () => [Buffer.from('abc')]),
  same(
    'a Buffer wherever it lies',
    () => [Buffer.from('xabc').subarray(1)],
    () => [Buffer.from('abc')],
  ),
  distinct(
    'Buffers differ',
    () => [Buffer.from('abc')],
    () => [Buffer.from('abd')],
  ),
  distinct(
    'a Buffer is not a Uint8Array',
    () => [Buffer.from([1, 2])],
    () => [Uint8Array.of(1, 2)],
  ),
  distinct(
    'a Buffer is not its text',
    () => [Buffer.from('abc')],
    () => ['abc'],
  ),
  distinct(
    'a Buffer is not its JSON',
    () => [Buffer.from('abc')],
    () => [Buffer.from('abc').toJSON()],
  ),
  same(
    'a typed array of another realm',
    () => [vm.runInNewContext('Uint8Array.of(1, 2)')],
    () => [Uint8Array.of(1, 2)],
  ),
  same(
    'an ArrayBuffer of another realm',
    () => [vm.runInNewContext('Uint8Array.of(1, 2).buffer')],
    () => [bytes(1, 2)],
  ),
  distinct('a subclass of Uint8Array goes by identity', () => [Bytes.of(1, 2)]),
  distinct(
    'a subclass of Uint8Array is none',
    () => [Bytes.of(1, 2)],
    () => [Uint8Array.of(1, 2)],
  ),
]
