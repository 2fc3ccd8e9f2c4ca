// npm run bench:memory: what a million entries cost in memory and in garbage collection, beside lru-cache with a ttl; a process each.
//
//     --entries n   1,000,000 without it
//     --churn n     inserts beyond the capacity; 10,000,000 without it
//     --child name  one contender, in this process (with --expose-gc)
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CONTENDERS, measureMemory } from './lib/memory.mjs'
import { table } from './lib/table.mjs'

/** What is aimed at. */
const MOST_OF_LRU = 0.75
const MOST_BYTES = 96
const MOST_GROWTH = 1.2
const KEY_BYTES = 24

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    churn: { type: 'string', default: '10000000' },
    child: { type: 'string' },
  },
})
const entries = Number(values.entries)
const churn = Number(values.churn)

if (values.child !== undefined) {
  console.log(JSON.stringify(await measureMemory(values.child, entries, churn)))
} else {
  print(CONTENDERS.map(inOwnProcess))
}

/** @param {string} name */
function inOwnProcess(name) {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), '--child', name]
  const { stdout, status } = spawnSync(
    process.execPath,
    [...args, '--entries', String(entries), '--churn', String(churn)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  if (status !== 0) throw new Error(`${name} failed`)
  return { name, ...JSON.parse(stdout) }
}

function print(all) {
  const number = (value, digits = 0) =>
    value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: digits })
  const perEntry = bytes => (bytes === undefined ? undefined : bytes / entries)
  console.log(`Node ${process.versions.node}; ${number(entries)} entries, ${number(churn)} inserts beyond\n`)
  console.log(
    table([
      ['bytes an entry', ...all.map(({ name }) => name)],
      ['RSS, all in all', ...all.map(({ full }) => number(perEntry(full.rss), 1))],
      ['  JavaScript heap', ...all.map(({ full }) => number(perEntry(full.heap), 1))],
      ['  array buffers and wasm', ...all.map(({ full }) => number(perEntry(full.external), 1))],
      ['RSS after the churn', ...all.map(({ churned }) => number(perEntry(churned.rss), 1))],
      ['wasm memory, MB, full', ...all.map(({ full }) => number(full.wasm && full.wasm / 1e6, 1))],
      [
        'wasm memory, MB, churned',
        ...all.map(({ churned }) => number(churned.wasm && churned.wasm / 1e6, 1)),
      ],
    ]),
  )
  const pauses = ['fill', 'churn'].flatMap(phase =>
    all.map(({ name, pauses }) => {
      const { count, total, p50, p99, most } = pauses[phase]
      return [
        `${phase}: ${name}`,
        number(count),
        number(total),
        number(p50, 2),
        number(p99, 2),
        number(most, 1),
      ]
    }),
  )
  console.log(`\n${table([['pauses, ms', 'count', 'total', 'median', '99 %', 'longest'], ...pauses])}`)
  const of = name => all.find(one => one.name === name)
  const [own, lru, bare] = [of('my-mimic'), of('lru-cache'), of('my-mimic, numbers as values')]
  const verdict = (value, most) => (value <= most ? 'reached' : 'missed')
  const share = own.full.rss / lru.full.rss
  const beyond = bare.full.rss / entries - KEY_BYTES
  const growth = own.churned.wasm / own.full.wasm
  const longest = Math.max(own.pauses.fill.most, own.pauses.churn.most)
  const theirs = Math.max(lru.pauses.fill.most, lru.pauses.churn.most)
  console.log(
    `\n${table([
      ['aim', 'measured', 'at most', ''],
      ['RSS of lru-cache’s', share.toFixed(2), String(MOST_OF_LRU), verdict(share, MOST_OF_LRU)],
      ['bytes beyond the key’s own', beyond.toFixed(1), String(MOST_BYTES), verdict(beyond, MOST_BYTES)],
      ['wasm memory after the churn', growth.toFixed(2), String(MOST_GROWTH), verdict(growth, MOST_GROWTH)],
      ['longest pause, ms', longest.toFixed(1), theirs.toFixed(1), verdict(longest, theirs)],
    ])}`,
  )
}
