import { rm } from 'node:fs/promises'
import { writeWhole } from '../stores/write-file.js'

/**
 * Writes off the caller's path: first the files of the results, then their lines in the index, group after group. What waits can be read.
 *
 * @typedef {object} Job
 * @property {string} path of the result's file
 * @property {Uint8Array} bytes
 * @property {string} line
 */

/** Files written side by side. */
const SIDE_BY_SIDE = 16

export class WriteBehind {
  /** @type {Map<string, Job>} */
  #waiting = new Map()
  /** Those of the group that is written now. @type {Map<string, Job>} */
  #going = new Map()
  /** Files that are being written, wanted or not. @type {Set<string>} */
  #opened = new Set()
  /** The end of all writing so far; never rejects. @type {Promise<void> | undefined} */
  #writing

  /**
   * @param {import('./index-file.js').IndexFile} index
   * @param {(path: string) => void} written
   * @param {(path: string, cause: unknown) => void} failed
   */
  constructor(index, written, failed) {
    this.index = index
    this.written = written
    this.failed = failed
  }

  get size() {
    return this.#waiting.size + this.#going.size
  }

  /** @param {Job} job */
  push(job) {
    this.#waiting.set(job.path, job)
    this.#writing ??= this.#write()
  }

  /** @param {string} path @returns {Uint8Array | undefined} */
  bytesOf(path) {
    return (this.#waiting.get(path) ?? this.#going.get(path))?.bytes
  }

  /** Whether what was pushed is not in its place yet: what is written past it would be overwritten. @param {string} path */
  isBusy(path) {
    return this.#opened.has(path) || this.bytesOf(path) !== undefined
  }

  /** It is no longer wanted, even when its file is being written now. @param {string} path */
  drop(path) {
    this.#waiting.delete(path)
    this.#going.delete(path)
  }

  /** Everything so far is written, or has failed. */
  async drain() {
    while (this.#writing !== undefined) await this.#writing
  }

  async #write() {
    // Not in the caller's task: calls that settle together become one group.
    await undefined
    while (this.#waiting.size > 0) {
      this.#going = this.#waiting
      this.#waiting = new Map()
      await this.#writeGroup([...this.#going.values()])
      this.#going = new Map()
    }
    this.#writing = undefined
  }

  /** @param {Job[]} jobs */
  async #writeGroup(jobs) {
    for (let at = 0; at < jobs.length; at += SIDE_BY_SIDE) {
      await Promise.all(jobs.slice(at, at + SIDE_BY_SIDE).map(job => this.#writeFile(job)))
    }
    const there = jobs.filter(({ path }) => this.#going.has(path))
    if (there.length === 0) return
    try {
      await this.index.append(there.map(({ line }) => line))
    } catch (cause) {
      // What was dropped meanwhile may have been written anew since.
      const left = there.filter(({ path }) => this.#going.has(path))
      this.#going = new Map()
      for (const { path } of left) this.failed(path, cause)
      return
    }
    for (const { path } of there) this.written(path)
  }

  /** @param {Job} job */
  async #writeFile({ path, bytes }) {
    if (!this.#going.has(path)) return
    this.#opened.add(path)
    try {
      await writeWhole(path, bytes)
      // Dropped meanwhile: the index may not have been able to say so.
      if (!this.#going.has(path)) await rm(path, { force: true })
    } catch (cause) {
      this.#going.delete(path)
      this.failed(path, cause)
    } finally {
      this.#opened.delete(path)
    }
  }
}
