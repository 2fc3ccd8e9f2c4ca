/** The decorators of `my-mimic/mimic` and `my-mimic/cachestor` with `experimentalDecorators`. */
import { CacheStor } from '../../../js/cachestor.js'
import { Mime } from '../../../js/mimic.js'

const stor = new CacheStor()

class Api {
  @Mime(60) load(id: number) {
    return { id }
  }
  @Mime('5m') get total() {
    return 5
  }
  @stor.cache({ folder: 'x' }) static make(x: string) {
    return x
  }
  @stor.cacheAsync({ folder: 'x' }) async page(id: number) {
    return { id }
  }
  // @ts-expect-error a field
  @Mime(60) field = 1
  // @ts-expect-error not async
  @stor.cacheAsync({ folder: 'x' }) sync(id: number) {
    return { id }
  }
}
// @ts-expect-error a class
@stor.cache({ folder: 'x' })
class Whole {}

export { Api, Whole }
