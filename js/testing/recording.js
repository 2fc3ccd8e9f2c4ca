import { decode, encode } from '../codec.js'
import { MimicError } from '../errors.js'
import { readText, writeText } from './files.js'
import { errorText, isPlainJson } from './preview.js'
import { withoutStacks } from './stacks.js'

/**
 * A recording: a JSON file with one entry for each call, in the order of their texts, so that the same calls give the same file. What is
 * replayed stands in `bytes`; the rest of an entry is for people, and has to agree with it.
 *
 * @typedef {'returned' | 'threw' | 'resolved' | 'rejected'} Outcome
 *
 * @typedef {object} Entry
 * @property {string} call the function and its arguments in words
 * @property {string} name of the function
 * @property {string} key digest of the arguments
 * @property {Outcome} outcome
 * @property {unknown} [value] the result, where it is plain JSON
 * @property {string} [error] what was thrown, in words
 * @property {string} bytes the result or what was thrown, by the codec, in base64
 */

const FORMAT = 'my-mimic recording, version 1'
const OUTCOMES = ['returned', 'threw', 'resolved', 'rejected']

/**
 * @param {Pick<Entry, 'call' | 'name' | 'key' | 'outcome'>} call
 * @param {unknown} value the result or what was thrown
 * @returns {Entry}
 */
export function newEntry(call, value) {
  const copy = withoutStacks(decode(encode(value)))
  const bytes = Buffer.from(encode(copy)).toString('base64')
  return { ...call, ...previewOf(call.outcome, copy), bytes }
}

/** @param {Outcome} outcome @returns {boolean} whether it was an error */
export function isFailure(outcome) {
  return outcome === 'threw' || outcome === 'rejected'
}

/** @param {Outcome} outcome @param {unknown} value */
function previewOf(outcome, value) {
  if (isFailure(outcome)) return { error: errorText(value) }
  return isPlainJson(value) ? { value } : {}
}

/** The calls of one file by function and key. */
export class Recording {
  /** @param {string} path */
  constructor(path) {
    this.path = path
  }

  /** @returns {Map<string, Entry> | undefined} nothing when there is no file */
  read() {
    const text = readText(this.path)
    if (text === undefined) return undefined
    /** @type {Map<string, Entry>} */
    const entries = new Map()
    for (const entry of this.parse(text)) {
      if (entries.has(idOf(entry))) throw this.corrupt(`${entry.call} is in it twice`)
      entries.set(idOf(entry), entry)
    }
    return entries
  }

  /** @param {string} text @returns {Entry[]} */
  parse(text) {
    let data
    try {
      data = JSON.parse(text)
    } catch (cause) {
      throw this.corrupt(`it is not JSON (${cause})`, cause)
    }
    if (data?.format !== FORMAT) throw this.corrupt(`its format is not "${FORMAT}"`)
    if (!Array.isArray(data.calls) || !data.calls.every(isEntry)) throw this.corrupt('an entry is incomplete')
    return data.calls
  }

  /** Adds an entry to whatever the file holds by now, or replaces one. @param {Entry} entry */
  write(entry) {
    const entries = this.read() ?? new Map()
    if (JSON.stringify(entries.get(idOf(entry))) === JSON.stringify(entry)) return
    entries.set(idOf(entry), entry)
    const calls = [...entries.values()].sort(byText)
    writeText(this.path, `${JSON.stringify({ format: FORMAT, calls }, undefined, 2)}\n`)
  }

  /** @param {Entry} entry @returns {unknown} the result, or what was thrown: a copy of its own each time */
  valueOf(entry) {
    let value
    try {
      value = decode(Buffer.from(entry.bytes, 'base64'))
    } catch (cause) {
      throw this.corrupt(`the bytes of ${entry.call} are damaged`, cause)
    }
    const { value: shown, error } = entry
    if (JSON.stringify(previewOf(entry.outcome, value)) !== JSON.stringify({ value: shown, error })) {
      throw this.corrupt(`what is shown of ${entry.call} is not what its bytes say; edit neither`)
    }
    return value
  }

  /** @param {string} what @param {unknown} [cause] */
  corrupt(what, cause) {
    return new MimicError(
      'ERR_RECORDING_CORRUPT',
      `the recording ${this.path} cannot be used: ${what}; mend it, or delete it and record again`,
      { cause },
    )
  }
}

/** @param {{ name: string, key: string }} call */
export function idOf({ name, key }) {
  return `${key} ${name}`
}

/** @param {any} entry @returns {entry is Entry} */
function isEntry(entry) {
  return (
    OUTCOMES.includes(entry?.outcome) &&
    ['call', 'name', 'key', 'bytes'].every(part => typeof entry[part] === 'string')
  )
}

/** By code units, which no locale changes. @param {Entry} a @param {Entry} b */
function byText(a, b) {
  const [one, two] = [`${a.call}\0${idOf(a)}`, `${b.call}\0${idOf(b)}`]
  return one < two ? -1 : Number(one > two)
}
