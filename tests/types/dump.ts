// What `dump` and `load` take and give.
import { type Dump, type LoadReport, mime } from '../../js/index.js'

const dump: Dump = mime.dump()
const some: string = mime.dump({ filter: ({ name, args, tags }) => name === 'user' && args[0] === 1 && tags.includes('a') }).text // biome-ignore format: one line
const report: LoadReport = mime.load(dump)
const texts = [mime.load(some), mime.load(String(dump))]
const taken: number = report.entries + report.waiting
// @ts-expect-error a dump is text
mime.load(new Uint8Array())
// @ts-expect-error no such option
mime.dump({ filer: () => true })

export { taken, texts }
