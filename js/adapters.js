/** Other people's storage as a store, and a store as other people's cache. */

export { toMapLike } from './maplike.js'
export { fromKeyv } from './stores/keyv.js'
export { fromUnstorage } from './stores/unstorage.js'
