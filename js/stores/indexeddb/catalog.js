import { epochNow } from '../../clock.js'
import { bytesOf, CLEARED, compareKeys, DELETED, ENTRY, isAfter, PART, Row } from './rows.js'
import { Segment } from './segment.js'
import { Space } from './space.js'

/**
 * The index of a database: which record of all segments counts for each key. The newest one does, whether it is an entry, a deletion or damaged, so
 * an older value never comes back from behind a newer one. Segments may come to be known in any order, their keys say which is newer.
 *
 * @typedef {import('../database.js').SegmentKey} SegmentKey
 * @typedef {import('../segments.js').Indexed} Indexed
 * @typedef {import('../records.js').Record} Record
 * @typedef {import('./rows.js').Mark} Mark
 * @typedef {(namespace: string, digest: string | undefined) => void} Told
 * @typedef {{ added: (Segment | undefined)[], damaged: SegmentKey[], foreign: number, torn: number }} Found `added`: one a head, nothing
 *   for what is no segment
 */

const nobody = () => {}

export class Catalog {
  /** @type {Map<string, Space>} */
  #spaces = new Map()
  /** By their ids. @type {Map<string, Segment>} */
  segments = new Map()
  /** Those with records that sleep, by their numbers. @type {(Segment | undefined)[]} */
  #asleep = []
  #lives = 0
  entries = 0
  /** What all segments take. */
  bytes = 0
  /** What of that are entries that count. */
  liveBytes = 0
  /** Is told of each entry that no longer counts, and of each segment that is gone. @type {(one: Row | Segment) => void} */
  #left

  /** @param {(one: Row | Segment) => void} left */
  constructor(left) {
    this.#left = left
  }

  /** @param {string} name @returns {Space} */
  space(name) {
    let space = this.#spaces.get(name)
    if (space === undefined) {
      space = new Space(name, this.#asleep)
      this.#spaces.set(name, space)
    }
    return space
  }

  get spaces() {
    return this.#spaces.values()
  }

  /** Oldest first. @returns {Segment[]} */
  inOrder() {
    return [...this.segments.values()].sort((a, b) => compareKeys(a.key, b.key))
  }

  /** @param {string} namespace @param {string} digest @returns {Row | undefined} a whole entry, whatever its deadline */
  find(namespace, digest) {
    const row = this.#spaces.get(namespace)?.get(digest)
    return row !== undefined && row.isEntry && row.isWhole ? row : undefined
  }

  /** The newest record of its key. @param {Row} row @returns {boolean} whether there was another */
  put(row) {
    const old = row.space.get(row.digest)
    const goesOn = row.isEntry && old?.isEntry && old.life > 0 && old.place === undefined
    row.life = goesOn ? old.life : ++this.#lives
    this.#put(row, old)
    return old !== undefined
  }

  /** @param {Row} row @param {Row | undefined} old what counted until now */
  #put(row, old) {
    if (old !== undefined) {
      for (const segment of [...(old.hidden ?? []), ...old.segments]) row.hide(segment)
      this.#leave(old)
    }
    row.counts = true
    row.space.awake.set(row.digest, row)
    if (row.isEntry) this.entries++
  }

  /** A deletion of a namespace that is not written yet. @param {string} namespace @returns {Mark} */
  clear(namespace) {
    const space = this.space(namespace)
    this.#empty(space, () => true)
    space.asleep.clear()
    for (const row of space.awake.values()) this.#leave(row)
    space.awake.clear()
    space.cleared = { space, segment: undefined }
    return space.cleared
  }

  /** It cannot be read, or not in whole. Nothing older comes back from behind it. @param {Row} row */
  lose(row) {
    this.#uncount(row)
    row.isEntry = false
  }

  /** It is nowhere any more. @param {Row} row */
  remove(row) {
    if (!row.counts) return
    this.#leave(row)
    row.space.awake.delete(row.digest)
  }

  /**
   * A record is written there: it, or what has replaced it since, is known to be.
   * @param {Row} row
   * @param {Segment} segment
   * @param {number} i
   * @param {number} at
   * @param {number} length
   */
  place(row, segment, i, at, length) {
    segment.add(row.space)
    if (!row.counts) {
      row.space.get(row.digest)?.hide(segment)
      return
    }
    this.#settle(row, segment, i, at, length)
  }

  /** @param {Row} row that counts @param {Segment} segment @param {number} i @param {number} at @param {number} length */
  #settle(row, segment, i, at, length) {
    const place = { segment, i, at, length }
    row.grow(place)
    segment.awake[i] = row
    if (row.isEntry) this.#count(segment, bytesOf(length))
  }

  /** Of a row that was dropped only the deletion of what it replaced is written. @param {Row} row @param {Segment} segment */
  veil(row, segment) {
    row.arrive()
    segment.add(row.space)
    row.dropped = segment
    if (row.counts) segment.veils.push(row)
    else row.space.get(row.digest)?.hide(segment)
  }

  /** A deletion of a namespace is written there. @param {Mark} mark @param {Segment} segment */
  mark(mark, segment) {
    mark.segment = segment
    segment.add(mark.space)
    segment.marks.push(mark)
  }

  /** A row is written anew elsewhere. @param {Row} row */
  unplace(row) {
    for (const place of row.places) {
      if (row.isEntry) this.#count(place.segment, -bytesOf(place.length))
      place.segment.awake[place.i] = undefined
    }
    row.place = undefined
    row.rest = undefined
  }

  /** @param {SegmentKey} key @param {number} bytes @returns {Segment} */
  know(key, bytes) {
    const known = this.segments.get(String(key))
    if (known !== undefined) return known
    const segment = new Segment(key, bytes)
    this.segments.set(segment.id, segment)
    this.bytes += bytes
    return segment
  }

  /** A segment is gone from the database, and what was only there. @param {Segment} segment @returns {number} how many entries */
  drop(segment) {
    if (!this.segments.delete(segment.id)) return 0
    const before = this.entries
    this.entries -= segment.empty()
    for (const row of segment.awake) if (row !== undefined) this.remove(row)
    for (const { space } of segment.marks) if (space.cleared?.segment === segment) space.cleared = undefined
    this.bytes -= segment.bytes
    this.liveBytes -= segment.liveBytes
    segment.isThere = false
    this.#left(segment)
    return before - this.entries
  }

  /**
   * Segments that were found, oldest first.
   * @param {SegmentKey[]} keys
   * @param {Uint8Array[]} heads
   * @param {Indexed} indexed what the heads say
   * @param {Told} [gone] is told of each deletion that counts, and of each entry that another one replaces; no digest: of the whole namespace
   * @returns {Found}
   */
  add(keys, heads, indexed, gone) {
    const intake = this.intake(gone)
    intake.take(keys, heads, indexed)
    return intake.finish()
  }

  /** The same, some at a time. @param {Told} [gone] @param {number} [total] how many there are, where that is known */
  intake(gone = nobody, total = 0) {
    /** @type {Found} */
    const found = { added: [], damaged: [], foreign: 0, torn: 0 }
    /** @type {Set<Row>} */
    const cut = new Set()
    return {
      take: (
        /** @type {SegmentKey[]} */ keys,
        /** @type {Uint8Array[]} */ heads,
        /** @type {Indexed} */ indexed,
      ) => {
        const { bodies, records } = indexed
        for (const [n, key] of keys.entries()) {
          const its = records[n]
          if (its === undefined) {
            found.added.push(undefined)
            if (bodies[n] === -1) found.damaged.push(key)
            else found.foreign++
            continue
          }
          const segment = this.know(key, heads[n].length + bodies[n])
          found.added.push(segment)
          this.#lay(segment, its, (i, record) => {
            const row = this.#record(segment, i, record, gone)
            if (row !== undefined && row.parts > 1) cut.add(row)
          })
        }
        // The first ones say what the others will be like.
        if (found.added.length === keys.length) {
          const spaces = new Set(found.added.flatMap(segment => [...(segment?.spaces ?? [])]))
          for (const { asleep } of spaces) asleep.expect(total / keys.length)
        }
      },
      finish: () => {
        for (const row of cut) {
          if (!row.counts || (row.isEntry && row.isWhole)) continue
          // Segments go one by one when nobody needs them: of what has expired a part may be left.
          if (row.end > epochNow()) found.torn++
          this.lose(row)
        }
        return found
      },
    }
  }

  /**
   * Entries of which nothing else is known sleep until somebody asks for them.
   * @param {Segment} segment
   * @param {import('../records.js').Records} records
   * @param {(i: number, record: Record) => void} other called with each of all others
   */
  #lay(segment, records, other) {
    const spaces = records.namespaces.map(name => this.space(name))
    segment.lie({ records, spaces, segments: this.#asleep })
    for (let i = 0; i < records.length; ) {
      const awake = this.#sleep(segment, records, i, spaces[records.namespace(i)])
      if (awake === i) {
        records.take(i)
        other(i, records.at(i++))
      } else i = awake
    }
    segment.lain()
  }

  /**
   * @param {Segment} segment
   * @param {import('../records.js').Records} records
   * @param {number} from
   * @param {Space} space its namespace
   * @returns {number} the first from there on that does not sleep from now on
   */
  #sleep(segment, records, from, space) {
    const { asleep, awake, cleared } = space
    if (asleep.isFull || (cleared !== undefined && !isAfter(segment, cleared.segment))) return from
    let to = records.alike(from, ENTRY)
    if (awake.size > 0 && to > from) to = awake.has(records.digest(from)) ? from : from + 1
    if (to === from) return from
    const end = asleep.add(segment, from, to)
    if (end === from) return from
    segment.add(space)
    segment.sleepers += end - from
    this.entries += end - from
    this.#count(segment, bytesOf(records.bytes(from, end), end - from))
    return end
  }

  /** @param {Segment} segment @param {number} i @param {Record} record @param {Told} gone @returns {Row | undefined} what it is, when it counts */
  #record(segment, i, record, gone) {
    const { namespace, digest, kind, storedAt, deadline, offset, keyLength } = record
    const length = keyLength + record.valueLength
    const space = this.space(namespace)
    segment.add(space)
    const { cleared } = space
    if (cleared !== undefined && cleared.segment !== segment && !isAfter(segment, cleared.segment)) return
    if (kind === CLEARED) {
      this.#sweep(space, segment)
      gone(namespace, undefined)
      return
    }
    const old = space.get(digest)
    if (old !== undefined) {
      if (kind === PART && old.goesOn(record)) {
        old.keyLength += keyLength
        old.length += length
        this.#settle(old, segment, i, offset, length)
        return old
      }
      const isNewer = gone !== nobody && old.yieldsTo(record, epochNow())
      if (old.last !== segment && !isAfter(segment, old.standing) && !isNewer) {
        old.hide(segment)
        return
      }
      // Should it be dropped, a deletion would come behind what has taken its place.
      if (isNewer) old.hides = false
    }
    // The deletion of what was there may have been replaced by what came after it before it was written.
    const isReplacing = old?.isEntry && old.end > epochNow() && !old.isMoved(segment, record)
    const row = new Row(space, digest, kind === DELETED ? DELETED : ENTRY, storedAt, deadline)
    row.parts = record.parts
    row.whole = record.whole
    row.keyLength = keyLength
    row.length = length
    this.#put(row, old)
    this.#settle(row, segment, i, offset, length)
    // Its first part is lost.
    if (record.part > 0) this.lose(row)
    if (kind === DELETED || isReplacing) gone(namespace, digest)
    return row
  }

  /** A namespace was deleted there. @param {Space} space @param {Segment} segment */
  #sweep(space, segment) {
    this.#empty(space, other => !isAfter(other, segment))
    for (const [digest, row] of space.awake) {
      const { standing } = row
      if (standing === undefined || isAfter(standing, segment)) continue
      this.#leave(row)
      space.awake.delete(digest)
    }
    space.cleared = { space, segment }
    this.mark(space.cleared, segment)
  }

  /** What sleeps of a namespace no longer counts. @param {Space} space @param {(segment: Segment) => boolean} isMeant the segments concerned */
  #empty({ asleep }, isMeant) {
    asleep.forEach((segment, i) => {
      if (!isMeant(segment)) return
      this.entries--
      this.#count(segment, -bytesOf(segment.records.bytes(i)))
      segment.take(i)
    })
  }

  /** @param {Row} row that no longer counts */
  #leave(row) {
    row.counts = false
    this.#uncount(row)
    for (const { segment, i } of row.places) segment.awake[i] = undefined
  }

  /** @param {Row} row */
  #uncount(row) {
    if (!row.isEntry) return
    this.entries--
    for (const { segment, length } of row.places) this.#count(segment, -bytesOf(length))
    this.#left(row)
  }

  /** @param {Segment} segment @param {number} bytes more or less of it are entries that count */
  #count(segment, bytes) {
    segment.liveBytes += bytes
    if (segment.isThere) this.liveBytes += bytes
  }
}
