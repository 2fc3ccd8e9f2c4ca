import './workerd.js'

// `my-mimic/testing` in workerd.
export * from '../testing.js'
