import { epochNow } from '../../clock.js'
import { compact, GRACE } from './compaction.js'
import { nothingWaits, writeAtExit } from './exit.js'
import { resting } from './rest.js'

/** When a directory is compacted: in pieces, behind whatever else is to do. */

/** Worth it from so many small files on that nobody writes to, and from so many bytes on that nobody needs. */
const MANY_FILES = 16
const UNCHANGED_FOR = 5000
const MUCH_DEAD = 1 << 20
/** Short-lived processes have no time for it, so when there are so many it is done at once. */
const TOO_MANY_FILES = 64
/** The same in a loop that never rests, when meanwhile such a part of what it may hold has come. */
const PRESSING = 0.125
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
  /** Bytes there were when it last began or ended: a loop that never rests is none before. */
  #from = Infinity
  /** Whether the last one came to its end: somebody else may be at it, or the disk full. */
  #isPossible = true
  /** Bytes that nobody needs but deletions that were too new to go, and when that was so. */
  #kept = 0
  #keptAt = -Infinity
  /** Of the next look. @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** Of the next step. @type {ReturnType<typeof setTimeout> | undefined} */
  #next

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
    if (this.#isPressing) this.#finish()
    const isPressing = this.#isPressing && this.#isPossible
    const now = epochNow()
    if (this.#steps !== undefined || !this.#isWorthIt(now)) return
    // The clock may have been set back.
    const rest = this.#pause - Math.abs(now - this.#since)
    if (rest > 0 && !isPressing) {
      this.#timer ??= resting(() => this.#again(), rest)
      return
    }
    this.#restFor(EVERY, now)
    this.#from = this.directory.bytes
    this.#steps = compact(this.directory, this.settings, now)
    writeAtExit(this)
    if (isPressing || this.directory.files.size >= TOO_MANY_FILES) this.#finish()
    else this.#go()
  }

  /** What is under way, at once. */
  #finish() {
    while (this.#steps !== undefined) this.#step()
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
    this.#next = resting(() => {
      if (this.#step()) this.#go()
    }, 0)
  }

  /** @returns {boolean} whether there is more to do */
  #step() {
    try {
      const { done, value } = this.#steps?.next() ?? { done: true }
      if (!done) return true
      this.#isPossible = value !== undefined
      if (value !== undefined) {
        this.compactions++
        this.evicted += value
        this.#kept = this.#dead
        this.#keptAt = epochNow()
      }
    } catch (cause) {
      this.#isPossible = false
      this.#restFor(AFTER_FAILURE, epochNow())
      this.failed(cause)
    }
    this.#end()
    return false
  }

  #end() {
    clearTimeout(this.#next)
    this.#from = this.directory.bytes
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

  get #isPressing() {
    const { maxBytes } = this.settings
    return this.directory.bytes > Math.max(maxBytes, this.#from) + PRESSING * maxBytes
  }

  get #dead() {
    return this.directory.bytes - this.directory.catalog.liveBytes
  }

  /** @param {number} now */
  #isWorthIt(now) {
    const { bytes, files, fileBytes, catalog } = this.directory
    // What the last one kept the next one would keep as well, for a while.
    const dead = this.#dead - (Math.abs(now - this.#keptAt) < GRACE ? this.#kept : 0)
    if (bytes > this.settings.maxBytes || dead > Math.max(MUCH_DEAD, catalog.liveBytes)) return true
    let small = 0
    for (const { size, grownAt } of files.values())
      if (size < fileBytes / 2 && now - grownAt > UNCHANGED_FOR) small++
    return small > MANY_FILES
  }
}
