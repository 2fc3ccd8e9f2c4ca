import type { Mimed, MimeOptions } from './index.js'

/** MyCache, the Python package, for JavaScript. */

type AnyFunction = (...args: any[]) => any

/** A URL by its shape, since not every project has a type for it. */
type Path = string | { readonly href: string; readonly protocol: string }

/** Where `cache` keeps results. */
export const TypeStorage: {
  readonly IN_MEMORY: 'memory'
  readonly IN_DISK: 'disk'
}
export type TypeStorage = (typeof TypeStorage)[keyof typeof TypeStorage]

/**
 * What the arguments of a call are, in words for the index and as a hash. Of one derived from this, both strings together are what a call counts
 * as.
 */
export class Serialise {
  encode(...args: any[]): [argString: string, hashString: string]
}
/** The index does not show arguments. Calls are told apart by the exact value of theirs. */
export class SerialiseBin extends Serialise {}
/** The index shows arguments in plain JSON. Calls are told apart by the exact value of theirs. */
export class SerialiseJson extends Serialise {}

export interface CacheStorOptions {
  /** Path or file URL of the index, which is shared by all functions. Needed for whatever is kept on disk. */
  dbFile?: Path | undefined
  /** Default: `TypeStorage.IN_MEMORY`. */
  typeStorage?: TypeStorage | undefined
  /** Tells the logger of hits, misses, waits and writes. Default: `false`. */
  isDebugLog?: boolean | undefined
  /** Hears the lines of the debug log. Default: `console.debug`. */
  logger?: ((line: string) => void) | undefined
  /** Default: a `SerialiseBin`. */
  serialiser?: Serialise | (new () => Serialise) | undefined
}

export interface CacheOptions extends Omit<MimeOptions, 'store' | 'storeOptions' | 'key'> {
  /** Path or file URL of the folder of the results. */
  folder: Path
}

type Async = (...args: any[]) => PromiseLike<any>

/** Wraps a function, and decorates methods and getters in both forms of decorators. */
export interface CacheWrapper<G extends AnyFunction = AnyFunction> {
  /** @throws TypeError `ERR_NOT_A_FUNCTION` for what is none and for a class */
  <F extends G>(fn: F): Mimed<F>
  /**
   * The results of instances are written when their class has a `[mime.key]()` method; those of static methods go by the class's name, and by its
   * static `[mime.key]()`. Without that, those of a class that has no name or whose name another class came with first stay in memory.
   */
  <M extends G>(method: M, context: ClassMethodDecoratorContext<any, M>): M
  <This, Value extends ReturnType<G>>(
    getter: (this: This) => Value,
    context: ClassGetterDecoratorContext<This, Value>,
  ): (this: This) => Value
  <M extends G | ReturnType<G>>(
    target: object,
    key: PropertyKey,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M>
}

type StoreEvents = 'error' | 'refused' | 'drop' | 'corrupt' | 'flush'

/** Make one for the whole program: what another one writes into the same index meanwhile, it does not see. */
export class CacheStor {
  /** @throws TypeError `ERR_INVALID_OPTION`, `ERR_UNKNOWN_OPTION` */
  constructor(options?: CacheStorOptions)
  /** Keeps results where `typeStorage` says. On disk, with the memory of `mime` in front, what a sync function returns is written when the call returns. */
  cache(options: CacheOptions): CacheWrapper
  /** Keeps results on disk, written behind; in front of them is the memory of `mime`, bounded by `maxEntries`. */
  cacheAsync(options: CacheOptions): CacheWrapper<Async>
  /** Everything so far is written. */
  join(): Promise<void>
  /** Counters, such as `hits`, `misses`, `written`, `missing` (files) and `corrupt` (files and lines); none before there is an index. */
  stats(): Record<string, number>
  /** Returns a function that takes the listener off. @throws TypeError `ERR_INVALID_ARGUMENT` */
  on(
    event: StoreEvents,
    listener: (event: { code?: string; cause?: unknown; namespace?: string; count?: number }) => void,
  ): () => void
}
