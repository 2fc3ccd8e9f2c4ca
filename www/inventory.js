/**
 * What the store has, as it was listed last. Listing costs a walk over everything, so it is done when something has changed, and never so
 * often that it takes more than a small share of the time.
 *
 * @typedef {import('../js/index.js').IndexedDBStore} Store
 * @typedef {import('../js/index.js').StoredEntry & { id: string, storedAt: number, deadline: number }} Item
 *
 * @typedef {object} Group the entries of one function
 * @property {string} id
 * @property {string} namespace
 * @property {string} name
 * @property {string} version
 * @property {Item[]} items
 * @property {number} bytes
 * @property {number} oldest epoch milliseconds
 * @property {number} newest
 */

/** What other tabs wrote is seen after so many milliseconds. */
const PATIENCE = 2000
/** A listing takes at most one part in so many of the time. */
const SHARE = 10

export class Inventory {
  /** @type {Item[]} */
  items = []
  /** @type {string | undefined} */
  #seen
  #listedAt = -Infinity
  #cost = 0
  #isListing = false
  #edits = 0

  /** @param {Store} store */
  constructor(store) {
    this.store = store
  }

  get isDue() {
    if (this.#isListing) return false
    const rest = performance.now() - this.#listedAt
    return rest >= SHARE * this.#cost && (rest >= PATIENCE || this.#seen !== this.#signature())
  }

  /** How many are alive. */
  get count() {
    const now = Date.now()
    return this.items.filter(({ deadline }) => deadline > now).length
  }

  /** Reads what there is. */
  async list() {
    this.#isListing = true
    const [edits, seen, start] = [this.#edits, this.#signature(), performance.now()]
    const found = await this.store.entries().finally(() => {
      this.#isListing = false
      this.#listedAt = performance.now()
      this.#cost = this.#listedAt - start
    })
    this.#seen = seen
    // What was deleted meanwhile may still be in the list.
    if (edits !== this.#edits) return this.list()
    const now = Date.now()
    this.items = found.map(entry => ({
      ...entry,
      id: entry.digest + entry.namespace,
      storedAt: now - entry.age,
      deadline: now + entry.timeLeft,
    }))
  }

  /** Deletes an entry, a function's, or all. @param {{ namespace?: string, digest?: string }} [which] */
  forget({ namespace, digest } = {}) {
    this.#edits++
    this.store.forget(namespace === undefined ? undefined : { namespace, digest })
    this.items = this.items.filter(
      item =>
        (namespace !== undefined && item.namespace !== namespace) ||
        (digest !== undefined && item.digest !== digest),
    )
  }

  /** The functions with the entries that are alive and match. @param {string} query @returns {Group[]} */
  groups(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    const now = Date.now()
    /** @type {Map<string, Group>} */
    const groups = new Map()
    for (const item of this.items) {
      if (item.deadline <= now || !matches(item, words)) continue
      const { namespace, name, version, size, storedAt } = item
      let group = groups.get(namespace)
      if (group === undefined) {
        group = { id: namespace, namespace, name, version, items: [], bytes: 0, oldest: Infinity, newest: 0 }
        groups.set(namespace, group)
      }
      group.items.push(item)
      group.bytes += size
      group.oldest = Math.min(group.oldest, storedAt)
      group.newest = Math.max(group.newest, storedAt)
    }
    return [...groups.values()]
  }

  /** What changes when this page writes or deletes. */
  #signature() {
    const { entries, sets, bytes, pending, evicted, segments } = this.store.stats()
    return [entries, sets, bytes, pending, evicted, segments].join()
  }
}

/** Every word stands somewhere in it. @param {Item} item @param {string[]} words lower case */
function matches({ name, description, tags }, words) {
  if (words.length === 0) return true
  const text = `${name}${description} ${tags.join(' ')}`.toLowerCase()
  return words.every(word => text.includes(word))
}
