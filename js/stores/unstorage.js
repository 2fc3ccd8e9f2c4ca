import { invalidOption } from '../errors.js'
import { checked } from './backend/options.js'
import { backendStore } from './backend/store.js'

/**
 * Any storage of unstorage, and so any of its drivers, as a store. The storage stays its owner's: it is not disposed of by `close()`, and what else is
 * in it is left alone.
 * @param {any} storage
 * @param {import('./backend/options.js').BackendOptions} [options]
 * @returns {import('./store.js').Store}
 */
export function fromUnstorage(storage, options = {}) {
  const missing = METHODS.filter(method => typeof storage?.[method] !== 'function')
  if (missing.length > 0) throw invalidOption('storage', storage, `what createStorage() gives; it has no ${missing.join(', ')}`) // biome-ignore format: one line
  return backendStore(
    {
      read: name => storage.getItem(name),
      // Drivers that know a ttl take whole seconds.
      write: (name, text, ttl) =>
        storage.setItem(name, text, ttl && ttl < Infinity ? { ttl: Math.ceil(ttl / 1000) } : {}),
      remove: name => storage.removeItem(name),
      list: base => storage.getKeys(base),
    },
    checked('fromUnstorage', options),
  )
}

const METHODS = ['getItem', 'setItem', 'removeItem', 'getKeys']
