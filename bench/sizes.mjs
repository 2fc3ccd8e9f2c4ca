// npm run bench:sizes: eviction by bytes. Recorded traces have no sizes, so each key gets one, drawn by its id from a bounded Pareto distribution
// (alpha 1.1, 200 bytes to 200 KB: most are small, most bytes are in the large). maxBytes is a share of what all keys together take.
//
//     --traces folder   as for bench:hits
//     --only name       the traces whose name contains it
import { LRUCache } from 'lru-cache'
import { parseArgs } from 'node:util'
import { createMime } from './lib/mimic.mjs'
import { table } from './lib/table.mjs'
import { requestsOf, traceFolder } from './lib/traces.mjs'

const TRACES = ['adaptsize_web', 'c2k_web12', 'cp_io', 'lirs_2_pools', 'lirs_multi3']
const SHARES = [0.01, 0.05, 0.2]
const ALPHA = 1.1
const LEAST = 200
const MOST = 200_000
/** What our keys and bookkeeping take beside a value; the others get as much, so all have the same budget. */
const KEY = 80

const { values } = parseArgs({ options: { traces: { type: 'string' }, only: { type: 'string' } } })
const folder = traceFolder('bench:sizes', values.traces)

/** @param {number} id @returns {number} bytes, always the same for an id */
function sizeOf(id) {
  let hash = Math.imul(id ^ 0x9e3779b9, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  const part = ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
  const tail = (LEAST / MOST) ** ALPHA
  return Math.floor(LEAST / (1 - part * (1 - tail)) ** (1 / ALPHA))
}

const rows = [
  [
    'trace',
    'MB',
    'my-mimic %',
    'one mime, two functions %',
    'lru-cache %',
    'bytes: my-mimic %',
    'lru-cache %',
  ],
]
for (const trace of TRACES.filter(name => name.includes(values.only ?? ''))) {
  const requests = requestsOf(folder, trace)
  const all = new Set(requests)
  let total = 0
  for (const id of all) total += sizeOf(id) + KEY
  for (const share of SHARES) {
    const maxBytes = Math.max(2 * MOST, Math.floor(total * share))
    const own = replay(requests, ours(maxBytes, 1))
    const two = replay(requests, ours(maxBytes, 2))
    const lru = replay(requests, theirs(maxBytes))
    const percent = value => (100 * value).toFixed(2)
    rows.push([
      trace,
      (maxBytes / 1e6).toFixed(1),
      percent(own.hits),
      percent(two.hits),
      percent(lru.hits),
      percent(own.bytes),
      percent(lru.bytes),
    ])
  }
}
console.log(table(rows))

/** @param {Uint32Array} requests @param {(id: number, missed: () => void) => unknown} call @returns shares that were hits */
function replay(requests, call) {
  let hits = 0
  let hitBytes = 0
  let bytes = 0
  for (const id of requests) {
    let isHit = true
    call(id, () => {
      isHit = false
    })
    const size = sizeOf(id)
    bytes += size
    if (isHit) {
      hits++
      hitBytes += size
    }
  }
  return { hits: hits / requests.length, bytes: hitBytes / bytes }
}

/** @param {number} maxBytes @param {number} functions of one mime; each has its part of the keys */
function ours(maxBytes, functions) {
  const mime = createMime({ maxBytes, maxEntries: 2 ** 24, sizeOf, key: id => id })
  const fs = Array.from({ length: functions }, () =>
    mime((id, missed) => {
      missed()
      return id
    }),
  )
  return (id, missed) => fs[id % functions](id, missed)
}

/** @param {number} maxBytes */
function theirs(maxBytes) {
  const cache = new LRUCache({ maxSize: maxBytes, sizeCalculation: id => sizeOf(id) + KEY })
  return (id, missed) => {
    if (cache.get(id) !== undefined) return
    missed()
    cache.set(id, id)
  }
}
