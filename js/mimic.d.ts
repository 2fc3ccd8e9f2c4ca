import type { IState as StateLike, Mimed, MimeOptions, Ttl } from './index.js'

/** My Mimic, the Python package, for JavaScript. */

type AnyFunction = (...args: any[]) => any

/** A state with the method names of Python. */
export interface PythonState {
  sync_get(key: string): unknown
  sync_set(key: string, value: any, ttl?: number | null): void
  async_get(key: string): Promise<unknown>
  async_set(key: string, value: any, ttl?: number | null): Promise<unknown>
}

/** What a result is kept in: `undefined` and `null` say that there is nothing. Keys are digits, small letters and `-`; a ttl is whole seconds, below one a fraction. */
export type State = StateLike | PythonState

/**
 * What states are derived from, which is not needed: an object with the four methods will do. A method that is missing is told of by `Config`.
 * @throws TypeError `ERR_STATE_INCOMPLETE` when it is constructed itself
 */
export abstract class IState implements StateLike {
  abstract syncGet(key: string): unknown
  /** `ttl` is seconds; `null` or nothing: for ever. */
  abstract syncSet(key: string, value: any, ttl?: number | null): void
  abstract asyncGet(key: string): Promise<unknown>
  abstract asyncSet(key: string, value: any, ttl?: number | null): Promise<unknown>
}

/** In this process, bounded; what is configured when nothing is. */
export class MemoryState extends IState {
  syncGet(key: string): any
  syncSet(key: string, value: any, ttl?: number | null): void
  asyncGet(key: string): Promise<any>
  asyncSet(key: string, value: any, ttl?: number | null): Promise<void>
}

export interface TempFileStateOptions {
  /** Where the folder is made, or with `STATIC` the folder itself. Default: the system's folder for temporary files. */
  BASE_PATH?: string | undefined
  /** Keeps the same files from run to run. Default: `false`, a new folder, removed when the process exits. */
  STATIC?: boolean | undefined
}

/** As files, one for each result, in a folder for temporary files. What is damaged is as if it had never been set. */
export class TempFileState extends IState {
  /** The default of the option, for a class derived from this one too. */
  static BASE_PATH: string | undefined
  /** The default of the option, for a class derived from this one too. */
  static STATIC: boolean
  /** @throws TypeError `ERR_INVALID_OPTION` when there can be no such folder, `ERR_UNKNOWN_OPTION` */
  constructor(options?: TempFileStateOptions)
  /** The folder of the files. */
  readonly path: string
  syncGet(key: string): any
  syncSet(key: string, value: any, ttl?: number | null): void
  asyncGet(key: string): Promise<any>
  asyncSet(key: string, value: any, ttl?: number | null): Promise<void>
}

type StateClass<K> = new (kwargs: K) => State

export interface ConfigOptions<K = any> {
  /** Default: `MemoryState`. */
  state?: State | StateClass<K> | undefined
  /** What the class given as `state` is constructed with. */
  stateKwargs?: K | undefined
  /** As Python spells it. */
  state_kwargs?: K | undefined
}

export class Config<K = any> {
  /** @throws TypeError `ERR_INVALID_OPTION` when the state has not all methods or the options are none, `ERR_UNKNOWN_OPTION` */
  constructor(options?: ConfigOptions<K>)
  readonly state: State | StateClass<K>
  readonly stateKwargs: K | undefined
}

/** Wraps a function, and decorates methods and getters in both forms of decorators. */
export interface MimeWrapper {
  /** @throws TypeError `ERR_NOT_A_FUNCTION` for what is none and for a class */
  <F extends AnyFunction>(fn: F): Mimed<F>
  <M extends AnyFunction>(method: M, context: ClassMethodDecoratorContext<any, M>): Mimed<M>
  <This, Value>(
    getter: (this: This) => Value,
    context: ClassGetterDecoratorContext<This, Value>,
  ): Mimed<(this: This) => Value>
  <M>(target: object, key: PropertyKey, descriptor: TypedPropertyDescriptor<M>): TypedPropertyDescriptor<M>
}

type Options = Omit<MimeOptions, 'store' | 'storeOptions'>

/**
 * `Mime(60)(fn)`, or `@Mime(60)` on a method. The ttl is seconds, or a string with its unit; `null` never expires. What a method returns stays
 * in memory, as its object counts by identity.
 */
export const Mime: {
  (ttl?: Ttl | Options): MimeWrapper
  new (ttl?: Ttl | Options): MimeWrapper
  /** Where results are kept from now on, those of functions already wrapped, too. */
  setConfig(config: Config): void
  /** As Python spells it. */
  set_config(config: Config): void
}
