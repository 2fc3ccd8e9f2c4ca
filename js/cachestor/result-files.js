import { existsSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { epochNow } from '../clock.js'
import { MimicError } from '../errors.js'
import { hash } from '../hash.js'
import { packResult, unpackResult } from '../stores/result-file.js'
import { clampedDeadline } from '../stores/store.js'
import { noCounts, Voice } from '../stores/voice.js'
import { isMissing, writeWholeSync } from '../stores/write-file.js'
import { IndexFile } from './index-file.js'
import { WriteBehind } from './write-behind.js'

/**
 * Results as files in folders, found through one index: a store for each folder.
 *
 * @typedef {import('../stores/store.js').StoreKey} StoreKey
 * @typedef {import('../stores/store.js').StoreEntry} StoreEntry
 * @typedef {import('../stores/store.js').NewEntry} NewEntry
 * @typedef {(key: StoreKey) => string | undefined} Describe the arguments in words, for the index
 * @typedef {(what: string, name: string, path: string) => void} Log
 */

const encoder = new TextEncoder()
const READY = Promise.resolve()

export class ResultFiles {
  #queue
  #log

  /** @param {string} dbFile @param {Log} log @param {import('../stores/store.js').Events} events */
  constructor(dbFile, log, events) {
    this.voice = new FileVoice(events)
    this.index = new IndexFile(dbFile)
    this.#log = log
    this.#queue = new WriteBehind(
      this.index,
      path => this.#written(path),
      (path, cause) => this.#failed(path, cause),
    )
    try {
      this.index.load()
    } catch (cause) {
      this.voice.error('ERR_STORE_WRITE', cause)
      this.voice.events.warnOnce(
        'index',
        `the index ${this.index.path} cannot be read, it begins empty (${cause})`,
      )
    }
    this.voice.counters.corrupt += this.index.damaged
  }

  /** @param {string} folder @param {Describe} describe @returns {import('../stores/store.js').Store} */
  storeFor(folder, describe) {
    const root = resolve(folder)
    /** @param {StoreKey} key */
    const pathOf = key => join(root, fileOf(key))
    return {
      ready: READY,
      getSync: (key, isAsync) => (isAsync ? undefined : this.#getSync(pathOf(key), key)),
      get: key => this.#get(pathOf(key), key),
      set: (key, entry) => this.#set(pathOf(key), key, entry, describe),
      delete: key => this.#delete([pathOf(key)]),
      clear: namespace => this.#delete(this.#pathsOf(root, namespace)),
      flush: () => this.#queue.drain(),
      close: () => this.#queue.drain(),
      on: (event, listener) => this.voice.events.on(event, listener),
      stats: () => this.stats(),
    }
  }

  flush() {
    return this.#queue.drain()
  }

  stats() {
    return { ...this.voice.counters, entries: this.index.rows.size, pending: this.#queue.size }
  }

  /** @param {string} path @param {StoreKey} key @returns {StoreEntry | undefined} */
  #getSync(path, key) {
    const row = this.#live(path)
    if (row === undefined) return this.#miss(path, key)
    try {
      return this.#hit(path, key, this.#queue.bytesOf(path) ?? readFileSync(path))
    } catch (cause) {
      return this.#lost(path, key, cause, row)
    }
  }

  /** @param {string} path @param {StoreKey} key @returns {Promise<StoreEntry | undefined>} */
  async #get(path, key) {
    const row = this.#live(path)
    if (row === undefined) return this.#miss(path, key)
    try {
      return this.#hit(path, key, this.#queue.bytesOf(path) ?? (await readFile(path)))
    } catch (cause) {
      return this.#lost(path, key, cause, row)
    }
  }

  /** What the index knows, without a look at the file system. @param {string} path */
  #live(path) {
    const row = this.index.rows.get(path)
    if (row === undefined) return undefined
    const now = epochNow()
    const ttl = row.deadline - row.storedAt
    const deadline = clampedDeadline({ deadline: row.deadline, ttl }, now)
    if (now >= deadline) {
      this.voice.counters.expired++
      this.#delete([path])
      return undefined
    }
    // Kept, so that reading again and again does not prolong it.
    if (deadline < row.deadline) Object.assign(row, { storedAt: deadline - ttl, deadline })
    return row
  }

  /** @param {string} path @param {StoreKey} key @param {Uint8Array} bytes @returns {StoreEntry | undefined} */
  #hit(path, key, bytes) {
    const entry = unpackResult(bytes, ownerOf(key))
    const row = this.index.rows.get(path)
    // Deleted while its file was being read.
    if (row === undefined) return this.#miss(path, key)
    if (entry === undefined) return this.#anothers(path, key)
    this.voice.counters.hits++
    this.#log('hit (disk)', nameOf(key), path)
    return { ...entry, deadline: Math.min(entry.deadline, row.deadline) }
  }

  /** @param {string} path @param {StoreKey} key */
  #miss(path, key) {
    this.voice.counters.misses++
    this.#log('miss', nameOf(key), path)
    return undefined
  }

  /**
   * The index has it, but it is gone, damaged or not to be read.
   * @param {string} path
   * @param {StoreKey} key
   * @param {unknown} cause
   * @param {object} row of which it was; what was set since stays
   */
  #lost(path, key, cause, row) {
    if (isMissing(cause)) this.voice.missing(key.namespace, cause)
    else this.voice.corrupt(1, cause, key.namespace)
    this.#log(isMissing(cause) ? 'missing' : 'damaged', nameOf(key), path)
    if (this.index.rows.get(path) === row) this.index.rows.delete(path)
    return this.#miss(path, key)
  }

  /** It is whole, and for whoever has the same digest it is in its place. @param {string} path @param {StoreKey} key */
  #anothers(path, key) {
    const cause = new MimicError('ERR_STORE_CORRUPT', `${path} is of another call`)
    this.voice.corrupt(1, cause, key.namespace)
    this.#log('damaged', nameOf(key), path)
    return this.#miss(path, key)
  }

  /** @param {string} path @param {StoreKey} key @param {NewEntry} entry @param {Describe} describe */
  #set(path, key, entry, describe) {
    let bytes
    try {
      bytes = packResult(ownerOf(key), entry)
    } catch (cause) {
      return this.#refuse(path, key, cause)
    }
    this.voice.counters.sets++
    const [name, version] = key.namespace.split('\0')
    const row = { name, version, storedAt: entry.storedAt, deadline: entry.deadline }
    const line = this.index.lineFor(path, { ...row, args: describe(key) })
    this.index.rows.set(path, row)
    if (entry.isAsync || this.#queue.isBusy(path)) this.#queue.push({ path, bytes, line })
    else this.#writeNow(path, bytes, line)
  }

  /** A sync function's result is there when the function has returned. @param {string} path @param {Uint8Array} bytes @param {string} line */
  #writeNow(path, bytes, line) {
    try {
      writeWholeSync(path, bytes)
      this.index.appendSync([line])
    } catch (cause) {
      return this.#failed(path, cause)
    }
    this.#written(path)
  }

  /** @param {string} root @param {string} namespace */
  #pathsOf(root, namespace) {
    const of = [...this.index.rows].filter(
      ([path, { name, version }]) => `${name}\0${version}` === namespace && dirname(path) === root,
    )
    return of.map(([path]) => path)
  }

  /** The line comes first: a file that is in no index is never read. @param {string[]} paths */
  #delete(paths) {
    const known = paths.filter(path => this.index.rows.delete(path))
    if (known.length === 0) return
    for (const path of known) this.#queue.drop(path)
    this.#disown(known)
    // Also where the index cannot say it, as on a full disk: either is enough.
    for (const path of known) {
      try {
        rmSync(path, { force: true })
      } catch (cause) {
        this.voice.error('ERR_STORE_WRITE', cause)
      }
    }
  }

  /** @param {string[]} paths */
  #disown(paths) {
    try {
      this.index.appendSync(paths.map(path => this.index.lineForGone(path)))
    } catch (cause) {
      this.voice.error('ERR_STORE_WRITE', cause)
    }
  }

  /** @param {string} path */
  #written(path) {
    this.#log('write', this.index.rows.get(path)?.name ?? '', path)
    this.voice.written(1)
  }

  /** @param {string} path @param {unknown} cause */
  #failed(path, cause) {
    if (this.#queue.bytesOf(path) === undefined) this.index.rows.delete(path)
    this.voice.error('ERR_STORE_WRITE', cause)
    this.voice.dropped(1, 'ERR_STORE_WRITE', cause)
    this.voice.events.warnOnce('write', `results cannot be written and stay in memory only (${cause})`)
    this.#discard(path)
  }

  /** What was to be replaced is no longer the answer. Where it cannot be removed the index says so. @param {string} path */
  #discard(path) {
    try {
      rmSync(path, { force: true })
    } catch {
      if (existsSync(path)) this.#disown([path])
    }
  }

  /** @param {string} path @param {StoreKey} key @param {any} cause */
  #refuse(path, key, cause) {
    // The result before it is no longer the answer.
    this.#delete([path])
    this.voice.refused(key.namespace, cause)
  }
}

/** A file that is gone is told of as one that is damaged, and counted by itself. */
class FileVoice extends Voice {
  /** @override */
  counters = { ...noCounts(), missing: 0 }

  /** @param {string} namespace @param {unknown} cause */
  missing(namespace, cause) {
    this.counters.missing++
    this.events.emit('corrupt', { code: 'ERR_STORE_CORRUPT', cause, namespace, count: 1 })
  }
}

/** @param {StoreKey} key @returns {string} the function's name */
function nameOf({ namespace }) {
  return namespace.slice(0, namespace.indexOf('\0'))
}

/** Namespace and key, which the file has to have: its name is shorter than both. @param {StoreKey} key */
function ownerOf({ namespace, bytes }) {
  const name = encoder.encode(`${namespace}\0`)
  const owner = new Uint8Array(name.length + bytes.length)
  owner.set(name)
  owner.set(bytes, name.length)
  return owner
}

/** @type {Map<string, string>} */
const prefixes = new Map()

/** @param {StoreKey} key @returns {string} the name of its file: the function's in letters that every file system has, and what makes it unique */
function fileOf({ namespace, digest }) {
  let prefix = prefixes.get(namespace)
  if (prefix === undefined) {
    const readable = nameOf({ namespace, digest, bytes: new Uint8Array(0) })
      .replace(/[^\w-]/g, '_')
      .slice(0, 40)
    prefix = `${readable}-${hash(namespace).slice(0, 12)}-`
    prefixes.set(namespace, prefix)
  }
  return `${prefix}${digest}.bin`
}
