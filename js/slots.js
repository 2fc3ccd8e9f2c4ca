import { isMaster } from './copies.js'
import { NONE } from './key/nesting.js'
import { walked } from './key.js'
import { List, Numbers } from './list.js'
import { isPromise } from './oneshot.js'
import { Ties } from './ties.js'

const NOTHING = { value: undefined, result: undefined }

/** What JavaScript keeps for each slot of the index: the value, and what belongs to it. */
export class Slots {
  /** What callers get; a `Master` where each gets a copy, a weak cell where `ties` knows the slot. @type {List<any>} */
  values = new List()
  /** The plain results of the promises in `values`. @type {List<unknown>} */
  results = new List()
  /** What the function's clock said when the value came in, where the deadline does not say it; NaN elsewhere. */
  storedAt = new Numbers()
  /** What came in before it showed that the function returns promises. @type {Set<number>} */
  early = new Set()
  /** Something was ever put into one of these three. */
  hasMore = false
  /** What lives no longer than the identities in its key. @type {Ties | undefined} */
  ties = undefined

  /**
   * @param {(slot: number) => void} fallen an identity in the slot's key is gone
   * @param {() => void} changed from now on some values are held weakly
   */
  constructor(fallen, changed) {
    this.fallen = fallen
    this.changed = changed
  }

  /** The lists stay the same: who has them need not ask again. */
  clear() {
    this.values.clear()
    this.results.clear()
    this.storedAt.clear()
    this.early.clear()
    this.ties?.untieAll()
  }

  /** @param {number} slot */
  has(slot) {
    return this.values.has(slot)
  }

  /**
   * @param {number} slot a vacant one
   * @param {readonly object[] | undefined} identities
   * @param {unknown} value
   * @param {unknown} result
   * @param {number} [storedAt] when it does not follow from the deadline
   */
  set(slot, identities, value, result, storedAt) {
    if (identities === undefined) {
      this.values.set(slot, value)
      if (isPromise(value)) {
        this.results.set(slot, result)
        this.hasMore = true
      }
    } else {
      if (this.ties === undefined) {
        this.ties = new Ties(this.fallen)
        this.changed()
      }
      this.values.set(slot, this.ties.tie(slot, identities, { value, result }))
    }
    if (storedAt === undefined) return
    this.storedAt.set(slot, storedAt)
    this.hasMore = true
  }

  /** @param {number} slot */
  noteEarly(slot) {
    this.early.add(slot)
    this.hasMore = true
  }

  /** What is in a slot: as callers get it, or a master. @param {number} slot */
  value(slot) {
    const value = this.values.get(slot)
    return this.ties?.has(slot) ? value?.deref()?.value?.value : value
  }

  /** The plain result behind the value in a slot. @param {number} slot @returns {unknown} */
  result(slot) {
    return this.resultLater(slot)()
  }

  /** The same for when something else is in the slot. @param {number} slot @returns {() => unknown} */
  resultLater(slot) {
    const held = this.values.get(slot)
    const { value, result } = this.ties?.has(slot)
      ? (held?.deref()?.value ?? NOTHING)
      : { value: held, result: this.results.get(slot) }
    if (isMaster(value)) return () => value.take()
    return () => (isPromise(value) ? result : value)
  }

  /** What a caller gets of a slot. @param {number} slot @param {AbortSignal} [signal] his */
  hand(slot, signal) {
    walked.identities = NONE
    const value = this.value(slot)
    return isMaster(value) ? value.hand(signal) : value
  }

  /** @param {number} slot */
  delete(slot) {
    const gone = this.value(slot)
    if (isMaster(gone)) gone.copies?.release()
    if (this.ties?.has(slot)) {
      const cell = this.values.get(slot)?.deref()
      if (cell !== undefined) cell.value = undefined
      this.ties.untie(slot)
    }
    this.unset(slot)
  }

  /** The same of a slot whose value is as callers get it. @param {number} slot */
  unset(slot) {
    this.values.unset(slot)
    if (!this.hasMore) return
    this.results.unset(slot)
    this.storedAt.unset(slot)
    this.early.delete(slot)
  }
}
