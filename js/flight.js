/**
 * A load that runs. The core's pending slot stands for it: who calls with the same key meanwhile joins, and the slot's generation tells a late
 * result that its key was invalidated.
 */
export class Flight {
  /** What callers who join get; none while the function still runs synchronously. @type {Promise<any> | undefined} */
  promise = undefined
  /** The function runs and has not returned yet. */
  onStack = true

  /**
   * @param {number} slot
   * @param {number} generation of the slot when the load began
   * @param {number} epoch of the core: after a recovery slot and generation mean nothing
   * @param {any[]} args
   * @param {readonly object[] | undefined} identities what the key holds weakly
   * @param {import('./stores/store.js').StoreKey | undefined} key under which the result is persisted
   */
  constructor(slot, generation, epoch, args, identities, key) {
    this.slot = slot
    this.generation = generation
    this.epoch = epoch
    this.args = args
    this.identities = identities
    this.key = key
  }

  /**
   * From here on, callers with the same key join.
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  fly(promise) {
    this.promise = promise
    return promise
  }
}
