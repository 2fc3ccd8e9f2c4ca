/** The types of the disk store; each line that must not compile stands under `@ts-expect-error`. */
import { diskStore } from '../../js/disk.js'
import { mime } from '../../js/index.js'

const store = diskStore({ path: 'cache', maxBytes: 1 << 30, fsync: true })
const square = mime((n: number) => n * n, { store, name: 'square' })
const nine: number = square(3)
diskStore({ path: new URL('file://cache') })
// @ts-expect-error a path is asked for
diskStore({})
// @ts-expect-error misspelt
diskStore({ path: 'cache', maxbytes: 5 })
// @ts-expect-error not a path
diskStore({ path: 5 })
export { nine }
