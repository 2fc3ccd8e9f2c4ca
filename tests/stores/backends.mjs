/** What the tests of stores over a Keyv or a storage of unstorage share. */

export const SPACE = 'f\u00001'

export const keyOf = (n, namespace = SPACE) => ({
  namespace,
  digest: String(n).padStart(32, '0'),
  bytes: new Uint8Array(8),
})

/** @param {any} store @param {number} n @param {unknown} value @param {string[]} [tags] */
export function put(store, n, value, tags) {
  store.set(keyOf(n), { value, storedAt: Date.now(), deadline: Infinity, isAsync: true, tags })
}

export const read = async (store, n) => (await store.get(keyOf(n)))?.value

/** What it says, by event. */
export function heardFrom(store) {
  const heard = []
  for (const name of ['error', 'drop', 'corrupt']) store.on(name, ({ code }) => heard.push(`${name} ${code}`))
  return heard
}

/** A backend of Keyv's over a Map, with other ways of its own. @param {Map<string, any>} data @param {object} [ways] */
export const adapter = (data, ways) => ({
  opts: { dialect: 'redis', url: '' },
  get: async key => data.get(key),
  set: async (key, value) => void data.set(key, value),
  delete: async key => data.delete(key),
  clear: async () => data.clear(),
  async *iterator() {
    yield* [...data]
  },
  ...ways,
})
