/**
 * Which segments nobody needs, and which would be smaller if they were written anew.
 *
 * @typedef {import('./catalog.js').Catalog} Catalog
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./segment.js').Segment} Segment
 * @typedef {import('./space.js').Space} Space
 */

/** What is left of the budget when something had to go, so that the next write finds room too. */
const KEEP = 0.9

/** @param {Row} row @param {number} now */
export function isLive(row, now) {
  return row.isEntry && row.isWhole && row.end > now
}

/** Whether one of its records is. @param {Segment} segment @param {number} now */
export function hasLive(segment, now) {
  return segment.hasSleeper(now) || segment.awake.some(row => row !== undefined && isLive(row, now))
}

/** Whether it keeps an older record of its key from coming back. @param {Row} row @param {Set<Segment>} staying */
export function hides(row, staying) {
  return row.hidden?.some(segment => staying.has(segment)) === true
}

/** Whether it deletes a namespace that stays have older records of. @param {Segment} segment @param {Iterable<Segment>} staying older ones */
export function clears({ marks }, staying) {
  const spaces = marks.filter(mark => mark.space.cleared === mark).map(({ space }) => space)
  if (spaces.length === 0) return false
  for (const older of staying) if (spaces.some(space => older.spaces.has(space))) return true
  return false
}

/** What is known here and not written yet. Should it never be, what it replaces still has to keep older records from coming back. */
export class Unwritten {
  /** What replaces something in a segment. @type {Map<Segment, Row[]>} */
  #rows = new Map()
  /** Those that are to be deleted. @type {Set<Space>} */
  #cleared = new Set()

  /** @param {Catalog} catalog */
  constructor(catalog) {
    for (const space of catalog.spaces) {
      if (space.cleared !== undefined && space.cleared.segment === undefined) this.#cleared.add(space)
      for (const row of space.awake.values()) {
        if (row.place !== undefined) continue
        for (const segment of row.hidden ?? []) {
          const rows = this.#rows.get(segment)
          if (rows === undefined) this.#rows.set(segment, [row])
          else rows.push(row)
        }
      }
    }
  }

  /** @param {Segment} segment @param {Set<Segment>} staying older ones */
  needs(segment, staying) {
    if (this.#rows.get(segment)?.some(row => hides(row, staying))) return true
    for (const space of this.#cleared) {
      if (!segment.spaces.has(space)) continue
      for (const older of staying) if (older.spaces.has(space)) return true
    }
    return false
  }
}

/**
 * A record only hides older ones, so one pass is enough.
 * @param {Catalog} catalog
 * @param {number} now epoch milliseconds
 * @returns {{ dead: Segment[], staying: Set<Segment>, unwritten: Unwritten }} both oldest first, and what they were asked by
 */
export function sort(catalog, now) {
  /** @type {Set<Segment>} */
  const staying = new Set()
  /** @type {Segment[]} */
  const dead = []
  const unwritten = new Unwritten(catalog)
  for (const segment of catalog.inOrder()) {
    const isNeeded =
      hasLive(segment, now) ||
      segment.awake.some(row => row !== undefined && hides(row, staying)) ||
      segment.veils.some(row => hides(row, staying)) ||
      clears(segment, staying) ||
      unwritten.needs(segment, staying)
    if (isNeeded) staying.add(segment)
    else dead.push(segment)
  }
  return { dead, staying, unwritten }
}

/**
 * The parts of a value lie side by side and go together: what is left of one would count as damaged.
 * @param {Iterable<Segment>} segments oldest first
 * @param {number} bytes
 * @returns {Segment[]} the oldest that take so many
 */
export function oldest(segments, bytes) {
  /** @type {Segment[]} */
  const gone = []
  /** @type {Set<Segment>} */
  const rest = new Set()
  let left = bytes
  for (const segment of segments) {
    if (left <= 0 && !rest.has(segment)) break
    gone.push(segment)
    left -= segment.bytes
    for (const row of segment.awake) for (const part of row?.rest ?? []) rest.add(part.segment)
  }
  return gone
}

/**
 * What has to go so that the budget holds: what nobody needs, then the oldest.
 * @param {Catalog} catalog
 * @param {number} bytes that are about to be written
 * @param {number} maxBytes
 * @param {number} now
 * @returns {Segment[]}
 */
export function tooMuch(catalog, bytes, maxBytes, now) {
  let left = catalog.bytes + bytes
  if (left <= maxBytes) return []
  const { dead, staying } = sort(catalog, now)
  for (const segment of dead) left -= segment.bytes
  return [...dead, ...oldest(staying, left - maxBytes * KEEP)]
}
