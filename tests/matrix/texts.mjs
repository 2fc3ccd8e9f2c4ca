import vm from 'node:vm'
import { distinct, same } from './pair.mjs'

/** URL, URLSearchParams, Headers and Temporal by type and text; Error by class, message, cause and own properties. */
const { Temporal } = globalThis
const failed = (message, extra) => Object.assign(new Error(message), extra)

const temporal = Temporal
  ? [
      same('equal PlainDates', () => [Temporal.PlainDate.from('2024-01-01')]),
      distinct(
        'PlainDates differ',
        () => [Temporal.PlainDate.from('2024-01-01')],
        () => [Temporal.PlainDate.from('2024-01-02')],
      ),
      distinct(
        'a PlainDate is not its text',
        () => [Temporal.PlainDate.from('2024-01-01')],
        () => ['2024-01-01'],
      ),
      distinct(
        'a PlainDate is not an empty object',
        () => [Temporal.PlainDate.from('2024-01-01')],
        () => [{}],
      ),
      same('equal Instants', () => [Temporal.Instant.from('2024-01-01T00:00Z')]),
      distinct(
        'Instants a nanosecond apart',
        () => [Temporal.Instant.fromEpochNanoseconds(0n)],
        () => [Temporal.Instant.fromEpochNanoseconds(1n)],
      ),
      same('equal Durations', () => [Temporal.Duration.from({ hours: 1 })]),
      distinct(
        'Durations of one length',
        () => [Temporal.Duration.from('PT1H')],
        () => [Temporal.Duration.from('PT60M')],
      ),
      distinct(
        'calendars',
        () => [Temporal.PlainDate.from('2024-01-01')],
        () => [Temporal.PlainDate.from('2024-01-01[u-ca=japanese]')],
      ),
      distinct(
        'time zones',
        () => [Temporal.ZonedDateTime.from('2024-01-01T00:00+00:00[UTC]')],
        () => [Temporal.ZonedDateTime.from('2024-01-01T00:00+00:00[Europe/London]')],
      ),
      distinct(
        'a PlainDate is not a PlainDateTime',
        () => [Temporal.PlainDate.from('2024-01-01')],
        () => [Temporal.PlainDateTime.from('2024-01-01')],
      ),
    ]
  : []

export const texts = [
  ...temporal,
  same('equal URLs', () => [new URL('https://example.org/a?b=1')]),
  same(
    'a URL by its normal text',
    () => [new URL('https://EXAMPLE.org')],
    () => [new URL('https://example.org/')],
  ),
  distinct(
    'URLs differ',
    () => [new URL('https://example.org/a')],
    () => [new URL('https://example.org/b')],
  ),
  distinct(
    'the fragment of a URL',
    () => [new URL('https://example.org/#a')],
    () => [new URL('https://example.org/#b')],
  ),
  distinct(
    'a URL is not its text',
    () => [new URL('https://example.org/')],
    () => ['https://example.org/'],
  ),
  distinct(
    'a URL is not an empty object',
    () => [new URL('https://example.org/')],
    () => [{}],
  ),
  same('equal URLSearchParams', () => [new URLSearchParams('a=1&b=2')]),
  distinct(
    'URLSearchParams differ',
    () => [new URLSearchParams('a=1')],
    () => [new URLSearchParams('a=2')],
  ),
  distinct(
    'the order of URLSearchParams',
    () => [new URLSearchParams('a=1&b=2')],
    () => [new URLSearchParams('b=2&a=1')],
  ),
  distinct(
    'URLSearchParams are not their text',
    () => [new URLSearchParams('a=1')],
    () => ['a=1'],
  ),
  same('equal Headers', () => [new Headers({ accept: 'text/html', 'x-a': '1' })]),
  same(
    'the order and case of Headers',
    () => [new Headers({ Accept: '*/*', 'X-A': '1' })],
    () => [
      new Headers([
        ['x-a', '1'],
        ['accept', '*/*'],
      ]),
    ],
  ),
  distinct(
    'Headers differ',
    () => [new Headers({ 'x-a': '1' })],
    () => [new Headers({ 'x-a': '2' })],
  ),
  distinct(
    'Headers are not an empty object',
    () => [new Headers({ 'x-a': '1' })],
    () => [{}],
  ),
  distinct(
    'Headers are not the object they came from',
    () => [new Headers({ 'x-a': '1' })],
    () => [{ 'x-a': '1' }],
  ),
  same(
    'equal errors whatever their stacks',
    () => [new Error('no')],
    () => [(() => new Error('no'))()],
  ),
  distinct(
    'the message of an error',
    () => [new Error('a')],
    () => [new Error('b')],
  ),
  distinct(
    'the class of an error',
    () => [new Error('a')],
    () => [new TypeError('a')],
  ),
  same('equal TypeErrors', () => [new TypeError('a')]),
  same('equal causes', () => [new Error('a', { cause: { code: 1 } })]),
  distinct(
    'the cause of an error',
    () => [new Error('a', { cause: 1 })],
    () => [new Error('a', { cause: 2 })],
  ),
  distinct(
    'a cause of undefined is a cause',
    () => [new Error('a', { cause: undefined })],
    () => [new Error('a')],
  ),
  same('equal own properties of errors', () => [failed('a', { code: 'E' })]),
  distinct(
    'an own property of an error',
    () => [failed('a', { code: 'E' })],
    () => [failed('a', { code: 'F' })],
  ),
  distinct(
    'an own property more on an error',
    () => [failed('a', { code: 'E' })],
    () => [failed('a')],
  ),
  distinct(
    'an error is not its message',
    () => [new Error('a')],
    () => ['a'],
  ),
  distinct(
    'an error is not an empty object',
    () => [new Error('a')],
    () => [{}],
  ),
  distinct(
    'an error is not an object with its message',
    () => [new Error('a')],
    () => [{ message: 'a' }],
  ),
  same('equal AggregateErrors', () => [new AggregateError([new Error('a')], 'all')]),
  distinct(
    'the errors in an AggregateError',
    () => [new AggregateError([new Error('a')], 'all')],
    () => [new AggregateError([new Error('b')], 'all')],
  ),
  same(
    'an error of another realm',
    () => [vm.runInNewContext('new RangeError("a")')],
    () => [new RangeError('a')],
  ),
]
