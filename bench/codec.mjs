// npm run bench:codec: a result written and read again by the codec of all stores, beside JSON, which keeps less of it.
import { codec } from './cases/codec.mjs'
import { printAims } from './lib/aims.mjs'
import { main } from './lib/main.mjs'

await main(import.meta.url, codec, printAims)
