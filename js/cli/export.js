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

/** @typedef {{ write(text: string): Promise<void> | void, end(): void, giveUp(): void }} Output */

/** @param {import('./arguments.js').Given} given */
export async function exportTo({ path, json, values: { to, name } }) {
  const directory = look(path)
  const output = to === undefined ? standard : intoFile(to)
  let counts
  try {
    counts = await write(output, directory, name)
    output.end()
  } catch (error) {
    output.giveUp()
    throw error
  }
  const { exported, damaged } = counts
  if (json) note(jsonText({ path, entries: exported, damaged }))
  else
    note(
      `${counted(exported, 'entry', 'entries')} exported${damaged > 0 ? `, ${damaged} left out: damaged` : ''}`,
    )
  return damaged > 0 ? EXIT.FOUND : EXIT.DONE
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

/** It is there whole or not at all. @param {string} path @returns {Output} */
function intoFile(path) {
  const temporary = `${path}.tmp`
  const fd = fs.openSync(temporary, 'w', 0o600)
  return {
    write: text => fs.writeFileSync(fd, text),
    end() {
      fs.fsyncSync(fd)
      fs.closeSync(fd)
      fs.renameSync(temporary, path)
    },
    giveUp: () => fs.rmSync(temporary, { force: true }),
  }
}
