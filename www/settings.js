/** What the person chose last, kept over a reload. */

const KEY = 'my-mimic page/settings'

/** @type {{ chosen: string, by: Record<string, { name: string, ttl: string, text: string }> }} */
export const settings = load()

function load() {
  const fresh = { chosen: 'weather', by: {} }
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return typeof kept?.by === 'object' && kept.by !== null ? kept : fresh
  } catch {
    return fresh
  }
}

export function save() {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings))
  } catch {
    // The page works without.
  }
}

/** A ttl as it is typed: a number is seconds, nothing is never, the rest is the library's to judge. @param {string} text */
export function ttlOf(text) {
  const plain = text.trim()
  if (plain === '' || plain === 'never') return null
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : plain
}
