/** Options: what each takes, and that a misspelt one is an error wherever options are given. */
import {
  createMime,
  type IState,
  indexedDBStore,
  memoryStore,
  type MimeOptions,
  mime,
  type Store,
  type Ttl,
} from '../../js/index.js'

const f = async (id: string, n: number) => ({ id, n })

// All of them at once, with callbacks that know the function.
mime(f, {
  ttl: (value, [id, n]) => (value.id === id && value.n === n ? '5m' : null),
  name: 'f',
  version: '1',
  store: indexedDBStore({ name: 'x', flushAfter: 10 }),
  storeTimeout: '1s',
  key: (id, n) => [id.trim(), n.toFixed()],
  tags: ([id], value) => [`user:${id}`, `n:${value.n.toFixed()}`],
  maxEntries: 10,
  maxBytes: '64MB',
  maxKeyBytes: 1024,
  sizeOf: value => value.id.length,
  clone: value => ({ ...value }),
  freeze: false,
  clock: { now: () => 0 },
  jitter: 0.1,
  refreshAhead: 1.5,
  staleWhileRevalidate: '1m',
  staleIfError: 3600,
  timeout: '200ms',
  singleFlight: 'process',
  onEvent: event => event.name,
})
mime(f, {
  clone: true,
  refreshAhead: true,
  singleFlight: false,
  jitter: '30s',
  tags: ['users'],
  maxBytes: 1e6,
})
mime(f, { tags: ['users'] as const })
mime(f, {})

// Every form of a ttl.
for (const ttl of [5, '5m', null, undefined, Infinity] satisfies Ttl[]) mime(f, ttl)

// `undefined` is as good as not given, for each option.
mime(f, {
  ttl: undefined,
  name: undefined,
  version: undefined,
  store: undefined,
  storeOptions: undefined,
  storeTimeout: undefined,
  key: undefined,
  tags: undefined,
  maxEntries: undefined,
  maxBytes: undefined,
  maxKeyBytes: undefined,
  sizeOf: undefined,
  clone: undefined,
  freeze: undefined,
  clock: undefined,
  jitter: undefined,
  refreshAhead: undefined,
  staleWhileRevalidate: undefined,
  staleIfError: undefined,
  timeout: undefined,
  singleFlight: undefined,
  onEvent: undefined,
})

// A misspelt one: wrapping, as a decorator, and as defaults.
// @ts-expect-error maxEntries
mime(f, { maxEntires: 5 })
// @ts-expect-error maxEntries
mime({ maxEntires: 5 })
// @ts-expect-error maxEntries, beside one that is right
mime({ ttl: '5m', maxEntires: 5 })
// @ts-expect-error maxEntries
createMime({ maxEntires: 5 })
// @ts-expect-error maxEntries
mime.configure({ maxEntires: 5 })
// @ts-expect-error maxEntries
createMime().configure({ ttl: '5m', maxEntires: 5 })
// @ts-expect-error no such option
indexedDBStore({ flushBefore: 10 })

// A wrong type: one line for each option.
// @ts-expect-error no ttl
mime(f, true)
// @ts-expect-error no ttl
mime(f, ['5m'])
// @ts-expect-error no ttl
mime(f, { ttl: {} })
// @ts-expect-error a ttl of the wrong type
mime(f, { ttl: () => true })
// @ts-expect-error text
mime(f, { name: 5 })
// @ts-expect-error text
mime(f, { version: 1 })
// @ts-expect-error no ttl
mime(f, { storeTimeout: [] })
// @ts-expect-error a function
mime(f, { key: 'id' })
// @ts-expect-error a string is no number
mime(f, { key: (id: number) => id })
// @ts-expect-error a list
mime(f, { tags: 'users' })
// @ts-expect-error a list of strings
mime(f, { tags: ([, n]) => [n] })
// @ts-expect-error a number
mime(f, { maxEntries: '5' })
// @ts-expect-error a number or text
mime(f, { maxBytes: 5n })
// @ts-expect-error a number
mime(f, { maxKeyBytes: '5' })
// @ts-expect-error a number of bytes
mime(f, { sizeOf: value => value.id })
// @ts-expect-error a copy of the result
mime(f, { clone: value => value.id })
// @ts-expect-error a boolean
mime(f, { freeze: 'deep' })
// @ts-expect-error an object with now()
mime(f, { clock: Date.now })
// @ts-expect-error a share or a duration
mime(f, { jitter: true })
// @ts-expect-error a number or true
mime(f, { refreshAhead: '1m' })
// @ts-expect-error a duration
mime(f, { staleWhileRevalidate: true })
// @ts-expect-error a duration
mime(f, { staleIfError: true })
// @ts-expect-error a duration
mime(f, { timeout: () => 5 })
mime(f, { singleFlight: 'machine', lockTimeout: '5s' })
// @ts-expect-error no such reach
mime(f, { singleFlight: 'cluster' })
// @ts-expect-error a duration
mime(f, { lockTimeout: true })
// @ts-expect-error a function
mime(f, { onEvent: 'error' })
// @ts-expect-error not a store
mime(f, { store: new Map() })
// @ts-expect-error not a store
mime(f, { store: null })

// A store written for My Mimic, as an object and as a class, with its options.
const held = new Map<string, unknown>()
const state = {
  syncGet: (key: string) => held.get(key),
  syncSet(key: string, value: unknown, ttl?: number | null) {
    held.set(key, { value, ttl })
  },
  asyncGet: async (key: string) => held.get(key),
  async asyncSet(key: string, value: unknown) {
    held.set(key, value)
  },
} satisfies IState
class MyState implements IState {
  constructor(readonly options: { url: string }) {}
  syncGet(key: string) {
    return key
  }
  syncSet(_key: string, _value: string) {}
  async asyncGet(key: string): Promise<string> {
    return key
  }
  async asyncSet() {}
}
mime(f, { store: state })
mime(f, { store: MyState, storeOptions: { url: 'redis:' } })
mime.configure({ store: new MyState({ url: 'redis:' }) })
createMime({ store: MyState, storeOptions: { url: 'redis:' } })
const { asyncSet, ...incomplete } = state
// @ts-expect-error asyncSet is missing
mime.configure({ store: incomplete })

// A store of one's own, and options made apart from their function.
const store: Store = memoryStore()
const options: MimeOptions<typeof f> = { store, ttl: ({ n }) => n }
mime(f, options)
const defaults: MimeOptions = { ttl: '1h' }
createMime(defaults).configure(defaults)
export { asyncSet }
