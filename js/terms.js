import { checkTag } from './tags.js'
import { freezeDeep } from './copies.js'
import { invalidOption, MimicRangeError, MimicTypeError, show } from './errors.js'
import { walked } from './key.js'
import { parseTtl } from './options.js'
import { snapshot } from './swap.js'

/**
 * The terms on which a result is kept, as the options and their callbacks say. Whatever a callback throws, the caller gets his result, and
 * nothing is kept.
 *
 * @typedef {object} Terms
 * @property {number} ttl milliseconds; nothing above 0 means that it is not kept
 * @property {readonly string[] | undefined} tags
 * @property {number} weight bytes
 *
 * @typedef {object} Call a load, or what else has arguments
 * @property {any[]} args
 * @property {import('./copies.js').Master} [master] what is stored in place of the result, where each caller gets a copy
 * @property {any[]} [given] the same as they were at the call, where callbacks will be asked with them and they may have changed
 */

/**
 * A load begins, during which its caller and its function may change the arguments: tags and a ttl that are worked out from them go with a key
 * that is taken already. Last of all, since looking at a proxy runs its code.
 * @param {import('./options.js').Settings} settings
 * @param {Call} call
 */
export function noteArgs({ ttlOf, tags }, call) {
  if (ttlOf === undefined && tags === undefined) return
  const { args } = call
  if (!args.some(arg => typeof arg === 'object' && arg !== null)) return
  const { signals } = walked
  call.given = snapshot(args)
  walked.signals = signals
}

/**
 * @param {import('./options.js').Settings} settings
 * @param {unknown} result
 * @param {Call} call
 * @returns {Terms}
 * @throws what a callback throws, and a coded error for what it may not return
 */
export function termsOf(settings, result, call) {
  // Callers may share what is not kept.
  if (settings.freeze) freezeDeep(result)
  const { ttl, ttlOf, jitter, tags } = settings
  return {
    ttl: ttlOf === undefined && jitter === undefined ? ttl : ttlFor(settings, result, call),
    tags: tags === undefined ? undefined : tagsFor(settings, result, call),
    weight: weigh(settings, result, call.master),
  }
}

/** @param {import('./options.js').Settings} settings @param {unknown} result @param {Call} call */
function ttlFor({ ttl, ttlOf, jitter }, result, call) {
  const given =
    ttlOf === undefined ? ttl : parseTtl(ttlOf(result, call.given ?? call.args), 'ttl(value, args)')
  if (jitter === undefined || given === Infinity) return given
  return given - Math.random() * Math.min(given, 'share' in jitter ? jitter.share * given : jitter.most)
}

/** @param {import('./options.js').Settings} settings @param {unknown} result @param {Call} call @returns {readonly string[] | undefined} */
export function tagsFor({ tags }, result, call) {
  return tags && [...new Set(Array.from(checkList(tags(call.given ?? call.args, result)), checkTag))]
}

/** @param {any} tags what the callback said; a text would be a tag for each of its letters */
function checkList(tags) {
  if (typeof tags === 'object' && typeof tags?.[Symbol.iterator] === 'function') return tags
  throw new MimicTypeError(
    'ERR_INVALID_TAG',
    `tags(args, value) must return an array of tags, [] for none; got ${show(tags)}`,
  )
}

/**
 * @param {import('./options.js').Settings} settings
 * @param {unknown} result
 * @param {import('./copies.js').Master} [master]
 * @returns {number} bytes
 */
export function weigh({ sizeOf, maxBytes, sampled }, result, master) {
  if (sizeOf !== undefined) return checkSize(sizeOf(result))
  // A body that is still coming is weighed when it is there.
  return maxBytes < Infinity && master?.copies === undefined ? sampled.of(result) : 0
}

/** @param {unknown} size */
function checkSize(size) {
  if (typeof size === 'number' && size >= 0) return size
  throw invalidOption('sizeOf(value)', size, 'a number of bytes, 0 or more', MimicRangeError)
}
