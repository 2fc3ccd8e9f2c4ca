import { join } from 'node:path'
import { readCounts } from '../stores/disk/reads.js'
import { entriesOf, namesOf } from './entries.js'

/**
 * What a directory holds, function by function.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string | null} version
 * @property {number} entries that live
 * @property {number} expired
 * @property {number} bytes of all of them
 * @property {number} hits reads that the store could answer
 * @property {number} misses
 * @property {number} oldest when it was stored
 * @property {number} newest
 * @property {number} first deadline
 * @property {number} last deadline
 */

/** @param {import('./entries.js').Directory} directory @param {number} now @returns {Row[]} the largest first */
export function functionsOf(directory, now) {
  const counts = readCounts(join(directory.path, 'reads'))
  /** @type {Map<string, Row>} */
  const rows = new Map()
  for (const { namespace, bytes, isLive, storedAt, deadline } of entriesOf(directory, now)) {
    const row = rows.get(namespace) ?? newRow(namespace, counts.get(namespace))
    rows.set(namespace, row)
    row.bytes += bytes
    if (!isLive) {
      row.expired++
      continue
    }
    row.entries++
    row.oldest = Math.min(row.oldest, storedAt)
    row.newest = Math.max(row.newest, storedAt)
    row.first = Math.min(row.first, deadline)
    row.last = Math.max(row.last, deadline)
  }
  return [...rows.values()].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
}

/** @param {string} namespace @param {{ hits: number, misses: number }} [counts] @returns {Row} */
function newRow(namespace, { hits, misses } = { hits: 0, misses: 0 }) {
  const times = { oldest: Infinity, newest: -Infinity, first: Infinity, last: -Infinity }
  return { ...namesOf(namespace), entries: 0, expired: 0, bytes: 0, hits, misses, ...times }
}

/** @param {{ hits: number, misses: number }} counts @returns {number | null} null: nobody has asked */
export function ratioOf({ hits, misses }) {
  return hits + misses > 0 ? hits / (hits + misses) : null
}
