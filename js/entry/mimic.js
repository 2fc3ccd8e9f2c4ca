import './inline.js'

// `my-mimic/mimic`, in Node, Deno and Bun.
export * from '../mimic.js'
