import { MimicError } from '../errors.js'

/**
 * The connection to IndexedDB: opened with a time limit, reopened when the browser closed it, and never waited for without end.
 * The functions behind it are Rust's (`src/persist/`).
 *
 * @typedef {ReturnType<typeof import('../core.js').persistence>} Glue
 * @typedef {[counter: number, writer: string, n: number, moved?: number]} SegmentKey
 */

/** An operation that has not answered by then is given up: the core may have been restarted under it. */
const ANSWER_TIMEOUT = 10_000

/** While some are taken in, the next ones come. */
const HEADS_IN_PAGE = 64

/** Milliseconds. */
const REOPEN_AFTER = 100
/** While the browser is still deleting what it closed, opening fails: so often it is tried once more. */
const REOPEN_TRIES = 5

/** No clock shows more. From far above it one more would be the same number, and the next write in the place of this one. */
const LATEST = 8.64e15

/** These say that the connection is gone, not that the operation was wrong. */
const LOST = ['InvalidStateError', 'TransactionInactiveError', 'AbortError']

/** @param {unknown} error @returns {string} */
export function nameOf(error) {
  return /** @type {any} */ (error)?.name ?? ''
}

export class Database {
  /** @type {IDBDatabase | undefined} */
  #connection
  /** Counts connections: another one may be to another database of the same name. */
  connections = 0
  /** Ends what waits for an answer of a connection that the browser closed: not every transaction is told. */
  #lost = new AbortController()
  /** Orders segments: the time, but always more than what was seen before. */
  counter = 0
  /** Writers never share a key, whatever their counters. */
  #writer = Math.random().toString(36).slice(2, 10)

  /**
   * @param {Glue} glue
   * @param {string} name
   * @param {number} openTimeout
   * @param {() => number} now epoch milliseconds
   * @param {(cause: unknown) => void} thrownAway the browser could not read what was there, and has made another one
   */
  constructor(glue, name, openTimeout, now, thrownAway) {
    this.glue = glue
    this.name = name
    this.openTimeout = openTimeout
    this.now = now
    this.thrownAway = thrownAway
  }

  get connected() {
    return this.#connection !== undefined
  }

  /** Connects when there is no connection: where there was one, with patience. */
  async connect() {
    for (let tries = this.connections > 0 ? REOPEN_TRIES : 0; !this.#connection; tries--) {
      try {
        await this.#open()
      } catch (error) {
        if (tries === 0 || !LOST.includes(nameOf(error))) throw error
        await new Promise(resolve => setTimeout(resolve, REOPEN_AFTER))
      }
    }
  }

  async #open() {
    /** @param {Event} event versionchange: somebody deletes the database and waits for us; close: the browser closed it */
    const heard = event => {
      if (event.type === 'upgradeneeded') return this.#made(/** @type {any} */ (event))
      this.#forget(/** @type {IDBDatabase} */ (event.target))
      if (event.type === 'close') this.#giveUp()
    }
    const opening = this.glue.idbOpen(this.name, heard)
    const message = `IndexedDB did not open '${this.name}' within ${this.openTimeout} ms`
    try {
      this.#connection = await limited(opening, this.openTimeout, 'ERR_STORE_TIMEOUT', message)
      this.connections++
    } catch (error) {
      opening.then(
        (/** @type {IDBDatabase} */ connection) => connection.close(),
        () => {},
      )
      throw error
    }
  }

  /**
   * What all segments say of themselves, as of one moment, oldest first.
   * @returns {Promise<{ keys: SegmentKey[], heads: Promise<Uint8Array[]> }[]>} some of them, then the next ones
   */
  async heads() {
    const [keys, pages] = await this.#ask(connection => this.glue.idbHeads(connection, HEADS_IN_PAGE))
    this.#see(keys)
    return pages.map((/** @type {Promise<Uint8Array[]>} */ page, /** @type {number} */ n) => {
      const heads = this.#ask(() => page)
      // Whoever waits for those before it comes to it.
      heads.catch(() => {})
      return { keys: keys.slice(n * HEADS_IN_PAGE, (n + 1) * HEADS_IN_PAGE), heads }
    })
  }

  /** @returns {Promise<SegmentKey[]>} of all segments, oldest first */
  async keys() {
    const [keys] = await this.#ask(connection => this.glue.idbKeys(connection))
    this.#see(keys)
    return keys
  }

  /**
   * @param {SegmentKey[]} keys
   * @returns {Promise<{ heads: (Uint8Array | undefined)[], bodies: (Uint8Array | undefined)[] }>} as of one moment
   */
  async read(keys) {
    if (!this.#connection) await this.connect()
    const blocks = await this.#ask(connection => this.glue.idbRead(connection, keys))
    return {
      heads: keys.map((_, i) => blocks[2 * i]),
      bodies: keys.map((_, i) => blocks[2 * i + 1]),
    }
  }

  /** @param {SegmentKey[]} keys @returns {Promise<(Uint8Array | undefined)[]>} */
  async bodies(keys) {
    if (!this.#connection) await this.connect()
    return this.#ask(connection => this.glue.idbBodies(connection, keys))
  }

  /** @param {number} count @returns {SegmentKey[]} for the segments of one write: after all that were seen */
  nextKeys(count) {
    this.counter = Math.max(this.counter + 1, this.now())
    return Array.from({ length: count }, (_, n) => [this.counter, this.#writer, n])
  }

  /**
   * Writes segments, in one transaction. Everything is issued before this returns when there is a connection, which is what a page that goes
   * away needs.
   * @param {SegmentKey[]} keys
   * @param {Uint8Array[]} blocks head, body, head, body, …
   * @returns {Promise<void>} durable
   */
  write(keys, blocks) {
    return this.#insist(connection => this.glue.idbWrite(connection, keys, blocks, []))
  }

  /**
   * Writes segments and deletes others where what is there is as it should be, which is asked first, in the same transaction.
   * @param {SegmentKey[]} keys
   * @param {Uint8Array[]} blocks head, body, head, body, …
   * @param {SegmentKey[]} gone
   * @param {(there: SegmentKey[]) => boolean} isRight is told the keys of all segments
   * @returns {Promise<boolean>} whether it was done, and is durable
   */
  replace(keys, blocks, gone, isRight) {
    return this.#insist(async connection => {
      const one = inOne(connection)
      const [there] = await this.glue.idbKeys(one)
      // The transaction is still active: this is a microtask of its own event. With nothing more to do it ends by itself.
      if (!isRight(there)) return false
      await this.glue.idbWrite(one, keys, blocks, gone)
      return true
    })
  }

  /** Once more when it was closed under us. @param {(connection: IDBDatabase) => Promise<any>} operation issued before this returns */
  async #insist(operation) {
    if (!this.#connection) await this.connect()
    try {
      return await this.#ask(operation)
    } catch (error) {
      if (!LOST.includes(nameOf(error)) && /** @type {any} */ (error)?.code !== 'ERR_STORE_CLOSED')
        throw error
      // The same keys again: should the first have succeeded after all, nothing is there twice.
      this.close()
      await this.connect()
      return this.#ask(operation)
    }
  }

  /** Chromium says why a database is new. @param {{ dataLoss?: string, dataLossMessage?: string }} event */
  #made({ dataLoss, dataLossMessage }) {
    if (dataLoss !== 'total') return
    const message = `the browser has thrown the database '${this.name}' away, which it could not read: ${dataLossMessage}`
    this.thrownAway(new MimicError('ERR_STORE_CORRUPT', message))
  }

  /** @param {SegmentKey[]} keys */
  #see(keys) {
    for (const key of keys) this.follow(key?.[0])
  }

  /** @param {number} counter that somebody has used: a message or a key of another version may have anything there */
  follow(counter) {
    if (counter <= LATEST) this.counter = Math.max(this.counter, counter)
  }

  close() {
    if (this.#connection) this.#forget(this.#connection)
  }

  /** @param {IDBDatabase} connection */
  #forget(connection) {
    connection.close()
    if (this.#connection === connection) this.#connection = undefined
  }

  #giveUp() {
    this.#lost.abort(new MimicError('ERR_STORE_CLOSED', 'the browser closed the database'))
    this.#lost = new AbortController()
  }

  /** @param {(connection: IDBDatabase) => Promise<any>} operation issued before this returns */
  #ask(operation) {
    if (!this.#connection) return Promise.reject(new MimicError('ERR_STORE_CLOSED', 'the database is closed'))
    const message = 'IndexedDB does not answer'
    return limited(
      operation(this.#connection),
      ANSWER_TIMEOUT,
      'ERR_STORE_TIMEOUT',
      message,
      this.#lost.signal,
    ).catch(error => {
      // Whatever it waits for, a new connection may not.
      if (error?.code === 'ERR_STORE_TIMEOUT') this.close()
      throw error
    })
  }
}

/**
 * Whoever asks it for a transaction gets the same one, that can write.
 * @param {IDBDatabase} connection
 * @returns {IDBDatabase}
 */
function inOne(connection) {
  /** @type {IDBTransaction | undefined} */
  let transaction
  const begin = (/** @type {string[]} */ stores) =>
    (transaction ??= connection.transaction(stores, 'readwrite'))
  return /** @type {any} */ ({ transaction: begin })
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} ms
 * @param {string} code
 * @param {string} message
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
function limited(promise, ms, code, message, signal) {
  return new Promise((resolve, reject) => {
    const lost = () => reject(signal?.reason)
    const timer = setTimeout(() => reject(new MimicError(code, message)), ms)
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', lost)
    }
    signal?.addEventListener('abort', lost)
    promise.then(resolve, reject).finally(done)
  })
}
