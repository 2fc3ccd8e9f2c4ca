import { Backing } from './backing.js'
import { epochNow, monotonicNow } from './clock.js'
import { BUFFER_CELLS, start } from './core.js'
import { invalidOption, MimicTypeError, show } from './errors.js'
import { walked, writeCall } from './key.js'
import { NONE } from './key/nesting.js'
import { parseTtl } from './options.js'
import { sameBytes } from './stores/store.js'

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
  const unknown = Object.keys(options).find(option => !OPTIONS.includes(option))
  if (unknown !== undefined) {
    throw new MimicTypeError(
      'ERR_UNKNOWN_OPTION',
      `toMapLike has no option ${unknown}; it has ${OPTIONS.join(', ')}`,
    )
  }
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

/** What `has` found is what `get` returns, for so many milliseconds: between the two it must not expire. */
const REMEMBERED = 1000
const MAX_REMEMBERED = 100

/** @param {import('./stores/store.js').Store} store @param {MapLikeOptions} options @returns {MapLike} */
function ofStore(store, { name = 'map', ttl, storeTimeout = '1s', onError = () => {} }) {
  if (typeof name !== 'string' || name === '' || name.includes('\0')) {
    throw invalidOption('name', name, 'a string that is not empty and has no NUL character')
  }
  if (typeof onError !== 'function') throw invalidOption('onError', onError, 'a function')
  const fixed = typeof ttl === 'function' ? undefined : parseTtl(ttl)
  const ttlOf = typeof ttl === 'function' ? ttl : undefined
  start()
  // No function has this version.
  const backing = new Backing(store, `${name}\0map`, parseTtl(storeTimeout, 'storeTimeout'), heard)
  /** @type {Map<string, { bytes: Uint8Array, entry: import('./stores/store.js').StoreEntry | undefined, at: number }>} */
  const remembered = new Map()

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

  /** @param {import('./stores/store.js').StoreKey} key */
  const find = async key => backing.getSync(key, true) ?? (await backing.get(key))

  return {
    name,
    async has(key) {
      const named = keyFor(key)
      if (named === undefined) return false
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      /** @type {ReturnType<typeof remembered.get> & {}} */
      const note = { bytes: named.bytes, entry: undefined, at: 0 }
      // Before the store is asked: what is set, deleted or cleared meanwhile takes it away.
      remembered.set(named.digest, note)
      note.entry = await find(named)
      note.at = monotonicNow()
      return note.entry !== undefined
    },
    async get(key) {
      const named = keyFor(key)
      if (named === undefined) return undefined
      const known = remembered.get(named.digest)
      remembered.delete(named.digest)
      const isFresh = known?.entry !== undefined && monotonicNow() - known.at < REMEMBERED
      const entry = isFresh && sameBytes(known.bytes, named.bytes) ? known.entry : await find(named)
      return entry?.value
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
