// Writes until it is killed, and says what was acknowledged: tests/disk/kill.test.mjs.
import { diskStore } from '../../js/entry/disk.js'
import { entryOf, keyOf, told } from './help.mjs'

const [path, from, maxBytes] = process.argv.slice(2)
const store = diskStore({ path, maxBytes: Number(maxBytes), flushAfter: 1 })
const start = Number(from)
for (let n = start; ; ) {
  const size = 1 + (n % 40)
  // Some keys are written again and again, which gives compaction something to do.
  for (let i = 0; i < size; i++, n++) {
    store.set(keyOf(n), entryOf(told(n, 1, n % 97 === 0 ? 100_000 : 200)))
    store.set(keyOf(`hot ${n % 50}`), entryOf(told(`hot ${n % 50}`, n, 50_000)))
  }
  store.set(keyOf(`deleted ${n}`), entryOf(told(`deleted ${n}`, 1)))
  await store.flush()
  store.delete(keyOf(`deleted ${n}`))
  await store.flush()
  process.send?.({ from: n - size, to: n, compactions: store.stats().compactions })
  await new Promise(resolve => setImmediate(resolve))
}
