import { epochNow, stopwatch } from '../../clock.js'
import { decodeKey } from '../../key/decode.js'
import { describeCall } from '../../key/describe.js'
import { reviveArgs } from '../../key/revive.js'
import { tagsOf } from '../entry.js'
import { turn } from '../../turn.js'
import { inSlices, SLICE_MS } from './slices.js'
import { isLive } from './tidy.js'

/**
 * What is in a database, for people to look at.
 *
 * @typedef {import('../../index.js').StoredEntry} StoredEntry
 */

/** @param {import('./persisted.js').Persisted} persisted @returns {Promise<StoredEntry[]>} what is alive, oldest first */
export async function listOf(persisted) {
  const { catalog } = persisted
  /** @type {StoredEntry[]} */
  const found = []
  // One moment for all of them, so that their ages can be compared.
  const now = epochNow()
  const segments = catalog.inOrder()
  // There may be very many of them.
  await inSlices(() => {
    segments.pop()?.wakeAll()
    return segments.length > 0
  })
  let began = stopwatch()
  for (const row of [...catalog.spaces].flatMap(({ rows }) => [...rows.values()])) {
    if (stopwatch() - began >= SLICE_MS) {
      await turn()
      began = stopwatch()
    }
    if (!isLive(row, epochNow())) continue
    if (!row.isHeld) await persisted.bring(row)
    // Meanwhile it may have been deleted, set anew, or moved by another tab's compaction.
    const there = catalog.find(row.space.name, row.digest)
    if (!there?.isHeld || !persisted.vouches(there)) continue
    try {
      found.push(describe(there, now))
    } catch (cause) {
      persisted.damaged(there, cause)
    }
  }
  return found.sort((a, b) => b.age - a.age)
}

/**
 * @param {import('./rows.js').Row} row in memory
 * @param {number} now
 * @returns {StoredEntry}
 * @throws a coded error when its value is damaged
 */
function describe({ space, digest, key, value, keyLength, valueLength, storedAt, end, ttl }, now) {
  const [name, version = ''] = space.name.split('\0')
  return {
    namespace: space.name,
    name,
    version,
    digest,
    args: reviveArgs(key),
    description: wordsFor(key),
    tags: tagsOf(value),
    size: keyLength + valueLength,
    age: Math.max(0, now - storedAt),
    timeLeft: Math.min(end - now, ttl),
  }
}

/** @param {Uint8Array} key */
function wordsFor(key) {
  try {
    return describeCall(decodeKey(key))
  } catch {
    // Somebody else's key, or one of a later version.
    return ''
  }
}
