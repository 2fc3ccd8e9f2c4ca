import type { Store } from './index.js'

/** Results on disk, for Node, Deno and Bun. */

export interface DiskStoreOptions {
  /** The directory, or its `file:` URL; made when it is not there. Processes and worker threads may share it. */
  path: string | { readonly href: string; readonly protocol: string }
  /** Bytes of files. Beyond that what expired goes, then the oldest. Default: 256 MiB. */
  maxBytes?: number | undefined
  /**
   * Whether `flush()` waits until the disk itself has everything, which a loss of power asks for. By default it waits until the operating
   * system has it, which survives whatever happens to the process. Default: `false`.
   */
  fsync?: boolean | undefined
  /** Milliseconds after which what waits is written, two and a half minutes at most. Default: 50. */
  flushAfter?: number | undefined
  /** So many waiting are written as soon as the caller is done. Default: 1,024. */
  flushEntries?: number | undefined
  /** So many bytes waiting likewise. Default: 1 MiB. */
  flushBytes?: number | undefined
  /** More waiting than this: the oldest are dropped, and counted. Default: 20,000. */
  maxPendingEntries?: number | undefined
  /** Likewise in bytes; a value larger than this is not persisted. Default: 16 MiB. */
  maxPendingBytes?: number | undefined
}

/**
 * Keeps results in a directory; sync functions hit after a restart, too. Where the directory cannot be used results stay in memory, and that
 * is said once.
 * @throws TypeError or RangeError with a `code`, for a bad option
 */
export function diskStore(options: DiskStoreOptions): Store & Required<Pick<Store, 'getSync'>>
