/**
 * Replaces the stacks of the errors in a value by what they begin with: a stack names the files of one machine, and differs from one
 * recording to the next.
 * @template T
 * @param {T} value of the caller alone, as the codec made it; no deeper than that allows
 * @returns {T} the same
 */
export function withoutStacks(value) {
  const met = new Set()
  /** @type {unknown[]} */
  const parts = [value]
  while (parts.length > 0) {
    const part = parts.pop()
    if (typeof part !== 'object' || part === null || met.has(part)) continue
    met.add(part)
    if (part instanceof Map) parts.push(...part.keys(), ...part.values())
    else if (part instanceof Set) parts.push(...part)
    else if (part instanceof Error && Object.hasOwn(part, 'stack')) part.stack = String(part)
    if (ArrayBuffer.isView(part)) continue
    for (const own of Object.values(Object.getOwnPropertyDescriptors(part))) parts.push(own.value)
  }
  return value
}
