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

/** A duration that is looked at once a second. @param {number} ms @param {(n: number) => number} [round] */
export function coarse(ms, round = Math.floor) {
  if (ms >= 172_800_000) return `${round(ms / 86_400_000)} d`
  if (ms >= 7_200_000) return `${round(ms / 3_600_000)} h`
  if (ms >= 120_000) return `${round(ms / 60_000)} min`
  return `${Math.max(0, round(ms / 1000))} s`
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** Bytes for people. @param {number} n */
export function bytesText(n) {
  let [scaled, unit] = [n, 0]
  for (; scaled >= 999.5 && unit < UNITS.length - 1; unit++) scaled /= 1000
  return `${Number(scaled.toFixed(unit > 0 && scaled < 99.95 ? 1 : 0))} ${UNITS[unit]}`
}

/** A part as percents. @param {number} part */
export function share(part) {
  const percent = 100 * part
  if (percent > 0 && percent < 0.01) return 'less than 0.01 %'
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toFixed(2))} %`
}

/** @param {number} n */
export function count(n) {
  return n.toLocaleString('en')
}
