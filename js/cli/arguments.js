import { resolve, sep } from 'node:path'
import fs from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { misuse } from './failure.js'
import { nearest } from './nearest.js'
import { printable } from './printable.js'

/**
 * What was typed after the name of a command.
 *
 * @typedef {{ type: 'string' | 'boolean', short?: string, multiple?: boolean, what: string, value?: string }} Option `value`: what help calls it
 * @typedef {{ path: string, json: boolean, help: boolean, rest: string[], values: Record<string, any> }} Given
 */

/** Where a store is looked for when nobody says where. */
export const DEFAULT_PATH = '.cache'

/** @type {Record<string, Option>} */
export const COMMON = {
  path: { type: 'string', value: 'DIR', what: `the directory; ${DEFAULT_PATH} by default` },
  json: { type: 'boolean', what: 'JSON, for scripts' },
  help: { type: 'boolean', short: 'h', what: 'what the command does, with examples' },
}

/**
 * @param {string[]} args
 * @param {{ name: string, options: Record<string, Option>, rest?: string }} command `rest`: what it takes beside the directory
 * @returns {Given}
 * @throws Failure for whatever it does not know
 */
export function given(args, { name, options, rest }) {
  const known = { ...COMMON, ...options }
  const { tokens } = parseArgs({ args, options: known, strict: false, allowPositionals: true, tokens: true })
  /** @type {Record<string, any>} */
  const values = {}
  /** @type {string[]} */
  const words = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind === 'option') put(values, token, known, name)
  }
  const { path, json = false, help = false, ...own } = values
  if (help) return { path: '', json, help, rest: [], values: own }
  // As "$DIR" is where DIR is not set: what is meant is hardly the current directory.
  if (path === undefined && words[0] === '')
    throw misuse('the directory is an empty word', `leave it out for ${DEFAULT_PATH}`)
  const first = path === undefined && isDirectory(words, rest !== undefined) ? words.shift() : path
  if (rest === undefined && words.length > 0) {
    throw misuse(
      `${name} takes one directory; ${printable(JSON.stringify(words[0]))} is too much`,
      `see my-mimic ${name} --help`,
    )
  }
  return { path: resolve(first ?? DEFAULT_PATH), json, help, rest: words, values: own }
}

/**
 * @param {Record<string, any>} values
 * @param {{ name: string, rawName: string, value?: string | undefined }} token
 * @param {Record<string, Option>} known
 * @param {string} command
 */
function put(values, { name, rawName, value }, known, command) {
  const option = Object.hasOwn(known, name) ? known[name] : undefined
  if (option === undefined) throw unknownOption(rawName, Object.keys(known), command)
  if (option.type === 'boolean') {
    if (value !== undefined) throw misuse(`${rawName} takes no value`)
    values[name] = true
    return
  }
  if (value === undefined || value === '')
    throw misuse(`${rawName} needs a value`, `${rawName}=${option.value}`)
  values[name] = option.multiple ? [...(values[name] ?? []), value] : value
}

/** @param {string} rawName @param {string[]} known @param {string} command */
function unknownOption(rawName, known, command) {
  const near = nearest(rawName.replace(/^-+/, ''), known)
  const hint = /^-\d/.test(rawName)
    ? 'put -- before arguments that begin with a dash'
    : near
      ? `did you mean --${near}?`
      : `${command} has ${known.map(option => `--${option}`).join(', ')}`
  return misuse(`${command} has no option ${printable(rawName)}`, hint)
}

/** Whether the first word is the directory, and not what else the command takes. @param {string[]} words @param {boolean} takesMore */
function isDirectory([first], takesMore) {
  if (first === undefined) return false
  if (!takesMore) return true
  return (
    first.startsWith('.') ||
    first.includes('/') ||
    first.includes(sep) ||
    fs.existsSync(join(first, 'format'))
  )
}
