import { createMime } from '../../../js/entry/inline.js'
import { ttlOf, UNIT } from './options.mjs'

/** The options of the same names. With a clock of its own the tests need not wait. */

const CAN = [
  ...['sync', 'noStore', 'max', 'clone', 'freeze', 'tags', 'tagPrefix', 'signal', 'onError'],
  ...['ttl', 'ttlOf', 'jitter', 'refreshAhead', 'swr', 'staleWindow', 'staleIfError', 'timeout'],
  ...['invalidate', 'clear', 'set', 'refresh'],
]

/** So eager that the draw which decides about a refresh does not matter. */
const EAGER = 1e6

/** @param {{ clock?: { time: number, now(): number }, unit?: number }} [given] @returns {import('../run.mjs').Loaded} */
export function load({ clock, unit = UNIT } = {}) {
  const mime = createMime(clock && { clock })
  const duration = units => (units === undefined ? undefined : `${units * unit}ms`)

  /** @param {Function} fn @param {import('./options.mjs').Asked} [asked] */
  function wrap(fn, asked = {}) {
    const { max, noStore, clone, freeze, jitter, tags } = asked
    const ttl = ttlOf(asked, unit)
    const options = {
      ttl: asked.ttlOf ? value => duration(asked.ttlOf(value)) : ttl && `${ttl}ms`,
      ...(noStore && { ttl: 0 }),
      maxEntries: max,
      clone,
      freeze,
      jitter,
      tags,
      refreshAhead: asked.refreshAhead && EAGER,
      staleWhileRevalidate: duration(asked.stale),
      staleIfError: duration(asked.staleIfError),
      timeout: duration(asked.timeout),
    }
    // Only what is asked for, so that a feature that is not there fails its own scenarios alone.
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
    const f = mime(fn, given)
    if (asked.onError) f.on('error', ({ error }) => asked.onError(error))
    return {
      f,
      invalidate: (...args) => f.invalidate(...args),
      clear: () => f.clear(),
      set: (args, value) => f.set(args, value),
      refresh: (...args) => f.refresh(...args),
    }
  }
  return {
    can: new Set(CAN),
    unit,
    clock,
    wrap,
    invalidateTags: (...tags) => mime.invalidateTags(...tags),
  }
}
