// npm run bench:scale: what a hit costs from 1,000 to 10,000,000 entries, beside a bare Map; the longest a call takes while they are filled; a
// miss with insertion and eviction at capacity beside lru-cache's set; and, natively, what of a hit is bookkeeping beside the bare index.
//
//     --most n   entries at most; 10,000,000 without it
//     --child    name:entries, one of them, in this process
import { spawnSync } from 'node:child_process'
import { PerformanceObserver } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { LRUCache } from 'lru-cache'
import { ensureViews, memory } from '../js/core.js'
import { Index } from '../js/core-index.js'
import { CALL, INT32 } from '../js/key/tags.js'
import { measure } from './lib/measure.mjs'
import { createMime } from './lib/mimic.mjs'
import { runNatively } from './lib/native.mjs'
import { nanoseconds, table, times } from './lib/table.mjs'

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7]
const CAPACITIES = [1e3, 1e5]
const STALL = 5
/** CPU time is read every so many calls. */
const LOOK = 32
const CALLS = 1_000_000
const ROUNDS = 5

const { values } = parseArgs({
  options: { most: { type: 'string', default: '10000000' }, child: { type: 'string' } },
})

/** The function alone is what is compared, so no bound on bytes and no estimates. */
const mime = createMime({ maxBytes: Infinity })

/** @type {Record<string, (entries: number) => (n: number) => any>} */
const makers = {
  'my-mimic': entries => mime(n => n, { maxEntries: entries }),
  Map: () => {
    const map = new Map()
    return n => {
      const found = map.get(n)
      if (found !== undefined) return found
      map.set(n, n)
      return n
    }
  },
}

if (values.child !== undefined) {
  const [name, entries] = values.child.split(':')
  console.log(JSON.stringify(await child(name, Number(entries))))
} else {
  hits()
  await misses()
  bookkeeping()
}

/** @param {string} name @param {number} entries */
async function child(name, entries) {
  const call = makers[name](entries)
  // Compiled before the first call that counts.
  const warm = makers[name](1000)
  for (let n = 0; n < 20_000; n++) warm(n % 1500)
  /** @type {Stall[]} */
  const stalls = []
  const pauses = []
  const observer = new PerformanceObserver(list => pauses.push(...list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  let since = process.cpuUsage()
  for (let n = 0; n < entries; n++) {
    if (n % LOOK === 0) since = process.cpuUsage()
    const start = performance.now()
    call(n)
    const end = performance.now()
    if (end - start <= STALL) continue
    // On a machine that others use too, waiting for a turn is no work.
    const { user, system } = process.cpuUsage(since)
    const worked = Math.min(end - start, (user + system) / 1000)
    if (worked > STALL) stalls.push({ start, end, worked })
  }
  await new Promise(resolve => setTimeout(resolve, 20))
  observer.disconnect()
  const longest = Math.max(0, ...stalls.map(({ worked }) => worked))
  const own = Math.max(0, ...stalls.map(stall => withoutPauses(stall, pauses)))
  const waiting = leastOf(() => inTurn(call, entries))
  const pressed = leastOf(() => atOnce(call, entries))
  return { ns: waiting.ns, pressed: pressed.ns, sum: waiting.sum + pressed.sum, longest, own }
}

/** @param {() => number} round of `CALLS` calls; gives what they summed up to */
function leastOf(round) {
  let ns = Infinity
  let sum = 0
  for (let n = 0; n < ROUNDS; n++) {
    const start = process.cpuUsage()
    sum += round()
    const { user, system } = process.cpuUsage(start)
    ns = Math.min(ns, ((user + system) * 1000) / CALLS)
  }
  return { ns, sum }
}

/** Calls in any order, the same for all; which key is next is known when the call before has answered, as everywhere but in a loop of nothing else. */
function inTurn(call, entries) {
  let sum = 0
  for (let i = 0, at = 1; i < CALLS; i++) {
    const key = at % entries
    const got = call(key)
    sum += got
    at = ((at + got - key) * 48_271) % 2_147_483_647
  }
  return sum
}

/** The same where it is known before: the processor looks up several keys at once, as far as calls are short. */
function atOnce(call, entries) {
  let sum = 0
  for (let i = 0, at = 1; i < CALLS; i++) {
    sum += call(at % entries)
    at = (at * 48_271) % 2_147_483_647
  }
  return sum
}

/** @typedef {{ start: number, end: number, worked: number }} Stall a call that took long; `worked` is CPU time of all threads */

/** What a stall took beside collecting garbage. @param {Stall} stall @param {PerformanceEntry[]} pauses */
function withoutPauses({ start, end, worked }, pauses) {
  let took = worked
  for (const { startTime, duration } of pauses) {
    took -= Math.max(0, Math.min(end, startTime + duration) - Math.max(start, startTime))
  }
  return Math.max(0, took)
}

function hits() {
  const rows = [
    [
      'entries',
      'my-mimic ns',
      'growth',
      'Map ns',
      'growth',
      'my-mimic at once',
      'growth',
      'Map at once',
      'growth',
      'longest call ms',
      'Map’s',
      'without collecting ms',
      'Map’s',
    ],
  ]
  /** @type {Record<string, { ns: number, pressed: number }>} */
  const first = {}
  for (const entries of SIZES.filter(size => size <= Number(values.most))) {
    const of = name => {
      const args = [fileURLToPath(import.meta.url), '--child', `${name}:${entries}`]
      const { stdout, status } = spawnSync(process.execPath, ['--max-old-space-size=8192', ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      if (status !== 0) throw new Error(`${name} failed`)
      const measured = JSON.parse(stdout)
      first[name] ??= measured
      return measured
    }
    const [own, map] = [of('my-mimic'), of('Map')]
    if (own.sum !== map.sum) throw new Error('the answers differ')
    rows.push([
      entries.toLocaleString('en'),
      ...['ns', 'pressed'].flatMap(way => [
        nanoseconds(own[way]),
        times(own[way] / first['my-mimic'][way]),
        nanoseconds(map[way]),
        times(map[way] / first.Map[way]),
      ]),
      own.longest.toFixed(1),
      map.longest.toFixed(1),
      own.own.toFixed(1),
      map.own.toFixed(1),
    ])
  }
  console.log(
    `Node ${process.versions.node}; CPU time of a hit in any order, least of ${ROUNDS} rounds: after the one before, and at once with its neighbours\n\n${table(rows)}`,
  )
}

/** What a miss cannot do without: the key of a call with one integer, a crossing that reserves its slot, and one that stores. @param {Index} core @param {number} n */
function store(core, n) {
  if (memory.u8.length === 0) ensureViews()
  const { u32 } = memory
  u32[0] = CALL
  u32[1] = 1
  u32[2] = INT32
  u32[3] = n
  core.commit(~core.probe(2, 0) >> 1, core.generation(), Infinity, 0)
}

async function misses() {
  const rows = [['at capacity', 'my-mimic ns', 'its core alone ns', 'lru-cache set ns', 'times as fast']]
  for (const capacity of CAPACITIES) {
    const f = mime(n => n, { maxEntries: capacity })
    const lru = new LRUCache({ max: capacity })
    const core = new Index(capacity, Infinity, () => {})
    const round = insert => {
      let next = 0
      for (; next < 2 * capacity; next++) insert(next)
      return calls => {
        for (const end = next + calls; next < end; next++) insert(next)
      }
    }
    const [own, alone, theirs] = await measure(
      [
        { name: 'my-mimic', round: round(n => f(n)) },
        { name: 'its core alone', round: round(n => store(core, n)) },
        { name: 'lru-cache', round: round(n => lru.set(n, n)) },
      ],
      { lap: 1000, sums: false },
    )
    rows.push([
      capacity.toLocaleString('en'),
      nanoseconds(own.ns),
      nanoseconds(alone.ns),
      nanoseconds(theirs.ns),
      times(theirs.times),
    ])
  }
  console.log(`\nA miss, insertion and eviction, CPU time, median of 11 rounds\n\n${table(rows)}`)
}

function bookkeeping() {
  const [head, ...rows] = runNatively('bench:scale', ['--bin', 'cost'])
  console.log(`\nThe core natively, medians of 301 rounds\n\n${table([head, ...rows])}`)
}
