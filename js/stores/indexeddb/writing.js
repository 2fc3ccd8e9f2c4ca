import { nameOf } from '../database.js'
import { drop } from './room.js'
import { oldest } from './tidy.js'

/**
 * A batch comes into the database, in one transaction.
 *
 * @typedef {import('./batch.js').Batch} Batch
 * @typedef {import('./persisted.js').Persisted} Persisted
 * @typedef {import('../database.js').Database} Database
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 */

/** Of what there is, for a quota that we do not know. */
const QUOTA_SHARE = 1 / 4

/**
 * @param {Persisted} persisted
 * @param {Database} database
 * @param {Batch} batch packed; issued before this returns when there is a connection
 */
export async function write(persisted, database, batch) {
  const { catalog, voice } = persisted
  const { blocks, heads } = batch
  const keys = database.nextKeys(heads.length)
  try {
    await database.write(keys, blocks)
  } catch (cause) {
    if (nameOf(cause) !== 'QuotaExceededError') throw cause
    const share = () => oldest(catalog.inOrder(), catalog.bytes * QUOTA_SHARE)
    voice.counters.quotaEvictions += (await drop(persisted, database, share)).length
    await database.write(keys, blocks)
  }
  know(persisted, keys, batch)
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
