import { COMMON, DEFAULT_PATH } from './arguments.js'
import { commands } from './commands.js'

/** What `--help` says. */

/** @typedef {import('./commands.js').Command} Command */

export function overview() {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return `my-mimic: looks into the directory of a disk store (diskStore of my-mimic/disk)

Usage: my-mimic <command> [directory] [options]

The directory is the first argument or --path; ${DEFAULT_PATH} by default. It may be in use: every command is safe beside
processes that read and write it. Nothing is made by looking.

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

Every command has --json for scripts, and --help with its options and examples.

Examples:
  npx my-mimic ls                          the functions in ${DEFAULT_PATH}
  npx my-mimic show ./cache user 7         what user(7) returned
  npx my-mimic purge --name user --dry-run what would go

Exit codes:
  0  done
  1  something is damaged, or what was asked for is not there
  2  the command was not understood
  3  the directory is missing, no store, of a later version, or forbids it
  4  another process is compacting the directory
  5  anything else, such as a full disk`
}

/** @param {Command} command */
export function helpFor({ name, summary, usage, options, details, examples }) {
  const all = Object.entries({ ...options, ...COMMON })
  const names = all.map(
    ([option, { short, value }]) => `${short ? `-${short}, ` : ''}--${option}${value ? ` ${value}` : ''}`,
  )
  const width = Math.max(...names.map(text => text.length))
  const asked = Math.max(...examples.map(([line]) => line.length))
  return `my-mimic ${name}: ${summary}

Usage: my-mimic ${name} ${usage}
${details ? `\n${details}\n` : ''}
Options:
${all.map(([, { what }], i) => `  ${names[i].padEnd(width)}  ${what}`).join('\n')}

Examples:
${examples.map(([line, what]) => `  npx my-mimic ${line.padEnd(asked)}  ${what}`).join('\n')}`
}
