import './inline.js'

// `my-mimic/adapters`, where the runtime compiles bytes.
export * from '../adapters.js'
