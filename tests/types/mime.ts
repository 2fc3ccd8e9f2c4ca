/** Compiled by `tsc` with the rest (`npm test lint`): each line that must not compile stands under `@ts-expect-error`. */
import { createMime, hash, indexedDBStore, type Mimed, MimicError, mime, type Store } from '../../js/index.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const check = <_ extends true>() => {}

// Parameters and results are kept.
const add = mime((a: number, b: number) => a + b, 60)
check<Equal<ReturnType<typeof add>, number>>()
check<Equal<Parameters<typeof add>, [a: number, b: number]>>()
// @ts-expect-error a string is no number
add('1', 2)

// So are generics, overloads, `this` and type predicates.
const first = mime(<T>(list: T[]): T | undefined => list[0])
check<Equal<ReturnType<typeof first<string>>, string | undefined>>()
declare function over(x: string): 'text'
declare function over(x: number): 'number'
const overloaded = mime(over)
const text: 'text' = overloaded('x')
const number: 'number' = overloaded(1)
const isText = mime((x: unknown): x is string => typeof x === 'string')
declare const unknown: unknown
if (isText(unknown)) unknown.toUpperCase()
const bound = mime(function (this: { base: number }, x: number) {
  return this.base + x
})
// @ts-expect-error `this` is missing
bound(1)

// An async function gives promises; `set`, `ttl` and `peek` know the plain result.
const user = mime(async (id: string) => ({ id }), { ttl: (value, [id]) => (value.id === id ? '5m' : 0) })
check<Equal<ReturnType<typeof user>, Promise<{ id: string }>>>()
user.set(['a'], { id: 'a' })
// @ts-expect-error the plain result, not a promise
user.set(['a'], Promise.resolve({ id: 'a' }))
check<Equal<ReturnType<typeof user.peek>, Promise<{ id: string }> | undefined>>()
check<Equal<ReturnType<typeof user.has>, boolean>>()
user.invalidate('a')
// @ts-expect-error the argument is missing
user.invalidate()

// Options: a misspelt one, a wrong type.
mime((x: number) => x, { ttl: null, maxEntries: 5, key: x => x % 2, store: indexedDBStore() })
// @ts-expect-error maxEntries
mime((x: number) => x, { maxEntires: 5 })
// @ts-expect-error a number
mime((x: number) => x, { maxEntries: '5' })
// @ts-expect-error no such ttl
mime((x: number) => x, true)
// @ts-expect-error not a function
mime(5)
// @ts-expect-error a string is no number
mime((x: number) => x, { key: x => x.length })

// Keys of classes.
class Money {
  constructor(readonly cents: number) {}
  [mime.key]() {
    return this.cents
  }
}
const digest: string = hash(new Money(1), { a: [1n] })

const own = createMime({ ttl: '1h' })
own.configure({ maxEntries: 10 })
const wrapped: Mimed<(x: number) => string> = own((x: number) => `${x}`)
const store: Store = indexedDBStore({ name: 'x', flushAfter: 10 })
// @ts-expect-error no such option
indexedDBStore({ flushBefore: 10 })
const code: string = new MimicError('ERR_X', 'message', { cause: 1 }).code
const outcome: string = wrapped.explain(1).text
const stats: number = wrapped.stats().removals.expired
wrapped.on('trap', event => event.error)

export { code, digest, number, outcome, stats, store, text }
