import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { LRUCache } from 'lru-cache'
import memoizeOne from 'memoize'
import { memoize as microMemoize } from 'micro-memoize'
import pMemoize from 'p-memoize'
import { mime } from './mimic.mjs'

/**
 * The contenders: each wraps a function of the same arguments. `keyOf` is the obvious key for a Map.
 * @typedef {(fn: (...args: any[]) => any, keyOf: (...args: any[]) => any) => (...args: any[]) => any} Wrap
 */

/** A Map by hand, as one would write it in an application. @type {Wrap} */
export const map = (fn, keyOf) => {
  const cache = new Map()
  return (a, b) => {
    const key = keyOf(a, b)
    let value = cache.get(key)
    if (value === undefined) {
      value = fn(a, b)
      cache.set(key, value)
    }
    return value
  }
}

/** @param {number} capacity @returns {Wrap} the oldest entry makes place, the simplest bound there is */
const mapOf = capacity => (fn, keyOf) => {
  const cache = new Map()
  return (a, b) => {
    const key = keyOf(a, b)
    let value = cache.get(key)
    if (value === undefined) {
      value = fn(a, b)
      if (cache.size >= capacity) cache.delete(cache.keys().next().value)
      cache.set(key, value)
    }
    return value
  }
}

/** @param {number} ttl milliseconds @returns {Wrap} */
const mapWithTtl = ttl => (fn, keyOf) => {
  const cache = new Map()
  return (a, b) => {
    const key = keyOf(a, b)
    const now = performance.now()
    let entry = cache.get(key)
    if (entry === undefined || now >= entry.deadline) {
      entry = { value: fn(a, b), deadline: now + ttl }
      cache.set(key, entry)
    }
    return entry.value
  }
}

/** @param {LRUCache.Options<any, any, any>} options @returns {Wrap} */
const lru = options => (fn, keyOf) => {
  const cache = new LRUCache(options)
  return (a, b) => {
    const key = keyOf(a, b)
    let value = cache.get(key)
    if (value === undefined) {
      value = fn(a, b)
      cache.set(key, value)
    }
    return value
  }
}

const CAPACITY = 10_000
const MINUTE = 60_000

/** @type {Record<string, Wrap>} */
const hits = {
  'my-mimic': fn => mime(fn),
  Map: map,
  'lru-cache': lru({ max: CAPACITY }),
  memoize: (fn, keyOf) => memoizeOne(fn, { cacheKey: args => keyOf(args[0], args[1]) }),
}

/** It looks for a key from one entry to the next, so a thousand are far from what it is made for. @type {Wrap} */
const micro = fn => microMemoize(fn, { maxSize: 1000 })
/** @type {Wrap} */
const microDeep = fn => microMemoize(fn, { maxSize: 1000, isKeyItemEqual: 'deep' })

/** @type {Record<string, Wrap>} */
export const primitiveHits = { ...hits, 'micro-memoize': micro }
/** @type {Record<string, Wrap>} */
export const objectHits = { ...hits, 'micro-memoize, deep': microDeep }

/** In memory, with the values as they are: its fastest. @type {Wrap} */
const bento = (fn, keyOf) => {
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: CAPACITY, serialize: false }))
  const cache = new BentoCache({ default: 'memory', stores: { memory } })
  return (a, b) => cache.getOrSet({ key: `${keyOf(a, b)}`, factory: () => fn(a, b) })
}

/** @type {Record<string, Wrap>} */
export const asyncHits = {
  'my-mimic': fn => mime(fn),
  'Map of promises': map,
  'lru-cache of promises': lru({ max: CAPACITY }),
  'p-memoize': (fn, keyOf) => pMemoize(fn, { cacheKey: args => keyOf(args[0], args[1]) }),
  'micro-memoize': fn => microMemoize(fn, { maxSize: 1000, async: true }),
  bentocache: bento,
}

/** @type {Record<string, Wrap>} */
export const ttlHits = {
  'my-mimic': fn => mime(fn, '1m'),
  'Map and performance.now()': mapWithTtl(MINUTE),
  'lru-cache': lru({ max: CAPACITY, ttl: MINUTE }),
  'lru-cache, ttlResolution: 0': lru({ max: CAPACITY, ttl: MINUTE, ttlResolution: 0 }),
  memoize: (fn, keyOf) => memoizeOne(fn, { cacheKey: args => keyOf(args[0], args[1]), maxAge: MINUTE }),
  'micro-memoize': fn => microMemoize(fn, { maxSize: 1000, expires: MINUTE }),
}

/** Every cache is full, and holds a thousand. @type {Record<string, Wrap>} */
export const misses = {
  'my-mimic': fn => mime(fn, { maxEntries: 1000 }),
  Map: mapOf(1000),
  'lru-cache': lru({ max: 1000 }),
}
