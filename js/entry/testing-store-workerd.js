import './workerd.js'

// `my-mimic/testing/store` in workerd.
export * from '../testing-store.js'
