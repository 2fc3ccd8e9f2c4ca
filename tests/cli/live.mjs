// A process that uses a directory until it is told to stop: tests/js/cli-large.test.mjs.
import process from 'node:process'
import { diskStore } from '../../js/entry/disk.js'
import { entryOf, heard, keyOf, told } from '../disk/help.mjs'

const store = diskStore({ path: process.argv[2], flushAfter: 1 })
const said = heard(store)
let stopped = false
process.on('message', () => (stopped = true))
let n = 0
while (!stopped) {
  for (let i = 0; i < 5; i++, n++) {
    store.set(keyOf(n, 'live\x001'), entryOf(told(n, 1)))
    store.set(keyOf(n % 50, 'hot\x001'), entryOf(told(n % 50, n, 1000)))
    store.set(keyOf(n, 'goes\x001'), entryOf(told(n, 1)))
  }
  await store.flush()
  await new Promise(resolve => setTimeout(resolve, 40))
}
await store.close()
process.send?.({ written: n, said })
process.disconnect?.()
