/** An entry that `dump` is about to take along. */
export interface DumpedEntry {
  /** The function's. */
  readonly name: string | undefined
  /** What it was called with, or what the option `key` made of that; empty for a key longer than `maxKeyBytes`. */
  readonly args: readonly any[]
  /** The plain result. */
  readonly value: unknown
  readonly tags: readonly string[]
}

export interface DumpOptions {
  /** Whether an entry is taken along. Default: all are. */
  filter?: ((entry: DumpedEntry) => unknown) | undefined
}

/** `String(dump)`, `${dump}` and `JSON.stringify(dump)` have its text. */
export interface Dump {
  /** Base64: it may stand in HTML, in an attribute, in a script as it is. */
  readonly text: string
  /** How many functions have entries in it. */
  readonly functions: number
  /** How many entries are in it. */
  readonly entries: number
  /** Entries that are not in it, by reason. */
  readonly leftOut: {
    /** Their key goes by identity: a function, an instance, a `this`. */
    readonly identity: number
    /** Their value cannot be written: a function, a Response. */
    readonly value: number
    /** Two functions have the same name and version. */
    readonly ambiguous: number
    /** Their function has no name. */
    readonly unnamed: number
    /** `filter` said so. */
    readonly filter: number
  }
  toString(): string
  toJSON(): string
}

/** What became of the entries of a dump. */
export interface LoadReport {
  /** In memory now. */
  readonly entries: number
  /** Their function is not wrapped yet. Of all loads at most 10,000 wait, the newest. */
  readonly waiting: number
  /** Something was there already, or being loaded. */
  readonly present: number
  readonly expired: number
  /** Their function keeps nothing, has no room for them, or is not the only one of its name and version. */
  readonly refused: number
}
