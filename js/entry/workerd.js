// @ts-expect-error workerd and its bundlers turn this import into a compiled module
import module from '../../pkg/my_mimic_bg.wasm'
import { provideModule } from '../core.js'

// workerd refuses to compile bytes and imports modules instead.
provideModule(() => module)

export * from '../index.js'
