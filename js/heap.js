/**
 * The one with the most bytes among many, of which any may change at any time: a binary heap whose members know their places.
 *
 * @typedef {object} Weighed
 * @property {number} bytes
 * @property {number} place in the heap; below 0 outside of it
 */

/** @template {Weighed} T */
export class Heap {
  /** No member has more bytes than the one at half its place. @type {T[]} */
  members = []

  /** The one with the most bytes. @returns {T | undefined} */
  get first() {
    return this.members[0]
  }

  /** How many bytes the next one has. */
  get second() {
    const { members } = this
    return Math.max(members[1]?.bytes ?? 0, members[2]?.bytes ?? 0)
  }

  /** Takes a member in, or notes that its bytes have changed. @param {T} member */
  put(member) {
    if (member.place < 0) member.place = this.members.length
    this.rise(member)
    this.sink(member)
  }

  /** @param {T} member */
  remove(member) {
    const { place } = member
    if (place < 0) return
    member.place = -1
    const last = /** @type {T} */ (this.members.pop())
    if (last === member) return
    last.place = place
    this.put(last)
  }

  /** @param {T} member */
  rise(member) {
    const { members } = this
    let { place } = member
    while (place > 0) {
      const above = (place - 1) >> 1
      if (members[above].bytes >= member.bytes) break
      this.seat(members[above], place)
      place = above
    }
    this.seat(member, place)
  }

  /** @param {T} member */
  sink(member) {
    const { members } = this
    let { place } = member
    for (let below = 2 * place + 1; below < members.length; below = 2 * place + 1) {
      if (below + 1 < members.length && members[below + 1].bytes > members[below].bytes) below++
      if (members[below].bytes <= member.bytes) break
      this.seat(members[below], place)
      place = below
    }
    this.seat(member, place)
  }

  /** @param {T} member @param {number} place */
  seat(member, place) {
    this.members[place] = member
    member.place = place
  }
}
