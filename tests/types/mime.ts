/**
 * Compiled by `tsc` with the rest (`npm test lint`), and with `exactOptionalPropertyTypes` (`npm test types`): each line that must not compile
 * stands under `@ts-expect-error`.
 */
import {
  type Arguments,
  createMime,
  hash,
  type Mimed,
  MimicError,
  mime,
  type Result,
  type Verbs,
} from '../../js/index.js'
import { check, type Equal } from './equal.js'

// Parameters and results are kept: plain, optional, rest.
const add = mime((a: number, b: number) => a + b, 60)
check<Equal<ReturnType<typeof add>, number>>()
check<Equal<Parameters<typeof add>, [a: number, b: number]>>()
// @ts-expect-error a string is no number
add('1', 2)
// @ts-expect-error an argument is missing
add(1)
const optional = mime((a: number, b?: string, ...rest: boolean[]) => `${a}${b}${rest}`)
type Optional = Parameters<(a: number, b?: string, ...rest: boolean[]) => void>
check<Equal<Parameters<typeof optional>, Optional>>()
check<Equal<Parameters<typeof optional.has>, Optional>>()
optional(1)
optional(1, 'b', true, false)
// @ts-expect-error a number is no boolean
optional(1, 'b', 2)
// @ts-expect-error the verbs take the same arguments
optional.invalidate(1, 'b', 2)
const nothing = mime(() => undefined)
nothing.has()
// @ts-expect-error no argument
nothing.has(1)

// Generics.
const first = mime(<T>(list: readonly T[]): T | undefined => list[0])
check<Equal<ReturnType<typeof first<string>>, string | undefined>>()
const text: string | undefined = first(['a'])
const same = mime(async <T extends { id: number }>(x: T) => x)
const extended: Promise<{ id: number; more: string }> = same({ id: 1, more: 'x' })
// @ts-expect-error the constraint holds
same({ id: 'a' })
function wrapAny<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  const wrapped = mime(fn, '1m')
  wrapped.invalidate(...args)
  return wrapped(...args)
}

// Overloads: calls are told apart, the verbs take the arguments of any.
declare function over(x: string): 'text'
declare function over(x: number, y: number): Promise<'number'>
const overloaded = mime(over, { ttl: value => (value === 'text' ? 1 : '1m') })
check<Equal<Arguments<typeof over>, [x: string] | [x: number, y: number]>>()
check<Equal<Result<typeof over>, 'text' | 'number'>>()
const overText: 'text' = overloaded('x')
const overNumber: Promise<'number'> = overloaded(1, 2)
overloaded.has('x')
overloaded.has(1, 2)
overloaded.set(['x'], 'text')
// @ts-expect-error no overload takes one number
overloaded(1)
// @ts-expect-error nor do the verbs
overloaded.has(1)

// `this`.
const bound = mime(function (this: { base: number }, x: number) {
  return this.base + x
})
// @ts-expect-error `this` is missing
bound(1)
const sum: number = bound.call({ base: 1 }, 1)
// @ts-expect-error another `this`
bound.call({ base: 'a' }, 1)
bound.has.call({ base: 1 }, 1)

// Type predicates and assertions. TypeScript wants the type of an assertion function written down.
const isText = mime((x: unknown): x is string => typeof x === 'string')
function assertsText(x: unknown): asserts x is string {
  if (typeof x !== 'string') throw new TypeError('no text')
}
const rememberedAssertion: Mimed<typeof assertsText> = mime(assertsText)
function narrowed(x: unknown, y: unknown): string {
  if (isText(x)) return x.toUpperCase()
  rememberedAssertion(y)
  return y.toUpperCase()
}
check<Equal<ReturnType<typeof isText.peek>, boolean | undefined>>()

// An async function gives promises; `set`, `ttl` and `peek` know the plain result. Thenables are awaited.
const user = mime(async (id: string) => ({ id }), { ttl: (value, [id]) => (value.id === id ? '5m' : 0) })
check<Equal<ReturnType<typeof user>, Promise<{ id: string }>>>()
check<Equal<ReturnType<typeof user.peek>, Promise<{ id: string }> | undefined>>()
check<Equal<ReturnType<typeof user.refresh>, Promise<{ id: string }>>>()
check<Equal<ReturnType<typeof user.has>, boolean>>()
check<Equal<ReturnType<typeof user.invalidate>, boolean>>()
check<Equal<Result<(x: number) => PromiseLike<Promise<1>>>, 1>>()
user.set(['a'], { id: 'a' })
// @ts-expect-error the plain result, not a promise
user.set(['a'], Promise.resolve({ id: 'a' }))
// @ts-expect-error the arguments as an array
user.set('a', { id: 'a' })
// @ts-expect-error the argument is missing
user.invalidate()
// @ts-expect-error the argument is missing
user.refresh()
const gone: number = user.invalidateIf(([id], { id: other }) => id === other)
// @ts-expect-error a predicate
user.invalidateIf(['a'])
const page = mime(fetch, '5m')
const response: Promise<Response> = page('https://example.org', { method: 'GET' })

// Static properties.
const counted = mime(Object.assign((x: number) => x, { unit: 'ms' as const }))
check<Equal<typeof counted.unit, 'ms'>>()

// The other verbs.
async function others(): Promise<Verbs<(x: number) => string>> {
  await using wrapped: Mimed<(x: number) => string> = mime((x: number) => `${x}`)
  await wrapped.ready
  await wrapped.flush()
  wrapped.clear()
  const outcome: 'hit' | 'joins' | 'miss' = wrapped.explain(1).outcome
  const { removals, hits, misses, stale, coalesced, loads, errors, entries, bytes } = wrapped.stats()
  const counts: number[] = [hits, misses, stale, coalesced, loads, errors, entries, bytes]
  check<Equal<keyof typeof removals, 'expired' | 'size' | 'invalidated' | 'replaced'>>()
  // @ts-expect-error a snapshot
  wrapped.stats().hits = counts.length
  // @ts-expect-error no such verb
  wrapped.forget(outcome)
  return wrapped
}

// What is no function.
// @ts-expect-error an object that is no options
mime({ a: 1 }, 60)
// @ts-expect-error nothing
mime(undefined)
// @ts-expect-error a class
mime(class Api {})
// @ts-expect-error a promise
mime(Promise.resolve(1), 60)

// Keys of classes, and the hash.
class Money {
  constructor(readonly cents: number) {}
  [mime.key]() {
    return this.cents
  }
}
const digest: string = hash(new Money(1), { a: [1n] })
const tagged: number = mime.invalidateTags('user:1', 'page:*')
// @ts-expect-error names
createMime().invalidateTags(1)
const code: string = new MimicError('ERR_X', 'message', { cause: 1 }).code

export {
  code,
  digest,
  extended,
  gone,
  narrowed,
  others,
  overNumber,
  overText,
  response,
  sum,
  tagged,
  text,
  wrapAny,
}
