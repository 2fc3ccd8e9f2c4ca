import { epochNow } from '../../clock.js'
import { nameOf } from '../database.js'
import { oldest, tooMuch } from './tidy.js'

/**
 * A batch comes into the database, and what makes room for it goes, in one transaction.
 *
 * @typedef {import('./batch.js').Batch} Batch
 * @typedef {import('./persisted.js').Persisted} Persisted
 * @typedef {import('./segment.js').Segment} Segment
 * @typedef {import('../database.js').Database} Database
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 */

/** Of what there is, for a quota that we do not know. */
const QUOTA_SHARE = 1 / 4

/**
 * @param {Persisted} persisted
 * @param {Database} database
 * @param {Batch} batch packed; issued before this returns when there is a connection
 * @param {number} bytes of it and of what is being written beside it
 */
export async function write(persisted, database, batch, bytes) {
  const { catalog, voice } = persisted
  // A deletion that goes may hide what is not known yet: the next write looks first.
  const gone = persisted.isBehind ? [] : tooMuch(catalog, bytes, persisted.maxBytes, epochNow())
  const { blocks, heads } = batch
  const keys = database.nextKeys(heads.length)
  try {
    await replace(persisted, database, keys, blocks, gone)
  } catch (cause) {
    if (nameOf(cause) !== 'QuotaExceededError') throw cause
    if (persisted.isBehind) await persisted.catchUp()
    const more = oldest(catalog.inOrder(), catalog.bytes * QUOTA_SHARE)
    await replace(persisted, database, [], [], more)
    voice.counters.quotaEvictions += more.length
    await replace(persisted, database, keys, blocks, [])
  }
  know(persisted, keys, batch)
}

/** @param {Persisted} persisted @param {Database} database @param {SegmentKey[]} keys @param {Uint8Array[]} blocks @param {Segment[]} gone */
async function replace({ catalog, voice }, database, keys, blocks, gone) {
  const goneKeys = gone.map(({ key }) => key)
  await database.write(keys, blocks, goneKeys)
  if (gone.length > 0) voice.evicted(gone.reduce((sum, segment) => sum + catalog.drop(segment), 0))
}

/** What was written is where it is. @param {Persisted} persisted @param {SegmentKey[]} keys @param {Batch} batch */
function know(persisted, keys, batch) {
  const { catalog } = persisted
  const { blocks } = batch
  const segments = keys.map((key, n) => catalog.know(key, blocks[2 * n].length + blocks[2 * n + 1].length))
  batch.places(({ kind, target, parts }, n, i, at, length) => {
    if (target === undefined) return
    if ('segment' in target) return catalog.mark(target, segments[n])
    if (kind === 'deleted' && target.isEntry) {
      catalog.veil(target, segments[n])
      if (!target.isHeld) persisted.letGo(target)
      return
    }
    target.parts = parts ?? 1
    catalog.place(target, segments[n], i, at, length)
  })
}
