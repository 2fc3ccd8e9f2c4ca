import fs from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { nothingWaits, writeAtExit } from './exit.js'

/**
 * How often the store had what it was asked for, of each function: for whoever looks at the directory. All who use it append lines of JSON to one
 * file, and whoever reads it adds them up. A statistic: what cannot be written, or is written while the file is made short, is not in it.
 *
 * @typedef {{ hits: number, misses: number }} Counts
 */

const EVERY = 5000
const LONG = 64 << 10

export class Reads {
  /** By namespace, since they were last written. @type {Map<string, Counts>} */
  #counts = new Map()
  /** Most reads ask for the same function as the one before. */
  #name = ''
  /** @type {Counts | undefined} */
  #last
  #savedAt = -Infinity
  #longAt = LONG

  /** @param {string} directory */
  constructor(directory) {
    this.path = join(directory, 'reads')
  }

  /** @param {string} namespace @param {boolean} isHit @param {number} now */
  count(namespace, isHit, now) {
    if (this.#last === undefined || namespace !== this.#name) this.#turnTo(namespace)
    const last = /** @type {Counts} */ (this.#last)
    if (isHit) last.hits++
    else last.misses++
    if (Math.abs(now - this.#savedAt) < EVERY) return
    if (this.#savedAt > -Infinity) this.leave()
    this.#savedAt = now
  }

  /** @param {string} namespace */
  #turnTo(namespace) {
    if (this.#counts.size === 0) writeAtExit(this)
    this.#name = namespace
    this.#last = this.#counts.get(namespace) ?? { hits: 0, misses: 0 }
    this.#counts.set(namespace, this.#last)
  }

  /** Writes what was counted. */
  leave() {
    nothingWaits(this)
    const counts = this.#counts
    if (counts.size === 0) return
    this.#counts = new Map()
    this.#last = undefined
    try {
      fs.appendFileSync(this.path, linesOf(counts))
      if (fs.statSync(this.path).size > this.#longAt) this.#shorten()
    } catch {
      // It may be forbidden, or the directory gone: then nobody looks.
    }
  }

  #shorten() {
    const text = linesOf(readCounts(this.path))
    const temporary = `${this.path}-${process.pid}.tmp`
    fs.writeFileSync(temporary, text)
    fs.renameSync(temporary, this.path)
    this.#longAt = Math.max(LONG, 2 * text.length)
  }
}

/** @param {Map<string, Counts>} counts */
function linesOf(counts) {
  return Array.from(counts, ([name, { hits, misses }]) => `${JSON.stringify([name, hits, misses])}\n`).join(
    '',
  )
}

/** @param {string} path @returns {Map<string, Counts>} by namespace; of a file that is not there none */
export function readCounts(path) {
  /** @type {Map<string, Counts>} */
  const counts = new Map()
  for (const line of textOf(path).split('\n')) {
    const [name, hits, misses] = listIn(line)
    if (typeof name !== 'string' || !isCount(hits) || !isCount(misses)) continue
    const known = counts.get(name) ?? { hits: 0, misses: 0 }
    counts.set(name, { hits: known.hits + hits, misses: known.misses + misses })
  }
  return counts
}

/** @param {string} path */
function textOf(path) {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** @param {string} line @returns {any[]} */
function listIn(line) {
  try {
    const list = JSON.parse(line)
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

/** @param {unknown} value @returns {value is number} */
function isCount(value) {
  return Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0
}
