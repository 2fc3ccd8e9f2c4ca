// Keyvs in memory, in every way that Keyv offers, as Keyv's own suite asks; SQLite and Redis are in tests/keyv.
import Keyv from 'keyv'
import { keyvBehaviours } from '../keyv/behaviours.mjs'

/** A Keyv of one Map for all namespaces. @param {object} [options] */
function over(options) {
  const data = new Map()
  return namespace => new Keyv({ store: data, namespace, ...options })
}

keyvBehaviours('Map', over())
keyvBehaviours(
  'with a serialiser of its owner’s',
  over({
    serialize: data => `<${encodeURIComponent(JSON.stringify(data))}>`,
    deserialize: text => JSON.parse(decodeURIComponent(text.slice(1, -1))),
  }),
)
keyvBehaviours('that keeps what it is given', over({ serialize: undefined, deserialize: undefined }))
