// npm run bench:door: five recorded traces through mime() in Node, beside the core itself (bench/hits/): every call that hits in the one has to
// hit in the other.
//
//     --traces folder   as for bench:hits
//     --only name       the traces whose name contains it
import { parseArgs } from 'node:util'
import { table } from './lib/table.mjs'
import { replayNatively, requestsOf, traceFolder } from './lib/traces.mjs'

const TRACES = ['adaptsize_web', 'c2k_web12', 'cp_io', 'lirs_2_pools', 'lirs_multi3']

// The policy takes its samples by the hash, whose seed is random in use and 0 in bench/hits/.
crypto.getRandomValues = words => words.fill(0)
const { mime } = await import('./lib/mimic.mjs')

const { values } = parseArgs({ options: { traces: { type: 'string' }, only: { type: 'string' } } })
const folder = traceFolder('bench:door', values.traces)
const rows = [['trace', 'entries', 'requests', 'core %', 'mime() %', 'difference in calls']]
for (const trace of TRACES.filter(name => name.includes(values.only ?? ''))) {
  const requests = requestsOf(folder, trace)
  for (const { capacity, hits } of replayNatively('bench:door', folder, trace)) {
    const f = mime(id => id, { maxEntries: capacity })
    for (const id of requests) if (f(id) !== id) throw new Error(`f(${id}) gave another value`)
    const through = f.stats().hits
    const percent = count => ((100 * count) / requests.length).toFixed(3)
    rows.push([
      trace,
      String(capacity),
      String(requests.length),
      percent(hits),
      percent(through),
      String(through - hits),
    ])
    if (through !== hits) process.exitCode = 1
  }
}
console.log(table(rows))
