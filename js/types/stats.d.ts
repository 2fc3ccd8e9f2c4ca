/** Why an entry went. */
export type RemovalCause = 'expired' | 'size' | 'invalidated' | 'replaced'

interface EventOf<Type extends string> {
  readonly type: Type
  /** The function's name. */
  readonly name: string | undefined
}

interface CallOf<Type extends string> extends EventOf<Type> {
  /** What the function was called with. */
  readonly args: readonly any[]
}

/** The events by name. Each call is one of `hit`, `miss`, `stale` and `coalesced`. */
export interface MimeEvents {
  /** Answered from memory. */
  hit: CallOf<'hit'>
  /** Not in memory. */
  miss: CallOf<'miss'>
  /** Answered with an expired value. */
  stale: CallOf<'stale'>
  /** Joined a load that ran already. */
  coalesced: CallOf<'coalesced'>
  /** An entry went; after `clear()` all of them at once, with their `count` and no `value`. */
  remove: EventOf<'remove'> & {
    readonly cause: RemovalCause
    /** The plain result. */
    readonly value?: unknown
    readonly count?: number
  }
  /** A result was too large to be kept; `bytes` is its size without its key. */
  refused: EventOf<'refused'> & { readonly bytes: number }
  /** A store, a callback in the options or a load that nobody waits for failed. */
  error: EventOf<'error'> & { readonly error: unknown; readonly code: string | undefined }
  /** The core was started anew, and the cache is empty. */
  trap: EventOf<'trap'> & { readonly error: unknown }
}

/** Any event: `type` tells which. */
export type MimeEvent = MimeEvents[keyof MimeEvents]

/** A snapshot of counters since the function was wrapped. A call counts once, as one of `hits`, `misses`, `stale` and `coalesced`. */
export interface Stats {
  readonly hits: number
  readonly misses: number
  /** Calls answered with an expired value. */
  readonly stale: number
  /** Callers who joined a running load. */
  readonly coalesced: number
  /** Calls of the function itself. */
  readonly loads: number
  /** Loads that threw or rejected. */
  readonly errors: number
  /**
   * Milliseconds from the start of a load to its result, of all loads together; a load that calls another is in it with both. Of sync loads that come at once
   * only some are timed, and stand for the others.
   */
  readonly loadTime: number
  /** The same of one load, on average. */
  readonly meanLoadTime: number
  /** Entries in memory now, without those that are being loaded anew: these are in `pending`. */
  readonly entries: number
  /** Loads that run now. */
  readonly pending: number
  /** Bytes of keys, bookkeeping and values now, without values that are being loaded anew; of values by `sizeOf` or an estimate. */
  readonly bytes: number
  /** Entries that went, by cause. */
  readonly removals: Readonly<Record<RemovalCause, number>>
  /** Misses in memory that the store answered. */
  readonly storeHits: number
  /** Failures of the cache, the store and callbacks in the options. */
  readonly storeErrors: number
  /** Results that were larger than `maxBytes` allows, and so were not kept. */
  readonly refused: number
  /** Recoveries of the core. */
  readonly traps: number
  /** Hits among all calls, from 0 to 1. */
  readonly hitRatio: number
  /** The same in the time just passed. */
  readonly recent: Recent
  /** Whether memoizing the function saves time. */
  readonly worth: Worth
}

export interface Recent {
  /** How long that time is. */
  readonly seconds: number
  readonly calls: number
  /** From 0 to 1. */
  readonly hitRatio: number
}

/**
 * Milliseconds. `stats()` times keying and looking up the keys of a few entries, not the calls themselves; the time of the option `key` and of
 * `[mime.key]()` is not in it.
 */
export interface Worth {
  /** Hits times what a load takes on average. */
  readonly saved: number
  /** Calls times what a key takes. */
  readonly spent: number
  /** `loss`: it would be faster not to memoize. `unknown`: too few calls to say so, loads too short or too few to be told from code that runs for the first time, or nothing in memory to be timed. */
  readonly verdict: 'gain' | 'loss' | 'unknown'
}

/** The sums of all functions of a `mime`, those that no longer exist too. */
export interface TotalStats extends Stats {
  /** How many functions there are. */
  readonly functions: number
  /** The names of those for which memoizing is a loss. */
  readonly losses: readonly string[]
}
