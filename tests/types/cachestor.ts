/** The types of `my-mimic/cachestor`; each line that must not compile stands under `@ts-expect-error`. */
import { CacheStor, Serialise, SerialiseBin, SerialiseJson, TypeStorage } from '../../js/cachestor.js'
import type { Mimed } from '../../js/index.js'
import { check, type Equal } from './equal.js'

const stor = new CacheStor({
  dbFile: 'cache/my.db',
  typeStorage: TypeStorage.IN_DISK,
  isDebugLog: true,
  logger: line => line.length,
  serialiser: new SerialiseJson(),
})
new CacheStor({ serialiser: SerialiseBin, dbFile: new URL('file:///x/my.db') })
const storage: TypeStorage = TypeStorage.IN_MEMORY
new CacheStor({ typeStorage: storage })
new CacheStor()
// @ts-expect-error misspelt
new CacheStor({ db_file: 'x' })
// @ts-expect-error no such storage
new CacheStor({ typeStorage: 'tape' })

class Own extends Serialise {
  override encode(id: number, ...rest: unknown[]): [string, string] {
    return [`${id}`, `${rest}`]
  }
}
class Wrong extends Serialise {
  // @ts-expect-error two strings
  override encode(id: number): string {
    return `${id}`
  }
}
new CacheStor({ serialiser: new Own() })

const example = stor.cache({ folder: 'cache/example' })((id: number) => ({ id }))
check<Equal<typeof example, Mimed<(id: number) => { id: number }>>>()
const load = stor.cacheAsync({ folder: 'cache/example', ttl: '1h', version: '1' })(async (id: number) => id)
const loaded: Promise<number> = load(1)
// @ts-expect-error a string is no number
example('1')
// @ts-expect-error the folder is missing
stor.cache({})
// @ts-expect-error not async
stor.cacheAsync({ folder: 'x' })((x: number) => x)
// @ts-expect-error the serialiser says that
stor.cache({ folder: 'x', key: (x: number) => x })
const joined: Promise<void> = stor.join()
const hits: number | undefined = stor.stats()['hits']
stor.on('corrupt', ({ count }) => count?.toFixed())()

class Api {
  @stor.cache({ folder: 'x' }) load(id: number) {
    return { id }
  }
  @stor.cacheAsync({ folder: 'x' }) async page(id: number) {
    return { id }
  }
  @stor.cache({ folder: 'x' }) static get total() {
    return 5
  }
  // @ts-expect-error not async
  @stor.cacheAsync({ folder: 'x' }) sync(id: number) {
    return { id }
  }
}
check<Equal<Parameters<Api['load']>, [id: number]>>()

export { Api, hits, joined, loaded, Wrong }
