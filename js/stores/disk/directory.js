import fs from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { epochNow } from '../../clock.js'
import { persistence } from '../../core.js'
import { codeOf, MimicError } from '../../errors.js'
import { makeFolderSync } from '../make-folder.js'
import { Catalog } from './catalog.js'
import { DataFile } from './file.js'
import { appendTo, segmentsOf } from './pack.js'

/**
 * A directory that several stores write to, each a file of its own, and all read. `*.log` is written to; `*.seg` no more, whoever was writing
 * goes on in another file; `*.tmp` is a compaction at work.
 *
 * @typedef {import('./pack.js').Item} Item
 * @typedef {{ path: string, maxBytes: number }} Bounds
 */

export const FILE = /^([0-9a-z]+-[0-9a-z]+)\.(log|seg)$/
export const FORMAT = '1'
/** Between them lies the length from which on a file is written no more. */
const FILE_MIN = 64 << 10
const FILE_MAX = 16 << 20
/** In so many looks a file has to be missing: while it is renamed, one look may miss it. */
const LOOKS = 2
const TRIES = 3
/** The process has too many files open, for now. */
const NO_HANDLES = ['EMFILE', 'ENFILE']
/** These say that a directory may be read, but not written to. */
const READ_ONLY = ['EACCES', 'EPERM', 'EROFS']

/** @returns {string} a name that nobody else has */
export function freshId() {
  return `${epochNow().toString(36)}-${Math.random().toString(36).slice(2, 10) || '0'}`
}

export class Directory {
  catalog = new Catalog()
  /** @type {Map<string, DataFile>} */
  files = new Map()
  /** Files of a later version, or not to be read now. @type {Set<string>} */
  strange = new Set()
  /** Files whose header is damaged: nobody will ever read them. @type {Set<string>} */
  #lost = new Set()
  corrupt = 0
  /** @type {DataFile | undefined} */
  #own
  /** What was written to and not yet synced. @type {Set<DataFile>} */
  #unsynced = new Set()

  /** @param {Bounds} bounds @param {import('./stamps.js').Stamps} stamps @param {(cause: unknown) => void} report hears of a file that cannot be read */
  constructor({ path, maxBytes }, stamps, report) {
    this.path = path
    this.stamps = stamps
    this.report = report
    this.fileBytes = Math.min(FILE_MAX, Math.max(FILE_MIN, maxBytes >> 4))
  }

  /** @throws when it cannot be used: not a directory, of a later version, forbidden */
  open() {
    persistence()
    makeFolderSync(this.path)
    checkFormat(join(this.path, 'format'))
    this.scan()
  }

  get bytes() {
    let bytes = 0
    for (const file of this.files.values()) bytes += file.size
    return bytes
  }

  /** Reads what is new, and forgets what is gone. */
  scan() {
    /** @type {Map<string, string>} */
    const present = new Map()
    // By age: of two copies the one that is read last counts, and the other one may go next.
    for (const name of this.#names().sort()) {
      const [, id] = FILE.exec(name) ?? []
      if (id !== undefined) present.set(id, join(this.path, name))
    }
    for (const [id, path] of present) this.#look(id, path)
    for (const file of this.files.values()) {
      if (present.has(file.id)) file.missing = 0
      else if (++file.missing >= LOOKS) this.forget(file)
    }
  }

  #names() {
    try {
      return fs.readdirSync(this.path)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
  }

  /** @param {string} id @param {string} path */
  #look(id, path) {
    if (this.strange.has(id) || this.#lost.has(id)) return
    try {
      const known = this.files.get(id)
      if (known?.hasShrunk()) this.forget(known)
      const file = this.files.get(id) ?? this.#meet(id, path)
      if (file === undefined) return
      file.path = path
      if (file === this.#own && file.isSealed) this.#own = undefined
      this.read(file)
    } catch (error) {
      // Renamed or removed since it was listed.
      if (codeOf(error) === 'ENOENT') return
      if (NO_HANDLES.includes(codeOf(error))) throw error
      this.strange.add(id)
      this.report(error)
    }
  }

  /** @param {string} id @param {string} path */
  #meet(id, path) {
    const file = DataFile.open(path, id)
    if (file instanceof DataFile) {
      this.files.set(id, file)
      return file
    }
    if (file === 'foreign') {
      this.strange.add(id)
      this.report(new MimicError('ERR_STORE_VERSION', `${path} is of a later version and left alone`))
    } else if (file === 'damaged') {
      this.#lost.add(id)
      this.corrupt++
    }
    return undefined
  }

  /** @param {DataFile} file */
  read(file) {
    const corrupt = file.corrupt
    for (const frame of file.refresh()) this.catalog.add(frame)
    this.corrupt += file.corrupt - corrupt
    if (file.newest > 0) this.stamps.see(file.newest)
  }

  /** @param {Item[]} items @throws the file system's error; then nothing was written */
  write(items) {
    const segments = segmentsOf(items)
    for (let tries = 1; ; tries++) {
      const file = this.#writable()
      const frames = this.#append(file, segments)
      this.#unsynced.add(file)
      // Sealed or removed meanwhile: nobody may ever read what was just written to it.
      if (fs.existsSync(file.path)) {
        frames.forEach((frame, n) => this.catalog.add(frame, segments[n].digests))
        return
      }
      this.#own = undefined
      if (tries === TRIES) throw new MimicError('ERR_STORE_WRITE', `${this.path} does not keep its files`)
    }
  }

  /** @param {DataFile} file @param {import('./pack.js').Segment[]} segments @throws the file system's error */
  #append(file, segments) {
    try {
      return appendTo(file, segments)
    } catch (error) {
      // Others may have read what was taken back: were it to grow again, they would go on in the middle of something else.
      this.#own = undefined
      if (file.frames.length === 0) this.remove(file)
      throw error
    }
  }

  #writable() {
    if (this.#own !== undefined && this.#own.end < this.fileBytes) return this.#own
    const id = freshId()
    const path = join(this.path, `${id}.log`)
    try {
      this.#own = DataFile.create(path, id)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      makeFolderSync(this.path)
      checkFormat(join(this.path, 'format'))
      this.#own = DataFile.create(path, id)
    }
    this.files.set(id, this.#own)
    return this.#own
  }

  /** No writer goes on with these files. @returns {DataFile[]} everything that is to be read, and whole */
  seal() {
    this.#own = undefined
    for (const file of this.files.values()) {
      if (file.isSealed) continue
      const path = `${file.path.slice(0, -'.log'.length)}.seg`
      try {
        fs.renameSync(file.path, path)
        file.path = path
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error
      }
    }
    this.scan()
    return [...this.files.values()].filter(file => file.isSealed && file.missing === 0)
  }

  /** @param {DataFile} file */
  remove(file) {
    fs.rmSync(file.path, { force: true })
    this.forget(file)
  }

  /** @param {DataFile} file */
  forget(file) {
    if (file === this.#own) this.#own = undefined
    this.#unsynced.delete(file)
    this.files.delete(file.id)
    this.catalog.drop(file)
    file.close()
  }

  /**
   * Makes room without writing: at least the oldest quarter goes, and whatever else it takes for that no older value comes back from behind
   * a newer one.
   * @returns {number} files that went
   */
  shed() {
    const files = [...this.files.values()].sort((a, b) => a.oldest - b.oldest)
    const enough = this.bytes / 4
    let bytes = 0
    let newest = -Infinity
    let count = 0
    for (const file of files) {
      if (bytes >= enough && newest < file.oldest) break
      bytes += file.size
      newest = Math.max(newest, file.newest)
      count++
    }
    // Should this end between two of them, what hides something is still there.
    for (const file of files.slice(0, count).sort((a, b) => a.newest - b.newest)) this.remove(file)
    return count
  }

  /** Until the disk has what was written. */
  async sync() {
    const files = [...this.#unsynced]
    this.#unsynced.clear()
    if (files.length === 0) return
    for (const file of files) await synced(file.fd)
    await namesSynced(this.path)
  }

  close() {
    for (const file of this.files.values()) file.close()
    this.files.clear()
    this.catalog = new Catalog()
    this.#own = undefined
  }
}

/** @param {number} fd @returns {Promise<void>} */
function synced(fd) {
  return new Promise((resolve, reject) => fs.fsync(fd, error => (error ? reject(error) : resolve())))
}

/** A new file's name is the directory's. Windows syncs no directories. @param {string} path */
async function namesSynced(path) {
  if (process.platform === 'win32') return
  const fd = fs.openSync(path, 'r')
  await synced(fd).finally(() => fs.closeSync(fd))
}

/** Whoever is of a later version may order its files by other rules. @param {string} path */
function checkFormat(path) {
  try {
    fs.writeFileSync(path, `${FORMAT}\n`, { flag: 'wx' })
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'EEXIST' && !READ_ONLY.includes(code)) throw error
    if (code !== 'EEXIST' && !fs.existsSync(path)) return
    const found = fs.readFileSync(path, 'utf8').trim()
    // Empty: just being made.
    if (found === '' || found === FORMAT) return
    throw new MimicError(
      'ERR_STORE_VERSION',
      `${path} says version ${found.slice(0, 20)}, this my-mimic knows ${FORMAT}: update it, or give diskStore another path`,
    )
  }
}
