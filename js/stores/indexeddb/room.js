import { epochNow } from '../../clock.js'
import { compareKeys } from './rows.js'
import { tooMuch } from './tidy.js'

/**
 * What goes from the database. A segment may hide records that another tab has moved meanwhile, and nobody is sure to be told of that: so it
 * goes only where the database itself says, in the same transaction, that everything it can hide is known.
 *
 * @typedef {import('./persisted.js').Persisted} Persisted
 * @typedef {import('./segment.js').Segment} Segment
 * @typedef {import('../database.js').Database} Database
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 * @typedef {{ knows: (key: SegmentKey) => boolean }} Index
 */

/** So often it is looked what others have done meanwhile. */
const TRIES = 3
/** Bytes: who has no more left looks what others have written, too. A transaction takes less, that of a single value apart. */
const TIGHT = 1 << 20

/**
 * @param {Index} index
 * @param {SegmentKey[]} gone of what is to go
 * @param {SegmentKey[]} there of all there is
 * @returns {boolean} whether nobody else has taken any of it, and whatever is not known is newer
 */
export function mayGo(index, gone, there) {
  const ids = new Set(there.map(String))
  const going = new Set(gone.map(String))
  const isNewer = (/** @type {SegmentKey} */ key) => gone.every(old => compareKeys(key, old) > 0)
  return (
    [...going].every(id => ids.has(id)) &&
    there.every(key => going.has(String(key)) || index.knows(key) || isNewer(key))
  )
}

/**
 * @param {Persisted} persisted
 * @param {Database} database
 * @param {() => Segment[]} choose what is to go of what is known
 * @returns {Promise<Segment[]>} what went: nothing when others do not let us come to it
 */
export async function drop(persisted, database, choose) {
  const { catalog, voice } = persisted
  for (let n = 0; n < TRIES; n++) {
    if (persisted.isBehind && !(await persisted.catchUp())) break
    const segments = choose()
    const gone = segments.map(({ key }) => key)
    if (gone.length === 0) break
    if (await database.replace([], [], gone, there => mayGo(persisted, gone, there))) {
      voice.evicted(segments.reduce((sum, segment) => sum + catalog.drop(segment), 0))
      return segments
    }
    persisted.isBehind = true
  }
  return []
}

/**
 * What nobody needs goes.
 * @param {Persisted} persisted
 * @param {Database} database
 * @param {SegmentKey[]} gone as if they were no longer there
 * @returns {Promise<void>} never rejects
 */
export async function sweep(persisted, database, gone) {
  if (gone.length === 0) return
  try {
    if (await database.replace([], [], gone, there => mayGo(persisted, gone, there))) return
  } catch (cause) {
    persisted.voice.error('ERR_STORE_WRITE', cause)
  }
  // They are there all the same, or somebody else has done it.
  persisted.isBehind = true
  await persisted.catchUp()
}

/**
 * What is too much goes.
 * @param {Persisted} persisted
 * @param {Database} database
 * @param {number} bytes that are about to be written
 * @returns {Promise<void>} never rejects
 */
export async function makeRoom(persisted, database, bytes) {
  const { catalog, maxBytes } = persisted
  if (catalog.bytes + Math.max(bytes, TIGHT) <= maxBytes) return
  try {
    await drop(persisted, database, () => tooMuch(catalog, bytes, maxBytes, epochNow()))
  } catch (cause) {
    persisted.voice.error('ERR_STORE_WRITE', cause)
  }
}
