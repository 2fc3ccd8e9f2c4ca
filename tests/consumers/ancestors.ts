// A user's module of the entries for Node, Deno and Bun. Compiled with no types but the package's own.
import { CacheStor, SerialiseJson, TypeStorage } from 'my-mimic/cachestor'
import { Config, MemoryState, Mime, TempFileState } from 'my-mimic/mimic'

declare const console: { log(text: string): void }

const add = Mime(60)((a: number, b: number) => a + b)
Mime.setConfig(new Config({ state: TempFileState }))
const stor = new CacheStor({ serialiser: new SerialiseJson(), typeStorage: TypeStorage.IN_MEMORY })
const load = stor.cache({ folder: 'x' })(async (id: string) => ({ id }))

class Api {
  @Mime('10s') profile(id: number) {
    return { id }
  }
}

/** Only compiled: the types are really there. */
export function mistakes() {
  // @ts-expect-error a number, and a second one
  add('1')
  // @ts-expect-error typeStorage
  new CacheStor({ typeStorag: TypeStorage.IN_DISK })
}

const api = new Api()
const checks = [
  add(1, 2) === 3 && add(1, 2) === 3 && add.stats().hits === 1,
  (await load('a')) === (await load('a')),
  api.profile(1) === api.profile(1),
  new MemoryState().syncGet('a') === undefined,
]
console.log(checks.every(Boolean) ? 'ok' : `not ok: ${checks}`)
