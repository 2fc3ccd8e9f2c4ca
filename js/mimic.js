/** My Mimic, the Python package, for JavaScript: `my-mimic/mimic`. */

export { Config } from './mimic/config.js'
export { Mime } from './mimic/face.js'
export { MemoryState } from './mimic/memory-state.js'
export { IState } from './mimic/state.js'
export { TempFileState } from './mimic/temp-file-state.js'
