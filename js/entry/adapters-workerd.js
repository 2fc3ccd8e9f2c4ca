import './workerd.js'

// `my-mimic/adapters` in workerd.
export * from '../adapters.js'
