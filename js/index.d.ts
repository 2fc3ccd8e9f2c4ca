/// <reference lib="esnext.disposable" />

import type { Dump, DumpOptions, LoadReport } from './types/dump.js'
import type { Explanation } from './types/explanation.js'
import type { MimeEvent, MimeEvents, Stats, TotalStats } from './types/stats.js'
import type { IndexedDBStore, IndexedDBStoreOptions, IState, Store } from './types/stores.js'

export * from './types/dump.js'
export * from './types/explanation.js'
export * from './types/stats.js'
export * from './types/stores.js'

type AnyFunction = (...args: any[]) => any

/**
 * A ttl: **seconds** as a number, a string with its unit (`'250ms'`, `'10s'`, `'5m'`, `'2h'`, `'7d'`), or `null`, `undefined` and `Infinity`
 * for never. `0` keeps nothing, but concurrent calls still share one load.
 */
export type Ttl = number | string | null | undefined

/** The arguments of a function; of an overloaded one those of each of its last four signatures (up to TypeScript 5.2: of the last). */
export type Arguments<F extends AnyFunction> = F extends {
  (...args: infer A): any
  (...args: infer B): any
  (...args: infer C): any
  (...args: infer D): any
}
  ? A | B | C | D
  : Parameters<F>

/** What a function returns; an overloaded one, by any of its last four signatures. */
export type Returned<F extends AnyFunction> = F extends {
  (...args: infer _A): infer A
  (...args: infer _B): infer B
  (...args: infer _C): infer C
  (...args: infer _D): infer D
}
  ? A | B | C | D
  : ReturnType<F>

/** The plain result of a function: what a promise resolves to. */
export type Result<F extends AnyFunction> = Awaited<Returned<F>>

/** A ttl that is worked out from each result. */
export type TtlOf<F extends AnyFunction> = (value: Result<F>, args: Arguments<F>) => Ttl

/**
 * The options of a wrapped function, or of a `mime` as defaults. All are checked when the function is wrapped: a bad one throws a TypeError or
 * RangeError `ERR_INVALID_OPTION`, an unknown one a TypeError `ERR_UNKNOWN_OPTION`. `undefined` is as good as not given.
 *
 * A callback that throws reaches no caller: its call is not cached, and the error is an `error` event.
 */
export interface MimeOptions<F extends AnyFunction = AnyFunction> {
  /**
   * How long a result is good, from the moment it is there. A function works it out from each result, so that an empty one can live
   * shorter than a full one. Default: for ever.
   */
  ttl?: Ttl | TtlOf<F>
  /** What events, warnings and a store call the function. Default: its own name; for a decorator the property's. */
  name?: string | undefined
  /** Results persisted under another version are not read. Default: a digest of the function's source. */
  version?: string | undefined
  /**
   * Where results survive a restart: a store of this package, or a state in the shape of My Mimic, as an object or as a class to make one of.
   * A Response lives in memory only (`ERR_NOT_PERSISTED`, said once). It knows a function by name and version: two with the same source and no
   * `name` of their own share what it has (`ERR_NAMESAKE`, said once), whatever they close over. Default: nowhere.
   * @throws TypeError `ERR_NAME_REQUIRED` when wrapping a function without a name, `ERR_VERSION_REQUIRED` a bound function or a proxy, which show no
   * source, without a `version`
   */
  store?: Store | IState | (new (options?: any) => IState) | undefined
  /** What the class given as `store` is constructed with. */
  storeOptions?: unknown
  /** How long an async call waits for its store before it calls the function, and the event `error` says `ERR_STORE_TIMEOUT`; as a ttl. Default: `'1s'`. */
  storeTimeout?: Ttl
  /** What the call counts as, instead of its arguments; keyed by the same rules. Default: the arguments. */
  key?: ((...args: Arguments<F>) => unknown) | undefined
  /** Names for `mime.invalidateTags`: a list, or worked out from each result. Default: none. */
  tags?: readonly string[] | ((args: Arguments<F>, value: Result<F>) => readonly string[]) | undefined
  /** The most entries held in memory, from 0 to 2²⁹ − 1. Default: 10,000. */
  maxEntries?: number | undefined
  /**
   * The most bytes of keys, bookkeeping and values held in memory: a number, or a string with its unit, such as `'64MB'`. Of a function: its own,
   * none by default. Of `createMime` and `configure`: of all functions together, 256 MB by default, 64 MB in browsers and workers; when it is
   * reached entries of the function with the most bytes go. `Infinity`: no bound. A result too large for it is not kept.
   */
  maxBytes?: number | string | undefined
  /** Longer keys are held as a 256-bit digest instead of their bytes; from 256 to 32,768. Default: 32,768. */
  maxKeyBytes?: number | undefined
  /** The bytes of a result, 0 or more; more than 4 GiB count as 4 GiB. Default: an estimate, from a sample of the results. */
  sizeOf?: ((value: Result<F>) => number) | undefined
  /**
   * Every caller gets a copy of his own: `true` for `structuredClone`, or a function that copies. What cannot be copied is its caller's alone:
   * the error is an event, and the next caller calls the function. Not with `freeze`. Default: `false`.
   */
  clone?: boolean | ((value: Result<F>) => Result<F>) | undefined
  /**
   * Results are frozen, with all that is in them but typed arrays and objects of the platform (a Response, an AbortSignal), before anyone gets
   * them. Not with `clone`. Default: `false`.
   */
  freeze?: boolean | undefined
  /** The clock of ttls in memory, in milliseconds. Default: a monotonic one. */
  clock?: { now(): number } | undefined
  /**
   * By how much a ttl is shortened at random, so that entries made together do not expire together: a share of it from 0 to 1, or at most so
   * long as a string such as `'30s'`. Default: 0.
   */
  jitter?: number | string | undefined
  /** Loads anew now and then, the likelier the nearer the end of the ttl (XFetch): `true`, or its beta. Default: `false`; `true` is 1. */
  refreshAhead?: boolean | number | undefined
  /** For so long after its ttl a value is served while a load runs behind; as a ttl. Default: not at all. */
  staleWhileRevalidate?: Ttl
  /** For so long after its ttl a value is served when the load fails; as a ttl. Default: not at all. */
  staleIfError?: Ttl
  /**
   * After so long a load that runs is not waited for where there is an expired value; that is served, and the load goes on. As a ttl. Without
   * `staleWhileRevalidate` and `staleIfError` expired values are kept for an hour. Default: loads are waited for.
   */
  timeout?: Ttl
  /**
   * Whether concurrent calls with one key share one load, in this process. One that replaces an
   * expired value is always shared. `'machine'` (with `diskStore`), `'origin'` and `'fleet'`: over all
   * processes, threads or tabs with the same store, whose locks have to reach as far; async functions only. Default: `true`, the same as
   * `'process'`.
   */
  singleFlight?: boolean | 'process' | 'machine' | 'origin' | 'fleet' | undefined
  /** How long a call waits for a load of the same key elsewhere before it loads by itself; as a ttl. Default: `'30s'`. */
  lockTimeout?: Ttl
  /** Hears every event. What it throws reaches no caller. */
  onEvent?: ((event: MimeEvent) => void) | undefined
}

export interface BatchOptions<K, V> extends MimeOptions<(key: K) => Promise<V>> {
  /** More keys than this go to the loader in several calls. Default: `Infinity`. */
  maxBatchSize?: number | undefined
}

/** What a wrapped function can do beside being called. Calls on an object are asked about with `call`: `api.load.has.call(api, 1)`. */
export interface Verbs<F extends AnyFunction> {
  /** Whether a call with these arguments would hit; nothing is counted. */
  has(...args: Arguments<F>): boolean
  /** What a call with these arguments would get without calling the function; nothing is counted. */
  peek(...args: Arguments<F>): Returned<F> | undefined
  /**
   * Puts a plain result in, as if a call had just returned it.
   * @throws TypeError `ERR_INVALID_ARGUMENT` when the arguments are no array or the result is a promise
   */
  set(args: Arguments<F>, value: Result<F>): void
  /**
   * Calls the function now and keeps what it returns. Until then others get the old value, which stays when the function fails. A load of the
   * same key that runs already is not stored.
   */
  refresh(...args: Arguments<F>): Returned<F>
  /** Forgets the result of this very call; one that loads is not stored. `invalidate()` is the call without arguments. */
  invalidate(...args: Arguments<F>): boolean
  /**
   * Forgets the results for which the predicate returns true, and says how many. It gets the plain result, and the arguments as they were: copies,
   * but for what counts by identity, which is the thing itself. An AbortSignal is `undefined`, an instance with `[mime.key]()` what that returned;
   * of a call with the option `key` it gets what that returned, and no arguments of one whose key is longer than `maxKeyBytes`. Of what only the
   * store has it cannot be asked: that all goes.
   */
  invalidateIf(predicate: (args: Arguments<F>, value: Result<F>) => boolean): number
  /** Why a call with these arguments would hit or miss, in words and as data; nothing is counted. */
  explain(...args: Arguments<F>): Explanation
  /** Forgets everything, in the store too. */
  clear(): void
  stats(): Stats
  /**
   * Returns a function that takes the listener off. What a listener throws, at once or later, reaches no caller.
   * @throws TypeError `ERR_INVALID_ARGUMENT` for an unknown type and for what is no function
   */
  on<Type extends keyof MimeEvents>(type: Type, listener: (event: MimeEvents[Type]) => void): () => void
  /** Persisted results can be read. */
  readonly ready: Promise<void>
  /** Everything so far is as durable as the store makes it. */
  flush(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A wrapped function: the function itself, with its generics, overloads, `this` and static properties, and the verbs. */
export type Mimed<F extends AnyFunction> = F & Verbs<F>

/**
 * A decorator of methods and getters, static and private ones too: a standard one, and in TypeScript's `experimentalDecorators` form. Every
 * instance has entries of its own, which go with it; they count together towards `maxEntries`.
 * @throws TypeError `ERR_DECORATOR` on anything else
 */
export interface MimeDecorator<F extends AnyFunction = AnyFunction> {
  <M extends F>(method: M, context: ClassMethodDecoratorContext<any, M>): Mimed<M>
  <This, Value extends ReturnType<F>>(
    getter: (this: This) => Value,
    context: ClassGetterDecoratorContext<This, Value>,
  ): Mimed<(this: This) => Value>
  <M extends F | ReturnType<F>>(
    target: object,
    key: PropertyKey,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M>
}

/** What `@mime` without parentheses would pass is no options. */
interface NoContext {
  kind?: never
}

export interface Mime {
  /**
   * Wraps a function, so that it remembers its results by the exact value of its arguments.
   * @throws TypeError `ERR_INVALID_ARGUMENT` for a third argument; TypeError or RangeError with a `code`: `ERR_INVALID_OPTION` and `ERR_UNKNOWN_OPTION` for a bad option, `ERR_NOT_A_FUNCTION` for
   * what is none and for a class, `ERR_ALREADY_WRAPPED` for a function already wrapped with other options
   */
  <F extends AnyFunction>(fn: F, options?: Ttl | TtlOf<F> | (MimeOptions<F> & NoContext)): Mimed<F>
  /**
   * A decorator: `@mime('5m')`, `@mime({ ttl: 60 })`, `@mime()`. A ttl that is a function goes into the options, `@mime({ ttl: value => … })`.
   * Callbacks know the method's type when it is given: `@mime<Api['load']>({ … })`.
   * @throws TypeError or RangeError `ERR_INVALID_OPTION`, TypeError `ERR_UNKNOWN_OPTION`
   */
  (): MimeDecorator
  <F extends AnyFunction = AnyFunction>(options: number | string | null | MimeOptions<F>): MimeDecorator<F>
  /**
   * Wraps a loader of many keys as a function of one: the keys that miss in one tick go to the loader in one call, and each result is
   * remembered under its own key. The loader answers with an array as long as `keys`, with an Error in the place of a key that failed.
   * It runs in the async context (AsyncLocalStorage) of the first caller of its batch, without a `this`.
   * @throws TypeError or RangeError with a `code`, for a bad option or a class
   */
  batch<K, V>(
    fnOfKeys: (keys: K[]) => readonly (V | Error)[] | PromiseLike<readonly (V | Error)[]>,
    options?: Ttl | TtlOf<(key: K) => Promise<V>> | BatchOptions<K, V>,
  ): Mimed<(key: K) => Promise<V>>
  /** Changes the defaults of functions wrapped from now on. */
  configure(options: MimeOptions): void
  /**
   * Forgets the results that have one of these tags, of all functions of this `mime`; what loads now and would have one is not stored. A `*` at
   * the end stands for whatever follows: `'user:*'`. Returns the number of entries in memory that went.
   */
  invalidateTags(...tags: string[]): number
  /** The counters of all functions of this `mime` in total. */
  stats(): TotalStats
  /**
   * What its named functions hold in memory, with what is left of each ttl: for `load` in another process, such as a browser that goes on where
   * the server stopped. All that is in memory, whoever it is for: what not everyone may see is to be left out by `filter`, or never to be in
   * this `mime`. What `filter` throws reaches the caller.
   * @throws TypeError `ERR_INVALID_OPTION`, `ERR_UNKNOWN_OPTION`
   */
  dump(options?: DumpOptions): Dump
  /**
   * Takes in what `dump` gave elsewhere. Entries go to the functions of the same name and version, also to one that is wrapped later. What is
   * there already stays, unless it has expired.
   * @throws MimicError `ERR_DUMP_CORRUPT` or `ERR_DUMP_VERSION`, TypeError `ERR_INVALID_ARGUMENT`; then nothing has changed
   */
  load(dump: string | { readonly text: string }): LoadReport
  /** A class whose instances are keys by value has a method of this name. */
  readonly key: unique symbol
}

/** The shared `mime`. */
export const mime: Mime
/** An independent `mime` with its own defaults, which `configure` changes. @throws as wrapping with these options would */
export function createMime(defaults?: MimeOptions): Mime

/**
 * A structural hash: 64 hex digits. Equal values have equal hashes in every runtime and on every platform, whatever the order of an
 * object's keys; the encoding before the hash (BLAKE3) is injective.
 * @throws TypeError `ERR_NOT_PORTABLE` when a value counts by identity: functions, class instances without `[mime.key]()`, unique symbols
 */
export function hash(...values: unknown[]): string

/** Keeps results in IndexedDB; in memory only, and said once, where there is none. */
export function indexedDBStore(options?: IndexedDBStoreOptions): IndexedDBStore

/** Keeps results in this process, as they are. */
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
