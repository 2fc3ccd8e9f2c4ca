/** Values as the text that `parse.js` reads. Two arguments are the same key exactly when this text is the same. */

/** @param {any[]} args */
export function showArguments(args) {
  return args.map(show).join(', ')
}

/** @param {any} value @returns {string} */
export function show(value) {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return String(value)
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? "Date('?')" : `Date('${shortTime(value)}')`
  if (value instanceof Map) return `Map([${[...value].map(show).join(', ')}])`
  if (value instanceof Set) return `Set([${[...value].map(show).join(', ')}])`
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}([${[.../** @type {any} */ (value)].map(show).join(', ')}])`
  const keys = Object.keys(value).sort()
  return keys.length === 0
    ? '{}'
    : `{ ${keys.map(key => `${property(key)}: ${show(value[key])}`).join(', ')} }`
}

/** What kind of value it is, in a word or two. @param {any} value */
export function kindOf(value) {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return typeof value
  if (Array.isArray(value)) return `array of ${value.length}`
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name} of ${value.size}`
  return value.constructor === Object ? 'object' : value.constructor.name
}

/** @param {string} text */
function quoted(text) {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** @param {string} key */
function property(key) {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? key : quoted(key)
}

/** @param {Date} date */
function shortTime(date) {
  return date.toISOString().replace(/T00:00:00\.000Z$/, '')
}

/** A duration for people. @param {number} ms */
export function duration(ms) {
  if (ms >= 86_400_000) return `${(ms / 86_400_000).toFixed(1)} d`
  if (ms >= 3_600_000) return `${(ms / 3_600_000).toFixed(1)} h`
  if (ms >= 100_000) return `${Math.round(ms / 60_000)} min`
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  if (ms >= 1) return `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`
  return `${Math.max(1, Math.round(ms * 1000))} µs`
}
