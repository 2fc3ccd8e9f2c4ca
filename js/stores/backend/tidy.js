import { each } from './answers.js'

/** What was cleared takes room, but nobody reads it: it goes when there is time, one namespace after another, and nothing more of it after `end`. */
export class Tidy {
  /** Those whose turn has not come. @type {Set<string>} */
  #waiting = new Set()
  /** The end of all of it; never rejects. */
  #done = Promise.resolve()
  #isOver = false

  /**
   * @param {import('./store.js').Backend} backend
   * @param {import('./answers.js').Answers} answers
   * @param {import('./generations.js').Generations} generations
   * @param {(cause: unknown) => void} fails
   */
  constructor(backend, answers, generations, fails) {
    this.backend = backend
    this.answers = answers
    this.generations = generations
    this.fails = fails
  }

  /** @param {string} namespace that was cleared */
  add(namespace) {
    if (this.#waiting.has(namespace)) return
    this.#waiting.add(namespace)
    this.#done = this.#done.then(() => {
      this.#waiting.delete(namespace)
      return this.#run(namespace)
    })
  }

  /** Stops at the next name. @returns {Promise<void>} when nothing of it is on its way, or is late; never rejects */
  async end() {
    this.#isOver = true
    await this.answers.to(() => this.#done).catch(() => {})
  }

  /** @param {string} namespace */
  async #run(namespace) {
    const { answers, backend, generations } = this
    const isOver = () => this.#isOver
    if (isOver()) return
    try {
      const names = await answers.toAll(async () => backend.list?.(generations.base(namespace), isOver) ?? [])
      // Somebody else may have cleared it meanwhile, and stored anew.
      await answers.to(() => generations.look(namespace))
      const { older } = generations.entriesIn(namespace, names)
      await each(older, name => this.#remove(name).catch(() => {}))
    } catch (cause) {
      this.fails(cause)
    }
  }

  /** @param {string} name */
  async #remove(name) {
    if (this.#isOver) return
    this.answers.expect()
    await this.answers.to(async () => this.backend.remove(name))
  }
}
