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
 * @typedef {{ token: string, renewed: number }} Holder what its file says (process number, id, place, when the process began), and the time it has
 * @typedef {{ name: string, token: string, since: number, resolve: () => void }} Waiting
 */

const OWN = '.own'
const RENEW_EVERY = 1000
const GONE_AFTER = 10_000
/** A pause of who waits (a blocked loop, a machine asleep) is no silence of the holder. */
const MOST_AT_ONCE = 500
const MAX_SILENCES = 1000
/** What was left behind by a process that nobody here knows to run, when nobody waits for it. */
const OLD = 3_600_000
const MAX_SWEPT = 1000
/** Milliseconds between two looks at what is waited for: a share of the wait so far. */
const LOOK_MIN = 5
const LOOK_MAX = 100
const LOOK_SHARE = 8
/** A place of which nothing is known. */
const NOWHERE = '__'
/** Of what `/proc` says behind a process's name: when it began, in ticks since the machine did. */
const BEGAN = 20
/** Where there can be no locks, the next try is this far away. */
const RETRY_AFTER = 10_000

export class Locks {
  /** Names of ours, with what our file said when we got them. @type {Map<string, string>} */
  #held = new Map()
  /** Those of them that are to be given back, and could not be yet. @type {Set<string>} */
  #owed = new Set()
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

  /**
   * @param {string} path of a directory, made when it is needed
   * @param {(cause: unknown) => void} [failed] a lock cannot be given back, which is tried again
   */
  constructor(path, failed = () => {}) {
    this.path = path
    this.failed = failed
  }

  /**
   * @param {string} name
   * @param {AbortSignal} signal
   * @returns {Promise<(() => void) | undefined>} what gives it back; nothing when somebody else just gave it back, or is gone
   */
  async lock(name, signal) {
    // It was said that there are none.
    if (Math.abs(epochNow() - this.#failedAt) < RETRY_AFTER) return () => {}
    if (this.#owed.has(name)) this.#giveBack(name)
    try {
      if (this.#take(name)) return () => this.#giveBack(name)
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
    for (const timer of [this.#renewal, this.#look]) clearTimeout(timer)
    this.#renewal = undefined
    for (const { resolve } of this.#waiting) resolve()
    this.#waiting.clear()
    // Behind the locks, and as they are.
    if (this.#own !== '') this.#held.set(this.#own, this.#token)
    this.#own = ''
    for (const name of this.#held.keys()) this.#giveBack(name)
    this.#goOn()
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
      this.#giveBack(guard)
    }
  }

  /** @param {string} name @returns {boolean} false when somebody has it */
  #link(name) {
    if (this.#own === '') this.#join()
    // Where we had none for long, it would look as if we had been gone for as long.
    else this.#touch()
    try {
      fs.linkSync(join(this.path, this.#own), join(this.path, name))
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      if (codeOf(error) !== 'ENOENT') throw error
      // Somebody has tidied up.
      this.#join()
      fs.linkSync(join(this.path, this.#own), join(this.path, name))
    }
    this.#held.set(name, this.#token)
    this.#owed.delete(name)
    this.#goOn()
    return true
  }

  /** Makes the file that says who we are. */
  #join() {
    makeFolderSync(this.path)
    const id = freshId()
    this.#token = `${process.pid} ${id} ${place()} ${beginOf('self')}\n`
    fs.writeFileSync(join(this.path, id + OWN), this.#token, { flag: 'wx' })
    this.#own = id + OWN
    writeAtExit(this)
    this.#sweep()
  }

  /** Removes what others who were killed have left. */
  #sweep() {
    /** @param {Holder} holder */
    const isGone = holder =>
      this.#isGone(holder) || (Math.abs(epochNow() - holder.renewed) > OLD && !isKnownToRun(holder))
    for (const name of fs.readdirSync(this.path).slice(0, MAX_SWEPT)) {
      // Its time is the file system's, which may be another than ours.
      if (name === this.#own) continue
      const holder = this.#holder(name)
      if (holder === undefined || !isGone(holder)) continue
      if (name.endsWith(OWN)) this.#remove(name)
      else if (this.#take(name, isGone)) this.#giveBack(name)
    }
  }

  /** Never throws: who ends a load can do nothing about it, so it is tried again. @param {string} name */
  #giveBack(name) {
    const token = this.#held.get(name)
    if (token === undefined) return
    try {
      // Somebody may have thought us dead.
      if (this.#holder(name)?.token === token) this.#remove(name)
      this.#held.delete(name)
      this.#owed.delete(name)
    } catch (cause) {
      if (!this.#owed.has(name)) this.failed(cause)
      this.#owed.add(name)
      this.#goOn()
    }
  }

  /** @param {string} name */
  #remove(name) {
    fs.rmSync(join(this.path, name), { force: true })
  }

  /** For as long as there is something to renew or to give back. */
  #goOn() {
    if (this.#held.size > 0) this.#renewal ??= resting(() => this.#renew(), RENEW_EVERY)
    else if (this.#own === '') nothingWaits(this)
  }

  #renew() {
    this.#renewal = undefined
    for (const name of this.#owed) this.#giveBack(name)
    // What can never be given back becomes free when it is not renewed.
    if (this.#held.size > this.#owed.size) this.#touch()
    this.#goOn()
  }

  #touch() {
    const seconds = epochNow() / 1000
    try {
      fs.utimesSync(join(this.path, this.#own), seconds, seconds)
    } catch {
      // Whoever removed it removed the locks as well.
    }
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
    const { pid, isHere } = read(token)
    if (isHere && !isRunning(pid)) return true
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

/** @param {string} token */
function read(token) {
  const [pid, , where, began = ''] = token.trimEnd().split(' ')
  return { pid: Number(pid), isHere: where !== NOWHERE && where === place(), began }
}

/** Whether it is the very process: its number may be somebody else's by now. @param {Holder} holder */
function isKnownToRun({ token }) {
  const { pid, isHere, began } = read(token)
  if (!isHere || !isRunning(pid)) return false
  const now = beginOf(pid)
  return now === began || now === '' || began === ''
}

/** Where a process number means something: other machines, containers and what was before a reboot count for themselves. */
function place() {
  known ??= [
    hostname,
    () => fs.readlinkSync('/proc/self/ns/pid'),
    () => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
  ]
    .map(told)
    .join('_')
  return known
}

/** @type {string | undefined} */
let known

/** @param {number | 'self'} pid @returns {string} when it began, where the system tells */
function beginOf(pid) {
  return told(() => {
    const said = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Its name may have anything in it.
    return said.slice(said.lastIndexOf(')')).split(' ')[BEGAN]
  })
}

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
