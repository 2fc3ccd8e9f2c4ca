/** Runs in the page: a store at `globalThis.store` and short ways to use it, without the rest of the package. */

import { provideModule } from '/js/core.js'
import { indexedDBStore } from '/js/stores/indexeddb.js'
import { base64 } from '/pkg/inline.js'

provideModule(() => new WebAssembly.Module(Uint8Array.from(atob(base64), char => char.charCodeAt(0))))

const NAMES = ['error', 'refused', 'drop', 'corrupt', 'unavailable', 'flush', 'evict', 'compact']

globalThis.key = (n, namespace = 'f\0v1') => {
  const cells = new Float64Array([n, n])
  const digest = n.toString(16).padStart(32, '0')
  return { namespace, digest, bytes: new Uint8Array(cells.buffer) }
}

globalThis.open_ = async options => {
  globalThis.events = []
  globalThis.store = indexedDBStore(options)
  for (const name of NAMES) {
    store.on(name, ({ code, cause, count, namespace }) =>
      events.push({ name, code, cause: String(cause), count, namespace }),
    )
  }
  await store.ready
}

globalThis.put = (n, value, ttl = Infinity, namespace = undefined) => {
  const storedAt = Date.now()
  store.set(key(n, namespace), { value, storedAt, deadline: storedAt + ttl })
}

globalThis.read = async (n, namespace) => (await store.get(key(n, namespace)))?.value

/** The raw database, to look at and to damage. */
globalThis.raw = (names, mode, use, name = 'my-mimic') =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const db = request.result
      const transaction = db.transaction(names, mode)
      let result
      use(
        names.map(store => transaction.objectStore(store)),
        value => (result = value),
      )
      transaction.oncomplete = () => {
        db.close()
        resolve(result)
      }
      transaction.onabort = () => reject(transaction.error)
    }
  })

/** The transactions from now on: their mode and what is asked for in them. */
globalThis.watchDatabase = () => {
  const asked = []
  const { get, getAll, put } = IDBObjectStore.prototype
  Object.assign(IDBObjectStore.prototype, {
    get(key) {
      asked.push(`get ${this.name}`)
      return Reflect.apply(get, this, [key])
    },
    getAll(...args) {
      asked.push(`getAll ${this.name}`)
      return Reflect.apply(getAll, this, args)
    },
    put(value, key) {
      asked.push(`put ${this.name}`)
      return Reflect.apply(put, this, [value, key])
    },
  })
  return asked
}

/** The next commit finds no space: deleted space comes back late in Chromium, so the quota is played. */
globalThis.fillDisk = () => {
  const { commit } = IDBTransaction.prototype
  IDBTransaction.prototype.commit = function () {
    IDBTransaction.prototype.commit = commit
    Object.defineProperty(this, 'error', { value: new DOMException('full', 'QuotaExceededError') })
    this.abort()
  }
}

globalThis.sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

globalThis.segments = () =>
  raw(
    ['heads'],
    'readonly',
    ([heads], done) => (heads.getAllKeys().onsuccess = event => done(event.target.result)),
  )
