import { distinct, same } from './pair.mjs'

/** An AbortSignal is left out wherever it stands. */
const first = new AbortController().signal
const second = new AbortController().signal
const aborted = AbortSignal.abort()

export const signals = [
  same(
    'two signals',
    () => [1, first],
    () => [1, second],
  ),
  same(
    'a running signal and an aborted one',
    () => [1, first],
    () => [1, aborted],
  ),
  same(
    'with a signal and without',
    () => [1, first],
    () => [1],
  ),
  same(
    'two signals before other arguments',
    () => [first, 1],
    () => [second, 1],
  ),
  same(
    'two signals in options',
    () => [1, { signal: first }],
    () => [1, { signal: second }],
  ),
  same(
    'a signal in options and none',
    () => [1, { a: 1, signal: first }],
    () => [1, { a: 1 }],
  ),
  same(
    'a signal under any name',
    () => [{ a: 1, abort: first }],
    () => [{ a: 1 }],
  ),
  same(
    'a signal under a symbol',
    () => [{ a: 1, [Symbol.for('signal')]: first }],
    () => [{ a: 1 }],
  ),
  same(
    'a signal deep in options',
    () => [{ a: { b: { signal: first } } }],
    () => [{ a: { b: { signal: second } } }],
  ),
  same(
    'two signals in a list',
    () => [[first]],
    () => [[second]],
  ),
  same(
    'two signals in a Map',
    () => [new Map([['signal', first]])],
    () => [new Map([['signal', second]])],
  ),
  distinct(
    'what stands beside a signal counts',
    () => [1, first],
    () => [2, first],
  ),
  distinct(
    'what stands after a signal counts',
    () => [first, 1],
    () => [first, 2],
  ),
  distinct(
    'what stands beside a signal in options counts',
    () => [{ a: 1, signal: first }],
    () => [{ a: 2, signal: first }],
  ),
  distinct(
    'an undefined signal is a property',
    () => [{ a: 1, signal: undefined }],
    () => [{ a: 1 }],
  ),
  distinct(
    'what only looks like a signal counts',
    () => [1, { aborted: false }],
    () => [1, { aborted: true }],
  ),
  distinct(
    'something else under the name signal counts',
    () => [{ signal: 'a' }],
    () => [{ signal: 'b' }],
  ),
]
