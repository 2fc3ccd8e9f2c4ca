// A user's module of the adapters and of the suite of stores. Compiled with no types but the package's own.
import { createMime, memoryStore, type Store } from 'my-mimic'
import { fromKeyv, fromUnstorage, toMapLike } from 'my-mimic/adapters'
import { chaos, storeChecks, testStore } from 'my-mimic/testing/store'

declare const console: { log(text: string): void }

/** What of a Keyv is used. */
class Keyv {
  data = new Map<string, string>()
  get = async (key: string) => this.data.get(key)
  set = async (key: string, value: string) => this.data.set(key, value) instanceof Map
  delete = async (key: string) => this.data.delete(key)
  on() {}
}

const keyv = new Keyv()
const store: Store = fromKeyv(keyv, { timeout: '1s' })
const calls: string[] = []
const wrap = () => {
  const load = async (id: string) => {
    calls.push(id)
    return new Map([[id, 1n]])
  }
  return createMime({ store })(load, { name: 'load', version: '1' })
}
const [first, second] = [wrap(), wrap()]
await first('a')
await first.flush()
const cache = toMapLike<string, number>(memoryStore())
await cache.set('a', 1)
const names: string[] = []
const test = (name: string) => names.push(name)
testStore({ name: 'memory', open: () => memoryStore(), sync: true, tags: true, test })
const [check] = storeChecks({ name: 'memory', open: () => memoryStore(), sync: true, tags: true })
await check?.run()

/** Only compiled: the types are really there. */
export function mistakes() {
  // @ts-expect-error a storage
  fromUnstorage({})
  // @ts-expect-error open
  testStore({ name: 'x' })
  return chaos(keyv, () => 'hang')
}

const checks = [
  (await second('a')).get('a') === 1n && calls.length === 1,
  (await cache.get('a')) === 1,
  names.length > 50,
]
console.log(checks.every(Boolean) ? 'ok' : `not ok: ${checks}`)
