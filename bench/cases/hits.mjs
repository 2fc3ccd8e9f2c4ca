import * as peers from '../lib/peers.mjs'
import { fraction, id, many, name17, small } from '../lib/values.mjs'

/** Hits over a thousand keys. "Fresh" keys are built for every call, as they are when a request comes in; the building is in the time of all. */
const pair = (a, b) => `${a}|${b}`
const sumOf = (a, b) => Math.floor(a + b)
const PAIR = 'k[0], k[1]'

/** @type {import('../lib/cases.mjs').Case[]} */
export const hits = [
  { name: 'hit: one number', keys: many(id), call: 'k', fn: n => n + 1, wraps: peers.primitiveHits },
  {
    name: 'hit: one string of 17',
    keys: many(name17),
    call: 'k',
    fn: s => s.length,
    wraps: peers.primitiveHits,
  },
  {
    name: 'hit: one string of 17, fresh',
    keys: many(i => name17(i).slice(5)),
    call: "'user:' + k",
    fn: s => s.length,
    wraps: peers.primitiveHits,
  },
  {
    name: 'hit: two numbers',
    keys: many(i => [id(i), id(i + 1)]),
    call: PAIR,
    fn: sumOf,
    keyOf: pair,
    wraps: peers.primitiveHits,
  },
  {
    name: 'hit: two fractions',
    keys: many(i => [fraction(i), fraction(i + 1)]),
    call: PAIR,
    fn: sumOf,
    keyOf: pair,
    wraps: peers.primitiveHits,
  },
  {
    name: 'hit: number and string',
    keys: many(i => [id(i), `user ${i % 10}`]),
    call: PAIR,
    fn: n => n,
    keyOf: pair,
    wraps: peers.primitiveHits,
  },
  {
    name: 'hit: two strings',
    keys: many(i => [name17(i), `user ${i % 10}`]),
    call: PAIR,
    fn: (a, b) => a.length + b.length,
    keyOf: pair,
    wraps: peers.primitiveHits,
  },
  {
    name: 'hit: small object',
    keys: many(small),
    call: 'k',
    fn: object => object.id,
    keyOf: JSON.stringify,
    wraps: peers.objectHits,
  },
  {
    name: 'hit: small object, fresh',
    keys: many(small),
    call: '{ id: k.id, name: k.name, opts: { a: k.opts.a, b: k.opts.b } }',
    fn: object => object.id,
    keyOf: JSON.stringify,
    wraps: peers.objectHits,
  },
  { name: 'hit with ttl: one number', keys: many(id), call: 'k', fn: n => n + 1, wraps: peers.ttlHits },
  {
    name: 'hit with ttl: one string of 17',
    keys: many(name17),
    call: 'k',
    fn: s => s.length,
    wraps: peers.ttlHits,
  },
  {
    name: 'async hit, awaited: one number',
    keys: many(id),
    call: 'k',
    fn: async n => n + 1,
    isAsync: true,
    wraps: peers.asyncHits,
  },
  {
    name: 'async hit, awaited: one string of 17',
    keys: many(name17),
    call: 'k',
    fn: async s => s.length,
    isAsync: true,
    wraps: peers.asyncHits,
  },
]
