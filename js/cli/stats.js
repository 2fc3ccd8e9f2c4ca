import { epochNow } from '../clock.js'
import { duration, sizeText } from '../words.js'
import { entriesOf } from './entries.js'
import { functionsOf, ratioOf } from './functions.js'
import { look } from './look.js'
import { say, sayJson } from './output.js'
import { bar, counted, figure, gauge, table } from './picture.js'
import { printable } from './printable.js'

/** `my-mimic stats`: the directory as a whole. */

const HOUR = 3_600_000
/** Where one bar ends and the next begins. */
const TIMES = [60_000, HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR]
const SIZES = [256, 1024, 16 << 10, 256 << 10]
const WIDTH = 30

/** @param {import('./arguments.js').Given} given */
export function stats({ path, json }) {
  const now = epochNow()
  const directory = look(path)
  const summary = summaryOf(directory, now)
  const { age, timeLeft, size } = bucketsOf(directory, now)
  if (json) return sayJson({ path, ...summary, age, timeLeft, size })
  const { functions, entries, expired, files, bytes, liveBytes, hits, misses, hitRatio, corrupt, foreign } =
    summary
  const used = bytes === 0 ? 1 : liveBytes / bytes
  const facts = [
    [
      'entries',
      `${counted(entries, 'entry', 'entries')} of ${counted(functions, 'function')}${expired > 0 ? `, ${expired} more expired` : ''}`,
    ],
    ['files', `${files}, ${sizeText(bytes)}`],
    ['in use', `${gauge(used, WIDTH)} ${Math.round(used * 100)} %`],
    [
      'hit ratio',
      hitRatio === null
        ? 'nobody has asked'
        : `${gauge(hitRatio, WIDTH)} ${Math.round(hitRatio * 100)} % of ${counted(hits + misses, 'read')}`,
    ],
    [
      'damaged',
      corrupt === 0
        ? 'nothing seen; my-mimic verify reads everything'
        : `${counted(corrupt, 'place')}: my-mimic verify says more`,
    ],
  ]
  if (foreign > 0) facts.push(['foreign', `${counted(foreign, 'file')} of a later version or not to be read`])
  say(printable(path))
  for (const [name, text] of facts) say(`  ${name.padEnd(9)}  ${text}`)
  if (entries === 0) return
  say(`\nstored\n${picture(age, duration, ' ago')}`)
  say(`\ntime left\n${picture(timeLeft, duration, '')}`)
  say(`\nsize\n${picture(size, sizeText, '')}`)
}

/** @param {import('./entries.js').Directory} directory @param {number} now */
function summaryOf(directory, now) {
  const rows = functionsOf(directory, now)
  /** @param {'entries' | 'expired' | 'hits' | 'misses'} name */
  const sum = name => rows.reduce((total, row) => total + row[name], 0)
  const [hits, misses] = [sum('hits'), sum('misses')]
  return {
    functions: rows.length,
    entries: sum('entries'),
    expired: sum('expired'),
    files: directory.files.size,
    bytes: directory.bytes,
    liveBytes: directory.catalog.liveBytes,
    hits,
    misses,
    hitRatio: ratioOf({ hits, misses }),
    corrupt: directory.corrupt,
    foreign: directory.strange.size,
  }
}

/**
 * How many entries lie below each limit and not below the one before; the last has what is above all.
 * @typedef {{ below: number | null, entries: number }[]} Buckets
 */

/** @param {import('./entries.js').Directory} directory @param {number} now */
function bucketsOf(directory, now) {
  const [age, timeLeft, size] = [TIMES, TIMES, SIZES].map(newBuckets)
  for (const { storedAt, deadline, bytes, isLive } of entriesOf(directory, now)) {
    if (!isLive) continue
    count(age, now - storedAt)
    count(timeLeft, deadline - now)
    count(size, bytes)
  }
  return { age, timeLeft, size }
}

/** @param {number[]} limits @returns {Buckets} */
function newBuckets(limits) {
  return [...limits, null].map(below => ({ below, entries: 0 }))
}

/** @param {Buckets} buckets @param {number} value */
function count(buckets, value) {
  const bucket = buckets.find(({ below }) => below === null || value < below)
  if (bucket !== undefined) bucket.entries++
}

/** @param {Buckets} buckets @param {(value: number) => string} words @param {string} after */
function picture(buckets, words, after) {
  const most = Math.max(1, ...buckets.map(({ entries }) => entries))
  const rows = buckets.map(({ below, entries }, i) => {
    const from = buckets[i - 1]?.below
    const range = [from, below].map(limit => (limit === null || limit === undefined ? '' : words(limit)))
    const label =
      from === undefined ? `up to ${range[1]}` : below === null ? `more than ${range[0]}` : range.join(' to ')
    return [
      { text: `  ${label}${after}`, raw: true },
      { text: bar(entries / most, WIDTH), raw: true },
      figure(entries),
    ]
  })
  return table(['', '', ''], rows).split('\n').slice(1).join('\n')
}
