import { invalidOption } from './errors.js'

/**
 * Whose value it is: by default every caller gets the same reference; `clone` gives each a copy of a master that nobody else has, `freeze`
 * lets nobody change the one that all share.
 */

/** @param {unknown} clone the `clone` option @returns {((value: any) => unknown) | undefined} */
export function checkClone(clone) {
  if (clone === false) return undefined
  if (clone === true) return value => structuredClone(value)
  if (typeof clone !== 'function') {
    throw invalidOption('clone', clone, 'true, false or a function that copies a value')
  }
  return /** @type {(value: any) => unknown} */ (clone)
}

/**
 * Freezes a value and every object in it, frozen ones looked into as well. Functions stay as they are (behind one there may be half a program),
 * and so do typed arrays, which cannot be frozen, and what a Map or a Set holds can still be replaced. Accessors are not run.
 * @param {unknown} value
 */
export function freezeDeep(value) {
  const waiting = [value]
  /** @type {Set<object>} */
  const seen = new Set()
  for (const thing of waiting) {
    if (thing === null || typeof thing !== 'object' || seen.has(thing) || ArrayBuffer.isView(thing)) continue
    seen.add(thing)
    Object.freeze(thing)
    if (thing instanceof Map) for (const [key, held] of thing) waiting.push(key, held)
    if (thing instanceof Set) for (const member of thing) waiting.push(member)
    for (const name of Reflect.ownKeys(thing))
      waiting.push(Reflect.getOwnPropertyDescriptor(thing, name)?.value)
  }
}

/** A value that nobody has; callers get copies of it. It stands in the slot of an entry in place of the value. */
export class Master {
  /**
   * @param {unknown} value
   * @param {boolean} isAsync callers get a promise of their copy
   * @param {(value: any) => unknown} copy
   */
  constructor(value, isAsync, copy) {
    this.value = value
    this.isAsync = isAsync
    this.copy = copy
  }

  /** A copy of the plain value. */
  take() {
    return this.copy(this.value)
  }

  /** What a caller gets. */
  hand() {
    const copy = this.take()
    return this.isAsync ? Promise.resolve(copy) : copy
  }
}
