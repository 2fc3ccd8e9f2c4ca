import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { Backing } from '../backing.js'
import { epochNow } from '../clock.js'
import { BUFFER_CELLS, start } from '../core.js'
import { writeCall } from '../key.js'
import { decodeKey } from '../key/decode.js'
import { describeCall } from '../key/describe.js'
import { decodeEntry, tagsOf } from '../stores/entry.js'
import { readRecord } from '../stores/disk/file.js'
import { isPlainJson } from '../testing/preview.js'
import { duration, sizeText } from '../words.js'
import { DEFAULT_PATH } from './arguments.js'
import { entriesOf, namesOf, timeJson } from './entries.js'
import { EXIT, Failure, misuse } from './failure.js'
import { look } from './look.js'
import { hintFor } from './nearest.js'
import { say, sayJson } from './output.js'
import { counted, table } from './picture.js'
import { printable, printableLines } from './printable.js'

/**
 * `my-mimic show`: entries, decoded. Nothing in them is executed.
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {import('./entries.js').Directory} Directory
 */

const DIGEST = /^[0-9a-f]{4,32}$/
const LIMIT = 20
/** Digits of a digest that a list shows. */
const SHOWN = 10
const ARGS_SHOWN = 60

/** @param {import('./arguments.js').Given} given */
export function show({ path, json, rest: [what, ...args], values }) {
  if (what === undefined)
    throw misuse('show needs a function or the beginning of a digest', 'see my-mimic show --help')
  const limit = limitIn(values.limit)
  const now = epochNow()
  const entries = [...entriesOf(look(path), now)].filter(({ isLive }) => isLive)
  const own = entries.filter(({ namespace }) => namesOf(namespace).name === what)
  if (own.length > 0 && args.length === 0) return list(own, limit, now, json)
  const found = own.length > 0 ? ofCall(own, args, path) : byDigest(entries, what, args)
  if (json) return sayJson({ path, entries: found.map(entry => entryJson(entry)) })
  say(found.map(entry => entryText(entry, now, values.full)).join('\n\n'))
}

/** @param {unknown} limit */
function limitIn(limit = LIMIT) {
  const count = Number(limit)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw misuse(`--limit takes a whole number from 1; got ${limit}`)
}

/** @param {Entry[]} own @param {string[]} args @param {string} path @returns {Entry[]} of one version each */
function ofCall(own, args, path) {
  const values = args.map(argumentOf)
  const digest = digestOf(values)
  const found = own.filter(entry => entry.digest === digest)
  if (found.length > 0) return found
  const { name } = namesOf(own[0].namespace)
  const where = path === resolve(DEFAULT_PATH) ? '' : `${shellWord(path)} `
  throw missing(
    `there is no entry of ${name} for ${describe(values)}`,
    `it has ${counted(own.length, 'entry', 'entries')}: my-mimic show ${where}${shellWord(name)}`,
  )
}

/** @param {string} word @returns {string} as a shell takes it for one word */
function shellWord(word) {
  return /^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** @param {Entry[]} entries @param {string} what @param {string[]} args @returns {Entry[]} */
function byDigest(entries, what, args) {
  const digits = what.toLowerCase()
  const found =
    DIGEST.test(digits) && args.length === 0 ? entries.filter(({ digest }) => digest.startsWith(digits)) : []
  if (found.length > 0) return found
  const names = [...new Set(entries.map(({ namespace }) => namesOf(namespace).name))]
  throw missing(`there is no function and no digest ${what}`, hintFor(what, names))
}

/** @param {string} message @param {string} hint */
function missing(message, hint) {
  return new Failure('ERR_NO_ENTRY', EXIT.FOUND, message, hint)
}

/** @param {string} text @returns {unknown} */
function argumentOf(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** @param {unknown[]} args @returns {string} of the call */
function digestOf(args) {
  start()
  const cells = writeCall(undefined, args, BUFFER_CELLS)
  return new Backing(/** @type {any} */ (undefined), '', 0, () => {}).keyFor(cells)?.digest ?? ''
}

/** @param {unknown[]} args */
function describe(args) {
  return `(${args.map(arg => JSON.stringify(arg)).join(', ')})`
}

/** @param {Entry[]} own @param {number} limit @param {number} now @param {boolean} json */
function list(own, limit, now, json) {
  const chosen = own.sort(newestFirst).slice(0, limit)
  if (json)
    return sayJson({ entries: chosen.map(entry => entryJson(entry)), more: own.length - chosen.length })
  const rows = chosen.map(entry => [
    entry.digest.slice(0, SHOWN),
    shortened(partsOf(entry).args),
    { text: sizeText(entry.bytes), right: true },
    `${duration(Math.max(0, now - entry.storedAt))} ago`,
    leftText(entry, now),
  ])
  say(table(['DIGEST', 'ARGUMENTS', 'SIZE', 'STORED', 'TIME LEFT'], rows))
  if (own.length > chosen.length)
    say(`… ${counted(own.length - chosen.length, 'more entry', 'more entries')}: --limit ${own.length}`)
}

/** Of what was stored in one millisecond, the order of the writes. @param {Entry} a @param {Entry} b */
function newestFirst({ storedAt, place: a }, { storedAt: other, place: b }) {
  return other - storedAt || b.frame.stamps[b.i] - a.frame.stamps[a.i]
}

/** @param {string} text */
function shortened(text) {
  const chars = [...text]
  return chars.length > ARGS_SHOWN ? `${chars.slice(0, ARGS_SHOWN - 1).join('')}…` : text
}

/** @param {Entry} entry @param {number} now */
function leftText({ deadline }, now) {
  return deadline === Infinity ? 'never expires' : duration(deadline - now)
}

/**
 * What is in an entry.
 * @param {Entry} entry
 * @returns {{ args: string, value?: unknown, isAsync?: boolean, tags: readonly string[], problem?: string }} `problem`: why there is no value
 */
function partsOf({ place }) {
  const found = readRecord(place.frame, place.i)
  if (found === undefined) return { args: '', tags: [], problem: 'damaged: my-mimic verify says more' }
  let args = ''
  try {
    args = describeCall(decodeKey(found.key))
    return { args, tags: tagsOf(found.value), ...decodeEntry(found.value) }
  } catch (error) {
    return { args, tags: [], problem: String(/** @type {any} */ (error).message) }
  }
}

/** @param {Entry} entry @param {number} now @param {boolean} [full] @returns {string} */
function entryText(entry, now, full = false) {
  const { args, value, isAsync, tags, problem } = partsOf(entry)
  const { name, version } = namesOf(entry.namespace)
  const facts = [
    ['digest', entry.digest],
    ['version', version ?? ''],
    [
      'stored',
      `${duration(Math.max(0, now - entry.storedAt))} ago, ${new Date(entry.storedAt).toISOString()}`,
    ],
    ['time left', leftText(entry, now)],
    ['size', sizeText(entry.bytes)],
    ['tags', tags.join(', ')],
  ]
  const head = `${printable(name)}${printable(args)}`
  const lines = facts
    .filter(([, text]) => text !== '')
    .map(([fact, text]) => `  ${fact.padEnd(9)}  ${printable(text)}`)
  const shown = problem === undefined ? `${isAsync ? 'a promise of ' : ''}${valueText(value, full)}` : problem
  return [head, ...lines, '', printableLines(shown)].join('\n')
}

/** @param {unknown} value @param {boolean} full */
function valueText(value, full) {
  const most = full ? Infinity : undefined
  return inspect(value, {
    customInspect: false,
    depth: full ? Infinity : 6,
    maxArrayLength: most ?? 100,
    maxStringLength: most ?? 10_000,
  })
}

/** @param {Entry} entry */
function entryJson(entry) {
  const { args, value, isAsync, tags, problem } = partsOf(entry)
  const { storedAt, deadline, bytes, digest, namespace } = entry
  const known = { ...namesOf(namespace), digest, args, storedAt, deadline: timeJson(deadline), bytes, tags }
  if (problem !== undefined) return { ...known, problem }
  const plain = isPlainJson(value) ? { value } : {}
  return { ...known, isAsync, ...plain, text: valueText(value, true) }
}
