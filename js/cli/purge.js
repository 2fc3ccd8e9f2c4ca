import { epochNow } from '../clock.js'
import { cleared, deleted } from '../stores/queue.js'
import { sizeText } from '../words.js'
import { criteriaOf } from './criteria.js'
import { entriesOf, namesOf, noteUnknown } from './entries.js'
import { checkDirectory, directoryAt } from './look.js'
import { say, sayJson } from './output.js'
import { counted, figure, table } from './picture.js'
import { Progress } from './progress.js'

/**
 * `my-mimic purge`: writes deletions, as a store does.
 * @typedef {import('./entries.js').Entry} Entry
 */

const BATCH = 1000

/** @param {import('./arguments.js').Given} given */
export function purge({ path, json, values }) {
  const now = epochNow()
  const criteria = criteriaOf(values, now)
  checkDirectory(path)
  const { directory, stamps } = directoryAt(path)
  directory.scan()
  if (!json) noteUnknown(directory, values.name)
  const chosen = chosenIn(directory, criteria, now)
  const dryRun = values['dry-run'] === true
  if (!dryRun) remove(directory, stamps, chosen, criteria.isWhole)
  tell(chosen, { path, json, dryRun })
}

/** @param {import('./entries.js').Directory} directory @param {import('./criteria.js').Criteria} criteria @param {number} now */
function chosenIn(directory, criteria, now) {
  const progress = new Progress('looking', directory.catalog.entries)
  /** @type {Map<string, Entry[]>} */
  const chosen = new Map()
  let seen = 0
  for (const entry of entriesOf(directory, now)) {
    progress.at(seen++)
    if (!criteria.matches(entry)) continue
    const others = chosen.get(entry.namespace)
    if (others === undefined) chosen.set(entry.namespace, [entry])
    else others.push(entry)
  }
  progress.end()
  return chosen
}

/**
 * @param {import('./entries.js').Directory} directory
 * @param {import('../stores/disk/stamps.js').Stamps} stamps
 * @param {Map<string, Entry[]>} chosen
 * @param {boolean} isWhole
 */
function remove(directory, stamps, chosen, isWhole) {
  const now = epochNow()
  const items = [...chosen].flatMap(([namespace, entries]) =>
    isWhole
      ? [{ ...cleared(namespace, now), stamp: stamps.next() }]
      : entries.map(({ digest }) => ({
          ...deleted(namespace, digest, now),
          stamp: stamps.next(),
        })),
  )
  const progress = new Progress('deleting', items.length)
  for (let at = 0; at < items.length; at += BATCH) {
    directory.write(items.slice(at, at + BATCH))
    progress.at(at)
  }
  progress.end()
}

/** @param {Map<string, Entry[]>} chosen @param {{ path: string, json: boolean, dryRun: boolean }} how */
function tell(chosen, { path, json, dryRun }) {
  const functions = Array.from(chosen, ([namespace, entries]) => ({
    ...namesOf(namespace),
    entries: entries.length,
    bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
  }))
  const entries = functions.reduce((sum, row) => sum + row.entries, 0)
  const bytes = functions.reduce((sum, row) => sum + row.bytes, 0)
  if (json) return sayJson({ path, dryRun, entries, bytes, functions })
  if (entries === 0) return say('nothing to delete')
  const rows = functions.map(row => [
    row.name,
    row.version ?? '',
    figure(row.entries),
    { text: sizeText(row.bytes), right: true },
  ])
  say(table(['FUNCTION', 'VERSION', 'ENTRIES', 'SIZE'], rows))
  const what = `${counted(entries, 'entry', 'entries')} of ${sizeText(bytes)}`
  say(
    dryRun
      ? `\n${what} would go`
      : `\n${what} deleted; my-mimic compact frees the space now, a store when it is worth it`,
  )
}
