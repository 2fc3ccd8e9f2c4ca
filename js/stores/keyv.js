import { invalidOption, MimicError } from '../errors.js'
import { checked } from './backend/options.js'
import { backendStore } from './backend/store.js'

/**
 * Any Keyv, and so any of its backends, as a store. The Keyv stays its owner's: it is not disconnected by `close()`, and what else is in it is left alone.
 * @param {any} keyv
 * @param {import('./backend/options.js').BackendOptions} [options]
 * @returns {import('./store.js').Store}
 */
export function fromKeyv(keyv, options = {}) {
  const missing = ['get', 'set', 'delete', 'on'].filter(method => typeof keyv?.[method] !== 'function')
  if (missing.length > 0) throw invalidOption('keyv', keyv, `a Keyv; it has no ${missing.join(', ')}`)
  const settings = checked('fromKeyv', options)
  /** A Keyv tells of errors by an event, and says at most that it did not work. */
  let errors = 0
  /** @type {unknown} */
  let last
  const note = (/** @type {unknown} */ cause) => {
    errors++
    last = cause
  }
  keyv.on('error', note)

  /**
   * An error may be another request's that was open at the same time: what it is the doing of has to be looked at.
   * @param {() => any} ask
   * @returns {Promise<{ answer: any, isHeard: boolean, cause: unknown }>}
   */
  async function listened(ask) {
    const before = errors
    const answer = await ask()
    return { answer, isHeard: errors > before, cause: last }
  }

  const hasRaw = typeof keyv.getRaw === 'function'
  /** `get` may keep to itself that the backend failed. @param {string} name @returns {Promise<any>} */
  const find = name => (hasRaw ? keyv.getRaw(name).catch(unparsed) : keyv.get(name))

  /** @param {string} name */
  async function read(name) {
    let { answer, isHeard } = await listened(() => find(name))
    if (isHeard && isNothing(answer)) {
      const again = await listened(() => find(name))
      if (again.isHeard && isNothing(again.answer)) throw again.cause
      answer = again.answer
    }
    // What is none of Keyv's is something all the same.
    return hasRaw ? (answer?.value ?? answer) : answer
  }

  /** No ttl would be the Keyv's own, and 0 is none. @param {string} name @param {string} text @param {number | undefined} ttl */
  async function write(name, text, ttl) {
    const { answer, isHeard, cause } = await listened(() => keyv.set(name, text, ttl === Infinity ? 0 : ttl))
    if (answer === false)
      throw isHeard ? cause : new MimicError('ERR_STORE_WRITE', 'the Keyv did not take it')
    if (isHeard && (await read(name)) !== text) throw cause
  }

  /** @param {string} name */
  async function remove(name) {
    const { isHeard, cause } = await listened(() => keyv.delete(name))
    if (isHeard && !(hasRaw && isNothing(await read(name)))) throw cause
  }

  const canList = keyv.store instanceof Map || typeof keyv.store?.iterator === 'function'

  return backendStore(
    {
      read,
      write,
      remove,
      list: canList ? (_, isOver) => namesIn(keyv.store, isOver) : undefined,
      end: () => keyv.off?.('error', note),
    },
    settings,
  )
}

/** @param {unknown} answer */
const isNothing = answer => answer === undefined || answer === null

/** That something cannot be parsed is no failure of the backend: it is something, and damaged. @param {unknown} cause */
function unparsed(cause) {
  if (cause instanceof SyntaxError) return cause
  throw cause
}

/**
 * Asked of what is behind the Keyv: its own iterator reads what it finds, and fails at what is another's. All at once, since what is deleted meanwhile
 * would make it leave out others.
 * @param {any} store
 * @param {() => boolean} [isOver]
 * @returns {Promise<string[]>}
 */
async function namesIn(store, isOver = () => false) {
  if (store instanceof Map) return [...store.keys()].map(String)
  const names = []
  for await (const [name] of store.iterator(namespaceOf(store))) {
    if (isOver()) break
    names.push(String(name))
  }
  return names
}

/** As it is to be asked for: to Redis it is part of a pattern. @param {any} store */
function namespaceOf({ namespace, opts }) {
  return opts?.dialect === 'redis' ? namespace?.replace(/[[\]\\*?]/g, '\\$&') : namespace
}
