import { parseTtl } from '../options.js'
import { tagsOf } from '../stores/entry.js'
import { readRecord } from '../stores/disk/file.js'
import { matches } from '../tags.js'
import { namesOf } from './entries.js'
import { misuse } from './failure.js'

/**
 * Which entries somebody means: what is given has to hold together.
 *
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {{ isWhole: boolean, matches(entry: Entry): boolean }} Criteria `isWhole`: functions go with all they have
 */

/** @param {Record<string, any>} values options @param {number} now @returns {Criteria} */
export function criteriaOf({ name, pattern, tag, 'older-than': olderThan, expired, all }, now) {
  const given = [name, pattern, tag, olderThan, expired].some(value => value !== undefined)
  if (!given && !all)
    throw misuse(
      'purge needs to know what: --name, --pattern, --tag, --older-than, --expired or --all',
      'see my-mimic purge --help',
    )
  if (given && all) throw misuse('--all is everything; leave out the others, or --all')
  /** @type {((entry: Entry) => boolean)[]} */
  const checks = []
  if (name !== undefined) checks.push(({ namespace }) => name.includes(namesOf(namespace).name))
  if (pattern !== undefined) {
    const expression = globOf(pattern)
    checks.push(({ namespace }) => expression.test(namesOf(namespace).name))
  }
  if (olderThan !== undefined) {
    const age = ageOf(olderThan)
    checks.push(({ storedAt }) => now - storedAt > age)
  }
  if (expired) checks.push(({ isLive }) => !isLive)
  // Last: for these the value has to be read.
  if (tag !== undefined) checks.push(entry => hasTag(entry, tag))
  const isWhole = tag === undefined && olderThan === undefined && !expired
  return { isWhole, matches: entry => checks.every(check => check(entry)) }
}

/** @param {string} glob @returns {RegExp} */
function globOf(glob) {
  const source = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.') // biome-ignore format: one line
  return new RegExp(`^${source}$`, 'su')
}

/** @param {string} text @returns {number} milliseconds */
function ageOf(text) {
  try {
    return parseTtl(text, 'older-than')
  } catch {
    throw misuse(`--older-than takes a time such as '10s', '5m', '2h' or '7d'; got '${text}'`)
  }
}

/** @param {Entry} entry @param {string[]} patterns */
function hasTag({ place: { frame, i } }, patterns) {
  if (!frame.tagged) return false
  try {
    const found = readRecord(frame, i)
    return (
      found !== undefined && tagsOf(found.value).some(tag => patterns.some(pattern => matches(pattern, tag)))
    )
  } catch {
    // Damaged: nobody knows its tags, and nobody gets it either.
    return false
  }
}
