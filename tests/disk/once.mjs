// Writes one entry, and ends in one of several ways: tests/disk/shared.test.mjs.
import { join } from 'node:path'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { diskStore } from '../../js/entry/disk.js'
import { Lock } from '../../js/stores/disk/lock.js'
import { entryOf, keyOf, told } from './help.mjs'

const [path, way] = workerData ?? process.argv.slice(2)
if (isMainThread && way === 'worker') new Worker(new URL(import.meta.url), { workerData: [path, 'end'] })
else {
  const store = diskStore({ path, flushAfter: 60_000 })
  store.set(keyOf('here'), entryOf(told('here', 1)))
  process.channel?.unref()
  if (way === 'exit') process.exit(0)
  if (way === 'throw') throw new Error('this is how it ends')
  if (way === 'lock') {
    await store.flush()
    if (!new Lock(join(path, 'compact.lock')).take()) throw new Error('somebody has it')
  }
  if (way === 'flush') await store.flush()
  if (way === 'flush' || way === 'lock') {
    process.send?.('done')
    setTimeout(() => {}, 60_000)
  }
}
