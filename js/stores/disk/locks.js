import fs from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { epochNow, monotonicNow } from '../../clock.js'
import { codeOf, MimicError } from '../../errors.js'
import { makeFolderSync } from '../make-folder.js'
import { freshId } from './directory.js'
import { nothingWaits, writeAtExit } from './exit.js'
import { resting } from './rest.js'

/**
 * Locks over all processes and threads of the machine, by name.
 *
 * A store that has locks has a file of its own, which says who it is, and renews that file's time. A lock is one more name of that file (a hard
 * link): making it fails where there is one, so of all who try one gets it, with what says whose it is; and one renewal renews all.
 *
 * A lock whose holder is gone is taken over under a lock of its own, `~`, so that only one does it: a holder's process no longer exists, or
 * has renewed nothing for a while by the clock of who waits, whatever the other's clock says (the process number may be somebody else's by
 * now, or a thread of it has ended).
 *
 * @typedef {{ token: string, renewed: number }} Holder what its file says, and the time it has
 * @typedef {{ name: string, token: string, since: number, resolve: () => void }} Waiting
 */

const OWN = '.own'
const RENEW_EVERY = 1000
const GONE_AFTER = 10_000
/** A pause of who waits (a blocked loop, a machine asleep) is no silence of the holder. */
const MOST_AT_ONCE = 500
const MAX_SILENCES = 1000
/** What a killed process left behind on another machine or before a reboot, when nobody waits for it. */
const OLD = 3_600_000
const MAX_SWEPT = 1000
/** Milliseconds between two looks at what is waited for: a share of the wait so far. */
const LOOK_MIN = 5
const LOOK_MAX = 100
const LOOK_SHARE = 8
/** A place of which nothing is known. */
const NOWHERE = '_'
/** Where there can be no locks, the next try is this far away. */
const RETRY_AFTER = 10_000

export class Locks {
  /** Names of ours. @type {Set<string>} */
  #held = new Set()
  /** @type {Set<Waiting>} */
  #waiting = new Set()
  /** How long holders have been silent, by what their files say. @type {Map<string, { renewed: number, at: number, silent: number }>} */
  #silences = new Map()
  #own = ''
  #token = ''
  /** When there could be none. */
  #failedAt = -Infinity
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #renewal
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #look

  /** @param {string} path of a directory, made when it is needed */
  constructor(path) {
    this.path = path
  }

  /**
   * @param {string} name
   * @param {AbortSignal} signal
   * @returns {Promise<(() => void) | undefined>} what gives it back; nothing when somebody else just gave it back, or is gone
   */
  async lock(name, signal) {
    // It was said that there are none.
    if (Math.abs(epochNow() - this.#failedAt) < RETRY_AFTER) return () => {}
    try {
      if (this.#take(name)) return () => this.#release(name)
    } catch (cause) {
      this.#failedAt = epochNow()
      const message = `${this.path} can have no locks, so each process loads by itself (${cause})`
      throw new MimicError('ERR_STORE_LOCK', message, { cause })
    }
    const holder = this.#holder(name)
    if (holder !== undefined) await this.#wait(name, holder.token, signal)
    return undefined
  }

  /** The process ends, or the store is closed. */
  leave() {
    for (const name of this.#held) this.#release(name)
    for (const timer of [this.#renewal, this.#look]) clearTimeout(timer)
    for (const { resolve } of this.#waiting) resolve()
    this.#waiting.clear()
    this.#remove(this.#own)
    this.#own = ''
    nothingWaits(this)
  }

  /** @param {string} name @param {(holder: Holder) => boolean} [isGone] @returns {boolean} whether it is ours now */
  #take(name, isGone = holder => this.#isGone(holder)) {
    if (this.#link(name)) return true
    const holder = this.#holder(name)
    if (holder === undefined || !isGone(holder)) return false
    const guard = `${name}~`
    if (!this.#take(guard)) return false
    try {
      if (this.#holder(name)?.token !== holder.token) return false
      this.#remove(name)
      return this.#link(name)
    } finally {
      this.#release(guard)
    }
  }

  /** @param {string} name @returns {boolean} false when somebody has it */
  #link(name) {
    if (this.#own === '') this.#join()
    try {
      fs.linkSync(join(this.path, this.#own), join(this.path, name))
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      if (codeOf(error) !== 'ENOENT') throw error
      // Somebody has tidied up.
      this.#join()
      fs.linkSync(join(this.path, this.#own), join(this.path, name))
    }
    this.#held.add(name)
    this.#renewal ??= resting(() => this.#renew(), RENEW_EVERY)
    return true
  }

  /** Makes the file that says who we are. */
  #join() {
    makeFolderSync(this.path)
    const id = freshId()
    this.#token = `${process.pid} ${id} ${place()}\n`
    fs.writeFileSync(join(this.path, id + OWN), this.#token, { flag: 'wx' })
    this.#own = id + OWN
    writeAtExit(this)
    this.#sweep()
  }

  /** Removes what others who were killed have left. */
  #sweep() {
    /** @param {Holder} holder */
    const isGone = holder => this.#isGone(holder) || Math.abs(epochNow() - holder.renewed) > OLD
    for (const name of fs.readdirSync(this.path).slice(0, MAX_SWEPT)) {
      // Its time is the file system's, which may be another than ours.
      if (name === this.#own) continue
      const holder = this.#holder(name)
      if (holder === undefined || !isGone(holder)) continue
      if (name.endsWith(OWN)) this.#remove(name)
      else if (this.#take(name, isGone)) this.#release(name)
    }
  }

  /** @param {string} name */
  #release(name) {
    this.#held.delete(name)
    // Somebody may have thought us dead.
    if (this.#holder(name)?.token === this.#token) this.#remove(name)
  }

  /** @param {string} name */
  #remove(name) {
    if (name !== '') fs.rmSync(join(this.path, name), { force: true })
  }

  #renew() {
    this.#renewal = undefined
    if (this.#held.size === 0) return
    const seconds = epochNow() / 1000
    try {
      fs.utimesSync(join(this.path, this.#own), seconds, seconds)
    } catch {
      // Whoever removed it removed the locks as well.
    }
    this.#renewal = resting(() => this.#renew(), RENEW_EVERY)
  }

  /** @param {string} name @returns {Holder | undefined} nothing when it is free */
  #holder(name) {
    const path = join(this.path, name)
    try {
      return { token: fs.readFileSync(path, 'utf8'), renewed: fs.statSync(path).mtimeMs }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** @param {Holder} holder */
  #isGone({ token, renewed }) {
    if (token === this.#token) return false
    const [pid, , where] = token.trimEnd().split(' ')
    if (where !== NOWHERE && where === place() && !isRunning(Number(pid))) return true
    const now = monotonicNow()
    const known = this.#silences.get(token)
    const silent = known?.renewed === renewed ? known.silent + Math.min(now - known.at, MOST_AT_ONCE) : 0
    if (this.#silences.size > MAX_SILENCES) this.#silences.clear()
    this.#silences.set(token, { renewed, at: now, silent })
    return silent > GONE_AFTER
  }

  /** @param {string} name @param {string} token @param {AbortSignal} signal @returns {Promise<void>} */
  #wait(name, token, signal) {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(waiting)
        reject(signal.reason)
      }
      const waiting = {
        name,
        token,
        since: monotonicNow(),
        resolve() {
          signal.removeEventListener('abort', end)
          resolve()
        },
      }
      if (signal.aborted) return end()
      signal.addEventListener('abort', end)
      this.#waiting.add(waiting)
      clearTimeout(this.#look)
      this.#lookLater(waiting.since)
    })
  }

  /** @param {number} since when the youngest began to wait */
  #lookLater(since) {
    const waited = (monotonicNow() - since) / LOOK_SHARE
    this.#look = setTimeout(() => this.#lookNow(), Math.max(LOOK_MIN, Math.min(waited, LOOK_MAX)))
  }

  /** Whoever waits for what is free, somebody else's or a dead one's now looks for himself. */
  #lookNow() {
    let youngest = -Infinity
    for (const waiting of this.#waiting) {
      if (this.#isOver(waiting)) {
        this.#waiting.delete(waiting)
        waiting.resolve()
      } else if (waiting.since > youngest) youngest = waiting.since
    }
    if (this.#waiting.size > 0) this.#lookLater(youngest)
  }

  /** @param {Waiting} waiting */
  #isOver({ name, token }) {
    try {
      const holder = this.#holder(name)
      return holder?.token !== token || this.#isGone(holder)
    } catch {
      // Whoever tries to take it is told.
      return true
    }
  }
}

/** Where a process number means something: other machines and containers count for themselves. */
function place() {
  known ??= [hostname, () => fs.readlinkSync('/proc/self/ns/pid')].map(told).join('_')
  return known
}

/** @type {string | undefined} */
let known

/** @param {() => string} ask */
function told(ask) {
  try {
    return ask().replace(/\s/g, '')
  } catch {
    // Not Linux, or forbidden.
    return ''
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It may be another user's.
    return codeOf(error) !== 'ESRCH'
  }
}
