import { epochNow } from '../../clock.js'
import { compact } from './compaction.js'
import { nothingWaits, writeAtExit } from './exit.js'
import { resting } from './rest.js'

/** When a directory is compacted: in pieces, behind whatever else is to do. */

/** Worth it from so many small files on that nobody writes to, and from so many bytes on that nobody needs. */
const MANY_FILES = 16
const UNCHANGED_FOR = 5000
const MUCH_DEAD = 1 << 20
/** Short-lived processes have no time for it, so when there are so many it is done at once. */
const TOO_MANY_FILES = 64
const EVERY = 1000
const AFTER_FAILURE = 60_000

export class Tidying {
  compactions = 0
  evicted = 0
  /** @type {ReturnType<typeof compact> | undefined} */
  #steps
  /** When it last began or failed, and for how long that is enough. */
  #since = -Infinity
  #pause = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /**
   * @param {import('./directory.js').Directory} directory
   * @param {{ maxBytes: number, fsync: boolean }} settings
   * @param {(cause: unknown) => void} failed
   */
  constructor(directory, settings, failed) {
    this.directory = directory
    this.settings = settings
    this.failed = failed
  }

  /** To be called when there may be something to do. */
  look() {
    const now = epochNow()
    if (this.#steps !== undefined || !this.#isWorthIt(now)) return
    // The clock may have been set back.
    const rest = this.#pause - Math.abs(now - this.#since)
    if (rest > 0) {
      this.#timer ??= resting(() => this.#again(), rest)
      return
    }
    this.#restFor(EVERY, now)
    this.#steps = compact(this.directory, this.settings, now)
    writeAtExit(this)
    if (this.directory.files.size >= TOO_MANY_FILES) while (this.#step());
    else this.#go()
  }

  /** @param {number} pause @param {number} now */
  #restFor(pause, now) {
    this.#since = now
    this.#pause = pause
  }

  #again() {
    this.#timer = undefined
    this.look()
  }

  #go() {
    resting(() => {
      if (this.#step()) this.#go()
    }, 0)
  }

  /** @returns {boolean} whether there is more to do */
  #step() {
    try {
      const { done, value } = this.#steps?.next() ?? { done: true }
      if (!done) return true
      if (value !== undefined) {
        this.compactions++
        this.evicted += value
      }
    } catch (cause) {
      this.#restFor(AFTER_FAILURE, epochNow())
      this.failed(cause)
    }
    this.#end()
    return false
  }

  #end() {
    this.#steps = undefined
    nothingWaits(this)
  }

  /** Nothing half done is left behind. */
  leave() {
    clearTimeout(this.#timer)
    try {
      this.#steps?.return(undefined)
    } catch (cause) {
      this.failed(cause)
    }
    this.#end()
  }

  /** @param {number} now */
  #isWorthIt(now) {
    const { bytes, files, fileBytes, catalog } = this.directory
    const dead = bytes - catalog.liveBytes
    if (bytes > this.settings.maxBytes || dead > Math.max(MUCH_DEAD, catalog.liveBytes)) return true
    let small = 0
    for (const { size, grownAt } of files.values())
      if (size < fileBytes / 2 && now - grownAt > UNCHANGED_FOR) small++
    return small > MANY_FILES
  }
}
