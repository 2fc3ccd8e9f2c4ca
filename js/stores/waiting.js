/**
 * Items by namespace and digest, and in the order in which they came: maps to find them, since a string of both would have to be made for each,
 * and a list through the items themselves.
 *
 * @typedef {import('./queue.js').Item} Item
 */
export class Waiting {
  /** @type {Map<string, Map<string, Item>>} */
  #namespaces = new Map()
  /** @type {Item | undefined} */
  oldest
  /** @type {Item | undefined} */
  #newest
  size = 0

  /** @param {{ namespace: string, digest: string }} key @returns {Item | undefined} */
  get({ namespace, digest }) {
    return this.size === 0 ? undefined : this.#namespaces.get(namespace)?.get(digest)
  }

  /** @param {Item} item whose key none has */
  add(item) {
    const { namespace } = item
    let items = this.#namespaces.get(namespace)
    if (items === undefined) {
      items = new Map()
      this.#namespaces.set(namespace, items)
    }
    items.set(item.digest, item)
    this.size++
    item.older = this.#newest
    item.newer = undefined
    if (this.#newest === undefined) this.oldest = item
    else this.#newest.newer = item
    this.#newest = item
  }

  /** @param {Item} item one of them */
  delete(item) {
    const { older, newer, namespace } = item
    this.#namespaces.get(namespace)?.delete(item.digest)
    this.size--
    if (older === undefined) this.oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    free(item)
  }

  /** All of them, oldest first, and nobody else's from here on: this list is not used again. @returns {Item[]} */
  end() {
    /** @type {Item[]} */
    const items = []
    for (let item = this.oldest; item !== undefined; ) {
      const { newer } = /** @type {Item} */ (item)
      items.push(free(item))
      item = newer
    }
    return items
  }

  /** Those of a namespace; they then wait no more. @param {string} namespace @returns {Item[]} */
  takeOf(namespace) {
    const items = [...(this.#namespaces.get(namespace)?.values() ?? [])]
    for (const item of items) this.delete(item)
    this.#namespaces.delete(namespace)
    return items
  }
}

/** One that is kept is not to keep all others. @param {Item} item */
function free(item) {
  item.older = undefined
  item.newer = undefined
  return item
}
