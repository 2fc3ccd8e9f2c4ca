import { DELETED } from '../stores/disk/frame.js'
import { hintFor } from './nearest.js'
import { note } from './output.js'
import { counted } from './picture.js'
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

/** @param {Directory} directory @returns {string[]} of all functions, whatever their version */
function functionNames({ catalog }) {
  return [...new Set(Array.from(catalog.spaces, ({ name }) => namesOf(name).name))]
}

/** Which of these functions there are none of. @param {Directory} directory @param {readonly string[] | undefined} names */
export function unknownIn(directory, names = []) {
  const known = functionNames(directory)
  return names.filter(name => !known.includes(name))
}

/** Says so. @param {Directory} directory @param {readonly string[] | undefined} names */
export function noteUnknown(directory, names) {
  for (const name of unknownIn(directory, names))
    note(printable(`there is no function ${name}; ${hintFor(name, functionNames(directory))}`))
}

/** What is not read, so that nobody takes the rest for all there is. @param {number} damaged places @param {number} foreign files @returns {string} nothing when all is read */
export function unreadText(damaged, foreign) {
  const parts = []
  if (damaged > 0) parts.push(counted(damaged, 'damaged place'))
  if (foreign > 0) parts.push(`${counted(foreign, 'file')} of a later version or not to be read`)
  return parts.length === 0 ? '' : `left out: ${parts.join(', ')}; my-mimic verify says more`
}

/** @param {{ name: string, version: string | null }} names */
export function namespaceOf({ name, version }) {
  return version === null ? name : `${name}\0${version}`
}

/** A time as JSON has it. @param {number} time @returns {number | null} null: never */
export function timeJson(time) {
  return Number.isFinite(time) ? time : null
}
