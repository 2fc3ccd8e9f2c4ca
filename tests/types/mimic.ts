/** The types of `my-mimic/mimic`; each line that must not compile stands under `@ts-expect-error`. */
import type { Mimed } from '../../js/index.js'
import { Config, IState, MemoryState, Mime, type PythonState, TempFileState } from '../../js/mimic.js'
import { check, type Equal } from './equal.js'

const add = Mime(60)((a: number, b: number) => a + b)
check<Equal<typeof add, Mimed<(a: number, b: number) => number>>>()
const generic = new Mime(null)(<T>(x: T) => x)
const five: 5 = generic(5 as const)
const options = Mime({ ttl: '5m', maxEntries: 5 })(async (id: number) => ({ id }))
const count: number = options.stats().hits
// @ts-expect-error a string is no number
add('1', 2)
// @ts-expect-error the state is configured
Mime({ store: new MemoryState() })
// @ts-expect-error misspelt
Mime({ tll: 5 })
// @ts-expect-error no function
Mime(60)(5)

class Mine extends IState {
  constructor(readonly kwargs: { host: string }) {
    super()
  }
  syncGet(key: string) {
    return key
  }
  syncSet(_key: string, _value: unknown, _ttl: number | null = null) {}
  async asyncGet(key: string) {
    return key
  }
  async asyncSet(_key: string, _value: unknown) {}
}
class Fields extends IState {
  syncGet = (key: string) => key
  syncSet = () => {}
  asyncGet = async (key: string) => key
  asyncSet = async () => {}
}
Mime.setConfig(new Config({ state: Fields }))
// @ts-expect-error three methods are missing
class Partly extends IState {
  syncGet() {}
}
// @ts-expect-error abstract
new IState()

const python: PythonState = {
  sync_get: key => key,
  sync_set() {},
  async async_get() {},
  async async_set() {},
}
Mime.setConfig(new Config({ state: Mine, stateKwargs: { host: 'here' } }))
Mime.set_config(new Config({ state: Mine, state_kwargs: { host: 'here' } }))
Mime.setConfig(new Config({ state: python }))
Mime.setConfig(new Config({ state: new MemoryState() }))
Mime.setConfig(new Config({ state: TempFileState, stateKwargs: { BASE_PATH: 'cache', STATIC: true } }))
Mime.setConfig(new Config())
// @ts-expect-error of another type
new Config({ state: Mine, stateKwargs: { host: 5 } })
// @ts-expect-error not complete
new Config({ state: { syncGet() {} } })
// @ts-expect-error a Config is needed
Mime.setConfig(MemoryState)
// @ts-expect-error a path is a text
new TempFileState({ BASE_PATH: 5 })
class Fixed extends TempFileState {
  static override BASE_PATH = 'cache'
  static override STATIC = true
}
const path: string = new Fixed().path

class Api {
  @Mime(60) load(id: number) {
    return { id }
  }
  @Mime('5m') get total() {
    return 5
  }
  @Mime(null) static async make(x: string) {
    return x
  }
  // @ts-expect-error a field
  @Mime(60) field = 1
}
check<Equal<Parameters<Api['load']>, [id: number]>>()

export { Api, count, five, Partly, path }
