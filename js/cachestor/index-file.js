import { appendFileSync, readFileSync, truncateSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { readSigned, signed } from '../stores/signed-line.js'
import { inFolder, inFolderSync, isMissing, writeWholeSync } from '../stores/write-file.js'

/**
 * Which results there are: one line each, in plain JSON behind a checksum of its own, appended after the file of the result is there. So no call
 * has to look for a file, and whenever the process is killed, every line but the last is whole. That one is cut off.
 *
 * @typedef {object} Row
 * @property {string} name of the function
 * @property {string} version
 * @property {number} storedAt
 * @property {number} deadline
 * @property {string | undefined} args in words
 *
 * @typedef {Pick<Row, 'name' | 'version' | 'storedAt' | 'deadline'>} Known
 */

const LINE_FEED = 10
/** So many lines that mean nothing any more are kept, or as many as there are live ones. */
const MAX_DEAD = 1000

export class IndexFile {
  /** By the absolute path of a result's file. @type {Map<string, Known>} */
  rows = new Map()
  /** Lines that were not what was written. */
  damaged = 0
  /** An append has not come to its end, and may have left a part of a line. */
  #isTorn = false

  /** @param {string} path */
  constructor(path) {
    this.path = resolve(path)
    this.folder = dirname(this.path)
  }

  /** Reads what is there. @throws what the file system says, unless there is no such file yet */
  load() {
    let bytes
    try {
      bytes = readFileSync(this.path)
    } catch (cause) {
      if (isMissing(cause)) return
      throw cause
    }
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    if (end < bytes.length) {
      this.damaged++
      truncateSync(this.path, end)
    }
    this.#read(bytes.toString('utf8', 0, end).split('\n').slice(0, -1))
  }

  /** @param {string[]} lines */
  #read(lines) {
    /** @type {Map<string, string>} */
    const live = new Map()
    for (const line of lines) {
      const record = parse(line)
      if (record === undefined) {
        this.damaged += line === '' ? 0 : 1
        continue
      }
      const { file, gone, name, version, stored, until = Infinity } = record
      const path = resolve(this.folder, gone ?? file)
      this.rows.delete(path)
      live.delete(path)
      if (gone !== undefined) continue
      this.rows.set(path, { name, version, storedAt: stored, deadline: until })
      live.set(path, line)
    }
    if (lines.length - live.size > Math.max(MAX_DEAD, live.size)) {
      writeWholeSync(this.path, [...live.values(), ''].join('\n'))
    }
  }

  /** @param {string} path of the result's file @param {Row} row @returns {string} its line */
  lineFor(path, { name, version, storedAt, deadline, args }) {
    const until = deadline === Infinity ? undefined : deadline
    const record = JSON.stringify({ file: this.#short(path), name, version, stored: storedAt, until })
    if (args === undefined) return signed(record)
    return signed(`${record.slice(0, -1)},"args":${isJson(args) ? args : JSON.stringify(args)}}`)
  }

  /** @param {string} path of a result's file that is no longer wanted @returns {string} its line */
  lineForGone(path) {
    return signed(JSON.stringify({ gone: this.#short(path) }))
  }

  /** @param {readonly string[]} lines */
  appendSync(lines) {
    const text = this.#text(lines)
    this.#isTorn = true
    inFolderSync(this.path, () => appendFileSync(this.path, text))
    this.#isTorn = false
  }

  /** @param {readonly string[]} lines */
  async append(lines) {
    const text = this.#text(lines)
    this.#isTorn = true
    await inFolder(this.path, () => appendFile(this.path, text))
    this.#isTorn = false
  }

  /** @param {readonly string[]} lines */
  #text(lines) {
    return `${this.#isTorn ? '\n' : ''}${lines.join('\n')}\n`
  }

  /** As seen from the index, so that it can be moved together with the results. @param {string} path */
  #short(path) {
    return relative(this.folder, path).replaceAll(sep, '/')
  }
}

/** @param {string} line @returns {any} nothing for what was not written so */
function parse(line) {
  const parsed = readSigned(line)
  return typeof (parsed?.file ?? parsed?.gone) === 'string' ? parsed : undefined
}

/** @param {string} text @returns {boolean} whether it is JSON, on one line, and comes back from a file as it is */
function isJson(text) {
  if (/[\n\p{Surrogate}]/u.test(text)) return false
  try {
    return JSON.parse(text) !== undefined
  } catch {
    return false
  }
}
