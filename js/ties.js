import { identityOf, onCollected } from './key/identity.js'

/**
 * Entries whose key has identities in it live no longer than these: when one is collected its entries go, and their values are held so
 * that a value which refers to it does not keep it alive.
 */

/** The slots that fall when an id does, for each index that has some. @type {Map<number, Set<Ties>>} */
const tied = new Map()

onCollected(id => {
  const owners = tied.get(id)
  tied.delete(id)
  for (const owner of owners ?? []) owner.collected(id)
})

/** What is held for a slot. Only the identities keep it alive; `values[slot]` has a weak reference to it. @typedef {{ value: unknown, identities: readonly object[] }} Cell */
/** @typedef {{ next: WeakMap<object, Level>, cells: Map<number, Cell> }} Level one for each identity of a key; the last holds its cells by slot */

export class Ties {
  /** @param {(slot: number) => void} release removes an entry */
  constructor(release) {
    this.release = release
    /** @type {Map<number, number[]>} */
    this.idsOf = new Map()
    /** @type {Map<number, Set<number>>} */
    this.slotsOf = new Map()
    this.top = newLevel()
  }

  /**
   * @param {number} slot
   * @param {readonly object[]} identities of the key that is now in the slot; all of them can be held weakly
   * @param {unknown} value
   * @returns {WeakRef<Cell>} what to keep in `values[slot]`
   */
  tie(slot, identities, value) {
    const ids = identities.map(identityOf)
    this.idsOf.set(slot, ids)
    for (const id of ids) {
      const slots = this.slotsOf.get(id) ?? new Set()
      this.slotsOf.set(id, slots.add(slot))
      const owners = tied.get(id) ?? new Set()
      tied.set(id, owners.add(this))
    }
    return this.hold(slot, identities, value)
  }

  /** @param {number} slot */
  has(slot) {
    return this.idsOf.has(slot)
  }

  /**
   * What the slot's key holds by identity.
   * @param {number} slot
   * @param {WeakRef<Cell> | undefined} held what `values[slot]` has
   * @returns {Map<number, object> | undefined} by id
   */
  identitiesOf(slot, held) {
    const cell = this.has(slot) ? held?.deref() : undefined
    return cell && new Map(cell.identities.map(thing => [identityOf(thing), thing]))
  }

  /** The entry in a slot is gone. @param {number} slot */
  untie(slot) {
    const ids = this.idsOf.get(slot)
    if (ids === undefined) return
    this.idsOf.delete(slot)
    for (const id of ids) {
      const slots = this.slotsOf.get(id)
      slots?.delete(slot)
      if (slots?.size === 0) this.forgetId(id)
    }
  }

  /** @param {number} id */
  forgetId(id) {
    this.slotsOf.delete(id)
    const owners = tied.get(id)
    owners?.delete(this)
    if (owners?.size === 0) tied.delete(id)
  }

  /** @param {number} id */
  collected(id) {
    for (const slot of this.slotsOf.get(id) ?? []) this.release(slot)
  }

  untieAll() {
    for (const id of this.slotsOf.keys()) this.forgetId(id)
    this.idsOf.clear()
    this.slotsOf.clear()
    this.top = newLevel()
  }

  /**
   * Holds a value as long as all of its key's identities live.
   * @param {number} slot
   * @param {readonly object[]} identities
   * @param {unknown} value
   * @returns {WeakRef<Cell>} what to keep in `values[slot]`
   */
  hold(slot, identities, value) {
    let level = this.top
    for (const thing of identities) {
      let next = level.next.get(thing)
      if (next === undefined) {
        next = newLevel()
        level.next.set(thing, next)
      }
      level = next
    }
    const cell = { value, identities }
    level.cells.set(slot, cell)
    return new WeakRef(cell)
  }
}

/** @returns {Level} */
function newLevel() {
  return { next: new WeakMap(), cells: new Map() }
}
