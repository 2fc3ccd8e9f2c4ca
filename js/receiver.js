/**
 * What a function was called on. In a script that is no module, which bundlers make of modules, a plain call has the global object for its `this`.
 * @param {unknown} self
 */
export function receiverOf(self) {
  return self === globalThis ? undefined : self
}
