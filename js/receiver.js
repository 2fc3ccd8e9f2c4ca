/** @this {unknown} */
function own() {
  return this
}

/** Bundlers may make a script that is no module of this, in which a plain call has the global object for its `this`. */
const isScript = own.call(undefined) !== undefined

/**
 * What a function was called on.
 * @param {unknown} self
 */
export function receiverOf(self) {
  return isScript && self === globalThis ? undefined : self
}
