const { Deno } = /** @type {any} */ (globalThis)

/** No reason for a process to stay. @template T @param {T} timer @returns {T} the same */
export function unref(timer) {
  if (typeof timer === 'object') /** @type {any} */ (timer).unref?.()
  else Deno?.unrefTimer?.(timer)
  return timer
}
