/**
 * What goes by identity, in words for a message; reads no property that could run user code beyond a class's name.
 * @param {unknown} thing
 * @returns {string}
 */
export function nameKind(thing) {
  if (typeof thing === 'symbol') return `the unique ${String(thing)}`
  try {
    if (typeof thing === 'function') return thing.name ? `the function ${thing.name}` : 'a function'
    const type = Object.getPrototypeOf(thing)?.constructor
    if (typeof type === 'function' && typeof type.name === 'string' && type.name)
      return `an instance of ${type.name}`
  } catch {
    // A proxy that throws, or a revoked one.
  }
  return 'an object'
}
