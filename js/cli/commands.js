import { compactDirectory } from './compact.js'
import { exportTo } from './export.js'
import { importFrom } from './import.js'
import { ls } from './ls.js'
import { purge } from './purge.js'
import { show } from './show.js'
import { stats } from './stats.js'
import { verify } from './verify.js'

/**
 * The commands, one table: what help says of them, what they take, what they run.
 *
 * @typedef {object} Command
 * @property {string} name
 * @property {string} summary
 * @property {string} usage
 * @property {Record<string, import('./arguments.js').Option>} options besides those that all have
 * @property {string} [rest] what it takes beside the directory
 * @property {string} [details]
 * @property {[line: string, what: string][]} examples
 * @property {(given: import('./arguments.js').Given) => number | void | Promise<number | void>} run returns the exit code, when it is not 0
 */

/** @type {Command[]} */
export const commands = [
  {
    name: 'ls',
    summary: 'the functions, with their entries, bytes, hit ratio and time left',
    usage: '[directory]',
    options: {},
    details: `The hit ratio is that of the store: of the calls that memory could not answer, how many the store could.`,
    examples: [
      ['ls ./cache', 'a table, the largest function first'],
      ['ls ./cache --json', 'the same for scripts'],
    ],
    run: ls,
  },
  {
    name: 'show',
    summary: 'the arguments and the value of an entry',
    usage: '[directory] <digest | function> [argument…]',
    rest: 'what',
    options: {
      limit: { type: 'string', value: 'N', what: 'as many entries of a function; 20 by default' },
      full: { type: 'boolean', what: 'values in full, however large' },
    },
    details: `With the beginning of a digest, at least four digits: that entry. With a function: its entries, the newest first. With a function
and arguments: what it returned for these. An argument is JSON, or else a string; for others (a Date, a Map) take the digest.
The first word is taken for the directory when it has a slash, begins with a dot, or is the directory of a store.`,
    examples: [
      ['show ./cache user', 'the entries of user'],
      ['show ./cache user 7 \'{"deep":true}\'', 'what user(7, {deep: true}) returned'],
      ['show --path cache 5f3a', 'the entry whose digest begins so'],
      ['show ./cache abs -- -1', 'an argument that begins with a dash'],
    ],
    run: show,
  },
  {
    name: 'stats',
    summary: 'the whole directory: files, use, reads, ages and times left',
    usage: '[directory]',
    options: {},
    examples: [['stats ./cache', 'numbers and pictures']],
    run: stats,
  },
  {
    name: 'purge',
    summary: 'deletes entries by name, age, tag or pattern',
    usage: '[directory] <what> [--dry-run]',
    options: {
      name: {
        type: 'string',
        multiple: true,
        value: 'NAME',
        what: 'of this function, whatever its version; may be given again',
      },
      pattern: {
        type: 'string',
        value: 'GLOB',
        what: "of functions whose name matches: * and ?, such as 'user*'",
      },
      tag: {
        type: 'string',
        multiple: true,
        value: 'TAG',
        what: 'with this tag; * at the end: with this prefix; may be given again',
      },
      'older-than': {
        type: 'string',
        value: 'TIME',
        what: "stored longer ago than this: '10s' '5m' '2h' '7d'",
      },
      expired: { type: 'boolean', what: 'only what has expired' },
      all: { type: 'boolean', what: 'everything' },
      'dry-run': { type: 'boolean', what: 'says what would go, and changes nothing' },
    },
    details: `What is given together has to hold together. Processes that use the directory see it within a second; what they have in memory, they keep.
The space is free after the next compaction.`,
    examples: [
      ['purge ./cache --name user --dry-run', 'what would go'],
      ["purge ./cache --pattern 'user*' --older-than 7d", 'old entries of some functions'],
      ["purge ./cache --tag 'team:*'", 'by tag'],
      ['purge ./cache --all', 'everything'],
    ],
    run: purge,
  },
  {
    name: 'verify',
    summary: 'checks every checksum, and says what is damaged',
    usage: '[directory]',
    options: {},
    details: `Damage is never served: it is a miss, and a compaction drops it. A file whose header is damaged, or that cannot be read, may stay: what to do is said.
The end of a file that is being written may look cut off.`,
    examples: [['verify ./cache', 'ends with exit code 1 when something is damaged']],
    run: verify,
  },
  {
    name: 'export',
    summary: 'writes the entries that live to one file, or to stdout',
    usage: '[directory] [--to FILE] [--name NAME]',
    options: {
      to: { type: 'string', value: 'FILE', what: 'instead of stdout' },
      name: {
        type: 'string',
        multiple: true,
        value: 'NAME',
        what: 'only of this function; may be given again',
      },
    },
    details: `Lines of JSON, each with a checksum; the arguments stand in them in words. With --json a summary goes to stderr.
Ends with exit code 1 when something cannot be read, or there is no function of a name.`,
    examples: [
      ['export ./cache --to backup.jsonl', 'into a file'],
      ['export ./cache | gzip > backup.jsonl.gz', 'through a pipe'],
    ],
    run: exportTo,
  },
  {
    name: 'import',
    summary: 'takes in what export wrote, from one file or stdin',
    usage: '[directory] [--from FILE]',
    options: {
      from: { type: 'string', value: 'FILE', what: 'instead of stdin' },
      'dry-run': { type: 'boolean', what: 'says what would come in, and changes nothing' },
    },
    details: `What the directory has already, as new or newer, stays; what has expired stays out. The directory is made when it is not there.`,
    examples: [
      ['import ./cache --from backup.jsonl', 'from a file'],
      ['export ./old | npx my-mimic import ./new', 'from directory to directory'],
    ],
    run: importFrom,
  },
  {
    name: 'compact',
    summary: 'makes few files of many, without what expired or was replaced',
    usage: '[directory]',
    options: {},
    details: `Stores do this by themselves when it is worth it. Nothing that lives is dropped, whatever the budget of the store.`,
    examples: [['compact ./cache', 'now']],
    run: compactDirectory,
  },
]
