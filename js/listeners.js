import { MimicTypeError, show } from './errors.js'

/** Who listens to what, by the type of event. Adding the same function twice makes it two listeners, each with its own way off. */
export class Listeners {
  /** @type {Map<string, Set<{ listener: (event: any) => unknown }>>} */
  #byType = new Map()

  /** @param {readonly string[]} types of the events there are */
  constructor(types) {
    this.types = types
  }

  /**
   * @param {string} type
   * @param {(event: any) => unknown} listener
   * @returns {() => void} takes this listener off, and no other one however often it is called
   */
  add(type, listener) {
    if (!this.types.includes(type)) throw invalidArgument(type, `one of ${this.types.join(', ')}`)
    if (typeof listener !== 'function') throw invalidArgument(listener, 'a listener, which is a function')
    const entry = { listener }
    const entries = this.#byType.get(type) ?? new Set()
    this.#byType.set(type, entries.add(entry))
    return () => {
      entries.delete(entry)
      if (entries.size === 0 && this.#byType.get(type) === entries) this.#byType.delete(type)
    }
  }

  /** @param {string} type */
  has(type) {
    return this.#byType.has(type)
  }

  /** Those of now: one who joins while they are told hears from the next event on. @param {string} type */
  of(type) {
    return Array.from(this.#byType.get(type) ?? [], ({ listener }) => listener)
  }
}

/**
 * @param {(event: any) => unknown} listener
 * @param {unknown} event
 * @param {(error: unknown) => void} failed hears what the listener throws, or an async one rejects with
 */
export function tell(listener, event, failed) {
  try {
    const answer = listener(event)
    if (answer instanceof Promise) answer.catch(failed)
  } catch (error) {
    failed(error)
  }
}

/** @param {unknown} value @param {string} expected */
function invalidArgument(value, expected) {
  return new MimicTypeError(
    'ERR_INVALID_ARGUMENT',
    `on(type, listener) takes ${expected}; got ${show(value)}`,
  )
}
