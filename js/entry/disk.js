import './inline.js'

// `my-mimic/disk`: Node, Deno and Bun.
export { diskStore } from '../stores/disk.js'
