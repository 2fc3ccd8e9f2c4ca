/**
 * What a wrapped function tells whoever listens: failures of the cache that its callers never see.
 * @typedef {object} MimeEvent
 * @property {string} type `trap`, `error`, or a store's event
 * @property {string} [name] the function's name
 * @property {unknown} [error]
 * @property {string} [code]
 */

export class Emitter {
  /** @param {((event: MimeEvent) => void) | undefined} onEvent hears everything */
  constructor(onEvent) {
    /** @type {Map<string, Set<(event: MimeEvent) => void>>} */
    this.listeners = new Map()
    this.onEvent = onEvent
  }

  /**
   * @param {string} type
   * @param {(event: MimeEvent) => void} listener
   * @returns {() => void} takes the listener off
   */
  on(type, listener) {
    const set = this.listeners.get(type) ?? new Set()
    this.listeners.set(type, set.add(listener))
    return () => {
      set.delete(listener)
    }
  }

  /** @param {MimeEvent} event */
  emit(event) {
    const listeners = [...(this.listeners.get(event.type) ?? [])]
    if (this.onEvent) listeners.push(this.onEvent)
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        // A listener's fault is neither the caller's nor the cache's; it is said and nothing else happens.
        console.warn('my-mimic: an event listener threw', error)
      }
    }
  }
}
