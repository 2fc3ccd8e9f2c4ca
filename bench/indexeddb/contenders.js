/**
 * Those who keep entries in IndexedDB, each the way its own documentation says. They run in a page, each in an origin of its own, so that none
 * pays for what another left in the browser's files.
 *
 * @typedef {object} Opened
 * @property {(values: string[]) => Promise<void>} write everything is acknowledged
 * @property {() => Promise<Map<string, string>>} all every entry by its name
 * @property {(i: number) => Promise<unknown>} read
 *
 * @typedef {object} Contender
 * @property {(count: number) => Promise<Opened>} open `count`: how many entries there are or will be
 */

import { indexedDBStore, mime } from '/js/entry/inline.js'
import { keyOf, nameOf } from './entries.js'

/** Entries of a transaction. */
const BATCH = 1000
/** What is set between two flushes: of more that wait, the oldest would be dropped. */
const BETWEEN_FLUSHES = 20_000

/** @param {IDBRequest} request @returns {Promise<any>} */
const answer = request =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** @param {string[]} values @param {(from: number, to: number) => Promise<unknown>} write */
async function inBatches(values, write) {
  for (let from = 0; from < values.length; from += BATCH)
    await write(from, Math.min(values.length, from + BATCH))
}

/** @param {string[]} values @param {number} from @param {number} to @returns {[string, string][]} */
const pairs = (values, from, to) =>
  Array.from({ length: to - from }, (_, n) => [nameOf(from + n), values[from + n]])

/** @type {Record<string, Contender>} */
export const contenders = {
  mimic: {
    async open(count) {
      const store = indexedDBStore({ hydrateBytes: 0 })
      await store.ready
      const keys = Array.from({ length: count }, (_, i) => keyOf(i))
      return {
        async write(values) {
          const storedAt = Date.now()
          for (let i = 0; i < values.length; i++) {
            store.set(keys[i], { value: values[i], storedAt, deadline: storedAt + 3_600_000 })
            if (i % BETWEEN_FLUSHES === BETWEEN_FLUSHES - 1) await store.flush()
          }
          await store.flush()
          const { written, dropped } = store.stats()
          if (written !== values.length || dropped > 0)
            throw new Error(`${written} written, ${dropped} dropped`)
        },
        async all() {
          const found = new Map()
          for (let i = 0; i < keys.length; i++) {
            const entry = store.getSync(keys[i]) ?? (await store.get(keys[i]))
            if (entry !== undefined) found.set(nameOf(i), entry.value)
          }
          return found
        },
        read: async i => (await store.get(keys[i]))?.value,
      }
    },
  },
  calls: {
    async open(count) {
      /** @type {string[] | undefined} */
      let values
      const store = indexedDBStore({ hydrateBytes: 0 })
      const options = { name: 'f', version: '1', ttl: '1h', store, maxEntries: 2 * count }
      const call = mime((/** @type {number} */ i) => values?.[i], options)
      const read = mime(async (/** @type {number} */ i) => values?.[i], options)
      await store.ready
      return {
        async write(all) {
          values = all
          for (let i = 0; i < count; i++) {
            call(i)
            if (i % BETWEEN_FLUSHES === BETWEEN_FLUSHES - 1) await call.flush()
          }
          await call.flush()
          const { written, dropped } = store.stats()
          if (written !== count || dropped > 0) throw new Error(`${written} written, ${dropped} dropped`)
        },
        async all() {
          const found = new Map()
          for (let i = 0; i < count; i++) {
            const value = await read(i)
            if (value !== undefined) found.set(nameOf(i), value)
          }
          return found
        },
        read,
      }
    },
  },
  raw: {
    async open() {
      const request = indexedDB.open('bench')
      request.onupgradeneeded = () => request.result.createObjectStore('entries')
      const db = await answer(request)
      const entries = (/** @type {IDBTransactionMode} */ mode) =>
        db.transaction('entries', mode).objectStore('entries')
      return {
        write: values =>
          inBatches(values, (from, to) => {
            const store = entries('readwrite')
            for (let i = from; i < to; i++) store.put(values[i], nameOf(i))
            return new Promise((resolve, reject) => {
              store.transaction.oncomplete = resolve
              store.transaction.onabort = () => reject(store.transaction.error)
            })
          }),
        async all() {
          const store = entries('readonly')
          const [values, keys] = await Promise.all([answer(store.getAll()), answer(store.getAllKeys())])
          return new Map(keys.map((/** @type {string} */ key, /** @type {number} */ n) => [key, values[n]]))
        },
        read: i => answer(entries('readonly').get(nameOf(i))),
      }
    },
  },
  setmany: {
    open: () =>
      inKeyval((keyval, values) => inBatches(values, (from, to) => keyval.setMany(pairs(values, from, to)))),
  },
  set: {
    open: () =>
      inKeyval(async (keyval, values) => {
        for (let i = 0; i < values.length; i++) await keyval.set(nameOf(i), values[i])
      }),
  },
  localforage: {
    async open() {
      await import('/node_modules/localforage/dist/localforage.js')
      const { localforage } = /** @type {any} */ (globalThis)
      await localforage.setDriver(localforage.INDEXEDDB)
      return {
        async write(values) {
          for (let i = 0; i < values.length; i++) await localforage.setItem(nameOf(i), values[i])
        },
        async all() {
          const found = new Map()
          await localforage.iterate(
            (/** @type {string} */ value, /** @type {string} */ key) => void found.set(key, value),
          )
          return found
        },
        read: i => localforage.getItem(nameOf(i)),
      }
    },
  },
  dexie: {
    async open() {
      const { Dexie } = await import('/node_modules/dexie/dist/dexie.mjs')
      const db = new Dexie('bench')
      db.version(1).stores({ entries: 'key' })
      await db.open()
      return {
        write: values =>
          inBatches(values, (from, to) =>
            db.entries.bulkPut(pairs(values, from, to).map(([key, value]) => ({ key, value }))),
          ),
        all: async () =>
          new Map((await db.entries.toArray()).map((/** @type {any} */ { key, value }) => [key, value])),
        read: async i => (await db.entries.get(nameOf(i)))?.value,
      }
    },
  },
}

/** @param {(keyval: any, values: string[]) => Promise<void>} write @returns {Promise<Opened>} */
async function inKeyval(write) {
  const keyval = await import('/node_modules/idb-keyval/dist/index.js')
  await keyval.get('nothing')
  return {
    write: values => write(keyval, values),
    all: async () => new Map(await keyval.entries()),
    read: i => keyval.get(nameOf(i)),
  }
}
