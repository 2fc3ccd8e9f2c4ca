/**
 * Ids for what has no value of its own: functions, class instances, unique symbols. An id is held weakly and never used twice, so an entry
 * under the id of something that is gone can never be hit.
 */

let lastId = 0
/** @type {WeakMap<object, number>} */
const ids = new WeakMap()
/** Unique symbols where the runtime cannot hold them weakly. @type {Map<symbol, number>} */
const symbolIds = new Map()

/** @type {((id: number) => void)[]} */
const listeners = []
/** @type {FinalizationRegistry<number>} */
const collected = new FinalizationRegistry(id => {
  for (const listener of listeners) listener(id)
})

/** @param {(id: number) => void} listener hears the ids of what has been collected */
export function onCollected(listener) {
  listeners.push(listener)
}

/**
 * @param {object | symbol} thing an object, a function or a symbol that is not registered
 * @returns {number} its id in this process
 */
export function identityOf(thing) {
  const key = /** @type {object} */ (thing)
  const known = ids.get(key) ?? symbolIds.get(/** @type {symbol} */ (thing))
  if (known !== undefined) return known
  const id = ++lastId
  try {
    ids.set(key, id)
    collected.register(key, id)
  } catch {
    symbolIds.set(/** @type {symbol} */ (thing), id)
  }
  return id
}

/** Whether it is held weakly: a symbol may not be. @param {object} thing */
export function isWeak(thing) {
  return ids.has(thing)
}
