import memoizee from 'memoizee'
import { ttlOf, UNIT } from './options.mjs'

/**
 * `promise: true` as its readme says for functions that return promises, `length: false` so that every argument counts, and the normalizer
 * that the readme gives for arguments by content. `preFetch` is its refresh ahead of expiry.
 */

const CAN = ['sync', 'ttl', 'max', 'refreshAhead', 'invalidate', 'clear']

/** @returns {import('../run.mjs').Loaded} */
export function load() {
  /** @param {any} fn @param {import('./options.mjs').Asked} [asked] */
  function wrap(fn, asked = {}) {
    const f = memoizee(fn, {
      length: false,
      normalizer: args => JSON.stringify([...args]),
      promise: !asked.sync,
      maxAge: ttlOf(asked, UNIT),
      max: asked.max,
      preFetch: asked.refreshAhead,
    })
    return { f, invalidate: (...args) => f.delete(...args), clear: () => f.clear() }
  }
  return { can: new Set(CAN), unit: UNIT, wrap }
}
