// npm run bench:calls: async hits, callers who join a load, and sync misses, beside packages for promises, with what they aim at.
import { parseArgs } from 'node:util'
import { calls } from './cases/calls.mjs'
import { coalesced } from './lib/coalesced.mjs'
import { main } from './lib/main.mjs'
import { measure } from './lib/measure.mjs'
import { asyncHits } from './lib/peers.mjs'
import { nanoseconds, table, times } from './lib/table.mjs'

/** Nanoseconds that a call may cost us, over the function itself where that is measured beside. */
const MOST = { coalesced: 1000, 'sync miss': 2000 }

const verdict = isReached => (isReached ? 'reached' : 'missed')

function print(results) {
  const rows = [['case', 'my-mimic ns', 'beside', 'ns', 'times as fast', 'aim', '']]
  for (const { name, measured, targets = {} } of results) {
    const [own, ...others] = measured
    for (const other of others) {
      const target = targets[other.name]
      rows.push([
        name,
        nanoseconds(own.ns),
        other.name,
        nanoseconds(other.ns),
        times(other.times),
        target ? times(target) : '',
        target ? verdict(other.times >= target) : '',
      ])
    }
    const [, most] = Object.entries(MOST).find(([start]) => name.startsWith(start)) ?? []
    if (most === undefined) continue
    const over = own.ns - (measured.find(({ name }) => name === 'the function itself')?.ns ?? 0)
    rows.push([name, nanoseconds(over), '', '', '', `≤ ${nanoseconds(most)} ns`, verdict(over <= most)])
  }
  console.log(`\n${table(rows)}`)
}

await main(import.meta.url, calls, print)

const { values } = parseArgs({ strict: false })
if (Object.keys(values).length === 0) {
  const contenders = ['my-mimic', 'p-memoize', 'bentocache'].map(name => coalesced(name, asyncHits[name]))
  print([{ name: 'coalesced caller', measured: await measure(contenders, { lap: 1000, sums: false }) }])
}
