import { decode, encode } from '../../js/codec.js'
import { json1k, json10k, many, options, small } from '../lib/values.mjs'

/** The codec aims at one and a half times what JSON takes for small objects, there and back. */
const MOST = 1.5
const LARGE = 100

const count = (/** @type {object} */ value) => Object.keys(value).length
/** What came back is counted, so that nobody leaves it out; the sums have to be equal. @param {(value: any) => any} copy */
const counted = copy => () => value => count(copy(value))
const wraps = {
  'my-mimic': counted(value => decode(encode(value))),
  JSON: counted(value => JSON.parse(JSON.stringify(value))),
}

/** @param {string} name @param {unknown[]} keys @param {Record<string, number>} [targets] @returns {import('../lib/cases.mjs').Case} */
const copies = (name, keys, targets) => ({ name, keys, call: 'k', fn: count, wraps, targets })

/** @type {import('../lib/cases.mjs').Case[]} */
export const codec = [
  copies('{ id, name, opts }', many(small), { JSON: 1 / MOST }),
  copies('an options object', many(options), { JSON: 1 / MOST }),
  copies('1 KB', many(json1k, LARGE)),
  copies('10 KB', many(json10k, LARGE)),
]
