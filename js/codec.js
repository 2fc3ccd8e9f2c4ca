/**
 * Values as bytes, for stores: `encode`, `decode`, and `registerType` for classes of one's own. The format is in ARCHITECTURE.md.
 */

export { decode } from './codec/decode.js'
export { encode, encodeBehind } from './codec/encode.js'
export { registerType } from './codec/types.js'
