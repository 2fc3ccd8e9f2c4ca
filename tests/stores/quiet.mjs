/**
 * A store over something that throws, as `js/backing.js` uses it: nobody is thrown at.
 * @param {import('../../js/stores/store.js').Store} store
 */
export function quiet(store) {
  const attempt = (/** @type {() => any} */ use) => {
    try {
      const done = use()
      return done instanceof Promise ? done.catch(() => undefined) : done
    } catch {
      return undefined
    }
  }
  return {
    ...store,
    getSync: (key, isAsync) => attempt(() => store.getSync?.(key, isAsync)),
    get: key => attempt(() => store.get(key)),
    set: (key, entry) => void attempt(() => store.set(key, entry)),
    delete: key => void attempt(() => store.delete(key)),
    clear: namespace => void attempt(() => store.clear(namespace)),
    flush: async () => void (await attempt(() => store.flush())),
  }
}
