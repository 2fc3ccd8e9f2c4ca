import { checkTag } from './tags.js'
import { freezeDeep } from './copies.js'
import { invalidOption, MimicRangeError, MimicTypeError, show } from './errors.js'
import { parseTtl } from './options.js'

/**
 * The terms on which a result is kept, as the options and their callbacks say. Whatever a callback throws, the caller gets his result, and
 * nothing is kept.
 *
 * @typedef {object} Terms
 * @property {number} ttl milliseconds; nothing above 0 means that it is not kept
 * @property {readonly string[] | undefined} tags
 * @property {number} weight bytes
 */

/**
 * @param {import('./options.js').Settings} settings
 * @param {unknown} result
 * @param {any[]} args
 * @returns {Terms}
 * @throws what a callback throws, and a coded error for what it may not return
 */
export function termsOf(settings, result, args) {
  // Callers may share what is not kept.
  if (settings.freeze) freezeDeep(result)
  const { ttl, ttlOf, jitter, tags } = settings
  return {
    ttl: ttlOf === undefined && jitter === undefined ? ttl : ttlFor(settings, result, args),
    tags: tags === undefined ? undefined : tagsFor(settings, result, args),
    weight: weigh(settings, result),
  }
}

/** @param {import('./options.js').Settings} settings @param {unknown} result @param {any[]} args */
function ttlFor({ ttl, ttlOf, jitter }, result, args) {
  const given = ttlOf === undefined ? ttl : parseTtl(ttlOf(result, args), 'ttl(value, args)')
  if (jitter === undefined || given === Infinity) return given
  return given - Math.random() * Math.min(given, 'share' in jitter ? jitter.share * given : jitter.most)
}

/** @param {import('./options.js').Settings} settings @param {unknown} result @param {any[]} args @returns {readonly string[] | undefined} */
export function tagsFor({ tags }, result, args) {
  return tags && [...new Set(Array.from(checkList(tags(args, result)), checkTag))]
}

/** @param {any} tags what the callback said; a text would be a tag for each of its letters */
function checkList(tags) {
  if (typeof tags === 'object' && typeof tags?.[Symbol.iterator] === 'function') return tags
  throw new MimicTypeError(
    'ERR_INVALID_TAG',
    `tags(args, value) must return an array of tags, [] for none; got ${show(tags)}`,
  )
}

/** @param {import('./options.js').Settings} settings @param {unknown} result @returns {number} bytes */
export function weigh({ sizeOf, maxBytes, sampled }, result) {
  if (sizeOf !== undefined) return checkSize(sizeOf(result))
  return maxBytes < Infinity ? sampled.of(result) : 0
}

/** @param {unknown} size */
function checkSize(size) {
  if (typeof size === 'number' && size >= 0) return size
  throw invalidOption('sizeOf(value)', size, 'a number of bytes, 0 or more', MimicRangeError)
}
