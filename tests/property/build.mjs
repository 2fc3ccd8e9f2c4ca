import { mime } from '../../js/entry/inline.js'
import { foreign } from './twin.mjs'

/**
 * Makes a value from its recipe, anew each time. What must not matter to a key (the order of an object's keys, its realm, sharing or
 * copying, where in a buffer a view stands, a signal among the properties) is drawn at random.
 */

class Point {
  #x
  constructor(x) {
    this.#x = x
  }
  get x() {
    return this.#x
  }
}
class Keyed {
  constructor(content) {
    this.content = content
    this.noise = {}
  }
  [mime.key]() {
    return this.content
  }
}
const KeyedToo = { Keyed: class extends Keyed {} }.Keyed
class Other extends Keyed {}
export const KEYED = [Keyed, KeyedToo, Other]

/** What goes by identity, and text that tells nothing apart: all of these look alike. */
const functions = [() => 1, () => 1, () => 1]
const symbols = [Symbol('s'), Symbol('s'), Symbol('s')]
const MyMap = class extends Map {}
const MyBytes = class extends Uint8Array {}
const MyError = class extends Error {}
export const IDENTITIES = [
  ...functions,
  ...symbols,
  ...[new Point(1), new Point(1), new Point(2), new MyMap(), new MyMap(), new MyBytes(1), new MyBytes(1)],
  ...[new MyError('e'), new MyError('e'), new WeakMap(), new WeakMap(), Promise.resolve(1), new Blob(['a'])],
  ...[Object.create(Map.prototype), Object.create(Map.prototype), Object.create(Error.prototype)],
  ...[globalThis, Map, Point],
]
export const SELVES = [undefined, { self: 1 }, { self: 1 }, functions[0], new Point(1)]
const REGISTERED = ['a', 'b', '', '\ud800']
const SIGNALS = [new AbortController().signal, AbortSignal.abort()]
const signal = SIGNALS[0]

export const BYTE_KINDS = ['ArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray']
  .concat(['Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array'])
  .concat(['BigInt64Array', 'BigUint64Array', 'Buffer'])
  .concat(globalThis.Float16Array ? ['Float16Array'] : [])

function bytesOf({ kind, bytes }, random) {
  const at = 8 * random.int(3)
  const buffer = new ArrayBuffer(at + bytes.length + random.int(3))
  new Uint8Array(buffer, at).set(bytes)
  if (kind === 'ArrayBuffer') return buffer.slice(at, at + bytes.length)
  if (kind === 'DataView') return new DataView(buffer, at, bytes.length)
  if (kind === 'Buffer') return Buffer.from(buffer, at, bytes.length)
  const Class = globalThis[kind]
  return new Class(buffer, at, Math.floor(bytes.length / Class.BYTES_PER_ELEMENT))
}

const TEXTS = {
  URL: text => new URL(`https://a.example/${text}`),
  URLSearchParams: text => new URLSearchParams(`https://a.example/${text}`),
  Headers: text => new Headers({ a: `https://a.example/${text}` }),
  Instant: () => globalThis.Temporal.Instant.from('2024-02-29T12:00:00Z'),
  PlainDateTime: text => globalThis.Temporal.PlainDateTime.from(`2024-02-2${text.length % 9}T12:00:00`),
  PlainDate: text => globalThis.Temporal.PlainDate.from(`2024-02-2${text.length % 9}`),
  PlainTime: () => globalThis.Temporal.PlainTime.from('12:00'),
  Duration: text => globalThis.Temporal.Duration.from({ minutes: text.length }),
}
export const TEXT_KINDS = Object.keys(TEXTS).slice(0, globalThis.Temporal ? undefined : 3)

const propertyName = key => (typeof key === 'string' ? key : (IDENTITIES[key.unique] ?? Symbol.for(key.name)))

/** Adds properties in any order; a signal among them does not count. */
function properties(target, pairs, up, random) {
  if (pairs === undefined) return
  const list = pairs.length > 1 && random.oneIn(2) ? random.shuffled(pairs) : pairs
  for (const [key, recipe] of list) {
    const value = make(recipe, up, random)
    const name = propertyName(key)
    if (name === '__proto__') {
      Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
    } else target[name] = value
  }
  if (random.oneIn(40)) target.leaveMeOut = signal
}

function arrayOf({ items, extra, short }, up, random) {
  const array = random.oneIn(8) ? new foreign.Array() : []
  const inside = [...up, array]
  array.length = items.length + (short ?? 0)
  items.forEach((item, i) => {
    if (item.k !== 'hole') array[i] = make(item, inside, random)
  })
  properties(array, extra, inside, random)
  return array
}

function errorOf({ name, message, cause, errors, extra }, up, random) {
  const error = name === 'AggregateError' ? new AggregateError([]) : new globalThis[name]()
  const inside = [...up, error]
  const hidden = (key, value) =>
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false })
  if (message !== undefined) hidden('message', message)
  if (cause) hidden('cause', make(cause, inside, random))
  if (errors) hidden('errors', make(errors, inside, random))
  properties(error, extra, inside, random)
  return error
}

function withExtra(object, recipe, up, random) {
  if (recipe.extra) properties(object, recipe.extra, [...up, object], random)
  return object
}

const plain = random => {
  const which = random.int(16)
  return which === 0 ? Object.create(null) : which === 1 ? new foreign.Object() : {}
}

const MAKERS = {
  value: recipe => recipe.value,
  hole: () => undefined,
  registered: recipe => Symbol.for(REGISTERED[recipe.i] ?? 'a'),
  identity: recipe => IDENTITIES[recipe.i],
  signal: recipe => SIGNALS[recipe.i],
  up: (recipe, up) => up[up.length - 1 - recipe.n] ?? null,
  object(recipe, up, random) {
    const object = plain(random)
    properties(object, recipe.pairs, [...up, object], random)
    return object
  },
  array: arrayOf,
  /** The same thing twice: one shared, or two alike. */
  twice(recipe, up, random) {
    const array = []
    const inside = [...up, array]
    const first = make(recipe.of, inside, random)
    array.push(first, random.oneIn(2) ? first : make(recipe.of, inside, random))
    return array
  },
  /** A chain of containers, `n` of them. */
  deep(recipe, up, random) {
    const outer = []
    const inside = [...up, outer]
    let inner = outer
    for (let i = 1; i < recipe.n; i++) {
      const next = i % 3 === 2 ? {} : []
      if (Array.isArray(inner)) inner.push(next)
      else inner.a = next
      inside.push(next)
      inner = next
    }
    const end = make(recipe.of, inside, random)
    if (Array.isArray(inner)) inner.push(end, recipe.n)
    else inner.a = end
    return outer
  },
  map(recipe, up, random) {
    const map = random.oneIn(8) ? new foreign.Map() : new Map()
    const inside = [...up, map]
    for (const [key, value] of recipe.entries) map.set(make(key, inside, random), make(value, inside, random))
    return withExtra(map, recipe, up, random)
  },
  set(recipe, up, random) {
    const set = random.oneIn(8) ? new foreign.Set() : new Set()
    for (const item of recipe.items) set.add(make(item, [...up, set], random))
    return withExtra(set, recipe, up, random)
  },
  date: (recipe, up, random) => withExtra(new Date(recipe.time), recipe, up, random),
  regexp: (recipe, up, random) => withExtra(new RegExp(recipe.source, recipe.flags), recipe, up, random),
  boxed: (recipe, up, random) => withExtra(Object(recipe.value), recipe, up, random),
  bytes: (recipe, _, random) => bytesOf(recipe, random),
  text: (recipe, up, random) => withExtra(TEXTS[recipe.kind](recipe.text), recipe, up, random),
  error: errorOf,
  keyed(recipe, up, random) {
    const instance = new KEYED[recipe.type](undefined)
    const content = make(recipe.content, [...up, instance], random)
    // Whoever counts as himself counts by identity, which no other can be like.
    instance.content = content === instance ? Symbol.for('itself') : content
    return instance
  },
}

function make(recipe, up, random) {
  return MAKERS[recipe.k](recipe, up, random)
}

/** The `this` and the arguments of a call. */
export function build(call, random) {
  const args = call.args.map(recipe => make(recipe, [], random))
  if (random.oneIn(64)) args.push(signal)
  return { self: SELVES[call.self], args }
}
