import { weakIdentities } from './cache.js'
import { freezeDeep, isMaster, masterOf } from './copies.js'
import { noteEarly } from './early.js'
import { MimicTypeError, show } from './errors.js'
import { walked } from './key.js'
import { NONE } from './key/nesting.js'
import { reviveArgs } from './key/revive.js'
import { isThenable } from './oneshot.js'
import { dismiss } from './response.js'
import { sweeper } from './sweeper.js'
import { termsOf } from './terms.js'

/**
 * What the user does with entries, beside calling the function.
 * @typedef {import('./cache.js').Cache} Cache
 * @typedef {import('./flight.js').Flight} Flight
 * @typedef {{ slot: number, flight: Flight | undefined, hasValue: boolean, value: unknown }} Content of a slot
 */

/**
 * What a call would find, in memory or at hand in the store; nothing is counted or touched.
 * @param {Cache} cache
 * @param {unknown} self
 * @param {any[]} args
 * @returns {unknown}
 */
export function peek(cache, self, args) {
  const { slot, entry } = lookUp(cache, self, args)
  if (slot >= 0) return cache.hand(slot, () => undefined)
  return entry && ownOf(cache, entry)
}

/** What a caller would get of what the store has: as in memory, a copy where he is to have one. @param {Cache} cache @param {import('./stores/store.js').StoreEntry} entry */
function ownOf(cache, { value, isAsync }) {
  const { clone, freeze } = cache.settings
  try {
    if (freeze) freezeDeep(value)
    const own = clone === undefined ? value : clone(value)
    return cache.isAsync || isAsync ? Promise.resolve(own) : own
  } catch (error) {
    cache.ledger.report(error)
    return undefined
  }
}

/** The same as yes or no: no copy is made. @param {Cache} cache @param {unknown} self @param {any[]} args */
export function has(cache, self, args) {
  const { slot, entry } = lookUp(cache, self, args)
  return slot >= 0 || entry !== undefined
}

/** @param {Cache} cache @param {unknown} self @param {any[]} args */
function lookUp(cache, self, args) {
  cache.look(self, args)
  walked.identities = NONE
  const key = cache.storeKey()
  const slot = cache.serving(cache.cells)
  return { slot, entry: slot < 0 && key ? cache.backing?.getSync(key, cache.isAsync) : undefined }
}

/**
 * As if a call had just returned this result. A load that runs will not be stored.
 * @param {Cache} cache
 * @param {unknown} self
 * @param {unknown} args
 * @param {unknown} result
 */
export function insert(cache, self, args, result) {
  if (!Array.isArray(args)) {
    throw new MimicTypeError(
      'ERR_INVALID_ARGUMENT',
      `set(args, value) takes the arguments as an array; got ${show(args)}`,
    )
  }
  if (isThenable(result)) {
    throw new MimicTypeError(
      'ERR_INVALID_ARGUMENT',
      'set(args, value) takes the result itself; await the promise first',
    )
  }
  const { settings, isAsync } = cache
  try {
    const master = masterOf(settings, result, isAsync)
    const terms = termsOf(settings, result, { args, master })
    const value = master ?? (isAsync ? Promise.resolve(result) : result)
    const slot = terms.ttl > 0 ? put(cache, self, args, terms, value, result) : refuse(cache, self, args)
    if (master !== undefined && slot >= 0) cache.watch(slot, master)
    cache.announce()
  } catch (error) {
    cache.ledger.report(error)
    refuse(cache, self, args)
  }
}

/** What may not be kept still takes the place of what was there. @param {Cache} cache @param {unknown} self @param {any[]} args */
function refuse(cache, self, args) {
  invalidate(cache, self, args)
  return -1
}

/**
 * @param {Cache} cache
 * @param {unknown} self
 * @param {any[]} args
 * @param {import('./terms.js').Terms} terms
 * @param {unknown} value
 * @param {unknown} result
 */
function put(cache, self, args, terms, value, result) {
  const now = cache.now()
  cache.look(self, args)
  const key = cache.storeKey()
  const slot = place(cache, terms, value, result, now, now)
  const master = isMaster(value) ? value : undefined
  // What is not given to the store still takes the place of what it has.
  if (key && !cache.persist(key, master, result, terms, cache.isAsync)) cache.backing?.delete(key)
  return slot
}

/**
 * Puts an entry in under the key in the buffer, which is the last one written.
 * @param {Cache} cache
 * @param {import('./terms.js').Terms} terms
 * @param {unknown} value
 * @param {unknown} result
 * @param {number} now
 * @param {number} storedAt
 * @returns {number} its slot; below 0 when there is no room for it
 */
export function place(cache, { ttl, tags, weight }, value, result, now, storedAt) {
  const { index, slots, freshness } = cache
  const until = ttl === Infinity ? Infinity : now + ttl
  const identities = weakIdentities()
  const loading = -2 - index.find(cache.cells, cache.time)
  const deadline = freshness ? until + freshness.grace : until
  const slot = index.insert(cache.cells, deadline, weight)
  const removed = index.insertRemoved()
  // The core gives the entry a slot of its own, never that of the entry or the load before it.
  if (slot >= 0) {
    slots.set(slot, identities, value, result, cache.isUsual(ttl, now - storedAt) ? undefined : storedAt)
    freshness?.set(slot, until, 0)
    if (tags !== undefined) cache.tagged?.set(slot, tags)
    if (!cache.isAsync) noteEarly(cache, slot)
  }
  // Without a key the core did nothing, and said nothing of what it holds.
  if (cache.cells > 0) cache.stored(removed)
  sweeper.expect(cache, deadline, now)
  if (loading >= 0) cache.gone(loading, 'replaced')
  // A listener may call: from here on nothing of the core's counts. A call without a key, or one over which the core was lost, is not too large.
  if (slot < 0 && removed >= 0 && cache.cells > 0) cache.ledger.refused(weight)
  return slot
}

/** @param {Cache} cache @param {unknown} self @param {any[]} args @returns {boolean} whether there was an entry or a load */
export function invalidate(cache, self, args) {
  cache.look(self, args)
  cache.invalidations++
  const key = cache.storeKey()
  const slot = cache.index.remove(cache.cells)
  if (slot >= 0) cache.gone(slot)
  if (key) cache.backing?.delete(key)
  cache.announce()
  return slot >= 0
}

/**
 * Invalidates the entries of which the predicate says so. A load that runs is not stored, since what it will bring cannot be asked about; nor
 * can what only the store has, so the function's results in the store all go.
 * @param {Cache} cache
 * @param {unknown} predicate
 * @returns {number} entries that went
 */
export function invalidateIf(cache, predicate) {
  if (typeof predicate !== 'function') {
    throw new MimicTypeError(
      'ERR_INVALID_ARGUMENT',
      `invalidateIf((args, value) => …) takes a function; got ${show(predicate)}`,
    )
  }
  const { index, slots } = cache
  /** @type {Content[]} */
  const chosen = []
  /** What they were to replace stays. @type {Flight[]} */
  const spared = []
  for (let slot = 0; slot < index.slots(); slot++) {
    const flight = cache.flights.get(slot)
    const content = { slot, flight, hasValue: slots.has(slot), value: slots.values.get(slot) }
    // All are asked before anything goes: what the predicate throws reaches its caller, and nothing has changed.
    const isChosen = content.hasValue ? ask(cache, slot, predicate) : flight !== undefined
    if (isChosen) chosen.push(content)
    else if (flight !== undefined) spared.push(flight)
  }
  const going = chosen.filter(content => isStillThere(cache, content)).map(({ slot }) => slot)
  // Who is told may call: first all that was chosen goes, from the store too. What is put back may evict others.
  cache.removeAll(going)
  cache.backing?.clear()
  for (const flight of spared) cache.restore(flight)
  cache.announce()
  return chosen.filter(({ hasValue }) => hasValue).length
}

/** Whoever is asked may change everything: what has come into a slot since is not what the answer was for. @param {Cache} cache @param {Content} content */
function isStillThere({ slots, flights }, { slot, flight, hasValue, value }) {
  if (slots.has(slot) !== hasValue) return false
  return hasValue ? Object.is(slots.values.get(slot), value) : flights.get(slot) === flight
}

/** @param {Cache} cache @param {number} slot @param {Function} predicate @returns {unknown} true where no copy can be made for it */
function ask(cache, slot, predicate) {
  let result
  try {
    result = cache.slots.result(slot)
  } catch (error) {
    cache.ledger.report(error)
    return true
  }
  const { ties, values } = cache.slots
  const identities = ties?.identitiesOf(slot, values.get(slot))
  try {
    return predicate(reviveArgs(cache.index.keyOf(slot), identities), result)
  } finally {
    if (cache.copies) dismiss(result)
  }
}

/** @param {Cache} cache */
export function clear(cache) {
  const { flights, index, ledger } = cache
  const held = flights.count(flight => flight.held !== undefined)
  const count = held + (ledger.events.hears('remove') ? (index.stats()?.entries ?? 0) : 0)
  ledger.corrections.invalidated += held
  index.clear()
  cache.empty()
  cache.backing?.clear()
  ledger.cleared(count)
}
