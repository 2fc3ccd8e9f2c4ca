import { Listeners, tell } from './listeners.js'

/**
 * What a wrapped function tells whoever listens. `hit miss stale coalesced`: how a call was answered, with its `args`. `remove`: an entry left,
 * with its `cause` and `value`. `refused`: a result was too large to be kept, with its `bytes`. `error`: a failure that no caller sees, with its `code` when it has one. `trap`: the core was started anew.
 * @typedef {object} MimeEvent
 * @property {string} type
 * @property {string | undefined} [name] the function's name
 * @property {any[]} [args]
 * @property {'expired' | 'size' | 'invalidated' | 'replaced'} [cause]
 * @property {unknown} [value]
 * @property {number} [count] entries that left together
 * @property {number} [bytes]
 * @property {unknown} [error]
 * @property {string} [code]
 */

const TYPES = ['hit', 'miss', 'stale', 'coalesced', 'remove', 'refused', 'error', 'trap']

export class Emitter {
  /**
   * @param {string | undefined} name the function's
   * @param {((event: MimeEvent) => void) | undefined} onEvent hears everything
   * @param {() => void} changed called when who listens to what has changed
   */
  constructor(name, onEvent, changed) {
    this.listeners = new Listeners(TYPES)
    this.name = name
    this.onEvent = onEvent
    this.changed = changed
  }

  /**
   * @param {string} type
   * @param {(event: MimeEvent) => void} listener
   * @returns {() => void} takes the listener off
   */
  on(type, listener) {
    const off = this.listeners.add(type, listener)
    this.changed()
    return () => {
      off()
      this.changed()
    }
  }

  /** @param {string} type */
  hears(type) {
    return this.onEvent !== undefined || this.listeners.has(type)
  }

  /** @param {MimeEvent} event */
  emit(event) {
    const listeners = this.listeners.of(event.type)
    if (this.onEvent) listeners.push(this.onEvent)
    event.name = this.name
    for (const listener of listeners) tell(listener, event, warn)
  }
}

/** A listener's fault is neither the caller's nor the cache's; it is said and nothing else happens. @param {unknown} error */
function warn(error) {
  say('my-mimic: an event listener threw', error)
}

/** @param {unknown[]} words for the console */
export function say(...words) {
  try {
    console.warn(...words)
  } catch {
    // A console that was replaced may throw.
  }
}
