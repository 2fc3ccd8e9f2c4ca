/**
 * What a function's source says, and whose code a wrapper runs. The version of persisted results is a digest of a function's source, and a wrapper's own source is the same
 * for every function.
 */

const AsyncFunction = (async () => {}).constructor

/** Whether the function's syntax says that it returns promises, or the standard, as of `fetch`. @param {Function} fn */
export function isAsyncFunction(fn) {
  return fn instanceof AsyncFunction || fn === globalThis.fetch
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

/** A bound function and a proxy show no source of their own, and what a runtime has built in shows its name instead. */
const HIDDEN = /^\s*function\s*(bound [^(]*)?\(\)\s*\{\s*\[native code\]\s*\}\s*$/

/** Whether nobody can see whose code it runs. @param {Function} fn */
export function hidesSource(fn) {
  const text = Function.prototype.toString.call(fn)
  const isBound = typeof fn.name === 'string' && fn.name.startsWith('bound ')
  return HIDDEN.test(text) || (isBound && /\[native code\]\s*\}\s*$/.test(text))
}
