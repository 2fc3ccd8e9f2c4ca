import { DELETED } from '../stores/disk/frame.js'
import { hintFor } from './nearest.js'
import { note } from './output.js'
import { printable } from './printable.js'
import { bytesOf } from '../stores/disk/catalog.js'

/**
 * What a directory holds, entry by entry.
 *
 * @typedef {import('../stores/disk/directory.js').Directory} Directory
 * @typedef {import('../stores/disk/catalog.js').Place} Place
 * @typedef {{ namespace: string, digest: string, place: Place, storedAt: number, deadline: number, bytes: number, isLive: boolean }} Entry
 */

/** @param {Directory} directory @param {number} now @returns {Generator<Entry, void, void>} expired ones too */
export function* entriesOf({ catalog }, now) {
  for (const { name, rows } of catalog.spaces) {
    for (const [digest, row] of rows) {
      const place = catalog.place(row)
      if (place.frame.head.kind(place.i) === DELETED) continue
      const deadline = catalog.deadline(row, now)
      const storedAt = place.frame.head.storedAt(place.i)
      yield {
        namespace: name,
        digest,
        place,
        storedAt,
        deadline,
        bytes: bytesOf(place),
        isLive: now < deadline,
      }
    }
  }
}

/** @param {string} namespace @returns {{ name: string, version: string | null }} */
export function namesOf(namespace) {
  const end = namespace.indexOf('\0')
  if (end < 0) return { name: namespace, version: null }
  return { name: namespace.slice(0, end), version: namespace.slice(end + 1) }
}

/** Says which of these functions there are none of. @param {Directory} directory @param {readonly string[] | undefined} names */
export function noteUnknown({ catalog }, names = []) {
  const known = [...new Set(Array.from(catalog.spaces, ({ name }) => namesOf(name).name))]
  for (const name of names) {
    if (!known.includes(name)) note(printable(`there is no function ${name}; ${hintFor(name, known)}`))
  }
}

/** @param {{ name: string, version: string | null }} names */
export function namespaceOf({ name, version }) {
  return version === null ? name : `${name}\0${version}`
}

/** A time as JSON has it. @param {number} time @returns {number | null} null: never */
export function timeJson(time) {
  return Number.isFinite(time) ? time : null
}
