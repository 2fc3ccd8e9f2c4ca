import { base64 } from '../../pkg/inline.js'
import { provideModule } from '../core.js'

// Every runtime that compiles bytes: Node, Deno, Bun, browsers and their bundlers.
provideModule(() => new WebAssembly.Module(Uint8Array.from(atob(base64), char => char.charCodeAt(0))))

export * from '../index.js'
