import { epochNow } from '../clock.js'
import { compact } from '../stores/disk/compaction.js'
import { sizeText } from '../words.js'
import { EXIT, Failure } from './failure.js'
import { look } from './look.js'
import { say, sayJson } from './output.js'
import { counted } from './picture.js'
import { Progress } from './progress.js'

/** `my-mimic compact`: what a store does by itself now and then, now. */

/** As large as the pieces in which it is done. */
const PIECE_BYTES = 512 << 10
const PIECE_ENTRIES = 2000

/** @param {import('./arguments.js').Given} given */
export function compactDirectory({ path, json }) {
  const directory = look(path)
  const before = sizesOf(directory)
  const { liveBytes, entries } = directory.catalog
  const progress = new Progress('compacting', Math.max(liveBytes / PIECE_BYTES, entries / PIECE_ENTRIES))
  const steps = compact(directory, { maxBytes: Infinity, fsync: true }, epochNow())
  let done = 0
  let step = steps.next()
  for (; !step.done; step = steps.next()) progress.at(++done)
  progress.end()
  if (step.value === undefined) {
    throw new Failure(
      'ERR_BUSY',
      EXIT.BUSY,
      'another process is compacting the directory',
      'try again in a few seconds; a killed one blocks it for ten',
    )
  }
  const after = sizesOf(directory)
  if (json) return sayJson({ path, before, after })
  say(
    `${counted(before.files, 'file')} of ${sizeText(before.bytes)} ${before.files === 1 ? 'is' : 'are'} ${counted(after.files, 'file')} of ${sizeText(after.bytes)} now`,
  )
}

/** @param {import('./entries.js').Directory} directory */
function sizesOf({ files, bytes }) {
  return { files: files.size, bytes }
}
