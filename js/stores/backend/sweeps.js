import { tagsOf, tagsStand } from '../entry.js'
import { valueIn } from '../piece.js'
import { idOf } from '../store.js'
import { each } from './answers.js'
import { openAny } from './record.js'

/**
 * Invalidation by tag: everything of the namespace is read, and what has such a tag is deleted. Until that is done nobody is given any of it. A backend
 * may leave out what it has (a namespace with signs that its search means something by, a listing that is behind): it is believed when it lists a
 * mark that was just written.
 *
 * @typedef {object} Sweep
 * @property {string} namespace
 * @property {(tag: string) => boolean} matches
 * @property {number} stamp what was set before it is concerned
 * @property {Set<string>} newer ids of what was set after it and may be in the backend already
 *
 * @typedef {import('../queue.js').Item} Item
 */

/** A mark that nobody was left to remove goes after so many milliseconds. */
const MARKED = 3_600_000

export class Sweeps {
  /** @type {Set<Sweep>} */
  #sweeps = new Set()

  /**
   * @param {import('./store.js').Backend} backend
   * @param {import('./answers.js').Answers} answers
   * @param {import('./generations.js').Generations} generations
   */
  constructor(backend, answers, generations) {
    this.backend = backend
    this.answers = answers
    this.generations = generations
  }

  /** @param {string} namespace @param {(tag: string) => boolean} matches @param {number} stamp */
  add(namespace, matches, stamp) {
    this.#sweeps.add({ namespace, matches, stamp, newer: new Set() })
  }

  /** Those that are to be run when these are written. @param {Item[]} items @returns {Sweep[]} */
  begin(items) {
    const { begun } = this
    for (const { newer, stamp } of begun) {
      for (const item of items) if (Number(item.stamp) > stamp) newer.add(idOf(item))
    }
    return begun
  }

  /** Whether what waits to be written is not to be read any more. @param {Item} item */
  hideItem(item) {
    for (const { namespace, matches, stamp } of this.#sweeps) {
      const concerns = namespace === item.namespace && Number(item.stamp) < stamp && item.kind === 'entry'
      if (concerns && isTagged(valueIn(item.piece), matches)) return true
    }
    return false
  }

  /** @returns {Sweep[]} those that are not over */
  get begun() {
    return [...this.#sweeps]
  }

  /**
   * Whether what is in the backend is not.
   * @param {import('../store.js').StoreKey} key
   * @param {Uint8Array} encoded
   * @param {Sweep[]} begun when it was asked for: it may have been read before it was deleted
   */
  hide(key, encoded, begun) {
    for (const { namespace, matches, newer } of [...begun, ...this.#sweeps]) {
      if (namespace === key.namespace && !newer.has(idOf(key)) && isTagged(encoded, matches)) return true
    }
    return false
  }

  /** @param {Sweep} sweep @returns {Promise<boolean>} whether that was all; rejects when one of them could not be asked or deleted */
  async run({ namespace, matches, newer }) {
    const { answers, backend, generations } = this
    /** @type {unknown[]} */
    const causes = []
    const fails = (/** @type {unknown} */ cause) => void causes.push(cause)
    await answers.to(() => generations.look(namespace))
    const mark = generations.newName(namespace)
    // Where there is no room for a mark there is still much that can be deleted.
    await answers.to(async () => backend.write(mark, 'listed', MARKED)).catch(fails)
    const names = await answers.toAll(async () => backend.list?.(generations.base(namespace)) ?? [])
    await answers.to(async () => backend.remove(mark)).catch(() => {})
    await each(generations.entriesIn(namespace, names).digests, async digest => {
      if (newer.has(digest + namespace)) return
      const name = generations.name(namespace, digest)
      try {
        answers.expect()
        const text = await answers.to(async () => backend.read(name))
        if (text === undefined || text === null || !isTagged(encodedIn(text), matches)) return
        await answers.to(async () => backend.remove(name), digest + namespace)
      } catch (cause) {
        fails(cause)
      }
    })
    if (causes.length > 0) throw causes[0]
    return names.some(name => name.endsWith(mark))
  }

  /** @param {Sweep} sweep */
  end(sweep) {
    this.#sweeps.delete(sweep)
  }
}

/** @param {unknown} text @returns {Uint8Array | undefined} nothing when it cannot be read */
function encodedIn(text) {
  try {
    return openAny(text).encoded
  } catch {
    return undefined
  }
}

/** What cannot be read goes as well. @param {Uint8Array | undefined} encoded @param {(tag: string) => boolean} matches */
function isTagged(encoded, matches) {
  try {
    return encoded === undefined || (tagsStand(encoded) && tagsOf(encoded).some(matches))
  } catch {
    return true
  }
}
