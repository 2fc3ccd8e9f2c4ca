import type { Store, Ttl } from './index.js'

/** Other people's storage as a store, and a store as other people's cache. */

export interface BackendOptions {
  /** What the names of all that is kept begin with: small letters, digits, `_` and `-`. Default: `'mimic'`. */
  prefix?: string | undefined
  /** How long the backend has for one answer, as a ttl. What is late is a miss, or is dropped, and counted. Default: `'5s'`. */
  timeout?: Ttl
  /** More waiting than this: the oldest are dropped, and counted. Default: 20,000. */
  maxPendingEntries?: number | undefined
  /** Likewise in bytes; a value larger than this is not persisted. Default: 16 MiB. */
  maxPendingBytes?: number | undefined
}

/** What of a Keyv is used. */
export interface KeyvLike {
  get(key: string, ...rest: any[]): Promise<any>
  set(key: string, value: any, ttl?: number): Promise<any>
  delete(key: string): Promise<any>
  on(event: 'error', listener: (error: any) => void): any
}

/** What of an unstorage is used. */
export interface UnstorageLike {
  getItem(key: string, ...rest: any[]): Promise<any>
  setItem(key: string, value: any, options?: any): Promise<void>
  removeItem(key: string, ...rest: any[]): Promise<void>
  getKeys(base?: string, ...rest: any[]): Promise<string[]>
}

/**
 * Any Keyv as a store, for async functions: Redis, SQLite, Postgres, … The Keyv stays yours: `close()` does not disconnect it.
 * @throws TypeError or RangeError with a `code`, for a bad argument
 */
export function fromKeyv(
  keyv: KeyvLike,
  options?: BackendOptions,
): Store & Required<Pick<Store, 'invalidateTags'>>

/**
 * Any storage of unstorage as a store, for async functions. The storage stays yours: `close()` does not dispose of it.
 * @throws TypeError or RangeError with a `code`, for a bad argument
 */
export function fromUnstorage(
  storage: UnstorageLike,
  options?: BackendOptions,
): Store & Required<Pick<Store, 'invalidateTags'>>

export interface MapLikeOptions<K = any, V = any> {
  /** What the entries are kept under. Default: `'map'`. */
  name?: string | undefined
  /** How long an entry is good, or what works it out. Default: as long as an entry of cachified's says, anything else for ever. */
  ttl?: Ttl | ((value: V, key: K) => Ttl)
  /** How long the store is waited for, as a ttl. Default: `'1s'`. */
  storeTimeout?: Ttl
  /** Hears of the store's failures, which no caller does. */
  onError?: ((error: unknown) => void) | undefined
}

/** A Map whose methods return promises: what p-memoize, cachified and others take for a cache. */
export interface MapLike<K = any, V = any> {
  readonly name: string
  has(key: K): Promise<boolean>
  get(key: K): Promise<V | undefined>
  set(key: K, value: V): Promise<void>
  delete(key: K): Promise<void>
  clear(): Promise<void>
}

/**
 * A store as a cache for others. Keys are by value, as arguments are; what has no meaning outside this process (a function, a class instance) is not
 * kept.
 */
export function toMapLike<K = any, V = any>(store: Store, options?: MapLikeOptions<K, V>): MapLike<K, V>

/** What `mime` has wrapped as a cache for others: a key is its only argument. Its options are those it was wrapped with. */
export function toMapLike<K, R>(
  mimed: {
    has(key: K): boolean
    peek(key: K): R | undefined
    set(args: [K], value: Awaited<R>): void
    invalidate(key: K): boolean
    clear(): void
  },
  options?: { name?: string | undefined },
): MapLike<K, Awaited<R>>
