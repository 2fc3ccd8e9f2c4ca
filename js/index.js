import { createMime } from './create.js'

export { createMime } from './create.js'
export { MimicError, MimicRangeError, MimicTypeError } from './errors.js'
export { hash } from './hash.js'
export { indexedDBStore } from './stores/indexeddb.js'
export { memoryStore } from './stores/memory.js'

/** The shared `mime`, with the default options. */
export const mime = createMime()
