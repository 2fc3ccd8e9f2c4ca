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
  keyv.on('error', (/** @type {unknown} */ cause) => {
    errors++
    last = cause
  })

  /** @param {() => any} ask @param {(answer: unknown) => boolean} isBad what may be an error's doing @returns {Promise<any>} */
  async function asked(ask, isBad) {
    const before = errors
    const answer = await ask()
    if (isBad(answer) && errors > before) throw last
    return answer
  }

  const canList =
    typeof keyv.iterator === 'function' && (keyv.store instanceof Map || 'iterator' in Object(keyv.store))

  return backendStore(
    {
      // `get` may keep to itself that the backend failed.
      read: async name => {
        if (typeof keyv.getRaw !== 'function') return asked(() => keyv.get(name), isNothing)
        const raw = await asked(() => keyv.getRaw(name), isNothing)
        return raw?.value
      },
      // What a backend keeps to itself is told by the event alone.
      write: async (name, text, ttl) => {
        const done = await asked(() => keyv.set(name, text, ttl === Infinity ? undefined : ttl), always)
        if (done === false) throw new MimicError('ERR_STORE_WRITE', 'the Keyv did not take it')
      },
      remove: name => asked(() => keyv.delete(name), always),
      list: canList ? () => namesIn(keyv) : undefined,
    },
    settings,
  )
}

/** @param {unknown} answer */
const isNothing = answer => answer === undefined || answer === null
const always = () => true

/** @param {any} keyv @returns {Promise<string[]>} all at once: what is deleted meanwhile would make it leave out others */
async function namesIn(keyv) {
  const names = []
  for await (const [name] of keyv.iterator(keyv.namespace)) names.push(String(name))
  return names
}
