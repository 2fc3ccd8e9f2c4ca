/**
 * A store that tells how long each entry has to live: it passes everything on and listens.
 *
 * @typedef {import('../js/index.js').IndexedDBStore} Store
 * @typedef {{ storedAt: number, deadline: number, ttl: number }} Life
 */
export class Watch {
  /** The digest of the key that was asked for last. @type {string | undefined} */
  asked
  /** By digest and namespace. @type {Map<string, Life>} */
  #lives = new Map()

  /** @param {Store} store */
  constructor(store) {
    this.inner = store
    /** What `mime` gets. @type {Store} */
    this.store = {
      ...store,
      getSync: key => {
        const id = (this.asked = key.digest + key.namespace)
        const entry = store.getSync?.(key)
        if (entry) this.#lives.set(id, entry)
        return entry
      },
      set: (key, entry) => {
        this.#lives.set(key.digest + key.namespace, { ...entry, ttl: entry.deadline - entry.storedAt })
        store.set(key, entry)
      },
    }
  }

  /** @param {string} id */
  lifeOf(id) {
    return this.#lives.get(id)
  }
}
