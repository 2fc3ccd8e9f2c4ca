import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { epochNow } from '../clock.js'
import { invalidOption, MimicTypeError } from '../errors.js'
import { hash } from '../hash.js'
import { parseTtl } from '../options.js'
import { makeFolderSync } from '../stores/make-folder.js'
import { packResult, unpackResult } from '../stores/result-file.js'
import { clampedDeadline } from '../stores/store.js'
import { isMissing, writeWhole, writeWholeSync } from '../stores/write-file.js'
import { IState } from './state.js'

/**
 * Values as files, one each, in a folder of the system's for temporary files. What is damaged, or gone, is as if it had never been set.
 */

const encoder = new TextEncoder()

export class TempFileState extends IState {
  /** Where the folder is made, or with `STATIC` the folder itself. Default: the system's folder for temporary files. @type {string | undefined} */
  static BASE_PATH = undefined
  /** Keeps the same files from run to run. Default: a new folder for each state, removed when the process exits. */
  static STATIC = false

  /** The end of all writing so far; never rejects. @type {Promise<unknown>} */
  #writing = Promise.resolve()
  /** By file, the writes that wait or are under way. One at once, which is later, ends them. @type {Map<string, { count: number }>} */
  #coming = new Map()

  /** @param {{ BASE_PATH?: string | undefined, STATIC?: boolean | undefined }} [options] */
  constructor(options = {}) {
    super()
    const { BASE_PATH = new.target.BASE_PATH, STATIC = new.target.STATIC, ...rest } = options ?? {}
    const [unknown] = Object.keys(rest)
    if (unknown !== undefined) {
      throw new MimicTypeError(
        'ERR_UNKNOWN_OPTION',
        `TempFileState has no option ${unknown}; the options are BASE_PATH, STATIC`,
      )
    }
    /** The folder of the files. */
    this.path = folderFor(BASE_PATH, STATIC)
  }

  /** @param {string} key */
  syncGet(key) {
    const path = this.#fileOf(key)
    try {
      return this.#read(key, path, readFileSync(path))
    } catch (cause) {
      return nothingFor(cause)
    }
  }

  /** @param {string} key */
  async asyncGet(key) {
    const path = this.#fileOf(key)
    await this.#writing
    try {
      return this.#read(key, path, await readFile(path))
    } catch (cause) {
      return nothingFor(cause)
    }
  }

  /** @param {string} key @param {any} value @param {number | null} [ttl] seconds; for ever without one */
  syncSet(key, value, ttl) {
    const path = this.#fileOf(key)
    const bytes = pack(key, value, ttl, () => this.#forget(path))
    if (bytes === undefined) return this.#forget(path)
    this.#coming.delete(path)
    writeWholeSync(path, bytes)
  }

  /** @param {string} key @param {any} value @param {number | null} [ttl] seconds; for ever without one */
  async asyncSet(key, value, ttl) {
    const path = this.#fileOf(key)
    const bytes = pack(key, value, ttl, () => this.#forget(path))
    const writes = this.#coming.get(path) ?? { count: 0 }
    writes.count++
    this.#coming.set(path, writes)
    const isWanted = () => this.#coming.get(path) === writes
    // One behind the other: of two values for one key the later stays.
    const done = this.#writing.then(() => put(path, bytes, isWanted))
    this.#writing = done
      .catch(() => {})
      .then(() => --writes.count === 0 && isWanted() && this.#coming.delete(path))
    await done
  }

  /** @param {string} path */
  #forget(path) {
    this.#coming.delete(path)
    rmSync(path, { force: true })
  }

  /** @param {string} key */
  #fileOf(key) {
    return join(this.path, `${hash(key).slice(0, 32)}.mimic`)
  }

  /** @param {string} key @param {string} path @param {Uint8Array} bytes */
  #read(key, path, bytes) {
    const entry = unpackResult(bytes, encoder.encode(key))
    if (entry === undefined) return undefined
    const now = epochNow()
    if (now < clampedDeadline(entry, now)) return entry.value
    rmSync(path, { force: true })
    return undefined
  }
}

/**
 * @param {string} key
 * @param {any} value
 * @param {number | null | undefined} ttl
 * @param {() => void} forget an older value, which is no longer the answer
 * @returns {Uint8Array | undefined} nothing when it would have expired already
 */
function pack(key, value, ttl, forget) {
  const storedAt = epochNow()
  const deadline = storedAt + parseTtl(ttl)
  if (deadline === storedAt) return undefined
  try {
    return packResult(encoder.encode(key), { value, storedAt, deadline })
  } catch (cause) {
    forget()
    throw cause
  }
}

/**
 * The last step is taken at once, so that nothing set meanwhile is overwritten.
 * @param {string} path
 * @param {Uint8Array | undefined} bytes nothing: there is to be no file
 * @param {() => boolean} isWanted
 */
async function put(path, bytes, isWanted) {
  if (!isWanted()) return
  if (bytes === undefined) return rmSync(path, { force: true })
  const written = `${path}.${randomUUID()}`
  await writeWhole(written, bytes)
  try {
    if (isWanted()) renameSync(written, path)
  } finally {
    rmSync(written, { force: true })
  }
}

/** @param {any} cause why a file could not be read */
function nothingFor(cause) {
  if (isMissing(cause) || cause?.code === 'ERR_STORE_CORRUPT' || cause?.code === 'ERR_VALUE_CORRUPT') {
    return undefined
  }
  throw cause
}

/** @param {unknown} base @param {unknown} isStatic @returns {string} */
function folderFor(base, isStatic) {
  if (base !== undefined && (typeof base !== 'string' || base === '')) {
    throw invalidOption('BASE_PATH', base, 'the path of a folder')
  }
  if (typeof isStatic !== 'boolean') throw invalidOption('STATIC', isStatic, 'true or false')
  const path = resolve(base ?? (isStatic ? ownFolder() : tmpdir()))
  try {
    makeFolderSync(path, 0o700)
    if (base === undefined && isStatic) checkOwner(path)
    return isStatic ? path : removedAtExit(mkdtempSync(join(path, 'my-mimic-')))
  } catch (cause) {
    throw new MimicTypeError(
      'ERR_INVALID_OPTION',
      `option BASE_PATH must be the path of a folder that can be written to; got ${JSON.stringify(path)} (${cause})`,
      { cause },
    )
  }
}

/** The folder for temporary files is everybody's: one of our own in it, which others can neither read nor fill. */
function ownFolder() {
  return join(tmpdir(), `my-mimic-${process.getuid?.() ?? 'static'}`)
}

/** @param {string} path of a name that others know, too, so it may have been there before */
function checkOwner(path) {
  const owner = process.getuid?.()
  if (owner !== undefined && statSync(path).uid !== owner) throw new Error('it belongs to another user')
}

/** @type {Set<string>} */
const temporary = new Set()

/** @param {string} path */
function removedAtExit(path) {
  if (temporary.size === 0) {
    process.once('exit', () => {
      for (const folder of temporary) rmSync(folder, { recursive: true, force: true })
    })
  }
  temporary.add(path)
  return path
}
