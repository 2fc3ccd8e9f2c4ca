import { KEY_METHOD } from '../key.js'
import { likeOf } from '../likeness.js'
import { receiverOf } from '../receiver.js'

/**
 * A decorated method. What is called on an object has that in its key by identity, which means nothing in the next run. So the object becomes an
 * argument, and counts by the rules of those: an instance with `[mime.key]()` by that, a class (of a static method) by its name.
 *
 * @param {Function} fn
 * @param {(fn: (self: unknown, ...args: unknown[]) => unknown) => Function} wrap
 * @returns {Function} without the verbs, which would ask for the object
 */
export function onReceiver(fn, wrap) {
  /** @param {unknown} self @param {...unknown} args */
  const withReceiver = (self, ...args) => Reflect.apply(fn, self, args)
  const wrapped = wrap(likeOf(withReceiver, fn))
  const { method } = {
    /** @this {unknown} @param {...unknown} args */
    method(...args) {
      return wrapped(receiverOf(this), ...args)
    },
  }
  return likeOf(method, fn)
}

/** @param {unknown} self */
export function receiverKey(self) {
  return typeof self === 'function' ? ['class', self.name] : ['object', self]
}

/** @param {any} self @returns {boolean} whether a class instance has nothing to be known by in the next run */
export function isByIdentity(self) {
  if (typeof self !== 'object' || self === null || typeof self[KEY_METHOD] === 'function') return false
  const prototype = Object.getPrototypeOf(self)
  return prototype !== null && prototype !== Object.prototype
}
