// A user's module of my-mimic/disk, for Node, Deno and Bun. Compiled with no types but the package's own.
import { createMime } from 'my-mimic'
import { diskStore, type DiskStoreOptions } from 'my-mimic/disk'

declare const console: { log(text: string): void }
declare const URL: new (path: string, base: string) => { readonly href: string; readonly protocol: string }
declare global {
  interface ImportMeta {
    readonly url: string
  }
}

const options: DiskStoreOptions = { path: new URL('./cache', import.meta.url), maxBytes: 1 << 20 }
let calls = 0
/** What one process has. */
function start() {
  const store = diskStore(options)
  const mime = createMime({ store, name: 'f', version: '1', ttl: '1h' })
  const double = mime((n: number) => {
    calls++
    return { n: 2 * n }
  })
  const load = mime(async (id: string) => new Map([[id, ++calls]]), {
    name: 'load',
    singleFlight: 'machine',
  })
  return { store, double, load }
}

/** Only compiled: the types are really there. */
export function mistakes() {
  // @ts-expect-error maxBytes
  diskStore({ path: '.', maxByte: 5 })
  // @ts-expect-error path
  diskStore({})
  // @ts-expect-error no such reach
  createMime({ singleFlight: 'cluster' })
}

const [one, two] = [start(), start()]
const [loadHere, loadThere] = [one.load, two.load]
const { double } = one
const first = double(4)
const loaded = await Promise.all([loadHere('a'), loadThere('a')])
await one.store.flush()
const three = start()
const { double: again } = three
const checks = [
  first.n === 8 && again(4).n === 8,
  loaded.every(map => map.size === 1) && calls === 2,
  again.explain(4).reason === 'resident',
  three.store.getSync !== undefined && three.store.stats()['entries'] === 2,
]
for (const { store } of [one, two, three]) await store.close()
console.log(checks.every(Boolean) ? 'ok' : `not ok: ${checks}`)
