import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, extname, join, relative } from 'node:path'

/** There is nothing to work on: one sentence, exit code 1. */
export class NoSources extends Error {}

/**
 * @typedef {object} SourceFile
 * @property {string} path
 * @property {string} name path below the directory
 * @property {string} text
 * @property {'js' | 'jsx' | 'ts' | 'tsx' | 'd.ts'} dialect
 *
 * @typedef {object} Sources
 * @property {SourceFile[]} files no two with one text
 * @property {number} found source files in the directory
 * @property {number} copies left out because another has the same text
 * @property {number} tooBig left out because a single one would take seconds
 * @property {number} unreadable files and folders that could not be read
 */

const DIALECTS = {
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
}
const BIGGEST = 256 * 1024

/**
 * @param {string} directory
 * @param {number} most
 * @returns {Sources} at most so many files, picked evenly from all that there are
 */
export function findSources(directory, most) {
  checkDirectory(directory)
  const { paths, unreadable } = walk(directory)
  if (paths.length === 0) {
    throw new NoSources(
      unreadable > 0
        ? `${directory} could not be read`
        : `${directory} holds no JavaScript or TypeScript files`,
    )
  }
  const sources = {
    files: /** @type {SourceFile[]} */ ([]),
    found: paths.length,
    copies: 0,
    tooBig: 0,
    unreadable,
  }
  const texts = new Set()
  for (const path of spread(paths, most)) {
    const text = read(path)
    if (text === undefined) sources.unreadable++
    else if (text === TOO_BIG) sources.tooBig++
    else if (texts.has(text)) sources.copies++
    else {
      texts.add(text)
      sources.files.push({ path, name: relative(directory, path), text, dialect: dialectOf(path) })
    }
  }
  if (sources.files.length === 0) {
    const { unreadable, tooBig } = sources
    throw new NoSources(
      `${directory} holds no source file that can be used: ${unreadable} unreadable, ${tooBig} too big`,
    )
  }
  return sources
}

/** @param {string} directory */
function checkDirectory(directory) {
  const stat = statSync(directory, { throwIfNoEntry: false })
  if (stat === undefined) throw new NoSources(`there is no directory ${directory}`)
  if (!stat.isDirectory()) throw new NoSources(`${directory} is a file, not a directory`)
}

/** Every source file below, in a fixed order; links and hidden folders are not followed. @param {string} top */
function walk(top) {
  const paths = []
  let unreadable = 0
  const queue = [top]
  for (const directory of queue) {
    let entries
    try {
      entries = readdirSync(directory, { withFileTypes: true })
    } catch {
      unreadable++
      continue
    }
    for (const entry of entries) {
      const path = join(directory, entry.name)
      if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
        queue.push(path)
      else if (entry.isFile() && extname(entry.name) in DIALECTS) paths.push(path)
    }
  }
  return { paths: paths.sort(), unreadable }
}

/** @template T @param {T[]} list @param {number} most @returns {T[]} */
function spread(list, most) {
  if (list.length <= most) return list
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)])
}

const TOO_BIG = Symbol('too big')

/** @param {string} path @returns {string | TOO_BIG | undefined} */
function read(path) {
  try {
    return statSync(path).size > BIGGEST ? TOO_BIG : readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** @param {string} path @returns {SourceFile['dialect']} */
function dialectOf(path) {
  if (/\.d(\.\w+)?\.[cm]?ts$/.test(basename(path))) return 'd.ts'
  return /** @type {any} */ (DIALECTS)[extname(path)]
}
