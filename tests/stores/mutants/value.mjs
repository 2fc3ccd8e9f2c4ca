import { deserialize, serialize } from 'node:v8'
import { isSame } from '../../../js/testing/store/claims.js'
import { KINDS } from '../../../js/testing/store/kinds.js'
import { deep, of, mangling, serialising } from './make.mjs'

const bytesOf = value => (value instanceof Uint8Array ? value : undefined)

/** @type {import('./make.mjs').Mutant[]} */
export const valueMutants = [
  serialising(
    'speaks JSON',
    ['undefined', 'minus zero', 'NaN', 'numbers', 'bigints', 'symbols', 'undefined properties', 'symbol keys', 'null prototypes', 'holes', 'sparse arrays', 'arrays with properties', 'Map and Set', 'dates', 'regular expressions', 'boxed primitives', 'array buffers', 'typed arrays', 'data views', 'views of one buffer', 'a view of a part', 'Buffer', 'many bytes', 'errors', 'DOMException', 'URLs and headers', 'cycles', 'shared references', 'a function is'].map(kind => `values: ${kind}`), // biome-ignore format: one line
    value => JSON.stringify(value) ?? 'null',
    text => JSON.parse(text),
  ),
  serialising('clones structurally', ['symbol keys', 'null prototypes', 'Buffer', 'URLs and headers', 'symbols', 'arrays'].slice(0, 5).map(kind => `values: ${kind}`), structuredClone, structuredClone), // biome-ignore format: one line
  serialising('serialises as v8', ['symbol keys', 'null prototypes', 'URLs and headers'].map(kind => `values: ${kind}`), serialize, deserialize), // biome-ignore format: one line
  mangling('takes null for a miss', ['values: null', 'values: arrays'], value =>
    deep(value, item => item ?? undefined),
  ),
  mangling('knows 1 and 0 only', ['values: booleans', 'values: false'], value => deep(value, item => (typeof item === 'boolean' ? Number(item) : item))), // biome-ignore format: one line
  mangling('loses a zero', ['values: zero'], value => value || undefined),
  mangling('loses the empty string', ['values: the empty string'], value =>
    value === '' ? undefined : value,
  ),
  mangling('trims', ['values: strings', 'values: the empty string'].slice(0, 1), value => deep(value, item => (typeof item === 'string' ? item.trim() : item))), // biome-ignore format: one line
  mangling('is of one byte a character', ['values: strings', 'values: lone surrogates', 'values: a long string'], value => deep(value, item => (typeof item === 'string' ? Buffer.from(item, 'latin1').toString('latin1') : item))), // biome-ignore format: one line
  mangling('is well-formed', ['values: lone surrogates'], value => deep(value, item => (typeof item === 'string' ? item.replace(/\p{Surrogate}/gu, '\uFFFD') : item))), // biome-ignore format: one line
  mangling('guesses what a text was', ['values: strings that look'], value =>
    deep(value, item => {
      try {
        return typeof item === 'string' ? JSON.parse(item) : item
      } catch {
        return item
      }
    }),
  ),
  mangling('cuts', ['values: a long string', 'values: many bytes'], value => (typeof value === 'string' ? value.slice(0, 65_536) : (bytesOf(value)?.slice(0, 65_536) ?? value))), // biome-ignore format: one line
  mangling('sorts', ['values: plain objects', 'values: objects of one shape'], value => {
    if (Array.isArray(value)) return value.map(item => (item && typeof item === 'object' ? Object.fromEntries(Object.entries(item).reverse()) : item)) // biome-ignore format: one line
    return value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).reverse()) : value
  }),
  mangling('assigns', ['values: a property __proto__'], value => {
    if (value === null || typeof value !== 'object') return value
    const copy = {}
    for (const key of Object.keys(value)) copy[key] = value[key]
    return copy
  }),
  mangling('nests 100 levels', ['values: deep nesting'], value => {
    const depth = (item, level) => (level > 100 ? null : Array.isArray(item) ? item.map(i => depth(i, level + 1)) : item?.value ? { value: depth(item.value, level + 1) } : item) // biome-ignore format: one line
    return depth(value, 0)
  }),
  of(
    'takes a false value for a miss',
    ['values: a result is an entry', 'values: false'],
    Base =>
      class extends Base {
        getSync(key) {
          const entry = super.getSync(key)
          return entry?.value ? entry : undefined
        }
      },
  ),
  of(
    'leaves what was there before a value it cannot hold',
    ['a function', 'a unique symbol', 'an instance', 'a function inside', 'a weak map'].map(
      kind => `values: ${kind}`,
    ),
    Base =>
      class extends Base {
        refuse() {}
      },
  ),
  of(
    'half keeps what it cannot hold',
    ['values: a function inside', 'values: a function is', 'after a restart the last'],
    Base =>
      class extends Base {
        pack(value) {
          try {
            return super.pack(value)
          } catch {
            return super.pack(JSON.parse(JSON.stringify(value) ?? 'null'))
          }
        }
      },
  ),
  of(
    'decodes once',
    ['values: what was returned once'],
    Base =>
      class extends Base {
        decoded = new Map()
        unpack(packed) {
          if (!this.decoded.has(packed)) this.decoded.set(packed, super.unpack(packed))
          return this.decoded.get(packed)
        }
      },
  ),
  // Of kinds that nothing above spoils in particular.
  ...['arrays', 'typed arrays'].map(kind =>
    mangling(`spoils ${kind}`, [`values: ${kind}`], value => (isSame(value, KINDS[kind]()) ? [] : value)),
  ),
]
