import fs from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { epochNow } from '../clock.js'
import { codeOf } from '../errors.js'
import { joined } from '../stores/piece.js'
import { EXIT, Failure, misuse } from './failure.js'
import { FORMAT, readLine } from './lines.js'
import { checkDirectory, directoryAt, namesIn } from './look.js'
import { say, sayJson } from './output.js'
import { counted } from './picture.js'
import { printable } from './printable.js'
import { Progress } from './progress.js'

/**
 * `my-mimic import`: takes in what `export` wrote. What is there already, as new or newer, stays.
 *
 * @typedef {import('./lines.js').Entry} Entry
 * @typedef {{ imported: number, present: number, expired: number, damaged: number, whole: boolean }} Report
 */

const BATCH_ENTRIES = 1000
const BATCH_BYTES = 1 << 20

/** @param {import('./arguments.js').Given} given */
export async function importFrom({ path, json, values }) {
  const { from, 'dry-run': dryRun = false } = values
  const input = await opened(from)
  // Before anything is made.
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]()
  checkHead((await lines.next()).value)
  const target = targetAt(path, dryRun)
  const report = await take(lines, target, from === undefined ? 0 : fs.statSync(from).size)
  await target.directory.sync()
  if (json) sayJson({ path, dryRun, ...report })
  else tell(report, dryRun)
  return report.damaged > 0 || !report.whole ? EXIT.FOUND : EXIT.DONE
}

/** @param {string | undefined} from */
async function opened(from) {
  if (from === undefined) {
    if (process.stdin.isTTY) throw misuse('import needs a file: --from FILE, or one on stdin')
    return process.stdin
  }
  if (fs.statSync(from, { throwIfNoEntry: false })?.isDirectory()) throw cannotRead(from, 'EISDIR')
  const stream = fs.createReadStream(from)
  await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject)).catch(error => {
    throw cannotRead(from, codeOf(error))
  })
  return stream
}

/** @param {string} from @param {string} code of the file system's */
function cannotRead(from, code) {
  return new Failure('ERR_NO_FILE', EXIT.FOUND, `${printable(from)} cannot be read (${code})`)
}

/** @param {string | undefined} line */
function checkHead(line) {
  const head = readLine(line ?? '')
  if (head.kind !== 'head') {
    throw new Failure(
      'ERR_NO_EXPORT',
      EXIT.FOUND,
      'this is nothing that my-mimic export wrote; nothing was imported',
    )
  }
  if (head.format === FORMAT) return
  const message = `the export is of format ${printable(String(head.format))}, this my-mimic knows ${FORMAT}; nothing was imported`
  throw new Failure(
    'ERR_EXPORT_VERSION',
    EXIT.FOUND,
    message,
    'use the my-mimic that wrote it, or a later one',
  )
}

/** @typedef {ReturnType<typeof targetAt>} Target */

/** @param {string} path @param {boolean} dryRun */
function targetAt(path, dryRun) {
  const names = namesIn(path)
  // An empty directory will do, but not one that is something else.
  if (names !== undefined && names.length > 0) checkDirectory(path)
  const { directory, stamps } = directoryAt(path)
  if (!dryRun) directory.open()
  return { directory, stamps, dryRun, exists: !dryRun || names !== undefined }
}

/** @param {AsyncIterator<string>} lines @param {Target} target @param {number} size of the file; 0: nobody knows */
async function take(lines, target, size) {
  const progress = new Progress('importing', size)
  /** @type {Report} */
  const report = { imported: 0, present: 0, expired: 0, damaged: 0, whole: false }
  /** @type {Entry[]} */
  let batch = []
  let [bytes, read, seen] = [0, 0, 0]
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    read += next.value.length + 1
    if (size > 0) progress.at(read)
    if (next.value === '') continue
    const line = readLine(next.value)
    report.whole = line.kind === 'end' && line.entries === seen
    if (line.kind === 'end') continue
    seen++
    if (line.kind !== 'entry') {
      report.damaged++
      continue
    }
    batch.push(line.entry)
    bytes += line.entry.key.length + line.entry.value.length
    if (batch.length < BATCH_ENTRIES && bytes < BATCH_BYTES) continue
    write(batch, target, report)
    batch = []
    bytes = 0
  }
  write(batch, target, report)
  progress.end()
  return report
}

/** @param {Entry[]} batch @param {Target} target @param {Report} report */
function write(batch, target, report) {
  const { directory, stamps, dryRun, exists } = target
  const now = epochNow()
  // What others wrote meanwhile.
  if (exists) directory.scan()
  const wanted = batch.filter(entry => {
    const verdict = verdictOn(entry, target, now)
    report[verdict]++
    return verdict === 'imported'
  })
  if (dryRun || wanted.length === 0) return
  directory.write(
    wanted.map(entry => ({
      ...entry,
      id: entry.digest + entry.namespace,
      kind: 'entry',
      piece: joined(entry.key, entry.value),
      hides: false,
      stamp: stamps.next(),
    })),
  )
}

/** @param {Entry} entry @param {Target} target @param {number} now @returns {'imported' | 'present' | 'expired'} */
function verdictOn({ namespace, digest, storedAt, deadline }, { directory: { catalog } }, now) {
  if (now >= deadline) return 'expired'
  const row = catalog.find(namespace, digest)
  if (row === undefined || catalog.deadline(row, now) <= now) return 'imported'
  const { frame, i } = catalog.place(row)
  return frame.head.storedAt(i) >= storedAt ? 'present' : 'imported'
}

/** @param {Report} report @param {boolean} dryRun */
function tell({ imported, present, expired, damaged, whole }, dryRun) {
  const parts = [`${counted(imported, 'entry', 'entries')} ${dryRun ? 'would be imported' : 'imported'}`]
  if (present > 0) parts.push(`${present} already there`)
  if (expired > 0) parts.push(`${expired} expired`)
  if (damaged > 0) parts.push(`${damaged} damaged and left out`)
  say(parts.join(', '))
  if (!whole) say('the export is not whole: its end is missing')
}
