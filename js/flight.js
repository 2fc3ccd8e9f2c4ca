/** What few loads change. */
class Rare {
  /** What the core knew of the value that stays in the slot while it is loaded anew. @type {{ deadline: number, weight: number } | undefined} */
  held = undefined
  /** What is stored, once the load has its value, where each caller gets a copy of it. @type {import('./copies.js').Master | undefined} */
  master = undefined
  /** The result can be read only once: it belongs to the first caller alone. */
  oneShot = false
  /** The expired value that stands in when the load fails or takes too long; its first caller may get it too. @type {{ value: unknown, isForFirst: boolean } | undefined} */
  fallback = undefined
  /** What its first caller waits for, where he cannot leave. @type {Promise<any> | undefined} */
  own = undefined
  /** The load itself, where an expired value may be the answer before it ends. @type {Promise<any> | undefined} */
  loading = undefined
  /** The load has failed, and the old value may stand in. */
  mayStandIn = false
  /** The old value stood in. */
  isStale = false
  /** The store is asked for the value: the function has not been called yet. */
  isAsking = false
  /** Others deleted the entry while the store was asked for it: whatever it answers is none. */
  isDoubted = false
  /** Its arguments are copies that nobody else has. */
  isSteady = false
  /** Its result is too large for memory. */
  isRefused = false
  /** It is to replace what there is, of which the store may have something. */
  replaces = false
  /** Its arguments were changed before its function could be called, and cannot be had as they were: nothing is stored, and who joined calls anew. */
  isStray = false
  /** Nobody waits for it: its failure is an event. */
  inBackground = false
  /** Its function runs when the caller who began it has finished. */
  isQueued = false
  /** Its first caller has a signal where no other can be put in its place: when it fails, that may be his alone. */
  hidesSignal = false
  /** Its first caller's, which ends what he gets while that is still coming. @type {AbortSignal | undefined} */
  signal = undefined
  /** Signals of its first caller that the function got as they are. @type {readonly AbortSignal[]} */
  signals = []
  /** Callers who can leave; Infinity when someone waits who cannot. */
  callers = Infinity
  /** Gives the function a signal that ends with the last caller. @type {AbortController | undefined} */
  controller = undefined
  /** Someone tells the runtime of a rejection that nobody handles: its first caller, as long as he waits for it. */
  isTold = true
  /** Someone who joined has made his call once more, and tells of the rejection of that. */
  isMadeAgain = false
  /** The version of the tags when it began. */
  began = 0
  /** What the function's clock said when it began, where that counts. */
  startedAt = 0
  /** Where loads inside this one find out that they wait for themselves. @type {import('./waits.js').Context | undefined} */
  context = undefined
}

/**
 * A load that runs. The core's pending slot stands for it: who calls with the same key meanwhile joins, and the slot's generation tells a late
 * result that its key was invalidated.
 */
class Own {
  /** What callers who join wait for; none while the function still runs synchronously. @type {Promise<any> | undefined} */
  promise = undefined
  /** The function runs and has not returned yet. */
  onStack = true
  /** It has its value. */
  isOver = false
  /** One of its value's tags was invalidated while it ran. */
  isOutdated = false
  /** What the function's clock said when it ended, where that is known. @type {number | undefined} */
  endedAt = undefined

  /**
   * @param {number} slot
   * @param {number} generation of the slot when the load began
   * @param {number} epoch of the core: after a recovery slot and generation mean nothing
   * @param {any[]} args what the function gets
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
   * From here on, callers with the same key join. It is one promise for all of them, whatever is waited for on the way.
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  fly(promise) {
    this.promise ??= promise
    return promise
  }

  /**
   * What its first caller gets: who joins handles the other one's rejection, and whether anybody handles this one is to show.
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  handOut(promise) {
    const own = promise.then()
    Object.assign(this, { own })
    return own
  }
}

/**
 * What few loads change is on the prototype, so that a load which changes none of it is a small object: a miss makes one. It is not a class that
 * extends another, whose constructor would be called as well.
 * @typedef {Own & Rare} Flight
 */
export const Flight = /** @type {new (...of: ConstructorParameters<typeof Own>) => Flight} */ (Own)
Object.setPrototypeOf(Own.prototype, new Rare())

/** A load that has no slot: its result is stored nowhere, and nobody joins. @param {any[]} args */
export function detached(args) {
  return new Flight(-1, 0, -1, args, undefined, undefined)
}
