// A user's module: what it takes from the package, and how it uses that. Compiled with no types but the package's own.
import {
  createMime,
  hash,
  indexedDBStore,
  type Mimed,
  MimicError,
  memoryStore,
  mime,
  type Ttl,
} from 'my-mimic'

declare const console: { log(text: string): void }

const ttl: Ttl = '5m'
const add: Mimed<(a: number, b: number) => number> = mime((a: number, b: number) => a + b, ttl)
const load = mime(async (id: string) => ({ id }), { ttl: value => (value.id ? '1h' : 0), maxEntries: 5 })
const own = createMime({ store: memoryStore(), name: 'own' })

class Api {
  @mime('10s') profile(id: number) {
    return { id }
  }
}

/** Only compiled: the types are really there. */
export function mistakes() {
  // @ts-expect-error a number, and a second one
  add('1')
  // @ts-expect-error maxEntries
  mime(add, { maxEntires: 5 })
}

const api = new Api()
const user = await load('a')
const checks = [
  add(1, 2) === 3,
  add(1, 2) === 3,
  add.stats().hits === 1,
  user === (await load('a')),
  api.profile(1) === api.profile(1),
  own((x: number) => x)(1) === 1,
  hash(1).length === 64,
  typeof indexedDBStore === 'function',
  new MimicError('ERR_X', 'x').code === 'ERR_X',
]
console.log(checks.every(Boolean) ? 'ok' : `not ok: ${checks}`)
