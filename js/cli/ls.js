import { epochNow } from '../clock.js'
import { duration, sizeText } from '../words.js'
import { timeJson, unreadText } from './entries.js'
import { functionsOf, ratioOf } from './functions.js'
import { look } from './look.js'
import { note, say, sayJson } from './output.js'
import { bar, counted, figure, gauge, table } from './picture.js'

/**
 * `my-mimic ls`: the functions.
 * @typedef {import('./functions.js').Row} Row
 */

/** @param {import('./arguments.js').Given} given */
export function ls({ path, json }) {
  const now = epochNow()
  const directory = look(path)
  const rows = functionsOf(directory, now)
  const [damaged, foreign] = [directory.corrupt, directory.strange.size]
  if (json) return sayJson({ path, functions: rows.map(rowJson), damaged, foreign })
  const unread = unreadText(damaged, foreign)
  if (unread !== '') note(unread)
  if (rows.length === 0) return say('no entries')
  const most = Math.max(...rows.map(({ bytes }) => bytes))
  say(
    table(
      HEAD,
      rows.map(row => cells(row, most, now)),
    ),
  )
  const live = rows.reduce((sum, { entries }) => sum + entries, 0)
  const expired = rows.reduce((sum, row) => sum + row.expired, 0)
  say(
    `\n${counted(rows.length, 'function')}, ${counted(live, 'entry', 'entries')}${expired > 0 ? `, ${expired} more expired` : ''}`,
  )
}

const HEAD = ['FUNCTION', 'VERSION', 'ENTRIES', 'SIZE', '', 'HIT RATIO', 'OLDEST', 'NEWEST', 'TIME LEFT']

/** @param {Row} row @param {number} most bytes of any @param {number} now */
function cells(row, most, now) {
  const ago = (/** @type {number} */ time) =>
    row.entries === 0 ? '' : `${duration(Math.max(0, now - time))} ago`
  return [
    row.name,
    row.version ?? '',
    figure(row.entries),
    { text: sizeText(row.bytes), right: true },
    { text: bar(row.bytes / most, 10), raw: true },
    { text: ratioText(row), raw: true },
    ago(row.oldest),
    ago(row.newest),
    leftText(row, now),
  ]
}

/** @param {Row} row */
function ratioText(row) {
  const ratio = ratioOf(row)
  return ratio === null ? 'not asked' : `${gauge(ratio, 5)} ${Math.round(ratio * 100)} %`
}

/** @param {Row} row @param {number} now */
function leftText({ entries, first, last }, now) {
  if (entries === 0) return 'expired'
  if (first === Infinity) return 'never expires'
  const [from, to] = [duration(first - now), last === Infinity ? 'never expires' : duration(last - now)]
  return from === to ? from : `${from} to ${to}`
}

/** @param {Row} row */
function rowJson({ name, version, entries, expired, bytes, hits, misses, oldest, newest, first, last }) {
  const isEmpty = entries === 0
  return {
    name,
    version,
    entries,
    expired,
    bytes,
    hits,
    misses,
    hitRatio: ratioOf({ hits, misses }),
    oldest: timeJson(oldest),
    newest: timeJson(newest),
    firstDeadline: isEmpty ? null : timeJson(first),
    lastDeadline: isEmpty ? null : timeJson(last),
  }
}
