import { remaining } from './backing.js'
import { epochNow } from './clock.js'
import { BUFFER_CELLS, memory } from './core.js'
import { show } from './errors.js'
import { walked, writeCall } from './key.js'
import { decodeKey } from './key/decode.js'
import { describeCall, describeNode } from './key/describe.js'
import { diffKeys } from './key/diff.js'
import { identityOf } from './key/identity.js'
import { INSTANCE, kindOf } from './key/kinds.js'
import { nameKind } from './key/name.js'
import { NONE } from './key/nesting.js'
import { DIGESTED } from './key/tags.js'
import { duration, sizeText } from './words.js'

/**
 * Why the next call would hit or miss, in words and as data. Nothing is counted, touched or reserved; what the arguments themselves run when
 * they are read (a getter, `[mime.key]()`) runs as it does for a call, once more where an argument is looked at alone.
 *
 * @typedef {import('./cache.js').Cache} Cache
 * @typedef {import('./key/decode.js').Tree} Tree
 * @typedef {import('./index.js').Explanation} Data
 * @typedef {NonNullable<Data['nearest']>} Nearest
 * @typedef {Data['identities'][number]} Identity
 *
 * @typedef {object} Call
 * @property {Cache} cache
 * @property {readonly unknown[]} counted what counts as the arguments
 * @property {number} now
 * @property {Uint8Array} bytes the key as it is held
 * @property {Tree} tree
 * @property {readonly object[]} identities
 *
 * @typedef {Pick<Data, 'outcome' | 'reason' | 'entry' | 'expiredFor' | 'nearest'> & { words: string }} Verdict
 */

/** A key up to this size is nothing to talk about. */
const LARGE = 1024
/** Slots whose keys are looked at for the nearest, and bytes of them. */
const MAX_LOOKED = 20_000
const MAX_LOOKED_BYTES = 2 ** 24
/** Of these, as many are compared part by part: the ones that begin and end most like the call's key. */
const MAX_COMPARED = 1000
const MAX_COMPARED_BYTES = 2 ** 20
/** More things by identity than this are not listed. */
const MAX_IDENTITIES = 8

class Explanation {
  /** @param {Data} data */
  constructor(data) {
    Object.assign(this, data)
  }

  toString() {
    return /** @type {any} */ (this).text
  }
}

/**
 * @param {Cache} cache
 * @param {unknown} self
 * @param {any[]} args
 * @returns {Data}
 */
export function explain(cache, self, args) {
  const { settings } = cache
  const now = cache.now()
  let counted = args
  try {
    if (settings.key) counted = [Reflect.apply(settings.key, self, args)]
    cache.cells = writeCall(self, counted, settings.maxKeyCells)
  } catch (error) {
    return noKey(settings, error)
  }
  const { cells } = cache
  const storeKey = cache.storeKey()
  const { portable, identities } = walked
  walked.identities = NONE
  const bytes = memory.u8.slice(0, cells * 8)
  // Whatever its deadline first; the second look leaves the core at the time it is.
  const any = cache.index.find(cells, -Infinity)
  const found = cache.index.find(cells, now)

  const tree = decodeKey(bytes)
  const call = { cache, counted, now, bytes, tree, identities }
  const verdict =
    found >= 0
      ? resident(call, found)
      : found <= -2
        ? pending(call, -2 - found)
        : (inStore(cache, storeKey) ?? (any >= 0 ? expired(call, any) : noEntry(call)))

  const size = tree.digested ? tree.digested.cells * 8 : bytes.length
  const receiver = tree.self && receiverText(self, tree.self)
  const met = identitiesOf(call, self)
  const large = size > LARGE ? largest(call, size) : undefined
  const { words, ...data } = verdict
  return /** @type {any} */ (
    new Explanation({
      ...data,
      text: [
        words,
        ...(receiver === undefined ? [] : [`\`this\` counts: called on ${receiver}`]),
        ...met.filter(({ argument }) => argument > 0).map(one => identityText(call, one)),
        ...(portable || settings.store === undefined
          ? []
          : ['the key is not persisted: what goes by identity means nothing in another process']),
        ...(large ? [largeText(call, large)] : []),
      ].join('\n'),
      key: {
        bytes: size,
        isDigest: tree.digested !== undefined,
        isPortable: portable,
        description: describeCall(tree),
      },
      ...(receiver === undefined ? {} : { receiver }),
      identities: met,
      ...(large ? { large } : {}),
    })
  )
}

/** @param {import('./options.js').Settings} settings @param {unknown} error @returns {Data} */
function noKey({ key }, error) {
  const why = key ? 'the option `key` throws' : 'the arguments cannot be read'
  const what = error instanceof Error ? error.message : show(error)
  const text = `miss: the call has no key, and is not cached; ${why}: ${what}`
  const none = { bytes: 0, isDigest: false, isPortable: false, description: '' }
  const data = { outcome: 'miss', reason: 'no key', text, key: none, identities: [] }
  return /** @type {any} */ (new Explanation(/** @type {Data} */ (data)))
}

/** @param {Call} call @param {number} slot @returns {Verdict} */
function resident(call, slot) {
  const { cache, now } = call
  if (cache.freshness?.isStale(slot, now)) return stale(call, slot)
  const until = freshUntil(cache, slot)
  const entry = lifeOf(cache, slot, until === Infinity ? Infinity : until - now)
  return { outcome: 'hit', reason: 'resident', words: `hit: ${lifeText(entry)}`, entry }
}

/** @param {Call} call @param {number} slot @returns {Verdict} */
function stale(call, slot) {
  const { cache, now } = call
  if (!cache.freshness?.serves(slot, now)) return expired(call, slot)
  const expiredFor = now - freshUntil(cache, slot)
  const entry = lifeOf(cache, slot, 0)
  const words = `hit: the entry expired ${duration(expiredFor)} ago and is served while a load in the background makes the next one`
  return { outcome: 'hit', reason: 'stale', words, entry, expiredFor }
}

/** @param {Call} call @param {number} slot @returns {Verdict} */
function expired({ cache, now }, slot) {
  const expiredFor = now - freshUntil(cache, slot)
  const entry = lifeOf(cache, slot, 0)
  const words = `miss: the entry expired ${duration(expiredFor)} ago`
  return { outcome: 'miss', reason: 'expired', words, entry, expiredFor }
}

/** What is stale is kept longer. @param {Cache} cache @param {number} slot */
function freshUntil({ freshness, index }, slot) {
  return freshness?.until[slot] ?? index.entry(slot).deadline
}

/** @param {Call} call @param {number} slot @returns {Verdict} */
function pending({ cache, now }, slot) {
  const flight = cache.flights.get(slot)
  cache.time = now
  if (flight?.held && cache.answers(slot, flight)) {
    const until = cache.freshness?.until[slot] ?? flight.held.deadline
    const entry = lifeOf(cache, slot, Math.max(0, until - now))
    return {
      outcome: 'hit',
      reason: 'refreshing',
      words: 'hit: the entry is being loaded anew, and serves meanwhile',
      entry,
    }
  }
  const mayStandIn = flight?.fallback || (flight?.held && now < flight.held.deadline)
  if (flight?.promise && (cache.settings.singleFlight || mayStandIn)) {
    return { outcome: 'joins', reason: 'pending', words: 'joins the load that runs' }
  }
  if (flight?.isQueued) {
    return {
      outcome: 'miss',
      reason: 'pending',
      words: 'miss: its load was to begin after this turn, and begins now',
    }
  }
  const words = flight?.promise
    ? 'miss: a load of this key runs, and `singleFlight: false` shares none'
    : 'miss: this very call runs further up the stack, and the function answers by itself'
  return { outcome: 'miss', reason: 'pending', words }
}

/**
 * @param {Cache} cache
 * @param {import('./stores/store.js').StoreKey | undefined} key
 * @returns {Verdict | undefined}
 */
function inStore(cache, key) {
  if (key === undefined) return undefined
  let found
  try {
    found = cache.settings.store?.getSync?.(key)
  } catch {
    // The call itself will count it; a question counts nothing.
  }
  const timeLeft = remaining(found)
  if (found === undefined || !(timeLeft > 0)) return undefined
  const entry = { age: Math.max(0, epochNow() - found.storedAt), timeLeft }
  return { outcome: 'hit', reason: 'store', words: `hit: in the store, ${lifeText(entry)}`, entry }
}

/** @param {Call} call @returns {Verdict} */
function noEntry(call) {
  const { settings, index } = call.cache
  const where =
    settings.store === undefined ? 'no entry' : 'no entry in memory, and none at hand in the store'
  /** @param {string} why @param {Nearest} [nearest] @returns {Verdict} */
  const miss = (why, nearest) => ({
    outcome: 'miss',
    reason: 'no entry',
    words: `miss: ${where}; ${why}`,
    ...(nearest ? { nearest } : {}),
  })
  if (settings.maxEntries === 0) return miss('maxEntries is 0, which keeps nothing')
  if (settings.ttl === 0 && settings.ttlOf === undefined) return miss('a ttl of 0 keeps nothing')
  const entries = index.stats()?.entries ?? 0
  if (entries === 0) return miss('nothing is remembered yet')
  if (call.tree.digested) return miss('the key is held as a digest, which cannot be compared with the others')
  const nearest = nearestOf(call)
  if (nearest === undefined) return miss('the others are held as digests, which cannot be compared')
  const at = nearest.path === '' ? '' : ` at \`${nearest.path}\``
  const what = nearest.argument === 0 ? '`this`' : nameOf(call, nearest.argument)
  const here =
    nearest.entry.startsWith('Date ') && nearest.call.startsWith('Date ')
      ? nearest.call.slice(5)
      : nearest.call
  const hint =
    nearest.argument === 0 && nearest.call === 'absent'
      ? '; `explain.call(object, …)` asks about calls on an object'
      : ''
  return miss(`the nearest differs in ${what}${at}: ${nearest.entry} against ${here}${hint}`, nearest)
}

/**
 * The entry most like the call. Its work is bounded: a quick look at the cells of many keys, then a comparison of the best.
 * @param {Call} call
 * @returns {Nearest | undefined}
 */
function nearestOf({ cache, bytes, tree, identities }) {
  const { index } = cache
  const words = wordsOf(bytes)
  /** @type {{ slot: number, likeness: number }[]} */
  const candidates = []
  let looked = 0
  const slots = index.slots()
  for (let slot = slots - 1; slot >= Math.max(0, slots - MAX_LOOKED) && looked < MAX_LOOKED_BYTES; slot--) {
    if (index.entry(slot).state !== 'resident') continue
    const key = index.keyOf(slot)
    looked += key.length
    const other = wordsOf(key)
    if (other.length > 0 && other[0] !== DIGESTED)
      candidates.push({ slot, likeness: likenessOf(words, other) })
  }
  candidates.sort((a, b) => b.likeness - a.likeness)

  let compared = 0
  /** @type {import('./key/diff.js').Difference | undefined} */
  let best
  for (const { slot } of candidates.slice(0, MAX_COMPARED)) {
    const key = index.keyOf(slot)
    const difference = key.length > 0 ? diffKeys(decodeKey(key), tree) : undefined
    if (difference && !(best && best.similarity >= difference.similarity)) best = difference
    compared += key.length
    if (compared > MAX_COMPARED_BYTES) break
  }
  if (best === undefined) return undefined
  const { argument, path, a, b, similarity } = best
  const thing = identities.find(thing => b === `identity #${identityOf(thing)}`)
  return { argument, path, entry: a, call: thing ? `${whatOf(thing)}, ${b}` : b, similarity }
}

/** Words by which two keys begin and end alike, out of all. @param {Uint32Array} a @param {Uint32Array} b */
function likenessOf(a, b) {
  const least = Math.min(a.length, b.length)
  let from = 0
  while (from < least && a[from] === b[from]) from++
  let end = 0
  while (end < least - from && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return (from + end) / Math.max(a.length, b.length)
}

/** @param {Uint8Array} bytes whole cells, in a buffer of their own */
function wordsOf(bytes) {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
}

/** @param {Call} call @param {unknown} self @returns {Identity[]} */
function identitiesOf({ counted, tree, identities }, self) {
  if (identities.length === 0) return []
  /** @type {Identity[]} */
  const list = []
  if (tree.self?.type === 'identity') list.push({ argument: 0, path: '', what: whatOf(self) })
  for (let i = 0; i < counted.length && list.length < MAX_IDENTITIES; i++) {
    const { bytes, identities } = alone(counted[i])
    for (const thing of new Set(identities)) {
      if (list.length === MAX_IDENTITIES) break
      list.push({ argument: i + 1, path: pathOf(bytes, identityOf(thing)), what: whatOf(thing) })
    }
  }
  return list
}

/** One argument as a key of its own. @param {unknown} argument */
function alone(argument) {
  const cells = writeCall(undefined, [argument], BUFFER_CELLS)
  const { identities } = walked
  walked.identities = NONE
  return { bytes: memory.u8.slice(0, cells * 8), identities }
}

/** Where an identity stands in an argument: the first place in which its key would differ without it. @param {Uint8Array} bytes @param {number} id */
function pathOf(bytes, id) {
  const without = decodeKey(bytes)
  if (without.digested) return ''
  /** @type {any[]} */
  const parts = [without.args]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part.type === 'identity' && part.value === id) part.type = 'undefined'
    if (part.type === 'keyed' && part.class === id) part.class = 0
    for (const inner of Array.isArray(part) ? part : Object.values(part)) {
      if (typeof inner === 'object' && inner !== null && !ArrayBuffer.isView(inner)) parts.push(inner)
    }
  }
  return diffKeys(decodeKey(bytes), without)?.path ?? ''
}

/** @param {Call} call @param {number} size bytes of the whole key @returns {NonNullable<Data['large']>} */
function largest({ counted }, size) {
  let [at, most] = [-1, 0]
  for (let i = 0; i < counted.length; i++) {
    const { bytes } = alone(counted[i])
    const { digested } = decodeKey(bytes)
    const own = (digested ? digested.cells * 8 : bytes.length) - 8
    if (own > most) [at, most] = [i, own]
  }
  return { bytes: size, argument: at + 1, argumentBytes: most, what: kindText(counted[at]) }
}

/** @param {Call} call @param {number} argument from 1 */
function nameOf({ cache }, argument) {
  return cache.settings.key ? 'what the option `key` returns' : `argument ${argument}`
}

/** @param {Call} call @param {Identity} identity */
function identityText(call, { argument, path, what }) {
  return `${nameOf(call, argument)}${path === '' ? '' : ` at \`${path}\``} goes by identity: ${what}`
}

/** @param {Call} call @param {NonNullable<Data['large']>} large */
function largeText(call, { bytes, argument, argumentBytes, what }) {
  const held = call.tree.digested ? ', held as a digest' : ''
  const name = nameOf(call, argument)
  return argumentBytes * 2 >= bytes
    ? `the key is ${sizeText(bytes)} because ${name} is ${what}${held}`
    : `the key is ${sizeText(bytes)}${held}; its largest part is ${name}, ${what} of ${sizeText(argumentBytes)}`
}

/** @param {unknown} self @param {import('./key/decode.js').Node} node */
function receiverText(self, node) {
  return node.type === 'identity' ? whatOf(self) : describeNode(node, 200)
}

/** What goes by identity, in words; a plain object does so only when it cannot be read. @param {unknown} thing */
function whatOf(thing) {
  const isPlain = kindText(thing) === 'an object' || kindText(thing) === 'an array'
  return isPlain ? `${kindText(thing)} that cannot be told by its content` : nameKind(thing)
}

/** @param {unknown} value @returns {string} what it is, with its article */
function kindText(value) {
  if (value === undefined || value === null) return String(value)
  if (typeof value !== 'object') return typeof value === 'function' ? nameKind(value) : `a ${typeof value}`
  try {
    const prototype = Object.getPrototypeOf(value)
    if (prototype === null || prototype === Object.prototype) return 'an object'
    if (prototype === Array.prototype) return 'an array'
    const { kind, name } = kindOf(prototype)
    if (kind !== INSTANCE) return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
  } catch {
    // A proxy that throws, or a revoked one.
  }
  return nameKind(value)
}

/** @param {Cache} cache @param {number} slot @param {number} timeLeft @returns {{ age?: number, timeLeft: number }} */
function lifeOf(cache, slot, timeLeft) {
  const age = Math.max(0, cache.now() - cache.storedAt(slot))
  return Number.isNaN(age) ? { timeLeft } : { age, timeLeft }
}

/** @param {{ age?: number, timeLeft: number }} entry */
function lifeText({ age, timeLeft }) {
  const left = timeLeft === Infinity ? 'never expires' : `good for another ${duration(timeLeft)}`
  return age === undefined ? `in memory, ${left}` : `stored ${duration(age)} ago, ${left}`
}
