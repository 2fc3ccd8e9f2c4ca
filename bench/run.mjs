// npm run bench: hits and misses beside a bare Map and the published packages.
import { hits } from './cases/hits.mjs'
import { misses } from './cases/misses.mjs'
import { main } from './lib/main.mjs'
import { nanoseconds, table, times } from './lib/table.mjs'

/** One table for the cases that have the same contenders; in brackets the time as a multiple of the first column's. */
function print(results) {
  for (const names of new Set(results.map(contendersOf))) {
    const group = results.filter(result => contendersOf(result) === names)
    const rows = group.map(({ name, measured }) => {
      const cells = measured.map(
        ({ ns, times: ratio }, i) => nanoseconds(ns) + (i === 0 ? '' : ` (${times(ratio)})`),
      )
      return [name, ...cells]
    })
    console.log(`\n${table([['ns', ...names.split('\n')], ...rows])}`)
  }
}

const contendersOf = ({ measured }) => measured.map(({ name }) => name).join('\n')

await main(import.meta.url, [...hits, ...misses], print)
