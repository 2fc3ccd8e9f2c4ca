import { MimicError } from '../errors.js'

/** The segment format's limit, in UTF-16 units that may take three bytes each. */
const MAX_NAMESPACE = 4096 / 3

/** @param {string} namespace @throws when the segment format cannot hold it */
export function checkNamespace(namespace) {
  // Lone surrogates have no UTF-8: two such names would become one.
  if (namespace.length <= MAX_NAMESPACE && !/\p{Surrogate}/u.test(namespace)) return
  throw new MimicError(
    'ERR_STORE_REFUSED',
    'the name of a persisted function is at most 1365 well-formed characters',
  )
}
