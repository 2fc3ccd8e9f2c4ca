import { mime } from '../js/entry/inline.js'
import { showArguments } from './show.js'

/**
 * One memoized function: calls it, tells what became of each call, and knows what is remembered.
 *
 * @typedef {'ran' | 'joined' | 'stored' | 'memory'} Outcome
 *
 * @typedef {object} Call
 * @property {string} text the arguments
 * @property {Outcome} outcome
 * @property {number} start as of `performance.now()`
 * @property {number} [end] once it is over
 * @property {unknown} [value]
 * @property {unknown} [error]
 *
 * @typedef {object} Entry
 * @property {string} text the arguments
 * @property {any[]} args
 * @property {string} id the store's
 * @property {import('./watch.js').Life | undefined} life
 * @property {number} hits since the page was loaded
 */

const MOST_ENTRIES = 40
/** Digits of a digest, with which an id begins. */
const DIGEST = 32

export class Lab {
  /** By the text of their arguments, newest last. @type {Map<string, Entry>} */
  entries = new Map()
  /** The store's names of the arguments that were called. @type {Map<string, string>} */
  #ids = new Map()
  #times = { ran: 0, runs: 0, saved: 0 }

  /**
   * @param {string} name
   * @param {import('./functions.js').Spec} spec
   * @param {unknown} ttl
   * @param {import('./watch.js').Watch} watch
   */
  constructor(name, spec, ttl, watch) {
    this.name = name
    this.watch = watch
    this.fn = mime(spec.fn, { name, ttl, store: watch.store })
  }

  /** Lists what the store has of it: the newest of that. */
  async recall() {
    const stored = await this.watch.inner.entries()
    const called = new Map(this.entries)
    this.entries.clear()
    for (const { args } of stored.filter(({ name }) => name === this.name).slice(-MOST_ENTRIES)) {
      this.watch.asked = undefined
      // Of another version of the function there is nothing for it.
      if (this.fn.has(...args) && this.watch.asked)
        this.#remember(showArguments([...args]), [...args], this.watch.asked)
    }
    for (const [text, entry] of called) this.entries.set(text, entry)
  }

  /**
   * @param {any[]} args
   * @param {(call: Call) => void} [begun] hears of it while it runs
   * @returns {Promise<Call>} never rejects
   */
  async call(args, begun) {
    const text = showArguments(args)
    // Not `this.fn(…)`: a receiver counts as part of the key.
    const { fn } = this
    const before = fn.stats()
    this.watch.asked = undefined
    /** @type {Call} */
    const call = { text, outcome: 'ran', start: performance.now() }
    let end
    try {
      const answer = fn(...args)
      end = performance.now()
      call.outcome = outcomeOf(before, fn.stats())
      if (this.watch.asked) this.#ids.set(text, this.watch.asked)
      if (answer instanceof Promise) {
        begun?.(call)
        call.value = await answer
        // The first tick after a promise that was there already is no time of the call's.
        if (call.outcome === 'ran' || call.outcome === 'joined') end = performance.now()
      } else call.value = answer
    } catch (error) {
      end = performance.now()
      call.error = error
    }
    call.end = end ?? performance.now()
    this.#tally(call, args)
    return call
  }

  /** @param {any[]} args */
  invalidate(args) {
    const known = this.fn.has(...args)
    this.fn.invalidate(...args)
    this.entries.delete(showArguments(args))
    return known
  }

  clear() {
    this.fn.clear()
    this.entries.clear()
  }

  /** Drops what the store was told to forget. @param {{ namespace?: string, digests?: string[] }} event @returns {boolean} whether there was any */
  forgotten({ namespace = '', digests }) {
    const before = this.entries.size
    for (const [text, { id }] of this.entries) {
      const isMeant = digests
        ? digests.some(digest => id === digest + namespace)
        : id.slice(DIGEST) === namespace
      if (isMeant) this.entries.delete(text)
    }
    return this.entries.size < before
  }

  /** Drops what has expired. @returns {boolean} whether there was any */
  sweep() {
    const before = this.entries.size
    for (const [text, { args, life }] of this.entries) {
      if (life && life.deadline <= Date.now() && !this.fn.has(...args)) this.entries.delete(text)
    }
    return this.entries.size < before
  }

  /** @returns {{ ran: number, joined: number, stored: number, memory: number, saved: number }} */
  numbers() {
    const { hits, coalesced, storeHits, loads } = this.fn.stats()
    return { ran: loads, joined: coalesced, stored: storeHits, memory: hits, saved: this.#times.saved }
  }

  /** @param {Call} call @param {any[]} args */
  #tally(call, args) {
    const { text, outcome, start, end = start } = call
    const times = this.#times
    if (outcome === 'ran') {
      times.ran += end - start
      times.runs++
    } else if (outcome !== 'joined' && times.runs > 0)
      times.saved += Math.max(0, times.ran / times.runs - (end - start))
    const id = this.#ids.get(text)
    if (call.error !== undefined || id === undefined || !this.fn.has(...args)) return
    const entry = this.#remember(text, args, id)
    if (outcome === 'memory' || outcome === 'stored') entry.hits++
  }

  /** @param {string} text @param {any[]} args @param {string} id */
  #remember(text, args, id) {
    const life = this.watch.lifeOf(id)
    const entry = this.entries.get(text) ?? { text, args, id, life, hits: 0 }
    entry.life = life
    this.#ids.set(text, id)
    this.entries.set(text, entry)
    return entry
  }
}

/** @param {any} before @param {any} after @returns {Outcome} */
function outcomeOf(before, after) {
  if (after.hits > before.hits) return 'memory'
  if (after.storeHits > before.storeHits) return 'stored'
  return after.coalesced > before.coalesced ? 'joined' : 'ran'
}
