/**
 * What a function's source says, and whose code a wrapper runs. The version of persisted results is a digest of a function's source, and a wrapper's own source is the same
 * for every function.
 */

const AsyncFunction = (async () => {}).constructor

/** Whether the syntax alone says that the function returns promises. @param {Function} fn */
export function isAsyncFunction(fn) {
  return fn instanceof AsyncFunction
}

/** @type {WeakMap<Function, Function>} */
const originals = new WeakMap()

/** @param {Function} wrapper @param {Function} fn whose code it runs */
export function standsFor(wrapper, fn) {
  originals.set(wrapper, sourceOf(fn))
}

/** @param {Function} fn @returns {Function} the function whose source counts */
export function sourceOf(fn) {
  return originals.get(fn) ?? fn
}
