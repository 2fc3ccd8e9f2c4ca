import './inline.js'

// `my-mimic/cachestor`, in Node, Deno and Bun.
export * from '../cachestor.js'
