/** The types of `mime.batch`; each line that must not compile stands under `@ts-expect-error`. */
import { mime } from '../../js/index.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const check = <_ extends true>() => {}

interface User {
  id: number
}

// Keys and values come from the loader; an Error among the results is no value.
const user = mime.batch(async (keys: number[]): Promise<(User | Error)[]> => keys.map(id => ({ id })), '5m')
check<Equal<Parameters<typeof user>, [key: number]>>()
check<Equal<ReturnType<typeof user>, Promise<User>>>()
user.set([1], { id: 1 })
user.invalidate(1)
// @ts-expect-error a string is no number
user('1')
// @ts-expect-error the plain result, not a promise
user.set([1], Promise.resolve({ id: 1 }))
// @ts-expect-error not a user
user.set([1], 5)

// A loader may return its array at once, and take its keys as an array that it does not change.
const sync = mime.batch((keys: readonly string[]) => keys.map(key => key.length))
check<Equal<ReturnType<typeof sync>, Promise<number>>>()

mime.batch(async (keys: { id: number }[]) => keys, { ttl: '1h', maxBatchSize: 100, key: key => key.id })
// @ts-expect-error maxBatchSize
mime.batch(async (keys: number[]) => keys, { maxBatchsize: 100 })
// @ts-expect-error an option of batch only
mime(async (key: number) => key, { maxBatchSize: 100 })
// @ts-expect-error no array
mime.batch(async (keys: number[]) => keys.length)
// @ts-expect-error takes no keys in an array
mime.batch(async (key: number) => [key])
