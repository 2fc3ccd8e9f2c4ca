// npm run bench:disk: 200-byte values in a store's batch writes and reads, beside databases and one file per key, and how long a start takes.
// All in rounds, one after the other in each; medians, CPU time of the whole process, and ratios to the first in the same round, since what else
// the machine does touches all of a round. Before that each reads back what it wrote.
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskStore } from '../js/entry/disk.js'
import { hash } from '../js/entry/inline.js'
import { assemble } from './disk/contenders.mjs'
import { table } from './lib/table.mjs'

const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 100_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const CHECKED = 500
/** Part of the names of those that are compared. */
const ONLY = process.env.BENCH_ONLY ?? ''

const digits = hash('value').repeat(4)
const valueOf = i => `${i}:${digits}`.slice(0, 200)
const keys = Array.from({ length: ENTRIES }, (_, i) => {
  const digest = hash(i)
  const bytes = Uint8Array.from(digest.slice(0, 16), digit => digit.charCodeAt(0))
  return { namespace: 'f\x001', digest: digest.slice(0, 32), bytes }
})

/** @typedef {{ time: number, cpu: number }} Time of one entry, in microseconds */

/** @param {number} count @param {() => Promise<void> | void} work @returns {Promise<Time>} */
async function timed(count, work) {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await work()
  const time = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { time: (time * 1000) / count, cpu: (user + system) / count }
}

/** @param {import('./disk/contenders.mjs').Contender} contender @param {string} path */
async function check({ name, open }, path) {
  const { write, read, close } = await open(path)
  await write(CHECKED)
  for (let i = 0; i < CHECKED; i++)
    if ((await read(i)) !== valueOf(i)) throw new Error(`${name}: a wrong value for ${i}`)
  await close()
}

/** @param {import('./disk/contenders.mjs').Contender} contender @param {string} path @returns {Promise<{ write: Time, read: Time }>} */
async function measure({ open, share = 1, isAsync }, path) {
  const { write, read, close } = await open(path)
  const count = Math.ceil(ENTRIES / share)
  const written = await timed(count, () => write(count))
  let length = 0
  // In an order that is not that of the writes.
  const readAll = isAsync
    ? async () => {
        for (let n = 0; n < count; n++) length += (await read((n * 7919) % count)).length
      }
    : () => {
        for (let n = 0; n < count; n++) length += read((n * 7919) % count).length
      }
  const found = await timed(count, readAll)
  if (length !== count * 200) throw new Error('not all was read')
  await close()
  return { write: written, read: found }
}

/** @returns {Promise<number>} milliseconds until the first value of a directory with all entries is read */
async function reopened(path) {
  const start = performance.now()
  const store = diskStore({ path })
  if (store.getSync(keys[ENTRIES - 1])?.value !== valueOf(ENTRIES - 1)) throw new Error('nothing there')
  const time = performance.now() - start
  if (store.stats().entries !== ENTRIES) throw new Error('not all there')
  await store.close()
  return time
}

/** @param {number[]} list */
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1]

const { contenders: all, missing } = await assemble(keys, valueOf)
const contenders = all.filter(({ name }, i) => i === 0 || name.includes(ONLY))
const folder = fs.mkdtempSync(join(tmpdir(), 'mimic-bench-'))
/** @type {{ write: Time, read: Time }[][]} by contender, then by round */
const results = contenders.map(() => [])
const opens = []
try {
  for (const [i, contender] of contenders.entries()) await check(contender, join(folder, `check ${i}`))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, contender] of contenders.entries()) {
      const path = join(folder, `${round} ${i}`)
      results[i].push(await measure(contender, path))
      if (i === 0) for (let n = 0; n < 3; n++) opens.push(await reopened(path))
      fs.rmSync(path, { recursive: true })
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}

/** @param {number} i @param {'write' | 'read'} what */
function columns(i, what) {
  const of = (/** @type {'time' | 'cpu'} */ which) => results[i].map(result => result[what][which])
  const ratios = of('time').map((time, round) => time / results[0][round][what].time)
  const perSecond = Math.round(1e6 / median(of('time'))).toLocaleString('en')
  return [perSecond, median(of('cpu')).toFixed(1), `${median(ratios).toFixed(1)}×`]
}
const head = what => [`${what}/s`, 'CPU µs', 'time']
const rows = contenders.map(({ name, isAsync }, i) => [
  isAsync ? `${name} (reads awaited)` : name,
  ...columns(i, 'write'),
  ...columns(i, 'read'),
])
console.log(
  `Node ${process.versions.node}, ${ENTRIES} values of 200 bytes (a tenth for files, a hundredth for keyv), medians of ${ROUNDS} rounds; time: how many times ours\n`,
)
console.log(table([['', ...head('batch writes'), ...head('reads')], ...rows]))
for (const name of missing) console.log(`${name} is not to be had here`)
console.log(
  `\n${ENTRIES} entries reopened: ${Math.min(...opens).toFixed(0)} ms at best, ${median(opens).toFixed(0)} ms in the middle`,
)
