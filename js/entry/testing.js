import './inline.js'

// `my-mimic/testing`, where the runtime compiles bytes.
export * from '../testing.js'
