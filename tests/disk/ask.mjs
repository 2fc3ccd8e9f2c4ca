// Reads and writes as another user: tests/disk/full.test.mjs.
import { diskStore } from '../../js/entry/disk.js'
import { entryOf, heard, keyOf, told } from './help.mjs'

const [path, uid] = process.argv.slice(2)
process.setuid?.(Number(uid))
const store = diskStore({ path })
const said = heard(store)
const value = store.getSync(keyOf('here'))?.value
store.set(keyOf('more'), entryOf(1))
await store.flush()
process.send?.([
  value === told('here', 1) ? 'here' : 'nothing',
  ...said.map(({ name, code }) => `${name} ${code}`),
])
process.channel?.unref()
