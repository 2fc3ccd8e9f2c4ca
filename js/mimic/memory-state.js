import { createMime } from '../create.js'
import { IState } from './state.js'

/**
 * Values in this process, bounded as the memory of any function that `mime` has wrapped: this is one.
 * @typedef {{ value: any, ttl: number | null | undefined }} Held
 */

const mime = createMime({ ttl: held => held.ttl })

export class MemoryState extends IState {
  #held = mime(/** @type {(key: string) => Held | undefined} */ (() => undefined))

  /** @param {string} key */
  syncGet(key) {
    return this.#held.peek(key)?.value
  }

  /** @param {string} key @param {any} value @param {number | null} [ttl] seconds; for ever without one */
  syncSet(key, value, ttl) {
    this.#held.set([key], { value, ttl })
  }

  /** @param {string} key */
  async asyncGet(key) {
    return this.syncGet(key)
  }

  /** @param {string} key @param {any} value @param {number | null} [ttl] seconds; for ever without one */
  async asyncSet(key, value, ttl) {
    this.syncSet(key, value, ttl)
  }
}
