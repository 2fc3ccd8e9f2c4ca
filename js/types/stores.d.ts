export interface StoreKey {
  namespace: string
  digest: string
  bytes: Uint8Array
}

export interface StoreEntry {
  value: any
  /** Epoch milliseconds. */
  storedAt: number
  /** Epoch milliseconds; `Infinity`: never. */
  deadline: number
  /** Milliseconds. */
  ttl: number
  /** The function returned a promise of the value. */
  isAsync?: boolean | undefined
  /** What it can be invalidated by. */
  tags?: readonly string[] | undefined
}

/** An AbortSignal, for projects without its type. */
export interface LeaveSignal {
  readonly aborted: boolean
  readonly reason: any
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Where results survive. A store never throws; what goes wrong is an event and a counter. */
export interface Store {
  readonly ready: Promise<void>
  getSync?(key: StoreKey): StoreEntry | undefined
  get(key: StoreKey): StoreEntry | undefined | Promise<StoreEntry | undefined>
  set(key: StoreKey, entry: Omit<StoreEntry, 'ttl'>): void
  delete(key: StoreKey): void
  clear(namespace: string): void
  /** Deletes the entries of a namespace that have such a tag. Without it everything of the namespace is cleared. */
  invalidateTags?(namespace: string, matches: (tag: string) => boolean, patterns?: readonly string[]): void
  /** Whom `lock` keeps out; the option `singleFlight` names it. */
  readonly lockScope?: 'machine' | 'origin' | 'fleet'
  /**
   * Waits until nobody else has the lock of this key; from then on `get` says what its holders have set. Resolves with what gives it back, which
   * is called once, right after `set`: what was set has to be readable for the next holder. May resolve with nothing when somebody else gave it
   * back and his value may be there. Rejects when the signal aborts. A holder who died keeps nothing locked.
   */
  lock?(key: StoreKey, signal: LeaveSignal): Promise<(() => unknown) | void>
  flush(): Promise<void>
  close(): Promise<void>
  /**
   * Returns a function that takes the listener off. What a listener throws, at once or later, reaches no caller. The stores of this package
   * throw a TypeError `ERR_INVALID_ARGUMENT` for an event that they do not have, and for what is no function.
   */
  on(
    event: string,
    listener: (event: { code?: string; cause?: unknown; namespace?: string; count?: number }) => void,
  ): () => void
  stats(): Record<string, number>
}

/**
 * A store as written for My Mimic: what it keeps, it keeps as it pleases, for `ttl` seconds, or for ever where that is `null` or missing. A `ttl` is a whole number, rounded down,
 * or a fraction below 1. Keys are digits, small letters and `-`. Beside results there is one short text for each function that was cleared.
 */
export interface IState {
  syncGet(key: string): unknown
  syncSet(key: string, value: any, ttl?: number | null): void
  asyncGet(key: string): Promise<unknown>
  asyncSet(key: string, value: any, ttl?: number | null): Promise<unknown>
}

export interface IndexedDBStoreOptions {
  /** The database; stores of one name share it. Default: `'my-mimic'`. */
  name?: string | undefined
  /** Milliseconds of rest after which what waits is written. Default: 50. */
  flushAfter?: number | undefined
  /** So many waiting are written at once. Default: 1,024. */
  flushEntries?: number | undefined
  /** So many bytes waiting are written at once. Default: 1 MiB. */
  flushBytes?: number | undefined
  /** More waiting than this: the oldest are dropped, and counted. Default: 20,000. */
  maxPendingEntries?: number | undefined
  /** Likewise in bytes; a value larger than this is not persisted. Default: 16 MiB. */
  maxPendingBytes?: number | undefined
  /** Bytes the database may take; beyond that what has expired goes, then the oldest. Default: 64 MB, or a tenth of the quota where that is less. */
  maxBytes?: number | undefined
  /** A database of no more bytes of entries than this is read whole at the start, before `ready`. Default: 4 MiB. */
  hydrateBytes?: number | undefined
  /** Bytes of encoded entries held in memory. Default: 32 MiB. */
  memoryBytes?: number | undefined
  /** Milliseconds until a database that does not open counts as unavailable. Default: 5,000. */
  openTimeout?: number | undefined
}

/** What is in a store, without its value. */
export interface StoredEntry {
  namespace: string
  /** Of the function. */
  name: string
  version: string
  digest: string
  /** The arguments, as far as they can be told from the key. */
  args: readonly unknown[]
  /** The call in words, never long: its arguments, of a key that is held as a digest only that. Empty where the key cannot be read. */
  description: string
  /** What it can be invalidated by. */
  tags: readonly string[]
  /** Bytes of key and value as they are encoded. */
  size: number
  /** Milliseconds since it was stored. */
  age: number
  /** Milliseconds it may still live; `Infinity`: for ever. */
  timeLeft: number
}

export interface IndexedDBStore extends Store {
  /** Everything that is persisted and alive, oldest first; reads all of the database. */
  entries(): Promise<StoredEntry[]>
  /** Forgets one entry, all of one namespace, or, without an argument, everything, in memory and in other tabs too. */
  forget(which?: { namespace: string; digest?: string | undefined }): void
}
