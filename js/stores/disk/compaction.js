import fs from 'node:fs'
import { join } from 'node:path'
import { MimicError } from '../../errors.js'
import { joined } from '../piece.js'
import { cleared, deleted } from '../queue.js'
import { bytesOf } from './catalog.js'
import { freshId } from './directory.js'
import { DataFile, isUnfinished, readRecord } from './file.js'
import { CLEARED, DELETED } from './frame.js'
import { Lock } from './lock.js'
import { appendTo, segmentsOf } from './pack.js'

/**
 * Many files become few: what expired, was deleted or replaced goes, and the oldest entries where all together are too much. Whenever it is
 * ended, what was there is there.
 *
 * @typedef {import('./directory.js').Directory} Directory
 * @typedef {import('./catalog.js').Place} Place
 * @typedef {import('./catalog.js').Space} Space
 * @typedef {import('./pack.js').Item} Item
 * @typedef {{ space: Space, digest: string, place: Place, stamp: number }} Row
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
    removeOrphans(directory.path)
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

/** A compaction that was killed left them. @param {string} path */
function removeOrphans(path) {
  for (const name of fs.readdirSync(path))
    if (name.endsWith('.tmp')) fs.rmSync(join(path, name), { force: true })
}

/**
 * What is to be written, oldest first.
 * @param {Directory} directory
 * @param {DataFile[]} sealed
 * @param {number} target bytes
 * @param {number} now
 * @returns {{ items: (Row | Item)[], evicted: number }}
 */
function plan({ catalog, strange }, sealed, target, now) {
  const files = new Set(sealed)
  /** @type {Row[]} */
  const live = []
  /** @type {Row[]} */
  const gone = []
  for (const space of catalog.spaces) {
    for (const [digest, number] of space.rows) {
      const place = catalog.place(number)
      if (!files.has(place.frame.file)) continue
      const row = { space, digest, place, stamp: place.frame.stamps[place.i] }
      const isLive = place.frame.head.kind(place.i) !== DELETED && catalog.deadline(number, now) > now
      ;(isLive ? live : gone).push(row)
    }
  }
  live.sort((a, b) => a.stamp - b.stamp)
  let bytes = live.reduce((sum, { place }) => sum + bytesOf(place), 0)
  let evicted = 0
  while (bytes > target) bytes -= bytesOf(live[evicted++].place)
  gone.push(...live.splice(0, evicted))
  const hides = hiders(sealed, gone)
  /** @param {number} stamp */
  const isRecent = stamp => strange.size > 0 || stamp > now - GRACE
  const tombstones = gone.filter(row => hides.rows.has(row) || (isTombstone(row) && isRecent(row.stamp)))
  const clears = [...catalog.spaces].filter(
    space => space.cleared > -Infinity && (isRecent(space.cleared) || hides.spaces.has(space.name)),
  )
  /** @type {(Row | Item)[]} */
  const items = [...live, ...tombstones.map(deletion)]
  for (const { name, cleared: stamp } of clears) items.push({ ...cleared(name, now), stamp })
  // A deletion of everything counts as what it is ordered by, wherever it stands.
  return { items: items.sort((a, b) => a.stamp - b.stamp), evicted }
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
