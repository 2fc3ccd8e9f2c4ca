import { say } from './events.js'

/**
 * A store knows functions by name and version, of which the version is that of the source. So functions that differ in what they close over, as
 * those of one factory, share results there. Whether they are to nobody can tell, but who gave no name may not know.
 */

/** By store, the last function of each name and version, and whether it was said. @type {WeakMap<object, Map<string, { ref: WeakRef<Function>, isTold: boolean }>>} */
const latest = new WeakMap()

/**
 * @param {Function} fn
 * @param {object} store
 * @param {string} namespace
 */
export function tellOfNamesake(fn, store, namespace) {
  const functions = latest.get(store) ?? new Map()
  latest.set(store, functions)
  const known = functions.get(namespace)
  const other = known?.ref.deref()
  if (other === fn) return
  const isTold = known?.isTold === true || other !== undefined
  functions.set(namespace, { ref: new WeakRef(fn), isTold })
  if (other === undefined || known?.isTold) return
  const [name] = namespace.split('\0')
  say(
    `my-mimic: ERR_NAMESAKE two functions called ${name} with the same source share what the store has; where they close over different things give each a name or version of its own, else the same name to both`,
  )
}
