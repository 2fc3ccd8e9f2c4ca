import { epochNow } from '../clock.js'
import { clampedDeadline, Events, idOf, sameBytes } from './store.js'

/**
 * The contract in its shortest form: a Map, gone with the process. For tests and as an example to start from.
 * @returns {import('./store.js').Store & Required<Pick<import('./store.js').Store, 'getSync'>>}
 */
export function memoryStore() {
  /** @type {Map<string, { namespace: string, bytes: Uint8Array, entry: import('./store.js').StoreEntry }>} */
  const held = new Map()
  const events = new Events()
  const counters = { hits: 0, misses: 0, sets: 0 }

  /** @param {import('./store.js').StoreKey} key */
  function getSync(key) {
    const found = held.get(idOf(key))
    const now = epochNow()
    if (found && now >= found.entry.deadline) held.delete(idOf(key))
    else if (found && sameBytes(found.bytes, key.bytes)) {
      counters.hits++
      // Kept, so that reading again and again does not prolong it.
      found.entry.deadline = clampedDeadline(found.entry, now)
      return { ...found.entry }
    }
    counters.misses++
    return undefined
  }

  return {
    ready: Promise.resolve(),
    getSync,
    get: getSync,
    set(key, { value, storedAt, deadline, isAsync, tags }) {
      counters.sets++
      const entry = { value, storedAt, deadline, ttl: deadline - storedAt, isAsync, tags }
      held.set(idOf(key), { namespace: key.namespace, bytes: key.bytes.slice(), entry })
    },
    delete(key) {
      held.delete(idOf(key))
    },
    clear(namespace) {
      for (const [id, found] of held) if (found.namespace === namespace) held.delete(id)
    },
    invalidateTags(namespace, matches) {
      for (const [id, { namespace: other, entry }] of held) {
        if (other === namespace && entry.tags?.some(matches)) held.delete(id)
      }
    },
    async flush() {},
    async close() {
      held.clear()
    },
    on: (name, listener) => events.on(name, listener),
    stats: () => ({ ...counters, entries: held.size }),
  }
}
