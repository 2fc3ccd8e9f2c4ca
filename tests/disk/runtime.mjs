// The disk store in another runtime, first and after a restart: tests/disk/runtimes.test.mjs.
import process from 'node:process'
import { diskStore } from '../../js/entry/disk.js'
import { mime } from '../../js/entry/inline.js'

const [path] = process.argv.slice(2)
let calls = 0
const store = diskStore({ path })
const square = mime(n => ++calls && { n: BigInt(n), at: new Date(n) }, {
  store,
  name: 'square',
  version: '1',
})
const text = mime(n => ++calls && 'x'.repeat(n), { store, name: 'text', version: '1' })
const codes = []
const onEvent = ({ type, code }) => type === 'error' && codes.push(code)
const once = mime(async n => ++calls && n, {
  store,
  name: 'once',
  version: '1',
  singleFlight: 'machine',
  onEvent,
})
const own = await once(7)
const values = [square(3), square(4)]
const length = text(200_000).length
if (store.stats().corrupt > 0) throw new Error('corrupt')
console.log(JSON.stringify([calls, values.map(({ n, at }) => `${n} ${at.getTime()}`), length, own, codes]))
// No flush: what waits is written at the end.
