import fs from 'node:fs'
import process from 'node:process'
import { epochNow } from '../clock.js'
import { codeOf } from '../errors.js'
import { readRecord } from '../stores/disk/file.js'
import { entriesOf, namesOf, noteUnknown, unknownIn, unreadText } from './entries.js'
import { EXIT, Failure } from './failure.js'
import { endLine, entryLine, headLine } from './lines.js'
import { look } from './look.js'
import { note, pour } from './output.js'
import { counted } from './picture.js'
import { jsonText, printable } from './printable.js'
import { Progress } from './progress.js'

/** `my-mimic export`: what lives, into one file. */

/** Characters that go at once. */
const PIECE = 1 << 16

/** @typedef {{ write(text: string): Promise<void> | void, end(): void, giveUp(): void }} Output */

/** @param {import('./arguments.js').Given} given */
export async function exportTo({ path, json, values: { to, name } }) {
  const directory = look(path)
  if (!json) noteUnknown(directory, name)
  const output = to === undefined ? standard : intoFile(to)
  let counts
  try {
    counts = await write(output, directory, name)
    output.end()
  } catch (error) {
    output.giveUp()
    throw error
  }
  const { exported } = counts
  // Whose entries were in what nobody can read, nobody knows.
  const damaged = counts.damaged + directory.corrupt
  const foreign = directory.strange.size
  const unknown = unknownIn(directory, name)
  const unread = unreadText(damaged, foreign)
  if (json) note(jsonText({ path, entries: exported, damaged, foreign, unknown }))
  else note(`${counted(exported, 'entry', 'entries')} exported${unread && `, ${unread}`}`)
  return unread === '' && unknown.length === 0 ? EXIT.DONE : EXIT.FOUND
}

/** @param {Output} output @param {import('./entries.js').Directory} directory @param {string[] | undefined} names of functions; all without */
async function write(output, directory, names) {
  const now = epochNow()
  const progress = new Progress('exporting', directory.catalog.entries)
  let [exported, damaged, seen] = [0, 0, 0]
  let piece = `${headLine(now)}\n`
  for (const { namespace, digest, place, storedAt, deadline, isLive } of entriesOf(directory, now)) {
    progress.at(seen++)
    if (!isLive || (names !== undefined && !names.includes(namesOf(namespace).name))) continue
    const found = readRecord(place.frame, place.i)
    if (found === undefined) {
      damaged++
      continue
    }
    exported++
    piece += `${entryLine({ namespace, digest, storedAt, deadline, ...found })}\n`
    if (piece.length < PIECE) continue
    await output.write(piece)
    piece = ''
  }
  await output.write(`${piece}${endLine(exported)}\n`)
  progress.end()
  return { exported, damaged }
}

/** @type {Output} */
const standard = { write: text => pour(process.stdout, text), end() {}, giveUp() {} }

/**
 * It is there whole or not at all, unless it is a device or a pipe.
 * @param {string} to
 * @returns {Output}
 */
function intoFile(to) {
  const found = attempt(to, () => fs.statSync(to, { throwIfNoEntry: false }))
  if (found?.isDirectory()) throw cannotWrite(to, 'EISDIR')
  const isPlace = found !== undefined && !found.isFile()
  // What a link leads to is replaced, not the link.
  const path = found?.isFile() ? fs.realpathSync(to) : to
  const target = isPlace ? to : `${path}.${process.pid}.tmp`
  const fd = attempt(to, () => fs.openSync(target, 'w', 0o600))
  return {
    write: text => attempt(to, () => fs.writeFileSync(fd, text)),
    end: () =>
      attempt(to, () => {
        if (!isPlace) fs.fsyncSync(fd)
        fs.closeSync(fd)
        if (!isPlace) fs.renameSync(target, path)
      }),
    giveUp() {
      if (!isPlace) fs.rmSync(target, { force: true })
    },
  }
}

/** @template T @param {string} to @param {() => T} write @returns {T} */
function attempt(to, write) {
  try {
    return write()
  } catch (error) {
    throw cannotWrite(to, codeOf(error))
  }
}

/** @param {string} to @param {string} code of the file system's */
function cannotWrite(to, code) {
  const hint = code === 'ENOENT' ? 'its folder has to be there' : undefined
  return new Failure('ERR_NO_FILE', EXIT.FAILED, `${printable(to)} cannot be written (${code})`, hint)
}
