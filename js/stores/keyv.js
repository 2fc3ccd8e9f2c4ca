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

  /** @param {() => any} ask @param {(answer: unknown) => boolean} isBad what may be an error's doing @returns {Promise<any>} */
  async function asked(ask, isBad) {
    const before = errors
    const answer = await ask()
    if (isBad(answer) && errors > before) throw last
    return answer
  }

  const canList = keyv.store instanceof Map || typeof keyv.store?.iterator === 'function'

  return backendStore(
    {
      // `get` may keep to itself that the backend failed.
      read: async name => {
        if (typeof keyv.getRaw !== 'function') return asked(() => keyv.get(name), isNothing)
        const raw = await asked(() => keyv.getRaw(name), isNothing).catch(unparsed)
        // What is none of Keyv's is something all the same.
        return raw?.value ?? raw
      },
      // What a backend keeps to itself is told by the event alone. No ttl would be the Keyv's own, and 0 is none.
      write: async (name, text, ttl) => {
        const done = await asked(() => keyv.set(name, text, ttl === Infinity ? 0 : ttl), always)
        if (done === false) throw new MimicError('ERR_STORE_WRITE', 'the Keyv did not take it')
      },
      remove: name => asked(() => keyv.delete(name), always),
      list: canList ? (_, isOver) => namesIn(keyv.store, isOver) : undefined,
      end: () => keyv.off?.('error', note),
    },
    settings,
  )
}

/** @param {unknown} answer */
const isNothing = answer => answer === undefined || answer === null
const always = () => true

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
