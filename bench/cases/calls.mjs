import { asyncHits, misses } from '../lib/peers.mjs'
import { id, KEYS, many, name17, small } from '../lib/values.mjs'

/** What calls cost beside the packages that do the same for promises, and what they aim at. */

const targets = { 'p-memoize': 2, bentocache: 10 }

/** @type {import('../lib/cases.mjs').Case[]} */
export const calls = [
  {
    name: 'async hit, awaited: one number',
    keys: many(id),
    call: 'k',
    fn: async n => n + 1,
    isAsync: true,
    wraps: asyncHits,
    targets,
  },
  {
    name: 'async hit, awaited: one string of 17',
    keys: many(name17),
    call: 'k',
    fn: async s => s.length,
    isAsync: true,
    wraps: asyncHits,
    targets,
  },
  {
    name: 'async hit, awaited: small object',
    keys: many(small),
    call: 'k',
    fn: async object => object.id,
    keyOf: JSON.stringify,
    isAsync: true,
    wraps: asyncHits,
    targets,
  },
  {
    name: 'sync miss: one number',
    keys: many(i => i, KEYS),
    call: 'i',
    fn: n => n + 1,
    isMiss: true,
    wraps: { 'my-mimic': misses['my-mimic'], 'the function itself': fn => fn },
  },
  {
    name: 'sync miss: small object',
    keys: many(i => i, KEYS),
    call: "{ id: i, name: 'user', opts: { a: k, b: 'wide' } }",
    fn: object => object.id,
    isMiss: true,
    wraps: { 'my-mimic': misses['my-mimic'], 'the function itself': fn => fn },
  },
]
