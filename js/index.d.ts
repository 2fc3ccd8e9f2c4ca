/**
 * A ttl: **seconds** as a number, a string with its unit (`'250ms'`, `'10s'`, `'5m'`, `'2h'`, `'7d'`), or `null`, `undefined` and `Infinity`
 * for never. `0` keeps nothing, but concurrent calls still share one load.
 */
export type Ttl = number | string | null | undefined

/** The plain result of a function: what a promise resolves to. */
export type Result<F extends (...args: any[]) => any> = Awaited<ReturnType<F>>

export interface MimeOptions<F extends (...args: any[]) => any = (...args: any[]) => any> {
  /** How long a result is good, from the moment it is there. Default: for ever. A function works it out from each result. */
  ttl?: Ttl | ((value: Result<F>, args: Parameters<F>) => Ttl)
  /** The name that persisted results are found by. Default: the function's own. */
  name?: string
  /** Results persisted under another version are not read. Default: a digest of the function's source. */
  version?: string
  /** Where results survive a restart. Default: nowhere. */
  store?: Store
  /** How long an async call waits for its store before it calls the function. Default: `'1s'`. */
  storeTimeout?: Ttl
  /** What the call counts as, instead of its arguments; keyed by the same rules. */
  key?: (...args: Parameters<F>) => unknown
  /** The most entries held in memory, from 0 to 2²⁹ − 1. Default: 10,000. */
  maxEntries?: number
  /** Longer keys are held as a 256-bit digest instead of their bytes; from 256 to 32,768. Default: 32,768. */
  maxKeyBytes?: number
  /** The clock of ttls in memory, in milliseconds. Default: a monotonic one. */
  clock?: { now(): number }
  /** Hears every event. What it throws reaches no caller. */
  onEvent?: (event: MimeEvent) => void
}

export interface BatchOptions<K, V> extends MimeOptions<(key: K) => Promise<V>> {
  /** More keys than this go to the loader in several calls. Default: `Infinity`. */
  maxBatchSize?: number
}

export interface MimeEvent {
  /** `error`: a store or a callback in the options failed. `trap`: the core was started anew and the cache is empty. */
  type: 'error' | 'trap' | (string & {})
  /** The function's name. */
  name?: string
  code?: string
  error?: unknown
}

export interface Stats {
  hits: number
  misses: number
  stale: number
  /** Callers who joined a running load. */
  coalesced: number
  /** Calls of the function itself. */
  loads: number
  /** Loads that threw or rejected. */
  errors: number
  /** Entries in memory now. */
  entries: number
  /** Loads that run now. */
  pending: number
  /** Bytes of keys and bookkeeping now. */
  bytes: number
  removals: { expired: number; size: number; invalidated: number; replaced: number }
  /** Misses in memory that the store answered. */
  storeHits: number
  /** Failures of the store and of callbacks in the options. */
  storeErrors: number
  /** Recoveries of the core. */
  traps: number
}

/** What a wrapped function can do beside being called. */
export interface Verbs<F extends (...args: any[]) => any> {
  /** Whether a call with these arguments would hit; nothing is counted. */
  has(...args: Parameters<F>): boolean
  /** What a call with these arguments would get without calling the function; nothing is counted. */
  peek(...args: Parameters<F>): ReturnType<F> | undefined
  /** Puts a result in, as if a call had just returned it. */
  set(args: Parameters<F>, value: Result<F>): void
  /** Forgets the result of this very call; one that loads is not stored. `invalidate()` is the call without arguments. */
  invalidate(...args: Parameters<F>): boolean
  /** Why a call with these arguments would hit or miss, in words and as data; nothing is counted. */
  explain(...args: Parameters<F>): Explanation
  /** Forgets everything, in the store too. */
  clear(): void
  stats(): Stats
  /** Returns a function that takes the listener off. */
  on(event: MimeEvent['type'], listener: (event: MimeEvent) => void): () => void
  /** Persisted results can be read. */
  readonly ready: Promise<void>
  /** Everything so far is as durable as the store makes it. */
  flush(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What `explain` says. `String(explanation)` is its text. */
export interface Explanation {
  /** `hit`: from memory or the store. `joins`: shares the load that runs. `miss`: the function is called. */
  readonly outcome: 'hit' | 'joins' | 'miss'
  /**
   * `resident`: in memory. `store`: the store has it at hand. `pending`: a load of this key runs; with the outcome `miss` it is this very
   * call, further up the stack. `expired`: in memory, too old. `no entry`: neither; a store that answers later may still have it.
   */
  readonly reason: 'resident' | 'store' | 'pending' | 'expired' | 'no entry'
  /** In words: the verdict on the first line, what there is to know about the key on the others. */
  readonly text: string
  readonly key: {
    /** How long it is in full. */
    readonly bytes: number
    /** Longer than `maxKeyBytes`: held as a 256-bit digest. */
    readonly isDigest: boolean
    /** Means the same in another process; only such keys are persisted. */
    readonly isPortable: boolean
    /** What it says, shortened. */
    readonly description: string
  }
  /** The entry that hits or has expired; milliseconds. `timeLeft` is `Infinity` when it never expires. */
  readonly entry?: { readonly age: number; readonly timeLeft: number }
  /** Milliseconds since the entry expired. */
  readonly expiredFor?: number
  /** With the reason `no entry`: the most similar of the entries that were looked at, and where it differs first. */
  readonly nearest?: {
    /** From 1; 0 is `this`. With the option `key`, 1 is what that returns. */
    readonly argument: number
    /** Inside the argument, such as `.filters.from`; empty for the argument itself. */
    readonly path: string
    /** What the entry has there; `absent` when nothing. */
    readonly entry: string
    /** What this call has there. */
    readonly call: string
    /** From 0 to 1: how much of the two keys is equal. */
    readonly similarity: number
  }
  /** What the call was on, when it has a `this`, which counts. */
  readonly receiver?: string
  /** What goes by identity, at most the first eight; argument 0 is `this`. */
  readonly identities: readonly { readonly argument: number; readonly path: string; readonly what: string }[]
  /** For a key of more than 1 KB: its largest argument. */
  readonly large?: {
    readonly bytes: number
    readonly argument: number
    readonly argumentBytes: number
    readonly what: string
  }
  toString(): string
}

/** A wrapped function: the function itself, with its generics, overloads, `this` and static properties, and the verbs. */
export type Mimed<F extends (...args: any[]) => any> = F & Verbs<F>

export interface Mime {
  /**
   * Wraps a function, so that it remembers its results by the exact value of its arguments.
   * @throws TypeError or RangeError with a `code`, for a bad option, a class, or a function already wrapped otherwise
   */
  <F extends (...args: any[]) => any>(fn: F, options?: Ttl | MimeOptions<F>): Mimed<F>
  /**
   * Wraps a loader of many keys as a function of one: the keys that miss in one tick go to the loader in one call, and each result is
   * remembered under its own key. The loader answers with an array as long as `keys`, with an Error in the place of a key that failed.
   * It runs in the async context (AsyncLocalStorage) of the first caller of its batch, without a `this`.
   * @throws TypeError or RangeError with a `code`, for a bad option or a class
   */
  batch<K, V>(
    fnOfKeys: (keys: K[]) => readonly (V | Error)[] | PromiseLike<readonly (V | Error)[]>,
    options?: Ttl | BatchOptions<K, V>,
  ): Mimed<(key: K) => Promise<V>>
  /** Changes the defaults of functions wrapped from now on. */
  configure(options: MimeOptions): void
  /** A class whose instances are keys by value has a method of this name. */
  readonly key: unique symbol
}

/** The shared `mime`. */
export const mime: Mime
/** An independent `mime` with its own defaults. */
export function createMime(defaults?: MimeOptions): Mime

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
  isAsync?: boolean
}

/** Where results survive. A store never throws; what goes wrong is an event and a counter. */
export interface Store {
  readonly ready: Promise<void>
  getSync?(key: StoreKey): StoreEntry | undefined
  get(key: StoreKey): StoreEntry | undefined | Promise<StoreEntry | undefined>
  set(key: StoreKey, entry: Omit<StoreEntry, 'ttl'>): void
  delete(key: StoreKey): void
  clear(namespace: string): void
  flush(): Promise<void>
  close(): Promise<void>
  on(
    event: string,
    listener: (event: { code?: string; cause?: unknown; namespace?: string; count?: number }) => void,
  ): () => void
  stats(): Record<string, number>
}

export interface IndexedDBStoreOptions {
  /** The database; stores of one name share it. Default: `'my-mimic'`. */
  name?: string
  /** Milliseconds of rest after which what waits is written. Default: 50. */
  flushAfter?: number
  /** So many waiting are written at once. Default: 1,024. */
  flushEntries?: number
  /** So many bytes waiting are written at once. Default: 1 MiB. */
  flushBytes?: number
  /** More waiting than this: the oldest are dropped, and counted. Default: 20,000. */
  maxPendingEntries?: number
  /** Likewise in bytes; a value larger than this is not persisted. Default: 16 MiB. */
  maxPendingBytes?: number
  /** Bytes of encoded entries held in memory. Default: 64 MiB. */
  maxBytes?: number
  /** Milliseconds until a database that does not open counts as unavailable. Default: 5,000. */
  openTimeout?: number
}

/**
 * A structural hash: 64 hex digits. Equal values have equal hashes in every runtime and on every platform, whatever the order of an
 * object's keys; the encoding before the hash (BLAKE3) is injective.
 * @throws TypeError `ERR_NOT_PORTABLE` when a value counts by identity: functions, class instances without `[mime.key]()`, unique symbols
 */
export function hash(...values: unknown[]): string

/** Keeps results in IndexedDB; in memory only, and said once, where there is none. */
export function indexedDBStore(options?: IndexedDBStoreOptions): Store
/** Keeps results in this process, encoded. */
export function memoryStore(): Store

/** An error of the cache, with a stable `code`. */
export class MimicError extends Error {
  constructor(code: string, message: string, options?: { cause?: unknown })
  readonly code: string
}
export class MimicTypeError extends TypeError {
  constructor(code: string, message: string, options?: { cause?: unknown })
  readonly code: string
}
export class MimicRangeError extends RangeError {
  constructor(code: string, message: string, options?: { cause?: unknown })
  readonly code: string
}
