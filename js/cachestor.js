/** MyCache, the Python package, for JavaScript: `my-mimic/cachestor`. */

export { Serialise, SerialiseBin, SerialiseJson } from './cachestor/serialise.js'
export { CacheStor, TypeStorage } from './cachestor/stor.js'
