// Run with --expose-gc and the modules to look at: what is left of the entries when the instances are gone.
import { createMime } from '../../js/entry/inline.js'

const results = []
for (const path of process.argv.slice(2)) {
  const { build } = await import(path)
  const { Api } = build(createMime())
  const methods = [
    Api.prototype.add,
    Object.getOwnPropertyDescriptor(Api.prototype, 'total').get,
    Api.prototype.load,
  ]
  const entries = () => methods.map(method => method.stats().entries)
  const kept = new Api(-1)
  const refs = []
  const use = api => {
    api.add(1)
    // The result of `load` refers to the instance: held strongly it would keep that alive for ever.
    refs.push(new WeakRef(api.load(1)))
    return api.total
  }
  for (let i = 0; i < 299; i++) use(new Api(i))
  use(kept)
  await new Promise(resolve => setTimeout(resolve, 5))
  const before = entries()
  for (let i = 0; i < 200 && entries().some(count => count > 1); i++) {
    // A turn of its own: what was looked at through a weak reference lives until the turn ends.
    await new Promise(resolve => setTimeout(resolve, 5))
    globalThis.gc()
  }
  results.push({ before, after: entries(), values: refs.filter(ref => ref.deref()).length })
  if (kept.add(1) !== kept.add(1)) throw new Error('the instance that lives lost its entry')
}
console.log(JSON.stringify(results))
