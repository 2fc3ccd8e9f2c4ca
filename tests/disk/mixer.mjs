// Reads and writes the same keys as its siblings for a while: tests/disk/shared.test.mjs. As a process or as a worker thread.
import { parentPort, workerData } from 'node:worker_threads'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../property/random.mjs'
import { entryOf, heard, isTold, keyOf, told } from './help.mjs'
import { diskStore } from '../../js/entry/disk.js'

const { path, seed, milliseconds, maxBytes } = workerData ?? JSON.parse(process.argv[2])
const random = new Random(seed)
const store = diskStore({ path, maxBytes, flushAfter: 5 })
const said = heard(store)
const end = Date.now() + milliseconds
let [reads, wrong] = [0, 0]
while (Date.now() < end) {
  for (let i = 0; i < 50; i++) {
    const name = random.int(400)
    const key = keyOf(name, `space ${name % 3}`)
    const dice = random.int(100)
    if (dice < 40) {
      const value = told(name, random.int(1e9), name % 50 === 0 ? 70_000 : 300)
      store.set(
        key,
        entryOf(value, random.pick([5, 1000, Infinity]), { tags: name % 7 === 0 ? ['seven'] : undefined }),
      )
    } else if (dice < 45) store.delete(key)
    else if (dice === 45 && random.oneIn(20)) store.clear(key.namespace)
    else if (dice === 46 && random.oneIn(5)) store.invalidateTags(key.namespace, tag => tag === 'seven')
    else {
      const entry = store.getSync(key)
      if (entry === undefined) continue
      reads++
      if (!isTold(name, entry.value)) wrong++
    }
  }
  await sleep(random.int(3))
}
await store.close()
const { corrupt, compactions, evicted } = store.stats()
const answer = { reads, wrong, corrupt, compactions, evicted, said: said.map(({ name, code, cause }) => `${name} ${code} ${cause}`) } // biome-ignore format: one line
if (parentPort) parentPort.postMessage(answer)
else process.send?.(answer)
