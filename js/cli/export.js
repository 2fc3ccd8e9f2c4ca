import fs from 'node:fs'
import process from 'node:process'
import { epochNow } from '../clock.js'
import { readRecord } from '../stores/disk/file.js'
import { entriesOf, namesOf } from './entries.js'
import { EXIT } from './failure.js'
import { endLine, entryLine, headLine } from './lines.js'
import { look } from './look.js'
import { note, pour } from './output.js'
import { counted } from './picture.js'
import { jsonText } from './printable.js'
import { Progress } from './progress.js'

/** `my-mimic export`: what lives, into one file. */

/** Characters that go at once. */
const PIECE = 1 << 16

/** @param {import('./arguments.js').Given} given */
export async function exportTo({ path, json, values: { to, name } }) {
  const now = epochNow()
  const directory = look(path)
  const out = to === undefined ? process.stdout : await created(`${to}.tmp`)
  const progress = new Progress('exporting', directory.catalog.entries)
  let [exported, damaged, seen] = [0, 0, 0]
  let piece = `${headLine(now)}\n`
  for (const { namespace, digest, place, storedAt, deadline, isLive } of entriesOf(directory, now)) {
    progress.at(seen++)
    if (!isLive || (name !== undefined && !name.includes(namesOf(namespace).name))) continue
    const found = readRecord(place.frame, place.i)
    if (found === undefined) {
      damaged++
      continue
    }
    exported++
    piece += `${entryLine({ namespace, digest, storedAt, deadline, ...found })}\n`
    if (piece.length < PIECE) continue
    await pour(out, piece)
    piece = ''
  }
  await pour(out, `${piece}${endLine(exported)}\n`)
  progress.end()
  if (to !== undefined) await finished(/** @type {fs.WriteStream} */ (out), to)
  if (json) note(jsonText({ path, entries: exported, damaged }))
  else
    note(
      `${counted(exported, 'entry', 'entries')} exported${damaged > 0 ? `, ${damaged} left out: damaged` : ''}`,
    )
  return damaged > 0 ? EXIT.FOUND : EXIT.DONE
}

/** @param {string} path @returns {Promise<fs.WriteStream>} */
async function created(path) {
  const stream = fs.createWriteStream(path)
  await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
  return stream
}

/** The file is there whole or not at all. @param {fs.WriteStream} stream @param {string} path */
async function finished(stream, path) {
  await new Promise((resolve, reject) => stream.once('error', reject).end(() => resolve(undefined)))
  fs.renameSync(stream.path, path)
}
