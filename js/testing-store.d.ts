import type { Store } from './index.js'

/** The conformance suite of stores, for node:test, vitest, jest, or no runner at all. */

/**
 * How a backend goes wrong. `throw` and `reject` do nothing; `hang` does nothing and never answers; `late` does what it is asked after a while;
 * `garbage` does it and answers something else.
 */
export type Fault = 'throw' | 'reject' | 'hang' | 'late' | 'garbage'

export const FAULTS: readonly Fault[]

/**
 * The same object; a method of it goes wrong when `fault`, which is asked at each call, says so.
 * @throws TypeError `ERR_INVALID_ARGUMENT`
 */
export function chaos<T extends object>(target: T, fault: (method: string) => Fault | undefined): T

export interface StoreTest {
  /** What the tests are called. */
  name: string
  /**
   * Opens a store. `place` is a name for its data, safe for files and databases: the same one again means as after a restart. A backend that is
   * given to `wrap` goes wrong when a check asks for it, with all its methods; without that the store as a whole does.
   */
  open: (place: string, wrap: <T extends object>(backend: T) => T) => Store | Promise<Store>
  /** Removes what is at a place; called after each check. */
  remove?: ((place: string) => unknown) | undefined
  /** Whether it has `getSync`, so that sync functions are served. Default: `false`. */
  sync?: boolean | undefined
  /** Whether it has `invalidateTags`. Default: `false`. */
  tags?: boolean | undefined
  /** Whether what was flushed is there when the same place is opened again. Default: `false`. */
  persists?: boolean | undefined
  /** Whether entries come back with their times and whether they were a promise's. Default: `true`. */
  times?: boolean | undefined
  /** The kinds of values, by the names of their checks, that it may fail to keep. Never may they come back as something else. */
  without?: readonly string[] | undefined
  /** Milliseconds that anything may take. A backend's own time limit has to be much shorter. Default: 5,000. */
  patience?: number | undefined
}

/**
 * Tests a store, each check as a test of its own.
 * @throws TypeError or MimicError with a `code`, for a bad option, or when there is no runner
 */
export function testStore(
  options: StoreTest & {
    /** The runner's `test`. Default: the global `test` or `it`, else that of node:test. */
    test?: ((name: string, run: () => Promise<void>) => unknown) | undefined
  },
): void

/** The same checks for whoever has no runner, such as a page. One after another: some of them set the clock. Each rejects when it fails. */
export function storeChecks(options: StoreTest): { name: string; run: () => Promise<void> }[]
