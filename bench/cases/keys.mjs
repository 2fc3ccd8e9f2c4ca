import objectHash from 'object-hash'
import { hash as ohash } from 'ohash'
import { asked, crossed, digested } from '../lib/floors.mjs'
import { hash, mime } from '../lib/mimic.mjs'
import { map } from '../lib/peers.mjs'
import { fraction, id, json1k, json10k, many, name17, numbers, options, small } from '../lib/values.mjs'

/** The aims of the key: the way of a hit beside a Map with the obvious key, and the public hash beside object-hash and ohash. */
const LARGE = 100
const pair = (a, b) => `${a}|${b}`
const PAIR = 'k[0], k[1]'
const SMALL = '{ id: k.id, name: k.name, opts: { a: k.opts.a, b: k.opts.b } }'
const concatenated = { 'my-mimic': fn => mime(fn), 'Map, a|b': map, floor: crossed }
const stringified = { 'my-mimic': fn => mime(fn), 'Map, JSON.stringify': map, floor: asked }

/** @param {string} name @param {unknown[]} keys @param {number} [target] @returns {import('../lib/cases.mjs').Case} */
function primitives(name, keys, target) {
  const targets = target === undefined ? undefined : { 'Map, a|b': target }
  return {
    name: `two primitives: ${name}`,
    keys,
    call: PAIR,
    fn: a => Number(a) | 0,
    keyOf: pair,
    wraps: concatenated,
    targets,
  }
}

/** @param {string} name @param {unknown[]} keys @param {string} call @param {number} [target] @returns {import('../lib/cases.mjs').Case} */
function objects(name, keys, call, target) {
  const targets = target === undefined ? undefined : { 'Map, JSON.stringify': target }
  return {
    name,
    keys,
    call,
    fn: value => Object.keys(value).length,
    keyOf: JSON.stringify,
    wraps: stringified,
    targets,
  }
}

/** Hashes as functions of their own; the sum is over what they all have: text. @param {string} name @param {unknown[]} keys @param {number} cells of such a key @returns {import('../lib/cases.mjs').Case} */
function hashes(name, keys, cells, targets) {
  const count = by => () => value => (by(value).length > 0 ? 1 : 0)
  const wraps = { 'object-hash': count(objectHash), ohash: count(ohash), floor: digested(cells) }
  return {
    name: `hash(): ${name}`,
    keys,
    call: 'k',
    fn: () => 1,
    wraps: hash === undefined ? wraps : { 'my-mimic': count(hash), ...wraps },
    targets: hash === undefined ? undefined : targets,
  }
}

/** @type {import('../lib/cases.mjs').Case[]} */
export const keys = [
  primitives(
    'digits',
    many(i => [i % 10, i]),
    2,
  ),
  primitives(
    'numbers of several digits',
    many(i => [id(i), id(i + 1)]),
    2,
  ),
  primitives(
    'fractions',
    many(i => [fraction(i), fraction(i + 1)]),
    2,
  ),
  primitives(
    'number and boolean',
    many(i => [id(i), i % 2 === 0]),
    2,
  ),
  primitives(
    'number and string',
    many(i => [id(i), `user ${i % 10}`]),
  ),
  primitives(
    'two strings',
    many(i => [name17(i), `user ${i % 10}`]),
  ),
  objects('small object', many(small), 'k', 1.5),
  objects('small object, fresh', many(small), SMALL, 1.5),
  objects('options of 6 keys and a filter', many(options), 'k'),
  objects('1 KB of nested JSON', many(json1k), 'k'),
  objects('10 KB of nested JSON', many(json10k, LARGE), 'k', 1),
  objects('100 numbers', many(numbers), 'k'),
  hashes('small object', many(small), 19, { 'object-hash': 10, ohash: 4 }),
  hashes('1 KB of nested JSON', many(json1k), 251),
]
export const hasHash = hash !== undefined
