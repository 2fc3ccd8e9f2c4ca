import { Events } from '../store.js'
import { codeOf } from './directory.js'

/** What a disk store says and counts of what goes wrong. */
export class Said {
  events = new Events()
  counters = { dropped: 0, refused: 0, errors: 0 }
  /** Whether it was said that the directory cannot be used. */
  #isUnavailable = false
  /** Damage that was said. */
  #corrupt = 0

  /** @param {string} code @param {unknown} cause */
  error(code, cause) {
    this.counters.errors++
    this.events.emit('error', { code, cause })
  }

  /** @param {number} count @param {string} code @param {unknown} [cause] */
  drop(count, code, cause) {
    this.counters.dropped += count
    this.events.emit('drop', { code, cause, count })
  }

  /** @param {string} namespace @param {unknown} cause */
  refuse(namespace, cause) {
    this.counters.refused++
    this.events.emit('refused', { code: codeOf(cause) || 'ERR_STORE_REFUSED', cause, namespace, count: 1 })
    const name = namespace.split('\0', 1)[0]
    this.events.warnOnce(`refused ${namespace}`, `a result of '${name}' is not persisted (${cause})`)
  }

  /** @param {number} corrupt how much there has been @param {unknown} [cause] */
  corrupt(corrupt, cause) {
    const count = corrupt - this.#corrupt
    if (count === 0) return
    this.#corrupt = corrupt
    this.events.emit('corrupt', { code: 'ERR_STORE_CORRUPT', cause, count })
  }

  available() {
    this.#isUnavailable = false
  }

  /** @param {string} path @param {unknown} cause */
  unavailable(path, cause) {
    if (this.#isUnavailable) return
    this.#isUnavailable = true
    const code = codeOf(cause) === 'ERR_STORE_VERSION' ? 'ERR_STORE_VERSION' : 'ERR_STORE_UNAVAILABLE'
    this.events.emit('unavailable', { code, cause })
    this.events.warnOnce('unavailable', `${path} cannot be used, results stay in memory only (${cause})`)
  }
}
