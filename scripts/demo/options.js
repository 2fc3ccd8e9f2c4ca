import { parseArgs } from 'node:util'

/** What the user typed was wrong: one sentence, exit code 2. */
export class UsageError extends Error {}

export const DEFAULT_FILES = 400
const MOST_FILES = 10_000

export const HELP = `npm run demo -- [directory] [--files N]

Memoizes a parser (sync) and a file digest (async), runs both over real source files, and shows what was saved.

  directory    where the JavaScript and TypeScript files are (default: node_modules)
  --files N    at most N files, picked evenly (default: ${DEFAULT_FILES})
  --help       this text`

/**
 * @param {string[]} argv
 * @returns {{ directory: string | undefined, files: number, help: boolean }}
 */
export function readOptions(argv) {
  const { values, positionals } = parse(argv)
  if (positionals.length > 1) {
    throw new UsageError(`takes one directory, not ${positionals.length}; see --help`)
  }
  const files = values.files === undefined ? DEFAULT_FILES : Number(values.files)
  if (!Number.isInteger(files) || files < 1 || files > MOST_FILES) {
    throw new UsageError(
      `--files must be a whole number from 1 to ${MOST_FILES}; got ${JSON.stringify(values.files)}`,
    )
  }
  return { directory: positionals[0], files, help: values.help === true }
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { files: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    const [sentence] = /** @type {Error} */ (error).message.split(/[.\n]/)
    throw new UsageError(`${sentence}; see --help`)
  }
}
