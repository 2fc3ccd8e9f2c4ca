import { MimicError, show } from '../errors.js'

/** The segment format's limit, in UTF-16 units that may take three bytes each. */
const MAX_NAMESPACE = 4096 / 3

/** @param {string} namespace @returns {boolean} whether the segment format can hold it; where it cannot, nothing of such a name is stored */
export function isNamespace(namespace) {
  // Lone surrogates have no UTF-8: two such names would become one.
  return namespace.length <= MAX_NAMESPACE && !/\p{Surrogate}/u.test(namespace)
}

/** @param {string} namespace @throws when the segment format cannot hold it */
export function checkNamespace(namespace) {
  if (isNamespace(namespace)) return
  const [name] = namespace.split('\0', 1)
  const most = `at most ${Math.floor(MAX_NAMESPACE) - 1} characters, and no lone surrogate`
  throw new MimicError(
    'ERR_STORE_REFUSED',
    `name and version of a persisted function have ${most}; got ${show(name)}: give it another one by the option name`,
  )
}
