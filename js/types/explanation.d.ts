/** What `explain` says. `String(explanation)` is its text. */
export interface Explanation {
  /** `hit`: from memory or the store. `joins`: shares the load that runs. `miss`: the function is called. */
  readonly outcome: 'hit' | 'joins' | 'miss'
  /**
   * `resident`: in memory. `stale`: in memory, expired, and served all the same. `refreshing`: in memory, being loaded anew. `store`: the store
   * has it at hand. `pending`: a load of this key runs; with the outcome `miss` it is this very call, further up the stack, or is not shared.
   * `expired`: in memory, too old. `no entry`: neither; a store that answers later may still have it. `no key`: none can be made, since the
   * option `key` throws; such a call is not cached.
   */
  readonly reason:
    | 'resident'
    | 'stale'
    | 'refreshing'
    | 'store'
    | 'pending'
    | 'expired'
    | 'no entry'
    | 'no key'
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
  /**
   * The entry that hits or has expired; milliseconds. `timeLeft` is `Infinity` when it never expires. `age` is not there where the function has
   * neither a ttl nor a store: when such a result came in was not noted.
   */
  readonly entry?: { readonly age?: number; readonly timeLeft: number }
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
