// `npm run demo [directory]`: real source files through a memoized function of each kind, and a table of what it saved.
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileDigest } from './demo/digest.js'
import { insight } from './demo/insight.js'
import { HELP, readOptions, UsageError } from './demo/options.js'
import { measure, PASSES } from './demo/passes.js'
import { Progress } from './demo/progress.js'
import { findSources, NoSources } from './demo/sources.js'
import { statistics } from './demo/statistics.js'
import { table } from './demo/table.js'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Where the user stood when npm was called. */
const here = process.env.INIT_CWD ?? process.cwd()

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof NoSources)) throw error
  console.error(`demo: ${error.message}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

async function main() {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    console.log(HELP)
    return
  }
  const directory =
    options.directory === undefined ? resolve(root, 'node_modules') : resolve(here, options.directory)
  const { mime } = await loadMime()
  const sources = findSources(directory, options.files)
  const shown = relative(here, directory) || '.'
  console.log(`${describe(sources)} from ${shown}; the speed-up is against the function without mime\n`)

  const subjects = [
    { title: 'parse a text (sync)', fn: statistics, argsOf: file => [file.text, file.dialect] },
    { title: 'digest a file (async)', fn: fileDigest, argsOf: file => [file.path] },
  ]
  const progress = new Progress(subjects.length * PASSES * sources.files.length)
  const results = []
  for (const subject of subjects) results.push(await measure(mime, subject, sources.files, progress))
  progress.end()

  console.log(table(results))
  console.log()
  console.log(await insight(results, sources, directory))
  const wrong = results.flatMap(({ title, wrong }) => wrong.map(what => `${title}: ${what}`))
  for (const what of wrong) console.error(`demo: WRONG, ${what}`)
  if (wrong.length > 0) process.exitCode = 1
}

async function loadMime() {
  try {
    return await import('../js/entry/inline.js')
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes('pkg')) throw error
    throw new NoSources('pkg/ is not built yet; run `npm run build`')
  }
}

/** @param {import('./demo/sources.js').Sources} sources */
function describe({ files, found, copies, tooBig, unreadable }) {
  const left = [
    found > files.length + copies + tooBig + unreadable && `of ${found} (--files N for more or fewer)`,
    copies > 0 && `${copies} with the text of another left out`,
    tooBig > 0 && `${tooBig} too big left out`,
    unreadable > 0 && `${unreadable} unreadable left out`,
  ].filter(Boolean)
  const count = `${files.length} source ${files.length === 1 ? 'file' : 'files'}`
  return left.length > 0 ? `${count} ${left.join(', ')},` : count
}
