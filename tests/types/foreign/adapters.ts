/** The types of the adapters; each line that must not compile stands under `@ts-expect-error`. */
import { type CacheEntry, cachified } from '@epic-web/cachified'
import KeyvRedis from '@keyv/redis'
import Keyv from 'keyv'
import pMemoize from 'p-memoize'
import { createStorage } from 'unstorage'
import { fromKeyv, fromUnstorage, toMapLike } from '../../../js/adapters.js'
import { memoryStore, mime } from '../../../js/index.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const check = <_ extends true>() => {}

// What the packages themselves make is taken.
const keyv = fromKeyv(new Keyv(new KeyvRedis('redis://localhost')), { prefix: 'cache', timeout: '2s' })
const storage = fromUnstorage(createStorage(), { maxPendingEntries: 100 })
const load = mime(async (id: string) => ({ id }), { store: keyv, name: 'load' })
keyv.invalidateTags('load', tag => tag === 'x')
// @ts-expect-error sync functions are not served
keyv.getSync?.({ namespace: '', digest: '', bytes: new Uint8Array() }).value
// @ts-expect-error misspelt
fromKeyv(new Keyv(), { prefx: 'cache' })
// @ts-expect-error no Keyv
fromKeyv(new Map())
// @ts-expect-error no storage
fromUnstorage(new Keyv())

// And taken by others.
const cache = toMapLike<string, CacheEntry>(storage, { name: 'users' })
const user = cachified({ key: 'a', cache, getFreshValue: async () => ({ id: 1 }) })
check<Equal<Awaited<typeof user>, { id: number }>>()
const memoized = pMemoize(async (id: string) => id.length, {
  cache: toMapLike<string, number>(memoryStore()),
})
const length: Promise<number> = memoized('a')
check<Equal<Awaited<ReturnType<typeof cache.get>>, CacheEntry | undefined>>()

// A wrapped function of one argument is a Map of its results.
const ofLoad = toMapLike(load)
check<Equal<Awaited<ReturnType<typeof ofLoad.get>>, { id: string } | undefined>>()
ofLoad.set('a', { id: 'a' })
// @ts-expect-error another result
ofLoad.set('a', 5)
// @ts-expect-error another key
ofLoad.get(5)
// @ts-expect-error it has a ttl of its own
toMapLike(load, { ttl: 5 })
// @ts-expect-error no store
toMapLike(new Map())
toMapLike(memoryStore(), { ttl: (value: number, key: string) => (value > key.length ? '5m' : null) })

export { length }
