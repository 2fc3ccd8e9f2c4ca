import { epochNow } from '../clock.js'
import { isMaster } from '../copies.js'
import { isPromise } from '../oneshot.js'
import { invalidOption, MimicTypeError, show } from '../errors.js'
import { isPortable } from '../key/decode.js'
import { identityOf, isWeak } from '../key/identity.js'
import { reviveArgs } from '../key/revive.js'
import { DIGESTED } from '../key/tags.js'
import { encodeEntry } from '../stores/entry.js'
import { pack } from './format.js'

/**
 * What all functions of a `mime` hold in memory, to be taken elsewhere. Nothing is counted, touched or changed.
 *
 * @typedef {import('../cache.js').Cache} Cache
 * @typedef {import('./format.js').Row} Row
 * @typedef {import('../index.js').DumpedEntry} Offered
 * @typedef {{ identity: number, value: number, ambiguous: number, unnamed: number, filter: number }} LeftOut
 */

/** A dump. `${dump}` is its text, and so is it in JSON. */
class Dump {
  /** @param {string} text @param {number} functions @param {number} entries @param {LeftOut} leftOut */
  constructor(text, functions, entries, leftOut) {
    this.text = text
    this.functions = functions
    this.entries = entries
    this.leftOut = leftOut
  }

  toString() {
    return this.text
  }

  toJSON() {
    return this.text
  }
}

/**
 * @param {Iterable<Cache>} caches
 * @param {unknown} options
 * @returns {Dump}
 */
export function dumpOf(caches, options) {
  const filter = filterOf(options)
  const leftOut = { identity: 0, value: 0, ambiguous: 0, unnamed: 0, filter: 0 }
  /** Undefined: two functions of one name and version, of which nobody knows which is which elsewhere. @type {Map<string, Row[] | undefined>} */
  const functions = new Map()
  for (const cache of caches) {
    const namespace = cache.settings.namespace()
    const rows = rowsOf(cache, filter, leftOut)
    if (namespace === undefined) leftOut.unnamed += rows.length
    else if (functions.has(namespace)) {
      leftOut.ambiguous += rows.length + (functions.get(namespace)?.length ?? 0)
      functions.set(namespace, undefined)
    } else functions.set(namespace, rows)
  }
  /** @type {[string, Row[]][]} */
  const found = []
  for (const [namespace, rows] of functions) if (rows?.length) found.push([namespace, rows])
  const entries = found.reduce((sum, [, rows]) => sum + rows.length, 0)
  return new Dump(pack(epochNow(), found), found.length, entries, leftOut)
}

/** @param {any} options @returns {((entry: Offered) => unknown) | undefined} */
function filterOf(options) {
  if (options !== undefined && typeof options !== 'object')
    throw invalidOption('options', options, 'an object of options')
  const { filter, ...others } = options ?? {}
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    throw new MimicTypeError('ERR_UNKNOWN_OPTION', `mime.dump() has no option ${unknown}; it has filter`)
  }
  if (filter === undefined || typeof filter === 'function') return filter
  throw new MimicTypeError('ERR_INVALID_OPTION', `option filter must be a function; got ${show(filter)}`)
}

/** @param {Cache} cache @param {((entry: Offered) => unknown) | undefined} filter @param {LeftOut} leftOut @returns {Row[]} */
function rowsOf(cache, filter, leftOut) {
  const { index, slots, tagged, settings } = cache
  /** @type {Row[]} */
  const rows = []
  const now = cache.now()
  // What is added to the function's clock to have epoch milliseconds.
  const offset = epochNow() - (Number.isNaN(now) ? 0 : now)
  for (let slot = 0; slot < index.slots(); slot++) {
    if (!slots.has(slot)) continue
    const until = freshUntil(cache, slot, now)
    if (until === undefined) continue
    const key = index.keyOf(slot)
    if (!meansTheSame(cache, slot, key)) {
      leftOut.identity++
      continue
    }
    const value = slots.value(slot)
    // To look at a Response is to read it.
    if (isMaster(value) && value.copies !== undefined) {
      leftOut.value++
      continue
    }
    const known = cache.storedAt(slot)
    // Without a ttl it was not noted.
    const storedAt = Number.isNaN(known) || Number.isNaN(now) ? epochNow() : known + offset
    const tags = tagged?.tagsOf.get(slot) ?? []
    const isAsync = isMaster(value) ? value.isAsync : isPromise(value)
    const result = slots.result(slot)
    const offered = () => ({ name: settings.name, args: reviveArgs(key), value: result, tags })
    if (filter !== undefined && !filter(offered())) {
      leftOut.filter++
      continue
    }
    try {
      const bytes = encodeEntry({ value: result, isAsync, tags })
      rows.push({ key, storedAt, until: until + offset, value: bytes })
    } catch {
      leftOut.value++
    }
  }
  return rows
}

/** @param {Cache} cache @param {number} slot @param {number} now @returns {number | undefined} nothing when it is too old for anything */
function freshUntil({ index, flights, freshness }, slot, now) {
  const deadline = flights.get(slot)?.held?.deadline ?? index.entry(slot).deadline
  // Where the clock fails, everything with an end has expired.
  if (!(now < deadline || deadline === Infinity)) return undefined
  return freshness?.until[slot] ?? deadline
}

/** Whether the key of a slot is the same in another process. @param {Cache} cache @param {number} slot @param {Uint8Array} key */
function meansTheSame({ slots }, slot, key) {
  if (slots.ties?.has(slot)) return false
  // A digest does not tell what was in it. Its slot is tied to that, unless it is a symbol which cannot be held weakly here.
  return key[0] === DIGESTED ? symbolsAreWeak() : isPortable(key)
}

function symbolsAreWeak() {
  const symbol = /** @type {any} */ (Symbol('probe'))
  identityOf(symbol)
  return isWeak(symbol)
}
