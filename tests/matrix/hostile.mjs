import { distinct, oneWay, same } from './pair.mjs'

/** Arguments that change, count their readers, throw or lie. */
const refuse = () => {
  throw new Error('hostile')
}
const TRAPS = ['get', 'getPrototypeOf', 'ownKeys', 'has', 'getOwnPropertyDescriptor']
const throwing = () => new Proxy({}, Object.fromEntries(TRAPS.map(trap => [trap, refuse])))
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
const throwingGetter = () => Object.defineProperty({}, 'a', { enumerable: true, get: refuse })
const throwingTag = () => Object.defineProperty({}, Symbol.toStringTag, { get: refuse })
const throwingText = { toString: refuse, valueOf: refuse }
const detached = () => {
  const bytes = new Uint8Array(8)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}
const [aProxy, aRevoked, aGetter, aTag, aDetached] = [
  throwing(),
  revoked(),
  throwingGetter(),
  throwingTag(),
  detached(),
]

/** Each read gives another number: only who reads once sees the first. */
const counting = () => {
  let reads = 0
  return {
    get n() {
      return ++reads
    },
  }
}

const kept = { object: {}, array: [], map: new Map(), date: new Date(0), bytes: new Uint8Array(1) }
const setters = {
  object: n => Object.assign(kept.object, { n }),
  array: n => {
    kept.array[0] = n
    return kept.array
  },
  map: n => kept.map.set('n', n),
  date: n => {
    kept.date.setTime(n)
    return kept.date
  },
  bytes: n => kept.bytes.fill(n),
}
const copies = {
  object: n => ({ n }),
  array: n => [n],
  map: n => new Map([['n', n]]),
  date: n => new Date(n),
  bytes: n => Uint8Array.of(n),
}
/** A call, then a change of its argument, then another call. */
const changes = Object.keys(setters).flatMap(what => {
  const set = setters[what]
  const copyAfterChange = n => {
    set(2)
    return copies[what](n)
  }
  const before = () => [set(1)]
  return [
    distinct(`a changed ${what} is another argument`, before, () => [set(2)]),
    same(`a changed ${what} leaves the entry it made`, before, () => [copyAfterChange(1)]),
    distinct(`a changed ${what} does not answer for its new content`, before, () => [copyAfterChange(2)]),
  ].map(oneWay)
})

export const hostile = [
  ...changes,
  same(
    'a getter is read once',
    () => [counting()],
    () => [{ n: 1 }],
  ),
  same(
    'a getter in an array is read once',
    () => [[counting()]],
    () => [[{ n: 1 }]],
  ),
  same(
    'a proxy that behaves counts as what it shows',
    () => [new Proxy({ a: 1 }, {})],
    () => [{ a: 1 }],
  ),
  same(
    'a proxy of an array',
    () => [new Proxy([1, 2], {})],
    () => [[1, 2]],
  ),
  same('one proxy that throws', () => [aProxy]),
  distinct('two proxies that throw', () => [throwing()]),
  same('one revoked proxy', () => [aRevoked]),
  distinct('two revoked proxies', () => [revoked()]),
  same('a revoked proxy within', () => [aRevoked, [1]]),
  same('one throwing getter', () => [aGetter]),
  distinct('two throwing getters', () => [throwingGetter()]),
  distinct(
    'the argument beside a hostile one counts',
    () => [aGetter, 1],
    () => [aGetter, 2],
  ),
  same('one throwing tag', () => [aTag]),
  same('a method that throws is only a property', () => [{ ...throwingText }]),
  same('a null prototype, which turns into no text', () => [Object.create(null)]),
  distinct('forged Maps', () => [Object.create(Map.prototype)]),
  distinct('forged Dates', () => [Object.create(Date.prototype)]),
  distinct(
    'a forged Date is no invalid one',
    () => [Object.create(Date.prototype)],
    () => [new Date(NaN)],
  ),
  distinct('forged arrays', () => [Object.create(Array.prototype)]),
  distinct(
    'a forged array is not empty',
    () => [Object.create(Array.prototype)],
    () => [[]],
  ),
  distinct('forged URLs', () => [Object.create(URL.prototype)]),
  distinct('forged errors', () => [Object.create(Error.prototype)]),
  distinct('forged bytes', () => [Object.create(Uint8Array.prototype)]),
  distinct(
    'a Date that poses as plain',
    () => [Object.setPrototypeOf(new Date(0), Object.prototype)],
    () => [{}],
  ),
  same('one detached array of bytes', () => [aDetached]),
]
