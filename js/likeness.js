import { standsFor } from './source.js'

/**
 * Makes a wrapper look like the function that it wraps: name, length, static properties, and whether its syntax says that it is async, which
 * its prototype tells.
 * @template {Function} W
 * @param {W} wrapper
 * @param {Function} fn
 * @returns {W}
 */
export function likeOf(wrapper, fn) {
  for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(fn))) {
    if (name !== 'prototype' && name !== 'caller' && name !== 'arguments')
      Object.defineProperty(wrapper, name, own)
  }
  Object.setPrototypeOf(wrapper, Object.getPrototypeOf(fn))
  standsFor(wrapper, fn)
  return wrapper
}
