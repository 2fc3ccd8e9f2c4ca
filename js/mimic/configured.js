import { Config } from './config.js'

/** The state that is configured at the moment, as a store: a new configuration concerns what was wrapped before it, too. */

let store = Config.storeOf(new Config())

/** @param {Config} config */
export function configure(config) {
  store = Config.storeOf(config)
}

/** @type {import('../stores/store.js').Store} */
export const configured = {
  get ready() {
    return store?.ready ?? Promise.resolve()
  },
  getSync: (key, isAsync) => store?.getSync?.(key, isAsync),
  get: key => store?.get(key),
  set: (key, entry) => store?.set(key, entry),
  delete: key => store?.delete(key),
  clear: namespace => store?.clear(namespace),
  flush: async () => store?.flush(),
  close: async () => store?.close(),
  on: (event, listener) => store?.on(event, listener) ?? (() => {}),
  stats: () => store?.stats() ?? {},
}
