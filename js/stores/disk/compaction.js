import fs from 'node:fs'
import { join } from 'node:path'
import { MimicError } from '../../errors.js'
import { joined } from '../piece.js'
import { cleared, deleted } from '../queue.js'
import { bytesOf, OVERHEAD } from './catalog.js'
import { freshId } from './directory.js'
import { DataFile, isUnfinished, readRecord } from './file.js'
import { CLEARED, DELETED } from './frame.js'
import { Lock } from './lock.js'
import { removeLost } from './lost.js'
import { appendTo, segmentsOf } from './pack.js'

/**
 * Many files become few: what expired, was deleted or replaced goes, and the oldest entries where all together are too much. Whenever it is
 * ended, what was there is there.
 *
 * @typedef {import('./directory.js').Directory} Directory
 * @typedef {import('./catalog.js').Place} Place
 * @typedef {import('./catalog.js').Space} Space
 * @typedef {import('./pack.js').Item} Item
 * @typedef {{ space: Space, digest: string, place: Place, stamp: number, bytes: number, isLive: boolean }} Row `bytes`: what it takes from now on
 */

/** A deletion is kept as long as a store may have older entries that it has not written yet. */
export const GRACE = 600_000
/** What is left of the budget is to last for a while. */
const KEEP = 0.75
const BATCH_BYTES = 512 << 10
const BATCH_ITEMS = 2000

/**
 * @param {Directory} directory
 * @param {{ maxBytes: number, fsync: boolean }} settings
 * @param {number} now epoch milliseconds
 * @returns {Generator<void, number | undefined, void>} rests between pieces of work; how many entries went to stay within the budget, nothing
 *   when somebody else is at it
 */
export function* compact(directory, { maxBytes, fsync }, now) {
  const lock = new Lock(join(directory.path, 'compact.lock'))
  if (!lock.take()) return undefined
  /** @type {DataFile[]} */
  const made = []
  try {
    removeLost(directory.path, now - GRACE)
    const sealed = directory.seal()
    const { items, evicted } = plan(directory, sealed, maxBytes * KEEP, now)
    for (const batch of batches(directory, items)) {
      write(directory, made, batch)
      lock.renew()
      yield
    }
    if (fsync) for (const { fd } of made) fs.fsyncSync(fd)
    // Whoever took over does the same with newer files.
    if (!lock.holds()) return undefined
    publish(directory, made)
    for (const file of sealed) directory.remove(file)
    return evicted
  } finally {
    for (const { fd, path } of made) {
      fs.closeSync(fd)
      fs.rmSync(path, { force: true })
    }
    lock.release()
  }
}

/**
 * What is to be written, oldest first. Where it is too much the oldest goes, deletions too: one of all that their function has up to there hides the
 * same, and nothing that stays.
 * @param {Directory} directory
 * @param {DataFile[]} sealed
 * @param {number} target bytes
 * @param {number} now
 * @returns {{ items: (Row | Item)[], evicted: number }}
 */
function plan({ catalog, strange }, sealed, target, now) {
  const { live, gone } = rowsIn(catalog, sealed, now)
  const hides = hiders(sealed, gone)
  /** What a strange file has may be readable later. @param {number} stamp */
  const isRecent = stamp => strange.size > 0 || stamp > now - GRACE
  const tombstones = gone.filter(row => hides.rows.has(row) || (isTombstone(row) && isRecent(row.stamp)))
  const kept = [...live, ...tombstones].sort((a, b) => a.stamp - b.stamp)
  let bytes = kept.reduce((sum, row) => sum + row.bytes, 0)
  let count = 0
  while (bytes > target) bytes -= kept[count++].bytes
  const evicted = kept.splice(0, count)
  /** The stamps of deletions of everything, by namespace. @type {Map<string, number>} */
  const clears = new Map()
  for (const { name, cleared: stamp } of catalog.spaces)
    if (stamp > -Infinity && (isRecent(stamp) || hides.spaces.has(name))) clears.set(name, stamp)
  for (const { space, stamp } of evicted) clears.set(space.name, stamp)
  /** @type {(Row | Item)[]} */
  const items = kept.map(row => (row.isLive ? row : deletion(row)))
  for (const [name, stamp] of clears) items.push({ ...cleared(name, now), stamp })
  // A deletion of everything counts as what it is ordered by, wherever it stands.
  items.sort((a, b) => Number(a.stamp) - Number(b.stamp))
  return { items, evicted: evicted.filter(({ isLive }) => isLive).length }
}

/**
 * What the sealed files have that counts.
 * @param {import('./catalog.js').Catalog} catalog
 * @param {DataFile[]} sealed
 * @param {number} now
 */
function rowsIn(catalog, sealed, now) {
  const files = new Set(sealed)
  /** @type {Row[]} */
  const live = []
  /** @type {Row[]} */
  const gone = []
  for (const space of catalog.spaces) {
    for (const [digest, number] of space.rows) {
      const place = catalog.place(number)
      const { file, head, stamps } = place.frame
      if (!files.has(file)) continue
      const isLive = head.kind(place.i) !== DELETED && catalog.deadline(number, now) > now
      const bytes = isLive ? bytesOf(place) : OVERHEAD
      ;(isLive ? live : gone).push({ space, digest, place, stamp: stamps[place.i], bytes, isLive })
    }
  }
  return { live, gone }
}

/** @param {Row} row */
function isTombstone({ place }) {
  return place.frame.head.kind(place.i) === DELETED
}

/** @param {Row} row @returns {Item} */
function deletion({ space, digest, place, stamp }) {
  return { ...deleted(space.name, digest, place.frame.head.storedAt(place.i)), stamp }
}

/**
 * Which of what goes, and which deletions of everything, hide something older in another file: should this end between the removals of
 * two files, that must not come back.
 * @param {DataFile[]} sealed
 * @param {Row[]} gone
 */
function hiders(sealed, gone) {
  /** @type {Map<string, Row>} */
  const byId = new Map(gone.map(row => [row.digest + row.space.name, row]))
  const rows = new Set()
  const spaces = new Set()
  for (const file of sealed) {
    for (const { head, stamps } of file.frames) {
      for (let i = 0; i < head.records; i++) {
        if (head.kind(i) === CLEARED || head.kind(i) === DELETED) continue
        const name = head.namespaces[head.namespace(i)]
        spaces.add(name)
        const row = byId.size > 0 ? byId.get(head.digest(i) + name) : undefined
        if (row !== undefined && row.place.frame.file !== file && stamps[i] <= row.stamp) rows.add(row)
      }
    }
  }
  return { rows, spaces }
}

/** @param {Directory} directory @param {(Row | Item)[]} items @returns {Generator<Item[], void, void>} */
function* batches(directory, items) {
  /** @type {Item[]} */
  let batch = []
  let bytes = 0
  for (const item of items) {
    const next = 'kind' in item ? item : copyOf(directory, item)
    if (next === undefined) continue
    batch.push(next)
    bytes += next.piece.length
    if (bytes < BATCH_BYTES && batch.length < BATCH_ITEMS) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/**
 * What cannot be read goes, and nothing comes back from behind it. Whoever still writes a value writes it again, elsewhere and with the same
 * stamp, which a deletion would hide.
 * @param {Directory} directory @param {Row} row @returns {Item | undefined}
 */
function copyOf(directory, row) {
  const { space, digest, place, stamp } = row
  const { frame, i } = place
  const found = readRecord(frame, i)
  if (found === undefined && isUnfinished(frame, i)) return undefined
  if (found === undefined) {
    directory.corrupt++
    return deletion(row)
  }
  return {
    kind: 'entry',
    namespace: space.name,
    digest,
    piece: joined(found.key, found.value),
    storedAt: frame.head.storedAt(i),
    deadline: frame.head.deadline(i),
    hides: false,
    stamp,
  }
}

/** @param {Directory} directory @param {DataFile[]} made @param {Item[]} batch */
function write({ path, fileBytes }, made, batch) {
  let file = made.at(-1)
  if (file === undefined || file.end >= fileBytes) {
    const id = freshId()
    file = DataFile.create(join(path, `${id}.tmp`), id)
    made.push(file)
  }
  appendTo(file, segmentsOf(batch))
}

/** From now on others read them, and so does this store. @param {Directory} directory @param {DataFile[]} made */
function publish(directory, made) {
  for (const file of made) {
    const path = join(directory.path, `${file.id}.seg`)
    fs.renameSync(file.path, path)
    file.path = path
  }
  directory.scan()
  const read = made.every(({ id, end }) => directory.files.get(id)?.end === end)
  for (const { fd } of made.splice(0)) fs.closeSync(fd)
  if (!read) throw new MimicError('ERR_STORE_WRITE', 'a compacted file is not as it was written')
}
