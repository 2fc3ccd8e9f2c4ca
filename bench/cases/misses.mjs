import { misses as wraps } from '../lib/peers.mjs'
import { KEYS, many } from '../lib/values.mjs'

/** Misses: a key never seen before, in a cache that is full. Those that cannot be bounded are not asked. */
const keys = many(i => i, KEYS)
const pair = (a, b) => `${a}|${b}`
const isMiss = true

/** @type {import('../lib/cases.mjs').Case[]} */
export const misses = [
  { name: 'miss: one number', keys, call: 'i', fn: n => n + 1, wraps, isMiss },
  { name: 'miss: one string of 17', keys, call: "'user:' + (1e11 + i)", fn: s => s.length, wraps, isMiss },
  { name: 'miss: two numbers', keys, call: 'i, k', fn: (a, b) => a + b, keyOf: pair, wraps, isMiss },
  {
    name: 'miss: small object',
    keys,
    call: "{ id: i, name: 'user', opts: { a: k, b: 'wide' } }",
    fn: object => object.id,
    keyOf: JSON.stringify,
    wraps,
    isMiss,
  },
]
