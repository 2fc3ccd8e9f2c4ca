import { Backing, remaining } from './backing.js'
import { epochNow } from './clock.js'
import { BUFFER_CELLS, start } from './core.js'
import { invalidOption, MimicTypeError, show } from './errors.js'
import { walked, writeCall } from './key.js'
import { NONE } from './key/nesting.js'
import { parseTtl } from './options.js'
import { sameBytes } from './stores/store.js'
import { post } from './turn.js'

/**
 * A store, or a function that `mime` has wrapped, in the shape of a Map whose methods may return promises: what p-memoize, cachified and others take for
 * a cache. Keys are by value, as arguments are; a key by identity is found by nobody.
 *
 * @typedef {object} MapLikeOptions
 * @property {string} [name] what the entries are kept under
 * @property {number | string | null | ((value: any, key: any) => number | string | null | undefined)} [ttl]
 * @property {number | string} [storeTimeout] how long the store is waited for
 * @property {(error: unknown) => void} [onError] hears of the store's failures
 *
 * @typedef {object} MapLike
 * @property {string} name
 * @property {(key: any) => Promise<boolean>} has
 * @property {(key: any) => Promise<any>} get
 * @property {(key: any, value: any) => Promise<void>} set
 * @property {(key: any) => Promise<void>} delete
 * @property {() => Promise<void>} clear
 */

const OPTIONS = ['name', 'ttl', 'storeTimeout', 'onError']

/**
 * @param {any} source
 * @param {MapLikeOptions} [options]
 * @returns {MapLike}
 */
export function toMapLike(source, options = {}) {
  if (typeof options !== 'object' || options === null)
    throw invalidOption('options', options, 'an object of options')
  const unknown = Object.keys(options).find(option => !OPTIONS.includes(option))
  if (unknown !== undefined) {
    throw new MimicTypeError(
      'ERR_UNKNOWN_OPTION',
      `toMapLike has no option ${unknown}; it has ${OPTIONS.join(', ')}`,
    )
  }
  const { name } = options
  if (name !== undefined && (typeof name !== 'string' || name === '' || name.includes('\0')))
    throw invalidOption('name', name, 'a string that is not empty and has no NUL character')
  if (typeof source?.peek === 'function' && typeof source.invalidate === 'function')
    return ofMimed(source, options)
  if (typeof source?.get === 'function' && typeof source.flush === 'function') return ofStore(source, options)
  throw new MimicTypeError(
    'ERR_INVALID_ARGUMENT',
    `toMapLike(source) takes a store, or a function that mime has wrapped; got ${show(source)}`,
  )
}

/** A key is the only argument. @param {any} mimed @param {MapLikeOptions} options @returns {MapLike} */
function ofMimed(mimed, { name = mimed.name, ...rest }) {
  const [option] = Object.keys(rest)
  if (option !== undefined) {
    throw new MimicTypeError(
      'ERR_UNKNOWN_OPTION',
      `a wrapped function has its own ${option}; give it where it is wrapped`,
    )
  }
  return {
    name,
    has: async key => mimed.has(key),
    get: async key => mimed.peek(key),
    set: async (key, value) => mimed.set([key], value),
    delete: async key => void mimed.invalidate(key),
    clear: async () => mimed.clear(),
  }
}

/**
 * What `has` found is what `get` returns in the same turn of the event loop, should it expire or the store fail between the two.
 * @typedef {object} Note
 * @property {Uint8Array} bytes
 * @property {import('./stores/store.js').StoreEntry | undefined} entry
 * @property {number} at when it was found
 * @property {number} holders calls of `has` that it is kept for
 */

/** By store and by name, so that what one deletes or replaces no other remembers. @type {WeakMap<object, Map<string, Map<string, Note>>>} */
const notes = new WeakMap()

/** Where a timer is lost, as in a Worker whose request has ended, nothing ends a note: so many milliseconds later it is none. */
const MAX_AGE = 100
const MAX_NOTES = 10_000

/** @param {object} store @param {string} name @returns {Map<string, Note>} by digest */
function notesOf(store, name) {
  const names = notes.get(store) ?? new Map()
  notes.set(store, names)
  const known = names.get(name) ?? new Map()
  names.set(name, known)
  return known
}

/** @param {import('./stores/store.js').Store} store @param {MapLikeOptions} options @returns {MapLike} */
function ofStore(store, { name = 'map', ttl, storeTimeout = '1s', onError = () => {} }) {
  if (typeof onError !== 'function') throw invalidOption('onError', onError, 'a function')
  const fixed = typeof ttl === 'function' ? undefined : parseTtl(ttl)
  const ttlOf = typeof ttl === 'function' ? ttl : undefined
  start()
  const limit = parseTtl(storeTimeout, 'storeTimeout')
  // No function has this version.
  const backingThat = (/** @type {typeof heard} */ hears) => new Backing(store, `${name}\0map`, limit, hears)
  const backing = backingThat(heard)
  const remembered = notesOf(store, name)

  /** @param {unknown} error */
  function heard(error) {
    try {
      onError(error)
    } catch {
      // A listener's failure is its own.
    }
  }

  /** @param {unknown} key */
  function keyFor(key) {
    const found = backing.keyFor(writeCall(undefined, [key], BUFFER_CELLS))
    walked.identities = NONE
    return found
  }

  /** @param {unknown} value @param {unknown} key @returns {number} milliseconds; 0 when it cannot be told */
  function lifeOf(value, key) {
    if (fixed !== undefined) return ttl === undefined ? cachifiedLife(value) : fixed
    try {
      return parseTtl(ttlOf?.(value, key))
    } catch (error) {
      heard(error)
      return 0
    }
  }

  /** @param {import('./stores/store.js').StoreKey} key @param {Backing} [from] */
  const find = async (key, from = backing) => from.getSync(key, true) ?? (await from.get(key))

  /** @param {import('./stores/store.js').StoreKey} key @returns {import('./stores/store.js').StoreEntry | undefined} what `has` gave its word for */
  function justFound({ digest, bytes }) {
    const note = remembered.get(digest)
    const isOver = note === undefined || epochNow() - note.at >= MAX_AGE
    return isOver || !sameBytes(note.bytes, bytes) ? undefined : note.entry
  }

  return {
    name,
    async has(key) {
      const named = keyFor(key)
      if (named === undefined) return false
      const { digest, bytes } = named
      if (remembered.size >= MAX_NOTES) remembered.clear()
      const note = remembered.get(digest) ?? { bytes, entry: undefined, at: 0, holders: 0 }
      // Before the store is asked: what is set, deleted or cleared meanwhile takes it away.
      remembered.set(digest, note)
      note.holders++
      const entry = await find(named)
      if (entry !== undefined) Object.assign(note, { bytes, entry, at: epochNow() })
      const letGo = () => {
        note.holders--
        if (note.holders === 0 && remembered.get(digest) === note) remembered.delete(digest)
      }
      try {
        post(letGo)
      } catch {
        // A Worker has no timers before its first request.
        letGo()
      }
      return entry !== undefined
    },
    async get(key) {
      const named = keyFor(key)
      if (named === undefined) return undefined
      // Before the store is asked, which may take its time.
      const found = justFound(named)
      let hasFailed = false
      const asked = backingThat(error => {
        hasFailed = true
        heard(error)
      })
      const entry = await find(named, asked)
      // Else what is there no longer was deleted.
      const standsIn = hasFailed || mayHaveExpired(found)
      return (entry ?? (standsIn ? found : undefined))?.value
    },
    async set(key, value) {
      const named = keyFor(key)
      if (named === undefined) return
      remembered.delete(named.digest)
      const life = lifeOf(value, key)
      if (life > 0) backing.set(named, value, life, true)
      else backing.delete(named)
    },
    async delete(key) {
      const named = keyFor(key)
      if (named === undefined) return
      remembered.delete(named.digest)
      backing.delete(named)
    },
    async clear() {
      remembered.clear()
      backing.clear()
    },
  }
}

/** A state does not say when something does. @param {import('./stores/store.js').StoreEntry | undefined} entry */
function mayHaveExpired(entry) {
  return entry?.isPassing || remaining(entry) <= 0
}

/**
 * How long an entry of cachified's can be of any use; anything else for ever.
 * @param {any} entry `{ metadata: { createdTime, ttl, swr }, value }`, in milliseconds; null: for ever
 */
function cachifiedLife(entry) {
  const metadata =
    typeof entry === 'object' && entry !== null && 'value' in entry ? entry.metadata : undefined
  if (typeof metadata?.createdTime !== 'number') return Infinity
  const { createdTime, ttl, swr, swv } = metadata
  if (typeof ttl !== 'number') return Infinity
  const stale = swr === undefined ? swv : swr
  if (stale === null) return Infinity
  const life = createdTime + ttl + (stale ?? 0) - epochNow()
  return Number.isNaN(life) ? Infinity : life
}
