import { invalidOption, MimicError, MimicTypeError, show } from '../errors.js'
import { nameKind } from '../key/name.js'
import { callOf } from './call.js'
import { resolveFile } from './files.js'
import { likeOf } from '../likeness.js'
import { idOf, isFailure, newEntry, Recording } from './recording.js'

/**
 * Record and replay: a function whose results come from a file.
 *
 * @typedef {import('./recording.js').Entry} Entry
 * @typedef {import('./recording.js').Outcome} Outcome
 * @typedef {{ name: string, key: string, call: string }} Call
 * @typedef {'auto' | 'record' | 'replay'} Mode
 */

const MODES = ['auto', 'record', 'replay']
const AsyncFunction = (async () => {}).constructor

/**
 * @template {(...args: any[]) => any} F
 * @param {F} fn
 * @param {import('../testing.js').RecordedOptions} options
 * @returns {F}
 */
export function recorded(fn, options) {
  const recorder = new Recorder(fn, checkOptions(fn, options))
  const { wrapper } = {
    /** @this {unknown} @param {any[]} args */
    wrapper(...args) {
      return recorder.run(this, args)
    },
  }
  return /** @type {any} */ (likeOf(wrapper, fn))
}

/** @param {unknown} fn @param {any} options @returns {{ path: string, mode: Mode, name: string }} */
function checkOptions(fn, options) {
  if (typeof fn !== 'function') {
    throw new MimicTypeError('ERR_NOT_A_FUNCTION', `recorded(fn, { file }) takes a function; got ${show(fn)}`)
  }
  const { file, mode = 'auto', name = fn.name, ...rest } = options ?? {}
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) {
    throw new MimicTypeError(
      'ERR_UNKNOWN_OPTION',
      `there is no option ${unknown}; the options are file, mode, name`,
    )
  }
  if ((typeof file !== 'string' || file === '') && typeof file?.href !== 'string') {
    throw invalidOption('file', file, 'a path or a file URL')
  }
  if (!MODES.includes(mode)) throw invalidOption('mode', mode, "'auto', 'record' or 'replay'")
  if (typeof name !== 'string') throw invalidOption('name', name, 'a string')
  if (name === '') {
    throw new MimicTypeError(
      'ERR_NAME_REQUIRED',
      'recorded(fn, { file }) finds calls by the name of the function; give the option name, or name the function',
    )
  }
  return { path: resolveFile(file), mode, name }
}

class Recorder {
  /** What the file held when it was first looked at, and what came since. @type {Map<string, Entry> | undefined} */
  known = undefined

  /** @param {Function} fn @param {{ path: string, mode: Mode, name: string }} options */
  constructor(fn, { path, mode, name }) {
    this.fn = fn
    this.mode = mode
    this.name = name
    this.recording = new Recording(path)
    /** Learned from what is recorded where the function's syntax does not tell. */
    this.isAsync = fn instanceof AsyncFunction
  }

  /** @param {unknown} self @param {any[]} args */
  run(self, args) {
    let call
    let entry
    let value
    try {
      call = this.callOf(args)
      entry = this.mode === 'record' ? undefined : this.find(call)
      if (entry !== undefined) value = this.recording.valueOf(entry)
    } catch (error) {
      if (this.isAsync) return Promise.reject(error)
      throw error
    }
    return entry === undefined ? this.record(self, args, call) : replay(entry.outcome, value)
  }

  /** @param {any[]} args @returns {Call} */
  callOf(args) {
    const { name } = this
    const { digest, text, identities } = callOf(args)
    if (identities.length > 0) {
      throw new MimicTypeError(
        'ERR_NOT_PORTABLE',
        `${name}${text} cannot be recorded: ${nameKind(identities[0])} counts by identity, which means nothing in another process; give its class a [mime.key]() method, or pass its data`,
      )
    }
    return { call: name + text, name, key: digest }
  }

  /** @param {Call} call @returns {Entry | undefined} nothing when the function is to be called */
  find(call) {
    if (this.known === undefined) {
      this.known = this.recording.read()
      this.isAsync ||= this.own().some(({ outcome }) => outcome === 'resolved' || outcome === 'rejected')
    }
    const entry = this.known?.get(idOf(call))
    if (entry === undefined && this.mode === 'replay') throw this.notRecorded(call)
    return entry
  }

  /** The entries of this function. */
  own() {
    return [...(this.known?.values() ?? [])].filter(({ name }) => name === this.name)
  }

  /** @param {Call} call */
  notRecorded({ call }) {
    const nearest = nearestOf(call, this.own())
    const inFile =
      nearest === undefined ? `nothing of ${this.name} is in it` : `the nearest in it is ${nearest}`
    const what = this.known === undefined ? 'there is no such file' : inFile
    return new MimicError(
      'ERR_NOT_RECORDED',
      `${call} is not in the recording ${this.recording.path}: ${what}; record it with the mode 'auto' or 'record'`,
    )
  }

  /** @param {unknown} self @param {any[]} args @param {Call} call */
  record(self, args, call) {
    let result
    try {
      result = Reflect.apply(this.fn, self, args)
    } catch (error) {
      this.keep(call, 'threw', error)
      throw error
    }
    if (typeof result?.then === 'function') return this.recordLater(result, call)
    this.keep(call, 'returned', result)
    return result
  }

  /** @param {PromiseLike<unknown>} promise @param {Call} call */
  async recordLater(promise, call) {
    this.isAsync = true
    let value
    try {
      value = await promise
    } catch (error) {
      this.keep(call, 'rejected', error)
      throw error
    }
    this.keep(call, 'resolved', value)
    return value
  }

  /** @param {Call} call @param {Outcome} outcome @param {unknown} value */
  keep(call, outcome, value) {
    let entry
    try {
      entry = newEntry({ ...call, outcome }, value)
    } catch (error) {
      const what = isFailure(outcome) ? 'what it threw' : 'its result'
      throw new MimicError(
        'ERR_NOT_RECORDABLE',
        `${call.call} cannot be recorded: ${what} cannot be written (${/** @type {any} */ (error)?.message})`,
        { cause: isFailure(outcome) ? value : error },
      )
    }
    this.recording.write(entry)
    this.known?.set(idOf(entry), entry)
  }
}

/** @param {Outcome} outcome @param {unknown} value */
function replay(outcome, value) {
  if (outcome === 'resolved') return Promise.resolve(value)
  if (outcome === 'rejected') return Promise.reject(value)
  if (outcome === 'threw') throw value
  return value
}

/** @param {string} text @param {Entry[]} entries @returns {string | undefined} the text that begins and ends most like it */
function nearestOf(text, entries) {
  let [best, most] = [/** @type {string | undefined} */ (undefined), -1]
  for (const { call } of entries) {
    const least = Math.min(call.length, text.length)
    let from = 0
    while (from < least && call[from] === text[from]) from++
    let end = 0
    while (end < least - from && call.at(-1 - end) === text.at(-1 - end)) end++
    const likeness = (from + end) / Math.max(call.length, text.length)
    if (likeness > most) [best, most] = [call, likeness]
  }
  return best
}
