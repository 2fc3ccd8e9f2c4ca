import fs from 'node:fs'
import { join } from 'node:path'
import { persistence } from '../core.js'
import { codeOf } from '../errors.js'
import { FILE } from '../stores/disk/directory.js'
import { DataFile, isUnfinished, readRecord } from '../stores/disk/file.js'
import { CLEARED, DELETED, FILE_HEADER, headerLength } from '../stores/disk/frame.js'
import { sizeText } from '../words.js'
import { namesOf } from './entries.js'
import { EXIT } from './failure.js'
import { checkDirectory, namesIn } from './look.js'
import { say, sayJson } from './output.js'
import { counted, table } from './picture.js'
import { Progress } from './progress.js'

/**
 * `my-mimic verify`: every checksum of every file, also of what was replaced or deleted since.
 *
 * @typedef {'file' | 'frame' | 'record' | 'tail' | 'foreign' | 'unreadable'} Kind `tail`: cut off, or being written; no damage
 * @typedef {{ kind: Kind, file: string, at: number, bytes: number, name?: string, version?: string | null, digest?: string, code?: string }} Finding
 * @typedef {{ files: number, frames: number, records: number, bytes: number, findings: Finding[] }} Report
 */

const SAYS = {
  file: 'the header of the file: nothing in it is read',
  frame: 'frames',
  record: 'an entry',
  tail: 'cut off at the end, or being written',
  foreign: 'of a later version',
  unreadable: 'cannot be read',
}
/** A write is under way, or was when the process ended: what was acknowledged is whole. */
const HARMLESS = ['tail', 'foreign']
/** @type {[kinds: Kind[], what: string][]} */
const ADVICE = [
  [['frame', 'record'], 'What is damaged is a miss. my-mimic compact drops it.'],
  [
    ['file'],
    'A file with a damaged header is never read. It may be another program’s; delete it if it is not.',
  ],
  [['unreadable'], 'A file that cannot be read stays as it is. Let this user read it, or delete it.'],
]

/** @param {import('./arguments.js').Given} given */
export function verify({ path, json }) {
  checkDirectory(path)
  persistence()
  /** @type {Report} */
  const report = { files: 0, frames: 0, records: 0, bytes: 0, findings: [] }
  const names = (namesIn(path) ?? []).filter(name => FILE.test(name))
  const total = names.reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
  const progress = new Progress('verifying', total)
  for (const name of names) check(join(path, name), name, report, progress)
  progress.end()
  const damaged = report.findings.filter(({ kind }) => !HARMLESS.includes(kind))
  if (json) sayJson({ path, ok: damaged.length === 0, ...report })
  else tell(report, damaged.length)
  return damaged.length === 0 ? EXIT.DONE : EXIT.FOUND
}

/** @param {string} path */
function sizeOf(path) {
  return fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** @param {string} path @param {string} name @param {Report} report @param {Progress} progress */
function check(path, name, report, progress) {
  const size = sizeOf(path)
  try {
    const file = DataFile.open(path, name)
    report.files++
    report.bytes += size
    if (file === 'short') report.findings.push({ kind: 'tail', file: name, at: 0, bytes: size })
    else if (file === 'foreign') report.findings.push({ kind: 'foreign', file: name, at: 0, bytes: size })
    else if (file === 'damaged') report.findings.push({ kind: 'file', file: name, at: 0, bytes: size })
    else checkFrames(file, report, progress)
  } catch (error) {
    // Compacted away since it was listed.
    if (codeOf(error) === 'ENOENT') return
    report.findings.push({ kind: 'unreadable', file: name, at: 0, bytes: size, code: codeOf(error) })
  }
}

/** @param {DataFile} file named by its name in the directory @param {Report} report @param {Progress} progress */
function checkFrames(file, report, progress) {
  const { id: name } = file
  const before = report.bytes - sizeOf(file.path)
  try {
    file.refresh()
    let end = FILE_HEADER
    for (const frame of file.frames) {
      const { head, at } = frame
      const start = at - head.bytes.length - headerLength(head.records)
      if (start > end) report.findings.push({ kind: 'frame', file: name, at: end, bytes: start - end })
      report.frames++
      end = at
      for (let i = 0; i < head.records; i++) {
        end += head.length(i)
        checkRecord(frame, i, name, report)
      }
      progress.at(before + end)
    }
    if (file.end > end) report.findings.push({ kind: 'frame', file: name, at: end, bytes: file.end - end })
    if (file.size > file.end) {
      const { end: at, size } = file
      report.findings.push({ kind: file.isCutOff ? 'tail' : 'frame', file: name, at, bytes: size - at })
    }
  } finally {
    file.close()
  }
}

/** @param {import('../stores/disk/file.js').Frame} frame @param {number} i @param {string} name of the file @param {Report} report */
function checkRecord(frame, i, name, report) {
  const { head, at } = frame
  const kind = head.kind(i)
  // The parts of a value are read with the first of them.
  if (kind === DELETED || kind === CLEARED || head.part(i) > 0) return
  report.records++
  if (readRecord(frame, i) !== undefined || isUnfinished(frame, i)) return
  const names = namesOf(head.namespaces[head.namespace(i)])
  const place = { file: name, at: at + head.offset(i), bytes: head.length(i) }
  report.findings.push({ kind: 'record', ...place, ...names, digest: head.digest(i) })
}

/** @param {Report} report @param {number} damaged */
function tell({ files, frames, records, bytes, findings }, damaged) {
  if (findings.length > 0) {
    const rows = findings.map(finding => [
      finding.file,
      { text: String(finding.at), right: true },
      { text: sizeText(finding.bytes), right: true },
      `${SAYS[finding.kind]}${finding.name === undefined ? '' : ` of ${finding.name}, digest ${finding.digest}`}${finding.code ? ` (${finding.code})` : ''}`,
    ])
    say(table(['FILE', 'AT', 'SIZE', 'WHAT'], rows))
    say('')
  }
  say(
    `${counted(files, 'file')}, ${counted(frames, 'frame')}, ${counted(records, 'record')}, ${sizeText(bytes)}: ${damaged === 0 ? 'nothing is damaged' : `${counted(damaged, 'place is', 'places are')} damaged`}`,
  )
  for (const [kinds, what] of ADVICE) if (findings.some(({ kind }) => kinds.includes(kind))) say(what)
}
