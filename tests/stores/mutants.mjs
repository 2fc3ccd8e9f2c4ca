import { deserialize, serialize } from 'node:v8'
import { KINDS } from '../../js/testing/store/kinds.js'
import { isSame } from '../../js/testing/store/claims.js'
import { Naive } from './naive.mjs'
import { Reference } from './reference.mjs'

/**
 * Stores with one fault each, and the checks that have to refuse them: by the beginnings of their names.
 * @typedef {object} Mutant
 * @property {string} name
 * @property {(rows: Map<string, any>, wrap: (backend: any) => any) => any} open
 * @property {string[]} refusedBy
 * @property {boolean} [sync]
 * @property {boolean} [tags]
 */

/** Every value, wherever it stands. */
function deep(value, change) {
  if (Array.isArray(value)) return value.map(item => deep(item, change))
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item, change)]))
  }
  return change(value)
}

/** @param {string} name @param {string[]} refusedBy @param {(Base: typeof Reference) => any} make */
const of = (name, refusedBy, make) => {
  const Mutant = make(Reference)
  return { name, refusedBy, open: rows => new Mutant(rows) }
}

/** @param {string} name @param {string[]} refusedBy @param {(value: any) => any} change what values come back as */
const mangling = (name, refusedBy, change) =>
  of(name, refusedBy, Base => class extends Base {
    unpack(packed) {
      return change(super.unpack(packed))
    }
  }) // biome-ignore format: one line

/** @param {string} name @param {string[]} refusedBy @param {(value: any) => any} to @param {(packed: any) => any} from */
const serialising = (name, refusedBy, to, from) =>
  of(name, refusedBy, Base => class extends Base {
    pack = to
    unpack = from
  }) // biome-ignore format: one line

/** @param {string} name @param {string[]} refusedBy @param {(Base: typeof Naive) => any} make */
const naive = (name, refusedBy, make) => {
  const Mutant = make(Naive)
  return { name, refusedBy, sync: false, tags: false, open: (rows, wrap) => new Mutant(rows, wrap) }
}

/** @type {Mutant[]} */
export const contractMutants = [
  of(
    'has no stats',
    ['has the methods'],
    Base =>
      class extends Base {
        stats = undefined
      },
  ),
  of(
    'is never ready',
    ['has the methods'],
    Base =>
      class extends Base {
        ready = undefined
      },
  ),
  of(
    'cannot be read at once, though it says so',
    ['has the methods'],
    Base =>
      class extends Base {
        getSync = undefined
      },
  ),
  of(
    'counts nothing',
    ['stats are numbers'],
    Base =>
      class extends Base {
        stats = () => ({ hits: 0, misses: 0, sets: 0 })
      },
  ),
  of(
    'counts in texts',
    ['stats are numbers'],
    Base =>
      class extends Base {
        stats = () => ({ ...this.counters, size: '5' })
      },
  ),
  of(
    'lets a listener break it',
    ['on() gives'],
    Base =>
      class extends Base {
        emit(name, event) {
          for (const listener of this.listeners.get(name) ?? []) listener(event)
        }
      },
  ),
  of(
    'never forgets a listener',
    ['on() gives'],
    Base =>
      class extends Base {
        on(name, listener) {
          super.on(name, listener)
          return () => {}
        }
      },
  ),
  of(
    'says null for a miss',
    ['what was never set'],
    Base =>
      class extends Base {
        getSync = key => super.getSync(key) ?? null
      },
  ),
  of(
    'shows a value only when it is flushed',
    ['what is set is there at once'],
    Base =>
      class extends Base {
        waiting = []
        set(key, entry) {
          this.waiting.push([key, entry])
        }
        async flush() {
          for (const [key, entry] of this.waiting.splice(0)) super.set(key, entry)
        }
      },
  ),
  of(
    'can be read once',
    ['what is set is there at once', 'many readers'],
    Base =>
      class extends Base {
        getSync(key) {
          const entry = super.getSync(key)
          this.delete(key)
          return entry
        }
      },
  ),
  of(
    'forgets when something was stored',
    ['an entry comes back', 'after a restart everything'],
    Base =>
      class extends Base {
        entryOf = row => ({ ...super.entryOf(row), storedAt: 0 })
      },
  ),
  of(
    'forgets that it was a promise',
    ['an entry comes back', 'after a restart everything'],
    Base =>
      class extends Base {
        entryOf = row => ({ ...super.entryOf(row), isAsync: false })
      },
  ),
  of(
    'hands out its own rows',
    ['the entry is'],
    Base =>
      class extends Base {
        entryOf(row) {
          row.value ??= super.entryOf(row).value
          return row
        }
      },
  ),
  of(
    'keeps the first value',
    ['of two values', 'sets, deletes'],
    Base =>
      class extends Base {
        set(key, entry) {
          if (!this.rows.has(this.idOf(key))) super.set(key, entry)
        }
      },
  ),
  of(
    'deletes only what is old',
    ['what is deleted'],
    Base =>
      class extends Base {
        fresh = new Set()
        set(key, entry) {
          super.set(key, entry)
          this.fresh.add(this.idOf(key))
        }
        delete(key) {
          if (!this.fresh.has(this.idOf(key))) super.delete(key)
        }
        async flush() {
          this.fresh.clear()
        }
      },
  ),
  of(
    'throws at deleting nothing',
    ['what is deleted'],
    Base =>
      class extends Base {
        delete(key) {
          if (!this.rows.has(this.idOf(key))) throw new Error('nothing to delete')
          super.delete(key)
        }
      },
  ),
  of(
    'clears everything',
    ['clear() takes', 'namespaces are apart'],
    Base =>
      class extends Base {
        clear() {
          this.rows.clear()
        }
      },
  ),
  of(
    'clears nothing',
    ['clear() takes', 'invalidate() and clear()', 'sets, deletes'],
    Base =>
      class extends Base {
        clear() {}
      },
  ),
  of(
    'clears for ever',
    ['clear() takes', 'after a restart what was set after clear()'],
    Base =>
      class extends Base {
        cleared = new Set()
        clear(namespace) {
          super.clear(namespace)
          this.cleared.add(namespace)
        }
        set(key, entry) {
          if (!this.cleared.has(key.namespace)) super.set(key, entry)
        }
      },
  ),
  of(
    'never ends flushing',
    ['flush() and close()'],
    Base =>
      class extends Base {
        flush = () => new Promise(() => {})
      },
  ),
  of(
    'is closed once only',
    ['flush() and close()'],
    Base =>
      class extends Base {
        async close() {
          if (this.closed) throw new Error('closed already')
          this.closed = true
        }
      },
  ),
  of(
    'throws when it is closed',
    ['a store that is closed'],
    Base =>
      class extends Base {
        async close() {
          this.closed = true
        }
        set(key, entry) {
          if (this.closed) throw new Error('closed')
          super.set(key, entry)
        }
      },
  ),
]

/** @type {Mutant[]} */
export const keyMutants = [
  of(
    'trusts the digest',
    ['the digest selects', 'after a restart everything'],
    Base =>
      class extends Base {
        isOwn = () => true
      },
  ),
  of(
    'compares the lengths of keys only',
    ['the digest selects'],
    Base =>
      class extends Base {
        isOwn = (row, key) => row.bytes.length === key.bytes.length
      },
  ),
  of(
    'compares beginnings of keys only',
    ['the digest selects'],
    Base =>
      class extends Base {
        isOwn = (row, { bytes }) => row.bytes.every((byte, i) => i >= bytes.length || byte === bytes[i])
      },
  ),
  of(
    'keeps the key’s buffer',
    ['the key’s bytes are copied'],
    Base =>
      class extends Base {
        copy = bytes => bytes
      },
  ),
  of(
    'reads digests as numbers',
    ['keys of any digest'],
    Base =>
      class extends Base {
        idOf = ({ digest, namespace }) => `${Number(`0x${digest}`)}${namespace}`
      },
  ),
  of(
    'cannot hold long keys',
    ['keys of any digest'],
    Base =>
      class extends Base {
        set(key, entry) {
          if (key.bytes.length < 10_000) super.set(key, entry)
        }
      },
  ),
  of(
    'has no namespaces',
    ['namespaces are apart', 'clear() takes'],
    Base =>
      class extends Base {
        idOf = ({ digest }) => digest
      },
  ),
  of(
    'has namespaces of any case',
    ['namespaces are apart'],
    Base =>
      class extends Base {
        idOf = ({ digest, namespace }) => digest + namespace.toLowerCase()
      },
  ),
  of(
    'clears by the beginnings of names',
    ['namespaces are apart'],
    Base =>
      class extends Base {
        isIn = (row, namespace) => row.namespace.startsWith(namespace.slice(0, namespace.indexOf('\0')))
      },
  ),
  of(
    'normalises names',
    ['namespaces are apart'],
    Base =>
      class extends Base {
        idOf = ({ digest, namespace }) => digest + namespace.normalize('NFC')
      },
  ),
]

/** @type {Mutant[]} */
export const timeMutants = [
  of(
    'never expires',
    ['expired is', 'after a restart the last', 'what is set expired'],
    Base =>
      class extends Base {
        isLive = () => true
      },
  ),
  of(
    'loses deadlines',
    ['a ttl counts', 'an entry comes back'],
    Base =>
      class extends Base {
        isLive = () => true
        entryOf(row) {
          return { ...super.entryOf(row), deadline: Infinity, ttl: Infinity }
        }
      },
  ),
  of(
    'expires a millisecond late',
    ['expired is'],
    Base =>
      class extends Base {
        isLive = (row, now) => now <= row.deadline
      },
  ),
  of(
    'expires a second early',
    ['expired is'],
    Base =>
      class extends Base {
        isLive = (row, now) => now < row.deadline - 1000
      },
  ),
  of(
    'has deadlines of 32 bits',
    ['ttls beyond'],
    Base =>
      class extends Base {
        isLive = (row, now) => now - row.storedAt < Math.min(row.ttl, 2 ** 31 - 1)
      },
  ),
  of(
    'ignores what is set expired',
    ['what is set expired', 'after a restart the last'],
    Base =>
      class extends Base {
        set(key, entry) {
          if (entry.deadline > Date.now()) super.set(key, entry)
        }
      },
  ),
  of(
    'takes a ttl of 0 for none',
    ['what is set expired'],
    Base =>
      class extends Base {
        isLive = (row, now) => row.ttl === 0 || super.isLive(row, now)
      },
  ),
  of(
    'believes any clock',
    ['a wrong clock'],
    Base =>
      class extends Base {
        clamp() {}
      },
  ),
  of(
    'prolongs a life by reading',
    ['a wrong clock'],
    Base =>
      class extends Base {
        clamp() {}
        entryOf(row) {
          return { ...super.entryOf(row), deadline: Math.min(row.deadline, Date.now() + row.ttl) }
        }
      },
  ),
]

const bytesOf = value => (value instanceof Uint8Array ? value : undefined)

/** @type {Mutant[]} */
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

/** @type {Mutant[]} */
export const tagMutants = [
  of(
    'knows tags of the flushed only',
    ['invalidateTags() takes'],
    Base =>
      class extends Base {
        fresh = new Set()
        set(key, entry) {
          super.set(key, entry)
          this.fresh.add(this.idOf(key))
        }
        invalidateTags(namespace, matches) {
          for (const [id, row] of this.rows) {
            const goes = row.namespace === namespace && !this.fresh.has(id) && row.tags.some(matches)
            if (goes) this.rows.delete(id)
          }
        }
        async flush() {
          this.fresh.clear()
        }
      },
  ),
  of(
    'clears by any tag',
    ['invalidateTags() takes', 'after a restart entries'],
    Base =>
      class extends Base {
        invalidateTags(namespace) {
          this.clear(namespace)
        }
      },
  ),
  of(
    'deletes tags a while later',
    ['what is set after invalidateTags()'],
    Base =>
      class extends Base {
        later = []
        invalidateTags(namespace, matches) {
          this.later.push([namespace, matches])
          super.invalidateTags(namespace, matches)
        }
        async flush() {
          for (const args of this.later.splice(0)) super.invalidateTags(...args)
        }
      },
  ),
  of(
    'keeps old tags',
    ['a value that is replaced'],
    Base =>
      class extends Base {
        set(key, entry) {
          const old = this.rows.get(this.idOf(key))?.tags ?? []
          super.set(key, { ...entry, tags: [...(entry.tags ?? []), ...old] })
        }
      },
  ),
]

/** @type {Mutant[]} */
export const restartMutants = [
  of(
    'keeps nothing',
    ['after a restart everything', 'close() flushes', 'a function that is wrapped anew'],
    Base =>
      class extends Base {
        rows = new Map()
      },
  ),
  of(
    'writes at flush() only',
    ['close() flushes'],
    Base =>
      class extends Base {
        durable = this.rows
        rows = new Map(this.durable)
        async flush() {
          this.durable.clear()
          for (const [id, row] of this.rows) this.durable.set(id, row)
        }
      },
  ),
  of(
    'writes sets only',
    [
      'after a restart the last',
      'after a restart what was set after',
      'sets, deletes',
      'after a restart entries',
    ],
    Base =>
      class extends Base {
        durable = this.rows
        rows = new Map(this.durable)
        set(key, entry) {
          super.set(key, entry)
          const row = this.rows.get(this.idOf(key))
          if (row) this.durable.set(this.idOf(key), row)
        }
      },
  ),
  of(
    'loses every hundredth write',
    ['a thousand keys'],
    Base =>
      class extends Base {
        count = 0
        set(key, entry) {
          if (++this.count % 100 > 0) super.set(key, entry)
        }
      },
  ),
  of(
    'does not hear of what is deleted',
    ['invalidate() and clear()', 'what is deleted'],
    Base =>
      class extends Base {
        delete() {}
      },
  ),
  of(
    'reads what was there a moment ago',
    ['a read among writes'],
    Base =>
      class extends Base {
        before = new Map()
        set(key, entry) {
          this.before.set(this.idOf(key), super.getSync(key))
          super.set(key, entry)
        }
        async get(key) {
          const old = this.before.get(this.idOf(key))
          return old ?? super.getSync(key)
        }
      },
  ),
  of(
    'gives the second reader of the same tick nothing',
    ['many readers'],
    Base =>
      class extends Base {
        reading = new Set()
        getSync(key) {
          const id = this.idOf(key)
          if (this.reading.has(id)) return undefined
          this.reading.add(id)
          queueMicrotask(() => this.reading.delete(id))
          return super.getSync(key)
        }
      },
  ),
]

const CALLS = 'faults: with a backend that does'
const STORE = 'faults: a store whose backend does'
const DELETED = 'faults: what is deleted while the backend does'

/** @type {Mutant[]} */
export const faultMutants = [
  naive(
    'lets errors through',
    [`${STORE} throw`, `${STORE} reject`],
    Base =>
      class extends Base {
        read = id => this.backend.get(id)
      },
  ),
  naive(
    'waits for ever',
    [`${STORE} hang`],
    Base =>
      class extends Base {
        timeout = 1e8
      },
  ),
  naive(
    'says nothing',
    ['throw', 'reject', 'hang', 'garbage'].map(fault => `${CALLS} ${fault}`),
    Base =>
      class extends Base {
        tell() {}
      },
  ),
  naive(
    'believes whatever it is told',
    [`${CALLS} garbage`, `${STORE} garbage`, 'faults: at random'],
    Base =>
      class extends Base {
        isOwn = () => true
        open = text => {
          try {
            return super.open(text)
          } catch {
            return { value: text, storedAt: 0, deadline: Infinity, isAsync: true }
          }
        }
      },
  ),
  naive(
    'gives the latest answer to whoever waits',
    [`${CALLS} late`],
    Base =>
      class extends Base {
        async read(id) {
          this.latest = await super.read(id)
          await new Promise(resolve => setTimeout(resolve, 5))
          return this.latest
        }
        isOwn = () => true
      },
  ),
  naive(
    'forgets what it could not delete',
    ['throw', 'reject', 'hang', 'late'].map(fault => `${DELETED} ${fault}`),
    Base =>
      class extends Base {
        delete(key) {
          this.send(() => this.backend.delete(this.idOf(key)))
        }
      },
  ),
  naive(
    'takes a strange answer for a failure, and goes back',
    [`${DELETED} garbage`],
    Base =>
      class extends Base {
        copies = new Map()
        write(key, text, ask) {
          const id = this.idOf(key)
          if (text !== '') this.copies.set(id, text)
          super.write(key, text, async () => {
            const isDone = (await ask(id)) === true
            if (text === '' && !isDone) await this.backend.set(id, this.copies.get(id))
          })
        }
      },
  ),
  naive(
    'sends without waiting',
    ['faults: answers that come late'],
    Base =>
      class extends Base {
        send(ask) {
          const sent = this.limited(ask)
          this.sent.add(sent)
          sent.finally(() => this.sent.delete(sent))
        }
      },
  ),
  naive(
    'gives up after an error',
    ['faults: it works again'],
    Base =>
      class extends Base {
        tell(cause) {
          super.tell(cause)
          this.isOff = true
        }
      },
  ),
]

export const mutants = [
  ...contractMutants,
  ...keyMutants,
  ...timeMutants,
  ...valueMutants,
  ...tagMutants,
  ...restartMutants,
  ...faultMutants,
]
