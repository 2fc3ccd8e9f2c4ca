import { MimicError } from '../../errors.js'
import { deleted } from '../queue.js'
import { checkBodies } from '../segments.js'
import { Batch } from './batch.js'
import { mayGo } from './room.js'
import { clears, hides, isLive, sort } from './tidy.js'

/**
 * Segments that are mostly dead, and many small ones, become few: under a Web Lock, in one transaction, and in their old places, so that whatever
 * somebody else writes or deletes meanwhile is newer.
 *
 * @typedef {import('./catalog.js').Catalog} Catalog
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./segment.js').Segment} Segment
 * @typedef {import('../database.js').Database} Database
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 * @typedef {import('../queue.js').Item} Item
 *
 * @typedef {object} Owner
 * @property {() => Promise<boolean>} catchUp whether all there is is known now
 * @property {(key: SegmentKey) => boolean} knows
 * @property {(segment: Segment, body: Uint8Array) => void} keep in memory
 */

/** Less than this that is dead is left alone. */
const DEAD_MIN = 1 << 20
/** A segment of fewer bytes is small. */
const SMALL = 16 << 10
/** So many small ones are too many. */
const SMALL_MANY = 32
/** Bytes of entries that are written anew in one transaction. */
const AT_ONCE = 4 << 20
/** So often it is begun anew, because another tab has taken something of it meanwhile. */
const TRIES = 3

/** @param {Segment} segment */
const isSmall = ({ bytes }) => bytes < SMALL

/** Whether it is worth a compaction. @param {Catalog} catalog */
export function wouldShrink({ segments, bytes, liveBytes }) {
  if (bytes - liveBytes > Math.max(DEAD_MIN, bytes / 2)) return true
  let small = 0
  for (const segment of segments.values()) if (isSmall(segment) && ++small >= SMALL_MANY) return true
  return false
}

/**
 * @param {Catalog} catalog
 * @param {Database} database
 * @param {number} now epoch milliseconds
 * @param {Owner} owner
 * @returns {Promise<boolean>} whether something was done; not when another tab is at it, or nobody can be kept out
 */
export async function compact(catalog, database, now, owner) {
  const { locks } = globalThis.navigator ?? {}
  if (locks === undefined) return false
  const name = `my-mimic compaction ${database.name}`
  return locks.request(name, { ifAvailable: true }, async lock => {
    if (lock === null) return false
    for (let n = 0; n < TRIES; n++) {
      if (!(await owner.catchUp())) return false
      const { dead, staying, unwritten } = sort(catalog, now)
      const sources = chosen(staying, unwritten)
      if (dead.length + sources.size === 0) return false
      if (await rewrite(catalog, database, dead, [...sources], staying, now, owner)) return true
    }
    throw new MimicError('ERR_STORE_CLOSED', 'what was to be compacted is no longer there')
  })
}

/** @param {Set<Segment>} staying oldest first @param {import('./tidy.js').Unwritten} unwritten @returns {Set<Segment>} what is to be written anew, oldest first */
function chosen(staying, unwritten) {
  /** @type {Set<Segment>} */
  const older = new Set()
  const small = [...staying].filter(isSmall).length
  /** @type {Set<Segment>} */
  const sources = new Set()
  let bytes = 0
  for (const segment of staying) {
    const isWorth = segment.liveBytes < segment.bytes / 2 || (small >= SMALL_MANY / 2 && isSmall(segment))
    // A deletion of everything must not come to stand behind what was written after it.
    const isCut = segment.awake.some(row => row?.rest !== undefined)
    const isFixed =
      isCut || segment.veils.length > 0 || clears(segment, older) || unwritten.needs(segment, older)
    older.add(segment)
    if (!isWorth || isFixed || bytes + segment.liveBytes > AT_ONCE) continue
    bytes += segment.liveBytes
    sources.add(segment)
  }
  return sources
}

/**
 * @param {Catalog} catalog
 * @param {Database} database
 * @param {Segment[]} dead
 * @param {Segment[]} sources
 * @param {Set<Segment>} staying
 * @param {number} now
 * @param {Owner} owner
 * @returns {Promise<boolean>} whether it was done: not when something of it is not there any more
 */
async function rewrite(catalog, database, dead, sources, staying, now, owner) {
  const { heads, bodies } = await database.read(sources.map(({ key }) => key))
  if ([...heads, ...bodies].includes(undefined)) return false
  for (const source of sources) staying.delete(source)
  const { items, origins } = itemsOf(database, sources, heads, bodies, staying, now)
  const batch = new Batch(items)
  await batch.pack()
  const keys = keysOf(catalog, batch, origins)
  const { blocks } = batch
  const gone = [...dead, ...sources]
  const goneKeys = gone.map(({ key }) => key)
  // What somebody has deleted since it was read must not come back.
  if (!(await database.replace(keys, blocks, goneKeys, there => mayGo(owner, goneKeys, there)))) return false
  const made = keys.map((key, n) => catalog.know(key, blocks[2 * n].length + blocks[2 * n + 1].length))
  for (const { target } of items) if (target instanceof Object && 'places' in target) catalog.unplace(target)
  batch.places(({ target }, n, i, at, length) => {
    if (target !== undefined && 'places' in target) catalog.place(target, made[n], i, at, length)
  })
  // What was in memory still is.
  if (sources.some(({ body }) => body.length > 0)) {
    for (const [n, segment] of made.entries()) owner.keep(segment, blocks[2 * n + 1])
  }
  for (const segment of gone) catalog.drop(segment)
  return true
}

/**
 * What is left of segments, oldest first.
 * @param {Database} database
 * @param {Segment[]} sources
 * @param {any[]} heads
 * @param {any[]} bodies
 * @param {Set<Segment>} staying
 * @param {number} now
 * @returns {{ items: Item[], origins: Segment[] }} `origins`: where each item comes from
 */
function itemsOf(database, sources, heads, bodies, staying, now) {
  /** @type {Item[]} */
  const items = []
  /** @type {Segment[]} */
  const origins = []
  const { isBad } = checkBodies(database.glue, heads, bodies)
  /** @param {Row} row @param {number} n */
  const pieceOf = ({ place, keyLength, length }, n) => {
    if (place === undefined || isBad(n, place.i)) return undefined
    return { block: bodies[n], at: place.at, keyLength, length }
  }
  for (const [n, source] of sources.entries()) {
    for (const row of source.rows) {
      if (row === undefined) continue
      const { digest, storedAt, deadline } = row
      const namespace = row.space.name
      const piece = row.isEntry ? pieceOf(row, n) : undefined
      if (piece !== undefined && isLive(row, now)) {
        items.push({ kind: 'entry', namespace, digest, piece, storedAt, deadline, hides: false, target: row }) // biome-ignore format: one line
      } else if (hides(row, staying)) {
        items.push({ ...deleted(namespace, digest, storedAt), target: row })
      } else continue
      origins.push(source)
    }
  }
  return { items, origins }
}

/**
 * Each new segment takes the place of the last one that something in it comes from.
 * @param {Catalog} catalog
 * @param {Batch} batch
 * @param {Segment[]} origins
 * @returns {SegmentKey[]}
 */
function keysOf(catalog, batch, origins) {
  /** @type {Segment[]} */
  const last = []
  const numbers = new Map(batch.items.map((item, n) => [item, n]))
  batch.places((item, n) => {
    last[n] = origins[numbers.get(item) ?? 0]
  })
  /** @type {Map<string, number>} */
  const taken = new Map()
  for (const { key } of catalog.segments.values()) {
    const place = String(key.slice(0, 3))
    taken.set(place, Math.max(taken.get(place) ?? 0, key[3] ?? 0))
  }
  return last.map(({ key: [counter, writer, n] }) => {
    const place = String([counter, writer, n])
    const moved = (taken.get(place) ?? 0) + 1
    taken.set(place, moved)
    return [counter, writer, n, moved]
  })
}
