import { isClass } from '../decorate.js'
import { KEY_METHOD } from '../key.js'
import { likeOf } from '../likeness.js'
import { receiverOf } from '../receiver.js'

/**
 * A decorated method. What is called on an object has that in its key by identity, which means nothing in the next run. So the object becomes an
 * argument, and counts by the rules of those: what has a `[mime.key]()` by that, a class (of a static method) by its name.
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

/** @param {any} self */
export function receiverKey(self) {
  if (typeof self !== 'function') return ['object', self]
  // Two classes that inherit the method are told apart by their names.
  if (isKeyed(self)) return ['class', nameOf(self), self[KEY_METHOD]()]
  return isFirstOfName(self) ? ['class', nameOf(self)] : ['object', self]
}

/** @param {any} self @returns {boolean} whether a class instance or a function has nothing to be known by in the next run */
export function isByIdentity(self) {
  if (typeof self === 'function') return !isKeyed(self) && !isFirstOfName(self)
  if (typeof self !== 'object' || self === null || isKeyed(self)) return false
  const prototype = Object.getPrototypeOf(self)
  return prototype !== null && prototype !== Object.prototype
}

/** @param {any} self */
function isKeyed(self) {
  return typeof self[KEY_METHOD] === 'function'
}

/** @param {Function} self a class may have a static field of that name */
function nameOf({ name }) {
  return typeof name === 'string' ? name : ''
}

/** The class that a static method was first called on under its name, as for instances with `[mime.key]()`. @type {Map<string, WeakRef<Function>>} */
const named = new Map()

/** Another class of that name has results of its own, also when the first is gone, of which the results remain. @param {Function} self */
function isFirstOfName(self) {
  const name = nameOf(self)
  const first = named.get(name)
  if (first !== undefined) return first.deref() === self
  if (name === '' || !isClass(self)) return false
  named.set(name, new WeakRef(self))
  return true
}
