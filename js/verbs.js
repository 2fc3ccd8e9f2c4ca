import { clear, has, insert, invalidate, invalidateIf, peek } from './entries.js'
import { explain } from './explain.js'
import { receiverOf } from './receiver.js'

/**
 * Gives the wrapper its verbs, and the name, length and static properties of the function.
 * @param {Function} mimed
 * @param {Function} fn
 * @param {import('./cache.js').Cache} cache
 * @param {import('./reload.js').Reloading} reloading
 */
export function dress(mimed, fn, cache, reloading) {
  /** `f.has(1)` asks about plain calls, `f.has.call(object, 1)` about calls on the object. @param {unknown} self */
  const receiver = self => (self === mimed ? undefined : receiverOf(self))
  const flush = async () => cache.backing?.flush()
  const verbs = {
    /** @this {unknown} @param {any[]} args */
    has(...args) {
      return has(cache, receiver(this), args)
    },
    /** @this {unknown} @param {any[]} args */
    peek(...args) {
      return peek(cache, receiver(this), args)
    },
    /** @this {unknown} @param {unknown} args @param {unknown} value */
    set(args, value) {
      insert(cache, receiver(this), args, value)
    },
    /** @this {unknown} @param {any[]} args */
    refresh(...args) {
      return reloading.refresh(receiver(this), args)
    },
    /** @this {unknown} @param {any[]} args */
    invalidate(...args) {
      return invalidate(cache, receiver(this), args)
    },
    /** @this {unknown} @param {any[]} args */
    explain(...args) {
      return explain(cache, receiver(this), args)
    },
    /** @param {unknown} predicate */
    invalidateIf: predicate => invalidateIf(cache, predicate),
    clear: () => clear(cache),
    stats: () => cache.stats(),
    /** @param {string} type @param {(event: import('./events.js').MimeEvent) => void} listener */
    on: (type, listener) => cache.ledger.events.on(type, listener),
    flush,
    [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: flush,
  }
  for (const name of Reflect.ownKeys(fn)) {
    if (name === 'prototype' || name === 'caller' || name === 'arguments') continue
    const property = /** @type {PropertyDescriptor} */ (Reflect.getOwnPropertyDescriptor(fn, name))
    // A verb of the same name takes its place.
    Object.defineProperty(mimed, name, { ...property, configurable: true })
  }
  for (const name of Reflect.ownKeys(verbs)) {
    Object.defineProperty(mimed, name, {
      value: Reflect.get(verbs, name),
      configurable: true,
      writable: true,
    })
  }
  return Object.defineProperty(mimed, 'ready', {
    get: async () => cache.backing?.ready(),
    configurable: true,
  })
}
