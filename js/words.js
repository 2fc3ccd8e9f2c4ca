/** Durations and sizes as people say them. */

const UNITS = /** @type {const} */ ([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
])

/** @param {number} ms */
export function duration(ms) {
  // What would be shown as 60 minutes is an hour.
  const [unit, length] = UNITS.find(([, length]) => ms >= length * 0.995) ?? ['ms', 1]
  return `${short(ms / length)} ${unit}`
}

/** @param {number} bytes */
export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} bytes`
  return bytes < 2 ** 20 ? `${short(bytes / 1024)} KB` : `${short(bytes / 2 ** 20)} MB`
}

/** @param {number} value @returns {string} with a tenth where that says something */
function short(value) {
  return String(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))
}
