import { epochNow } from '../clock.js'
import { MimicError } from '../errors.js'
import { isThenable } from '../oneshot.js'
import { patient, Turns } from './state-turns.js'

/**
 * What is written to a state: of one id one write after the other, in their order. What is being written is the answer until it is there; what
 * could not be written leaves no older answer.
 *
 * @typedef {(method: 'syncSet' | 'asyncSet', key: string, value: unknown, ttl: number | null) => any} Put
 *
 * @typedef {object} Target what is written
 * @property {string} id what it is called in here
 * @property {() => string | undefined} name what it is called in the state; nothing when it was cleared meanwhile
 * @property {import('./state-place.js').Place} place
 * @property {boolean} [replaces] there may be something older
 * @property {boolean} [isMark] it is the generation itself
 *
 * @typedef {object} Write
 * @property {unknown} value
 * @property {number} until when it expires
 * @property {boolean} waits for its turn
 * @property {boolean} isGivenUp nobody waits for it any more
 * @property {boolean} isErased it failed, and what it was to replace is gone
 * @property {Promise<unknown>} done
 * @property {Promise<unknown>} told the same, but no longer than anybody waits
 */

/** So many writes wait or are under way at most; what comes beyond them is dropped. */
const MAX_WRITING = 20_000

/** So many of a function may have failed. With more, everything of it is cleared: that hides the same, and takes less. */
const MAX_HIDDEN = 10_000

const NOTHING = { value: undefined }
const NEVER = Promise.resolve()

/** A ttl is whole seconds, and never too long. What is less than one is a fraction of it. @param {number} ms */
function secondsOf(ms) {
  if (ms === Infinity) return null
  return ms < 1000 ? Math.max(ms, 0) / 1000 : Math.floor(ms / 1000)
}

export class Writes {
  turns = new Turns()
  /** The last of each id: it is what counts until it is there. @type {Map<string, Write>} */
  #writing = new Map()

  /** @param {Put} put @param {(place: import('./state-place.js').Place) => void} renew clears all that the place has */
  constructor(put, renew) {
    this.put = put
    this.renew = renew
  }

  /** What counts of an id whatever the state says. @param {import('./state-place.js').Place} place @param {string} id @returns {{ value: unknown } | undefined} */
  pending(place, id) {
    const latest = this.#writing.get(id)
    if (latest === undefined) return place.hidden.has(id) ? NOTHING : undefined
    return !latest.isGivenUp && epochNow() < latest.until ? latest : NOTHING
  }

  /** Until what is under way of an id is there, or was given up. @param {string} id @returns {Promise<unknown> | undefined} never rejects */
  ended(id) {
    return this.#writing.get(id)?.told.catch(() => {})
  }

  /** @returns {Promise<unknown>} until everything is written, or was given up */
  all() {
    return Promise.allSettled(Array.from(this.#writing.values(), ({ told }) => told))
  }

  /**
   * @param {Target} target
   * @param {unknown} value
   * @param {number} ttl milliseconds; 0 deletes
   * @param {boolean | undefined} isAsync
   * @returns {Promise<unknown> | void} nothing: it is there
   * @throws when that is known at once
   */
  write(target, value, ttl, isAsync) {
    const { id, place, isMark } = target
    const before = this.#writing.get(id)
    // Of generations there are as many as functions.
    if (before === undefined && !isMark && this.#writing.size >= MAX_WRITING) {
      this.#hide(target)
      throw new MimicError('ERR_STORE_FULL', `${MAX_WRITING} writes to the state have not ended yet`)
    }
    /** @type {Write} */
    const latest = { value, until: epochNow() + ttl, waits: false, isGivenUp: false, isErased: false, done: NEVER, told: NEVER } // biome-ignore format: one line
    if (isAsync) return this.#track(target, latest, before, this.#later(target, latest, ttl, before))
    /** @type {unknown} */
    let putting
    try {
      try {
        if (!isMark) place.look(target.replaces)
      } finally {
        // Also under a name that may be none any more: what it replaces had it, too.
        putting = this.#putNow(target, latest, ttl)
      }
    } catch (error) {
      // Behind another one it is tried again.
      if (before === undefined) {
        ignore(putting)
        if (!latest.isErased) this.#hide(target)
        throw error
      }
    }
    if (before === undefined && !isThenable(putting)) return void place.hidden.delete(id)
    return this.#track(target, latest, before, this.#again(target, latest, ttl, before, putting))
  }

  /** By a sync method, at once. @param {Target} target @param {Write} latest @param {number} ttl @returns {unknown} @throws as the state does */
  #putNow(target, latest, ttl) {
    try {
      return this.#put('syncSet', target, latest.value, ttl)
    } catch (error) {
      latest.isErased = false
      if (!target.replaces || ttl <= 0) throw error
      try {
        const erasing = this.#put('syncSet', target, null, 0)
        latest.isErased = !isThenable(erasing)
        ignore(erasing)
      } catch {
        // It is hidden then.
      }
      throw error
    }
  }

  /**
   * What was under way may have come on top of what was set at once.
   * @param {Target} target @param {Write} latest @param {number} ttl @param {Write | undefined} before @param {unknown} putting
   */
  async #again(target, latest, ttl, before, putting) {
    if (before === undefined) return putting
    await Promise.allSettled([before.done, putting])
    return this.#putNow(target, latest, left(latest, ttl))
  }

  /**
   * By an async method, when it is its turn.
   * @param {Target} target @param {Write} latest @param {number} ttl @param {Write | undefined} before
   */
  async #later(target, latest, ttl, before) {
    const { name, place, replaces, isMark } = target
    const looked = isMark ? undefined : place.lookLater(replaces)
    latest.waits = true
    if (before !== undefined) await before.done.catch(() => {})
    const turn = this.turns.enter(latest, isMark === true)
    if (turn !== undefined) await turn
    latest.waits = false
    const isLate = before !== undefined || turn !== undefined
    const written = name()
    const putting = this.#putLater(target, latest, isLate ? left(latest, ttl) : ttl).finally(() => {
      this.turns.ended++
      this.turns.leave(latest)
    })
    await Promise.allSettled([putting, looked])
    // Whatever became of it under a name that is none any more.
    if (name() !== written) return this.#putLater(target, latest, left(latest, ttl))
    await putting
    await looked
  }

  /** @param {Target} target @param {Write} latest @param {number} ttl */
  async #putLater(target, latest, ttl) {
    try {
      await this.#put('asyncSet', target, latest.value, ttl)
    } catch (error) {
      latest.isErased = false
      if (!target.replaces || ttl <= 0) throw error
      try {
        await this.#put('asyncSet', target, null, 0)
        latest.isErased = true
      } catch {
        // It is hidden then.
      }
      throw error
    }
  }

  /** @param {'syncSet' | 'asyncSet'} method @param {Target} target @param {unknown} value @param {number} ttl */
  #put(method, { name }, value, ttl) {
    const key = name()
    if (key === undefined) return undefined
    return this.put(method, key, ttl > 0 ? value : null, secondsOf(ttl))
  }

  /** @param {Target} target @param {Write} latest @param {Write | undefined} before @param {Promise<unknown>} writing */
  #track(target, latest, before, writing) {
    const { id, place } = target
    const { turns } = this
    latest.done = writing
      .then(
        () => void place.hidden.delete(id),
        error => {
          if (latest.isErased) place.hidden.delete(id)
          else this.#hide(target)
          throw error
        },
      )
      .finally(() => {
        if (this.#writing.get(id) === latest) this.#writing.delete(id)
      })
    let { ended } = turns
    let { waits } = latest
    latest.told = patient(
      latest.done,
      error => {
        // It is no answer any more.
        latest.isGivenUp = true
        turns.leave(latest, error)
      },
      () => {
        // It waited for its turn, and turns come.
        const goesOn = waits && turns.ended !== ended && before?.isGivenUp !== true
        ended = turns.ended
        waits = latest.waits
        return goesOn
      },
    )
    this.#writing.set(id, latest)
    return latest.told
  }

  /** What was there before is no answer any more. @param {Target} target */
  #hide({ id, name, place, replaces, isMark }) {
    if (name() === undefined || !(replaces || isMark)) return
    place.hidden.add(id)
    if (place.hidden.size > MAX_HIDDEN) this.renew(place)
  }
}

/** @param {unknown} thenable fails for nobody */
function ignore(thenable) {
  if (isThenable(thenable)) Promise.resolve(thenable).catch(() => {})
}

/** By a clock that was set back it lives no longer. @param {Write} write @param {number} ttl */
function left({ until }, ttl) {
  return Math.min(ttl, until - epochNow())
}
