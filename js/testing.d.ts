import type { Explanation, Stats } from './index.js'

/** The test kit: for tests of what is memoized, under any runner. */

export interface VirtualClock {
  /** Milliseconds. */
  now(): number
  /** **Seconds** as a number, or a string with its unit, as a ttl. Returns what the clock reads then, in milliseconds. */
  advance(by: number | string): number
  /** Jumps to a time in milliseconds, backwards too. */
  set(time: number): void
}

/** A clock for the option `clock` that stands still until it is told otherwise. It starts at so many milliseconds. */
export function virtualClock(start?: number): VirtualClock

interface Explained<A extends any[]> {
  explain(...args: A): Explanation
}

/** Throws an AssertionError that says why, unless a call with these arguments would be answered from the cache. Counts and changes nothing. */
export function expectHit<A extends any[]>(f: Explained<A>, ...args: A): void
/** Throws an AssertionError that says why, unless a call with these arguments would call the function. Counts and changes nothing. */
export function expectMiss<A extends any[]>(f: Explained<A>, ...args: A): void

/** A spy of this kit, of vitest, of jest or of node:test. */
export type Spy =
  | { readonly calls: readonly (readonly unknown[])[] }
  | { readonly mock: { readonly calls: readonly unknown[] } }

/** Throws an AssertionError unless a function has been called `n` times; of what `mime` has wrapped, the function itself, hits apart. */
export function expectCalls(f: { stats(): Stats } | Spy, n: number): void

export type Counted<F extends (...args: any[]) => any> = F & {
  /** The arguments of each call, in order. */
  readonly calls: readonly Parameters<F>[]
  /** Forgets the calls so far. */
  reset(): void
}

/** The function itself, and a list of its calls. */
export function counted<F extends (...args: any[]) => any>(fn: F): Counted<F>

export interface RecordedOptions {
  /** Path or file URL of the recording. Functions of different names can share one. */
  file: string | { readonly href: string }
  /**
   * `auto`: calls that are not recorded call the function and are recorded. `record`: all do. `replay`: none does, and a call that is not
   * recorded throws `ERR_NOT_RECORDED`. Default: `auto`.
   */
  mode?: 'auto' | 'record' | 'replay' | undefined
  /** The name that calls are found by. Default: the function's own. */
  name?: string | undefined
}

/**
 * The function with its results, and what it throws, recorded in a file by the exact value of its arguments (`this` apart), and replayed
 * from there.
 * @throws MimicError `ERR_NOT_PORTABLE` and `ERR_NOT_RECORDABLE` from calls whose arguments or result no file can hold
 */
export function recorded<F extends (...args: any[]) => any>(fn: F, options: RecordedOptions): F
