import { MimicError } from '../../errors.js'
import { idOf } from '../store.js'

/**
 * The other tabs and workers of the origin that have the same database.
 *
 * @typedef {{ type: 'wrote' }} Wrote there is something new in the database
 * @typedef {{ type: 'deleted', namespace: string, digests: string[] }} Deleted
 * @typedef {{ type: 'cleared', namespace: string }} Cleared
 * @typedef {{ type: 'tags', namespace: string, patterns: readonly string[] }} Tagged
 * @typedef {Wrote | Deleted | Cleared | Tagged} Said
 * @typedef {Said & { counter: number }} Message with the counter that whatever the teller writes from now on comes after
 */

/** What another version of this code says besides is none of ours. */
const TYPES = ['wrote', 'deleted', 'cleared', 'tags']

export class Tabs {
  /** @type {BroadcastChannel | undefined} */
  #channel
  /** Deletions of this turn of the event loop. @type {Map<string, string[]>} */
  #deleted = new Map()

  #isClosed = false

  /**
   * @param {string} name of the database
   * @param {() => number} counter what is said is said as of it
   * @param {(message: Message) => void} hear
   */
  constructor(name, counter, hear) {
    this.name = name
    this.counter = counter
    this.hear = hear
    this.resume()
  }

  /** Listens, again after `pause`. */
  resume() {
    if (this.#channel !== undefined || this.#isClosed || typeof BroadcastChannel === 'undefined') return
    try {
      this.#channel = new BroadcastChannel(`my-mimic ${this.name}`)
    } catch {
      // Some sandboxes have none.
      return
    }
    this.#channel.onmessage = ({ data }) => TYPES.includes(data?.type) && this.hear(data)
    // In Node it would keep the process alive.
    const { unref } = /** @type {any} */ (this.#channel)
    unref?.call(this.#channel)
  }

  /** A page that is sent a message is not kept in the back/forward cache. */
  pause() {
    this.#tellAll()
    this.#channel?.close()
    this.#channel = undefined
  }

  /** @param {Said} what */
  tell(what) {
    this.#channel?.postMessage({ ...what, counter: this.counter() })
  }

  /** @param {string} namespace @param {string} digest */
  tellDeleted(namespace, digest) {
    if (this.#deleted.size === 0) queueMicrotask(() => this.#tellAll())
    const digests = this.#deleted.get(namespace) ?? []
    digests.push(digest)
    this.#deleted.set(namespace, digests)
  }

  #tellAll() {
    for (const [namespace, digests] of this.#deleted) this.tell({ type: 'deleted', namespace, digests })
    this.#deleted.clear()
  }

  /**
   * Waits until no tab has the lock of a key.
   * @param {{ namespace: string, digest: string }} key
   * @param {AbortSignal} signal
   * @returns {Promise<() => void>} gives it back
   */
  lock(key, signal) {
    const locks = globalThis.navigator?.locks
    if (locks === undefined) {
      const message = 'there are no Web Locks here: a page has them when it is served over https'
      return Promise.reject(new MimicError('ERR_STORE_UNAVAILABLE', message))
    }
    return new Promise((resolve, reject) => {
      const held = () => /** @type {Promise<void>} */ (new Promise(release => resolve(release)))
      locks.request(`my-mimic ${this.name} ${idOf(key)}`, { signal }, held).catch(reject)
    })
  }

  close() {
    this.pause()
    this.#isClosed = true
  }
}
