/**
 * How each package is asked whether two calls are the same call. A `wrap` gets a function and returns the memoized one; a `hash` gets the
 * arguments and returns what should be equal for equal ones. Packages are loaded only in the process that asks them.
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} package
 * @property {() => Promise<{ wrap?: (fn: Function) => Function, hash?: (args: unknown[]) => unknown }>} load
 */

/** @type {Peer[]} */
export const peers = [
  {
    name: 'my-mimic',
    package: 'my-mimic',
    load: async () => {
      const { mime } = await import('../../js/entry/inline.js')
      return { wrap: fn => mime(fn) }
    },
  },
  {
    name: 'micro-memoize',
    package: 'micro-memoize',
    load: async () => {
      const { memoize } = await import('micro-memoize')
      return { wrap: fn => memoize(fn, { maxSize: 10 }) }
    },
  },
  {
    name: "micro-memoize, isKeyItemEqual: 'deep'",
    package: 'micro-memoize',
    load: async () => {
      const { memoize } = await import('micro-memoize')
      return { wrap: fn => memoize(fn, { maxSize: 10, isKeyItemEqual: 'deep' }) }
    },
  },
  {
    name: 'moize, isDeepEqual',
    package: 'moize',
    load: async () => {
      const { default: moize } = await import('moize')
      return { wrap: fn => moize(fn, { maxSize: 10, isDeepEqual: true }) }
    },
  },
  {
    name: 'memoize, cacheKey: JSON.stringify',
    package: 'memoize',
    load: async () => {
      const { default: memoize } = await import('memoize')
      return { wrap: fn => memoize(fn, { cacheKey: JSON.stringify }) }
    },
  },
  {
    // Without `length: false` it would look at no argument of a function with rest parameters.
    name: 'memoizee, length: false',
    package: 'memoizee',
    load: async () => {
      const { default: memoizee } = await import('memoizee')
      return { wrap: fn => memoizee(fn, { length: false }) }
    },
  },
  {
    name: 'memoizee, length: false, primitive: true',
    package: 'memoizee',
    load: async () => {
      const { default: memoizee } = await import('memoizee')
      return { wrap: fn => memoizee(fn, { length: false, primitive: true }) }
    },
  },
  {
    name: 'fast-memoize',
    package: 'fast-memoize',
    load: async () => {
      const { default: memoize } = await import('fast-memoize')
      return { wrap: fn => memoize(fn) }
    },
  },
  {
    name: 'nano-memoize',
    package: 'nano-memoize',
    load: async () => {
      const { default: nano } = await import('nano-memoize')
      const memoize = nano.nanomemoize ?? nano
      return { wrap: fn => memoize(fn) }
    },
  },
  {
    // A defined function takes one argument; the others are dropped.
    name: 'async-cache-dedupe',
    package: 'async-cache-dedupe',
    load: async () => {
      const { createCache } = await import('async-cache-dedupe')
      return {
        wrap: fn => {
          const cache = createCache({ ttl: 3600, storage: { type: 'memory' } })
          cache.define('f', async (...args) => fn(...args))
          return (...args) => cache.f(...args)
        },
      }
    },
  },
  {
    name: 'cacheable, CacheableMemory.wrap',
    package: 'cacheable',
    load: async () => {
      const { CacheableMemory } = await import('cacheable')
      return {
        wrap: fn =>
          new CacheableMemory({ checkInterval: 0 }).wrap(fn, {
            ttl: '1h',
            keyPrefix: 'f',
            throwErrors: true,
          }),
      }
    },
  },
  {
    name: 'object-hash',
    package: 'object-hash',
    load: async () => {
      const { default: hash } = await import('object-hash')
      return { hash: args => hash(args) }
    },
  },
  {
    name: 'ohash',
    package: 'ohash',
    load: async () => {
      const { hash } = await import('ohash')
      return { hash: args => hash(args) }
    },
  },
]
