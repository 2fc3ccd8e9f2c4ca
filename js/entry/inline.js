import { base64 } from '../../pkg/inline.js'
import { fromBase64 } from '../base64.js'
import { provideModule } from '../core.js'

// Every runtime that compiles bytes: Node, Deno, Bun, browsers and their bundlers.
provideModule(() => new WebAssembly.Module(fromBase64(base64)))

export * from '../index.js'
