import './inline.js'

// `my-mimic/testing/store`, where the runtime compiles bytes.
export * from '../testing-store.js'
